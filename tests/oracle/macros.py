"""The table macros of a published ``live.duckdb`` compared with the facts, at any window and moment.

Where there is nothing to say, the definitions leave open whether a macro has a row that says so or no row. So rows
without anything (nobody waiting and nothing in progress, a NULL service level, no occupied or available time) are left
out on both sides; a 0 % or a 100 % in place of NULL is a difference. Contacts that never named a queue belong to
no queue of ``queue_now``.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from .agents import agent_now, occupancy
from .definitions import level, service_level_now, service_levels
from .differences import Connection, Difference, Row, compare_rows, in_words, read_rows
from .dimensions import kpi_by_agent, kpi_by_attribute
from .judgement import Rules
from .kpis import BY_DEFAULT, TARGET_SECONDS, QueueNow, kpi_between, queue_now, service_level
from .model import Facts
from .views import GROUP

OCCUPANCY_SECONDS = ("on_contact_seconds", "wrap_up_seconds", "available_seconds")


def compare_macros(
    connection: Connection,
    facts: Facts,
    start: datetime,
    stop: datetime,
    as_of: datetime,
    threshold_seconds: int | Decimal = TARGET_SECONDS,
) -> list[str]:
    """Every difference between the macros and the facts, as readable lines; an empty list means equal.

    The windows are [start, stop), at whole minutes, since ``kpi_between`` may be made of minutes. ``as_of`` is any
    moment. Under the default settings; for others see ``compare_definitions``.
    """
    window = f"{_literal(start)}, {_literal(stop)}"
    return in_words(
        [
            *_kpi_between(connection, facts, start, stop, window, BY_DEFAULT),
            *_service_level(connection, facts, start, stop, window, threshold_seconds),
            *_queue_now(connection, facts, as_of),
            *_agent_now(connection, facts, as_of),
            *_occupancy(connection, facts, start, stop, window),
        ]
    )


def compare_definitions(
    connection: Connection,
    facts: Facts,
    start: datetime,
    stop: datetime,
    as_of: datetime,
    rules: Rules = BY_DEFAULT,
    teams: dict[tuple[str, str], str] | None = None,
) -> list[str]:
    """Every difference in the macros that settings decide; windows and moments as in ``compare_macros``.

    ``rules`` hold the settings that the store publishes, and ``teams`` the team of each (client, agent); with
    ``rules.at`` the macros are asked for the settings of that moment.
    """
    window = f"{_literal(start)}, {_literal(stop)}"
    return in_words(
        [
            *_kpi_between(connection, facts, start, stop, window, rules),
            *_by_attribute(connection, facts, start, stop, window, rules),
            *_by_agent(connection, facts, start, stop, window, teams or {}),
            *_service_levels(connection, facts, start, stop, window, rules),
            *_service_level_now(connection, facts, as_of, rules),
        ]
    )


def _literal(moment: datetime) -> str:
    return f"TIMESTAMPTZ '{moment.isoformat()}'"


def _compare(macro: str, key: tuple[str, ...], expected: list[Row], got: list[Row], *ratios: str) -> list[Difference]:
    """Compare rows; a column that the macro does not have is NULL in the report."""
    if expected:
        got = [{name: row.get(name) for name in expected[0]} for row in got]
    return compare_rows(macro, key, expected, got, ratios)


def _at(rules: Rules) -> str:
    return "" if rules.at is None else f", definitions_at := {_literal(rules.at)}"


def _kpi_between(
    connection: Connection, facts: Facts, start: datetime, stop: datetime, window: str, rules: Rules
) -> list[Difference]:
    expected = [
        {**dict(zip(GROUP, group, strict=True)), **vars(cell)}
        for group, cell in kpi_between(facts, start, stop, rules).items()
    ]
    got = read_rows(connection, f"SELECT * FROM kpi_between({window}{_at(rules)})")
    return _compare("kpi_between", GROUP, expected, got)


def _by_attribute(
    connection: Connection, facts: Facts, start: datetime, stop: datetime, window: str, rules: Rules
) -> list[Difference]:
    differences = []
    for name in ("client", "channel", "line", "language", "skill", "site"):
        expected: list[Row] = [
            {"client": client, name: value, **vars(cell)}
            for (client, value), cell in kpi_by_attribute(facts, start, stop, name, rules).items()
        ]
        got = read_rows(connection, f"SELECT * FROM kpi_by_{name}({window}{_at(rules)})")
        differences += _compare(f"kpi_by_{name}", ("client", name), expected, got)
    return differences


def _by_agent(
    connection: Connection,
    facts: Facts,
    start: datetime,
    stop: datetime,
    window: str,
    teams: dict[tuple[str, str], str],
) -> list[Difference]:
    differences = []
    for name, known in (("agent", None), ("team", teams)):
        expected: list[Row] = [
            {"client": client, name: value, **vars(answers)}
            for (client, value), answers in kpi_by_agent(facts, start, stop, known).items()
        ]
        got = read_rows(connection, f"SELECT * FROM kpi_by_{name}({window})")
        differences += _compare(f"kpi_by_{name}", ("client", name), expected, got)
    return differences


def _service_levels(
    connection: Connection, facts: Facts, start: datetime, stop: datetime, window: str, rules: Rules
) -> list[Difference]:
    """All definitions; what has nothing below the line is left out on both sides."""
    expected: list[Row] = [
        {
            "client": client,
            "queue": queue,
            "definition": definition,
            "numerator": parts[0],
            "denominator": parts[1],
            "service_level": level(parts),
        }
        for (client, queue, definition), parts in service_levels(facts, start, stop, rules).items()
    ]
    got = read_rows(connection, f"SELECT * FROM service_levels({window}{_at(rules)}) WHERE denominator > 0")
    return _compare("service_levels", ("client", "queue", "definition"), expected, got, "service_level")


def _service_level_now(connection: Connection, facts: Facts, as_of: datetime, rules: Rules) -> list[Difference]:
    of_their_time = Rules(rules.settings)
    expected: list[Row] = [
        {"client": client, "queue": queue, **vars(now)}
        for (client, queue), now in service_level_now(facts, as_of, rules=of_their_time).items()
    ]
    query = f"SELECT * FROM service_level_now(as_of := {_literal(as_of)}) WHERE decided + completed > 0"
    ratios = ("service_level_with_expired", "service_level_completed")
    return _compare("service_level_now", ("client", "queue"), expected, read_rows(connection, query), *ratios)


def _service_level(
    connection: Connection, facts: Facts, start: datetime, stop: datetime, window: str, threshold: int | Decimal
) -> list[Difference]:
    levels = service_level(facts, start, stop, threshold)
    expected = [
        {"queue": queue, "definition": definition, "service_level": level}
        for (queue, definition), level in levels.items()
        if level is not None
    ]
    query = (
        "SELECT queue, definition, service_level"
        f" FROM service_level({window}, threshold_seconds := {threshold}) WHERE service_level IS NOT NULL"
    )
    return _compare("service_level", ("queue", "definition"), expected, read_rows(connection, query), "service_level")


def _queue_now(connection: Connection, facts: Facts, as_of: datetime) -> list[Difference]:
    """Per queue and, where the macro tells clients apart, per client and queue; finer rows are added up."""
    macro = f"queue_now(as_of := {_literal(as_of)})"
    columns = {column[0] for column in connection.execute(f"SELECT * FROM {macro} LIMIT 0").description}

    def rows_by(*key: str) -> list[Row]:
        query = (
            f"SELECT {', '.join(key)}, sum(waiting) AS waiting, max(longest_wait_seconds) AS longest_wait_seconds,"
            f" sum(in_progress) AS in_progress FROM {macro} WHERE queue IS NOT NULL GROUP BY {', '.join(key)}"
            " HAVING sum(waiting) <> 0 OR sum(in_progress) <> 0"
        )
        return read_rows(connection, query)

    def named(queues: dict[str | None, QueueNow]) -> list[Row]:
        return [{"queue": queue, **vars(now)} for queue, now in queues.items() if queue is not None]

    differences = _compare("queue_now", ("queue",), named(queue_now(facts, as_of)), rows_by("queue"))
    if "client" in columns:
        clients = sorted({segment.client for segment in facts.segments.values()})
        expected = [{"client": client, **row} for client in clients for row in named(queue_now(facts, as_of, client))]
        differences += _compare("queue_now", ("client", "queue"), expected, rows_by("client", "queue"))
    return differences


def _agent_now(connection: Connection, facts: Facts, as_of: datetime) -> list[Difference]:
    expected: list[Row] = [
        {"client": client, "agent": agent, **vars(now)} for (client, agent), now in agent_now(facts, as_of).items()
    ]
    query = (
        "SELECT client, agent, state, reason, epoch_us(since) AS since, seconds_in_state"
        f" FROM agent_now(as_of := {_literal(as_of)})"
    )
    return _compare("agent_now", ("client", "agent"), expected, read_rows(connection, query, ["since"]))


def _occupancy(connection: Connection, facts: Facts, start: datetime, stop: datetime, window: str) -> list[Difference]:
    def says_something(row: dict[str, Any]) -> bool:
        return any(row[name] for name in OCCUPANCY_SECONDS)

    expected: list[Row] = [
        {"client": client, "agent": agent, **vars(own)}
        for (client, agent), own in occupancy(facts, start, stop).items()
    ]
    columns = ", ".join(("client", "agent", *OCCUPANCY_SECONDS, "occupancy"))
    got = read_rows(connection, f"SELECT {columns} FROM occupancy({window})")
    return _compare(
        "occupancy",
        ("client", "agent"),
        [row for row in expected if says_something(row)],
        [row for row in got if says_something(row)],
        "occupancy",
    )
