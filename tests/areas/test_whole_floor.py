"""The floor's macros over a store with nothing in it, and over a simulated day next to those that were there before."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.kpis.areas import area_text
from pipeline.simulate.default_centre import default_centre
from pipeline.simulate.disturb import to_record
from pipeline.simulate.simulation import simulate
from tests.areas.floor_events import DAY, ask, sql_time, stored

ROOT = Path(__file__).parents[2]
AREAS = ("unfinished", "schedule", "agents", "transfers")
#: Name and the parameters that have no default.
_MACRO = re.compile(r"^CREATE MACRO (\w+)\(([^)]*(?:\(\)[^)]*)*)\) AS TABLE", re.MULTILINE)
TABLES = [
    (name, [part.strip() for part in parameters.split(",") if ":=" not in part and part.strip()])
    for area in AREAS
    for name, parameters in _MACRO.findall(area_text(area, "sql"))
]
TABLES_NAMES = [name for name, _ in TABLES]
VIEWS = [name for area in AREAS for name in re.findall(r"^CREATE VIEW (\w+)", area_text(area, "sql"), re.MULTILINE)]
OPENED = DAY + timedelta(hours=8)
START, STOP = OPENED + timedelta(hours=1), OPENED + timedelta(hours=5)
INTERVAL = f"{sql_time(START)}, {sql_time(STOP)}"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stored(tmp_path_factory.mktemp("empty"), [])


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = [to_record(event).value for event in simulate(default_centre(0.05), 11, OPENED, 6.0)]
    return stored(tmp_path_factory.mktemp("simulated"), lines)


def test_the_list_of_macros_is_complete() -> None:
    """Guards the tests below against a pattern that finds too few."""
    created = sum(area_text(area, "sql").count("CREATE ") for area in AREAS)
    assert len(TABLES_NAMES) + len(VIEWS) == created - 1, "all but floor_seconds, which is no table"


@pytest.mark.parametrize(("name", "parameters"), TABLES, ids=TABLES_NAMES)
def test_nothing_stored_gives_no_rows_and_no_error(empty: Path, name: str, parameters: list[str]) -> None:
    values = {"start": sql_time(START), "stop": sql_time(STOP)}
    rows = ask(empty, f"FROM {name}({', '.join(values[parameter] for parameter in parameters)})")
    assert rows == ([{"aged_after_us": 86_400_000_000}] if name == "aged_after" else [])


@pytest.mark.parametrize("name", [*TABLES_NAMES, *VIEWS])
def test_every_one_is_in_the_reference(name: str) -> None:
    assert f"`{name}" in (ROOT / "docs/reference/store.md").read_text()


def test_states_and_occupancy_agree_with_the_macro_of_the_board(simulated: Path) -> None:
    board = ask(simulated, f"FROM occupancy({INTERVAL})")
    columns = ", ".join(board[0])
    kpis = f"SELECT *, occupancy_connect AS occupancy FROM agent_kpis({INTERVAL}) WHERE signed_in_seconds > 0"
    assert len(board) > 5
    assert ask(simulated, f"SELECT {columns} FROM ({kpis})") == board


def test_agents_add_up_to_their_segments(simulated: Path) -> None:
    (agents,) = ask(
        simulated,
        "SELECT sum(answered) AS answered, sum(handled) AS handled, sum(talk_seconds + hold_seconds) AS talked, "
        f"sum(offers) AS offers, sum(declines) AS declines FROM agent_kpis({INTERVAL})",
    )
    within = f">= {sql_time(START)} AND {{0}} < {sql_time(STOP)}"
    (segments,) = ask(
        simulated,
        f"""SELECT count(*) FILTER (answered_at {within.format("answered_at")}) AS answered,
          count(*) FILTER (handle_ended_at {within.format("handle_ended_at")}) AS handled,
          sum(talk_seconds + hold_seconds) FILTER (handle_ended_at {within.format("handle_ended_at")}) AS talked,
          (SELECT count(*) FROM events WHERE type = 'interaction.offered.v1'
            AND time {within.format("time")}) AS offers,
          (SELECT count(*) FROM events WHERE type = 'interaction.declined.v1'
            AND time {within.format("time")}) AS declines
        FROM segments""",
    )
    assert agents == segments
    assert agents["handled"] > 20


@pytest.mark.parametrize("minutes", [60, 121, 170])
def test_the_board_and_the_rule_agree_where_nothing_is_aged(simulated: Path, minutes: int) -> None:
    moment = sql_time(OPENED + timedelta(minutes=minutes))
    columns = "client, queue, channel, direction, waiting, longest_wait_seconds, in_progress"
    board = ask(simulated, f"SELECT {columns} FROM queue_now({moment}) WHERE waiting + in_progress > 0 ORDER BY ALL")
    by_rule = ask(simulated, f"FROM queue_now_by_rule({moment}) ORDER BY ALL")
    assert [{name: row[name] for name in columns.split(", ")} for row in by_rule] == board != []
    assert {row["waiting_left_out"] + row["in_progress_left_out"] for row in by_rule} == {0}
    agents = "SELECT client, agent, state, since FROM {}({}) ORDER BY ALL"
    shown = ask(simulated, agents.format("agent_now", moment))
    assert ask(simulated, agents.format("agent_now_by_rule", moment)) == shown
    (floor,) = ask(simulated, f"SELECT sum(agents) AS agents FROM floor_now({moment})")
    assert floor["agents"] == len(shown) > 0
