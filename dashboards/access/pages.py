"""The one list of the board's pages: file, title, icon, and which roles see each. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dashboards.access.people import Role

FOLDER = Path(__file__).parents[1] / "boards"

#: What tells a page's title from the same word elsewhere: "Alerts" is also what agents' phones do.
PAGE = "page"

_EVERYBODY = frozenset(Role)
_PEOPLE = _EVERYBODY - {Role.WALL}
_DESK = frozenset({Role.SUPERVISOR, Role.ANALYST, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class BoardPage:
    """``stem`` is the name of its file in ``dashboards/boards`` and its path in the address."""

    stem: str
    #: Said, as that of a page, where it is shown.
    title: str
    icon: str
    roles: frozenset[Role]

    @property
    def file(self) -> Path:
        """The script that draws it."""
        return FOLDER / f"{self.stem}.py"


PAGES = (
    BoardPage("live", "Live", ":material/monitoring:", _PEOPLE),
    BoardPage("agents", "Agents", ":material/group:", _DESK),
    BoardPage("sales", "Sales", ":material/call_made:", _DESK),
    BoardPage("digital", "Digital", ":material/forum:", _DESK),
    BoardPage("history", "History", ":material/query_stats:", _DESK),
    BoardPage("interactions", "Interactions", ":material/manage_search:", _DESK),
    BoardPage("alerts", "Alerts", ":material/notifications:", _DESK),
    BoardPage("whatif", "What if", ":material/calculate:", _DESK),
    BoardPage("definitions", "Definitions", ":material/menu_book:", _DESK),
    BoardPage("health", "Data health", ":material/health_and_safety:", _DESK),
    BoardPage("wall", "Wall", ":material/tv:", _EVERYBODY),
)


def built(pages: tuple[BoardPage, ...] = PAGES) -> tuple[BoardPage, ...]:
    """Those whose script is there, in the order of the navigation."""
    return tuple(page for page in pages if page.file.is_file())


def seen_by(role: Role, pages: tuple[BoardPage, ...]) -> tuple[BoardPage, ...]:
    """Those that a role sees; the first one is where it begins."""
    return tuple(page for page in pages if role in page.roles)


def sees(role: Role, stem: str) -> bool:
    """Whether a role sees the page of that name, and it is built."""
    return any(page.stem == stem for page in seen_by(role, built()))
