"""What a viewer sees of access: refusals in one calm line, their own pages only, and an end that ends the view."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboards
from dashboards.access import pages, session
from dashboards.access.admission import Caller
from dashboards.access.gate import Gate
from dashboards.access.pages import PAGES, BoardPage
from dashboards.access.people import Person, Role
from dashboards.access.policy_file import PolicyFile
from dashboards.access.scope import Scope
from dashboards.data.feed import Feed
from pipeline.clock import ManualClock
from tests.access.test_policy import TOKEN, fingerprint
from tests.dashboards.conftest import NOW
from tests.dashboards.shown import numbers, text_of

APP = Path(dashboards.__file__).parent / "app.py"
FeedOf = Callable[[Path], Feed]
FILE = f"""version: 1
session_hours: 1
people:
  - match: {{email: ann@example.org}}
    role: supervisor
    clients: [aurora]
  - match: {{email: tom@example.org}}
    role: agent
    clients: [aurora]
kiosks:
  - {{name: North wall, token_sha256: {fingerprint(TOKEN)}, clients: [aurora]}}
"""


def person(role: Role, scope: Scope = Scope.everything()) -> Person:  # noqa: B008 - it cannot be changed
    return Person("Ann", role, scope)


@pytest.fixture
def gate(
    tmp_path: Path, clock: ManualClock, feed_of: FeedOf, centre_store: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """The board with an access file and a provider; the file."""
    feed_of(centre_store)
    file = tmp_path / "access.yaml"
    file.write_text(FILE)
    made = Gate(clock, PolicyFile(file), has_sign_in=True)
    monkeypatch.setattr(session, "gate", lambda: made)
    yield file


def board(email: str | None = None, page: str | None = None, **query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=30)
    if email is not None:
        app.user = {"is_logged_in": True, "email": email, "name": email.split("@")[0].title(), "iat": NOW.timestamp()}
    for name, value in query.items():
        app.query_params[name] = value
    if page is not None:
        app.switch_page(f"boards/{page}.py")
    app.run()
    assert not app.exception
    return app


def buttons(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def shows_data(app: AppTest) -> bool:
    return bool(numbers(app)) or any(part in text_of(app) for part in ("<table", "as of", 'class="cb-cards"'))


def test_nobody_signed_in_sees_a_button_and_no_data(gate: Path) -> None:
    app = board()
    assert "Sign in to see the board." in text_of(app)
    assert buttons(app) == ["Sign in"]
    assert not shows_data(app)


def test_a_supervisor_sees_the_data_of_the_client_and_who_they_are(gate: Path) -> None:
    app = board("ann@example.org")
    assert numbers(app)["Waiting now"]
    everything = text_of(app) + repr([box.options for box in app.selectbox])
    assert "aurora" in everything
    assert "borealis" not in everything
    assert [each.value for each in app.markdown if "Ann" in each.value] == ["Signed in as **Ann**"]
    assert "Sign out" in buttons(app)


def test_somebody_whom_the_board_does_not_know_is_told_so(gate: Path) -> None:
    app = board("eve@example.org")
    assert "You are signed in as Eve, but this board does not know you" in text_of(app)
    assert buttons(app) == ["Sign out"]
    assert not shows_data(app)


def test_the_view_ends_with_the_session(gate: Path, clock: ManualClock) -> None:
    app = board("ann@example.org")
    assert shows_data(app)
    clock.sleep(3600)
    app.run()
    assert "Your session has ended: sign in again." in text_of(app)
    assert not shows_data(app)


def test_a_panel_that_refreshes_after_the_end_starts_the_page_over(
    gate: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check of each panel by itself: here the session ends after app.py has let the person in."""
    opened_as = session.opened_as

    def then_it_ends(who: Person) -> None:
        opened_as(who)
        clock.sleep(3600)

    monkeypatch.setattr(session, "opened_as", then_it_ends)
    app = board("ann@example.org")
    assert "Your session has ended" in text_of(app)
    assert not shows_data(app)


def test_a_role_that_changes_while_somebody_looks_changes_the_page(gate: Path) -> None:
    app = board("ann@example.org", page="health")
    assert "Noticed of the sources" in text_of(app)
    gate.write_text(FILE.replace("role: supervisor", "role: agent"))
    app.run()
    assert "This page is not for your role (agent)." in text_of(app)
    assert "Noticed of the sources" not in text_of(app)


def test_an_access_file_that_is_not_valid_any_more_lets_nobody_in(gate: Path) -> None:
    app = board("ann@example.org")
    gate.write_text(FILE + "nonsense: true\n")
    app.run()
    assert "not valid, so nobody is let in" in text_of(app)
    assert not shows_data(app)


def test_a_wrong_kiosk_token_opens_nothing(gate: Path) -> None:
    app = board("ann@example.org", kiosk=TOKEN + "x")
    assert "This address opens no wall" in text_of(app)
    assert not shows_data(app)


def test_a_kiosk_is_let_in_without_a_sign_in_and_without_a_menu(gate: Path) -> None:
    app = board(kiosk=TOKEN)
    assert "Sign in" not in text_of(app)
    assert not {"Sign in", "Sign out"} & set(buttons(app))
    wall_is_there = bool(pages.seen_by(Role.WALL, pages.built()))
    assert ("There is no page for your role here" in repr([error.value for error in app.error])) != wall_is_there


def test_without_configuration_the_machine_itself_sees_a_banner(feed_of: FeedOf, centre_store: Path) -> None:
    feed_of(centre_store)
    app = board()
    assert "Nobody has to sign in: this board has no access file" in text_of(app)
    assert numbers(app)["Waiting now"]


def test_without_configuration_others_see_what_to_set(
    feed_of: FeedOf, centre_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed_of(centre_store)
    monkeypatch.setattr(session, "caller", lambda: Caller("127.0.0.1", "127.0.0.1", {"host": "x", "via": "proxy"}))
    app = board()
    assert "set access_file and oidc_metadata_url" in text_of(app)
    assert not shows_data(app)
    assert not buttons(app)


def test_of_a_session_without_a_connection_nothing_is_known(
    feed_of: FeedOf, centre_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed_of(centre_store)
    monkeypatch.undo()
    assert not session.caller().is_local


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("page", [page for page in PAGES if page.file.is_file()], ids=lambda page: page.stem)
def test_each_role_sees_its_pages_and_of_others_only_that_they_are_not_for_it(
    page: BoardPage, role: Role, looks: Callable[[Person], None], feed_of: FeedOf, centre_store: Path
) -> None:
    feed_of(centre_store)
    looks(person(role))
    seen = pages.seen_by(role, pages.built())
    app = board(page=page.stem)
    assert (f"This page is not for your role ({role.value})." in text_of(app)) == (page not in seen)
    assert shows_data(app) == (page in seen)


def test_the_table_of_pages_and_roles() -> None:
    """As it is documented in docs/how-to/sign-in.md."""
    seen = {role: {page.stem for page in pages.seen_by(role, PAGES)} for role in Role}
    assert seen[Role.WALL] == {"wall"}
    assert seen[Role.AGENT] == {"wall", "live"}
    assert seen[Role.SUPERVISOR] == seen[Role.ANALYST] == seen[Role.ADMIN] == {page.stem for page in PAGES}
    assert len({page.stem for page in PAGES}) == len(PAGES) == 11


def test_every_script_of_a_page_is_in_the_list() -> None:
    scripts = {file.stem for file in pages.FOLDER.glob("*.py")} - {"__init__"}
    assert scripts <= {page.stem for page in PAGES}
