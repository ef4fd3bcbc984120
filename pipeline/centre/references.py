"""What one part of the file says about another: names that must exist, dates that must follow each other.

These look at the plain data, not at the models, so that they report what they find beside whatever else is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum

from pipeline.centre.problems import Path
from pipeline.centre.tree import Data
from pipeline.centre.vocabulary import ALWAYS, EVERY_CLIENT, hint


class _Step(Enum):
    """In a pattern: any one step, which no name in a file can be mistaken for."""

    ANY = 0


Found = tuple[Path, str]
Pattern = tuple[str | int | _Step, ...]
_ANY = _Step.ANY


def reference_problems(data: Data) -> Iterator[Found]:
    """Paths with what is wrong there and what to do. ``data`` may be anything."""
    yield from _missing_clients(data)
    yield from _missing_names(data)
    yield from _dates(data)
    yield from _holidays(data)
    yield from _teams(data)


def _missing_clients(data: Data) -> Iterator[Found]:
    clients = _names(data, "clients")
    for section in ("queues", "campaigns", "dispositions", "teams", "agents"):
        allowed = clients | {EVERY_CLIENT} if section in ("dispositions", "teams") else clients
        for client in sorted(_names(data, section) - allowed):
            yield (section, client), f"there is no '{client}' under clients; define it there ({hint(client, clients)})"


def _queues_of_client(data: Data, path: Path) -> set[str]:
    return _names(data, "queues", path[1])


def _teams_of_client(data: Data, path: Path) -> set[str]:
    return _names(data, "teams", path[1]) | _names(data, "teams", EVERY_CLIENT)


def _sites(data: Data, _: Path) -> set[str]:
    return _names(data, "sites")


def _hours(data: Data, _: Path) -> set[str]:
    return _names(data, "hours") | {ALWAYS}


def _holiday_lists(data: Data, _: Path) -> set[str]:
    return _names(data, "holidays")


#: Where a name stands, under what it must be, and which names there are.
_REFERENCES: tuple[tuple[Pattern, str, Callable[[Data, Path], set[str]]], ...] = (
    (("sites", _ANY, "hours"), "hours", _hours),
    (("sites", _ANY, "holidays"), "holidays", _holiday_lists),
    (("queues", _ANY, _ANY, "site"), "sites", _sites),
    (("queues", _ANY, _ANY, "hours"), "hours", _hours),
    (("campaigns", _ANY, _ANY, "queue"), "queues of this client", _queues_of_client),
    (("teams", _ANY, _ANY, "site"), "sites", _sites),
    (("agents", _ANY, _ANY, "site"), "sites", _sites),
    (("agents", _ANY, _ANY, "team"), "teams of this client", _teams_of_client),
)


def _missing_names(data: Data) -> Iterator[Found]:
    for pattern, section, known in _REFERENCES:
        for path, value in _matches(data, pattern):
            names = known(data, path)
            if isinstance(value, str) and value not in names:
                yield path, f"there is no '{value}' under {section}; define it there ({hint(value, names)})"


def _dates(data: Data) -> Iterator[Found]:
    """Dated entries begin one after the other. Dates of the one form that is accepted sort as text does."""
    patterns: tuple[Pattern, ...] = (
        ("queues", _ANY, _ANY, "settings"),
        ("campaigns", _ANY, _ANY, "settings"),
        ("definitions",),
    )
    for path, entries in (found for pattern in patterns for found in _matches(data, pattern)):
        latest = ""
        for position, entry in enumerate(_items(entries)):
            begin = entry.get("from") if isinstance(entry, dict) else None
            if begin is None and position > 0:
                yield (*path, position), "has no date; say with 'from' when it begins (only the first may do without)"
            if isinstance(begin, str):
                if begin <= latest:
                    yield (*path, position, "from"), f"{begin} is not after {latest}; put the entries in order of dates"
                latest = max(latest, begin)


def _holidays(data: Data) -> Iterator[Found]:
    for path, entries in _matches(data, ("holidays", _ANY)):
        seen: set[str] = set()
        for position, entry in enumerate(_items(entries)):
            day = entry.get("date") if isinstance(entry, dict) else entry
            if isinstance(day, str):
                if day in seen:
                    yield (*path, position), f"{day} is in this list already; keep one of them"
                seen.add(day)


def _teams(data: Data) -> Iterator[Found]:
    """An agent is in one team at most, and listed there once."""
    team_of: dict[tuple[str | int, str], str | int] = {}
    for path, team in _matches(data, ("agents", _ANY, _ANY, "team")):
        if isinstance(team, str):
            team_of[path[1], str(path[2])] = team
    for path, agents in _matches(data, ("teams", _ANY, _ANY, "agents")):
        client, own = path[1], path[2]
        if client == EVERY_CLIENT and agents:
            yield path, f"an agent is of one client; let the agents of a team of '{EVERY_CLIENT}' name it with 'team'"
            continue
        listed: set[str] = set()
        for position, agent in enumerate(_items(agents)):
            if not isinstance(agent, str):
                continue
            other = team_of.setdefault((client, agent), own)
            if agent in listed:
                yield (*path, position), f"'{agent}' is in this list already; keep one of them"
            elif other != own:
                yield (*path, position), f"'{agent}' is in team '{other}' already; an agent has one team, remove one"
            listed.add(agent)


def _items(data: Data) -> list[Data]:
    return data if isinstance(data, list) else []


def _names(data: Data, *path: str | int) -> set[str]:
    """The keys of the mapping at a path, or nothing."""
    return {name for _, value in _matches(data, path) if isinstance(value, dict) for name in value}


def _matches(data: Data, pattern: Pattern, path: Path = ()) -> Iterator[tuple[Path, Data]]:
    """The paths of a pattern that are in the data, with their values."""
    if not pattern:
        yield path, data
        return
    step, rest = pattern[0], pattern[1:]
    members: Iterator[tuple[str | int, Data]] = iter(())
    if isinstance(data, dict):
        members = iter(data.items())
        if isinstance(step, str):
            members = iter([(step, data[step])] if step in data else [])
    for name, value in members:
        yield from _matches(value, rest, (*path, name))
