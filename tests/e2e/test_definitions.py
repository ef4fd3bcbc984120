"""Service level under every name: each worked example and each edge, from events to what ``live.duckdb`` answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.clock import ManualClock
from pipeline.errors import CallboardError
from pipeline.kpis.catalogue import Definition, catalogue
from pipeline.store.process import FileProcessor
from tests.e2e.published import one, rows
from tests.oracle import QueueSettings
from tests.support.calls import call
from tests.support.settings import settle

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
WINDOW = "'2026-03-02 10:00:00+00', '2026-03-02 10:30:00+00'"
SECOND_US = 1_000_000
#: A contact of each kind that the examples of the catalogue name, at a threshold of 20 s and a short limit of 5 s.
KINDS: dict[str, dict[str, Any]] = {
    "answered_in_time": {"answered_after_seconds": 19},
    "answered_at_threshold": {"answered_after_seconds": 20},
    "answered_late": {"answered_after_seconds": 21},
    "short_abandoned": {"abandoned_after_seconds": 4},
    "abandoned_in_time": {"abandoned_after_seconds": 6},
    "abandoned_late": {"abandoned_after_seconds": 25},
    "left_late": {"left_after_seconds": 90},
    "callback_in_time": {"left_after_seconds": 12, "left_reason": "callback"},
    "callback_late": {"left_after_seconds": 40, "left_reason": "callback"},
    "waiting": {},
}
ICMI = {
    "answered_in_time": 860,
    "answered_late": 140,
    "short_abandoned": 10,
    "abandoned_in_time": 10,
    "abandoned_late": 40,
}


def publish(folder: Path, lines: Iterable[bytes]) -> Path:
    with FileProcessor(folder, ManualClock(AT + timedelta(days=400))) as processor:
        processor.process(lines)
    return folder


def contacts(numbers: dict[str, int], at: datetime = AT, **more: Any) -> list[bytes]:
    """So many contacts of each kind, one a millisecond, so that a thousand come within the first seconds."""
    kinds = [kind for kind, number in numbers.items() for _ in range(number)]
    return [
        line
        for nth, kind in enumerate(kinds)
        for line in call(nth, at + timedelta(milliseconds=nth), **{**KINDS[kind], **more})
    ]


def levels(store: Path, parameters: str = "", where: str = "client IS NULL") -> dict[str, tuple[int, int, Any]]:
    """Numerator, denominator and service level by definition."""
    found = rows(
        store,
        "SELECT definition, numerator, denominator, service_level "
        f"FROM service_levels({WINDOW}{parameters}) WHERE {where}",
    )
    return {name: tuple(rest) for name, *rest in found}  # type: ignore[misc]


@pytest.fixture(scope="module")
def icmi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("icmi"), contacts(ICMI))


# --- Worked examples --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("definition", catalogue().definitions, ids=lambda definition: definition.name)
def test_the_worked_example_of_each_definition(definition: Definition, tmp_path: Path) -> None:
    example = definition.example
    publish(tmp_path, contacts(example.contacts))
    numerator, denominator, level = levels(tmp_path)[definition.name]
    assert (numerator, denominator) == (example.numerator, example.denominator)
    assert level == example.expected


def test_the_example_of_cisco(tmp_path: Path) -> None:
    publish(tmp_path, contacts({"answered_in_time": 70, "abandoned_in_time": 10, "answered_late": 20}))
    found = levels(tmp_path)
    percent = {name: round(100 * found[f"abandons_{name}"][2], 1) for name in ("ignored", "negative", "positive")}
    assert percent == {"ignored": 77.8, "negative": 70.0, "positive": 80.0}


FIVE = {
    "F1": "abandons_positive",
    "F2": "answered_only",
    "F3": "abandons_negative",
    "F4": "abandons_ignored",
    "F5": "short_abandons_positive",
}


def test_the_five_formulas_of_icmi(icmi: Path) -> None:
    found = levels(icmi)
    assert {name: parts[:2] for name, parts in found.items() if name in FIVE.values()} == {
        FIVE["F1"]: (880, 1060),
        FIVE["F2"]: (860, 1000),
        FIVE["F3"]: (860, 1060),
        FIVE["F4"]: (860, 1040),
        FIVE["F5"]: (870, 1060),
    }
    percent = {name: round(100 * found[definition][2], 1) for name, definition in FIVE.items()}
    assert percent == {"F1": 83.0, "F2": 86.0, "F3": 81.1, "F4": 82.7, "F5": 82.1}


def test_the_same_four_by_the_older_macro_and_by_the_views(icmi: Path) -> None:
    by_macro = dict(rows(icmi, f"SELECT definition, service_level FROM service_level({WINDOW}) WHERE queue = 'sales'"))
    new = levels(icmi, where="queue = 'sales'")
    assert by_macro == {name: new[name][2] for name in by_macro}
    assert len(by_macro) == 4
    columns = ", ".join(f"service_level_{name}" for name in by_macro)
    assert one(icmi, f"SELECT {columns} FROM kpi_day") == tuple(by_macro.values())


def test_the_example_of_genesys_and_its_switches(tmp_path: Path) -> None:
    publish(
        tmp_path,
        contacts({"answered_in_time": 200, "answered_late": 100, "short_abandoned": 50, "abandoned_late": 50}),
    )
    assert round(100 * levels(tmp_path)["switchable"][2], 2) == 57.14
    # A + B, with flow-outs added, and with short abandons or all abandons taken away.
    expected = {
        "include_short_abandons := true": (200, 400),
        "include_abandons := false": (200, 300),
        "include_abandons := false, include_short_abandons := true": (200, 300),
        "include_flow_outs := true": (200, 350),
    }
    for switches, parts in expected.items():
        assert levels(tmp_path, f", {switches}")["switchable"][:2] == parts, switches


def test_flow_outs_and_callbacks(tmp_path: Path) -> None:
    publish(tmp_path, contacts({"answered_in_time": 6, "left_late": 3, "callback_in_time": 1}))
    found = levels(tmp_path)
    assert found["switchable"][:2] == (6, 6)
    assert levels(tmp_path, ", include_flow_outs := true")["switchable"][:2] == (6, 10)
    assert found["with_breakouts"][:2] == (6, 10)
    assert found["with_callbacks"][:2] == (7, 10)
    assert found["abandons_negative"][:2] == (6, 6)


# --- Edges ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wait_us", "less", "at_most"), [(19_999_999, 1, 1), (20_000_000, 0, 1), (20_000_001, 0, 0)], ids=str
)
def test_an_answer_around_the_threshold(tmp_path: Path, wait_us: int, less: int, at_most: int) -> None:
    publish(tmp_path, call(1, AT, answered_after_seconds=wait_us / SECOND_US))
    assert levels(tmp_path)["answered_only"][0] == at_most
    assert levels(tmp_path, ", boundary := '<='")["answered_only"][0] == at_most
    assert levels(tmp_path, ", boundary := '<'")["answered_only"][0] == less
    # Amazon Connect's is strictly less, whatever the boundary.
    assert levels(tmp_path, ", boundary := '<='")["with_callbacks"][0] == less
    columns = "SELECT answered_in_target FROM kpi_minute"
    assert one(tmp_path, columns) == (at_most,)
    settle(tmp_path, QueueSettings(threshold_inclusive=False))
    assert one(tmp_path, columns) == (less,)
    assert levels(tmp_path)["answered_only"][0] == less


@pytest.mark.parametrize(
    ("wait_us", "less", "at_most"), [(19_999_999, 1, 1), (20_000_000, 0, 1), (20_000_001, 0, 0)], ids=str
)
def test_an_abandon_around_the_threshold(tmp_path: Path, wait_us: int, less: int, at_most: int) -> None:
    publish(tmp_path, call(1, AT, abandoned_after_seconds=wait_us / SECOND_US))
    assert levels(tmp_path)["abandons_positive"][:2] == (at_most, 1)
    assert levels(tmp_path, ", boundary := '<'")["abandons_positive"][:2] == (less, 1)
    assert one(tmp_path, "SELECT abandoned_in_target FROM kpi_minute") == (at_most,)


@pytest.mark.parametrize(("wait_us", "is_short"), [(4_999_999, 1), (5_000_000, 1), (5_000_001, 0)], ids=str)
def test_an_abandon_around_the_short_limit(tmp_path: Path, wait_us: int, is_short: int) -> None:
    publish(tmp_path, call(1, AT, abandoned_after_seconds=wait_us / SECOND_US))
    assert one(tmp_path, "SELECT abandoned, short_abandoned FROM kpi_minute") == (1, is_short)
    assert levels(tmp_path)["short_abandons_positive"][:2] == (is_short, 1)
    assert levels(tmp_path)["short_abandons_out"][:2] == (0, 1 - is_short)
    longer = levels(tmp_path, ", short_abandon_seconds := 6")
    assert longer["short_abandons_positive"][:2] == (1, 1)


def test_a_boundary_that_is_none_is_an_error_that_says_what_is_one(tmp_path: Path) -> None:
    publish(tmp_path, call(1, AT, answered_after_seconds=5))
    with pytest.raises(CallboardError, match="boundary is < or <=, in quotes"):
        levels(tmp_path, ", boundary := 'at most'")


def test_nothing_offered_is_no_number(tmp_path: Path) -> None:
    publish(tmp_path, [])
    settle(
        tmp_path, QueueSettings(service_level="answered_only"), QueueSettings("night", service_level="empty_is_full")
    )
    for where in ("client IS NULL", "client = 'acme' AND queue IS NULL", "queue = 'sales'"):
        found = levels(tmp_path, where=where)
        assert found.pop("empty_is_full") == (0, 0, 1.0)
        assert set(found.values()) == {(0, 0, None)}, where
        assert len(found) == len(catalogue().definitions)
    # A contract that names the empty rule has it; that of the whole does not, for the other queue's names another.
    assert levels(tmp_path, where="queue = 'night'")["contract"] == (0, 0, 1.0)
    assert rows(tmp_path, "FROM kpi_day") == []


def test_only_waiting_contacts_are_no_number_either(tmp_path: Path) -> None:
    publish(tmp_path, contacts({"waiting": 3}))
    found = levels(tmp_path)
    assert found["abandons_negative"] == (0, 0, None)
    assert found["without_abandons"] == (0, 3, 0.0)
    ratio = one(tmp_path, "SELECT offered, service_level_abandons_negative, asa_seconds, abandonment_rate FROM kpi_day")
    assert ratio == (3, None, None, 0.0)


def test_the_last_thirty_minutes_are_those_before_the_end(tmp_path: Path) -> None:
    early = contacts({"answered_in_time": 4}, AT)
    recent = contacts({"answered_in_time": 1, "answered_late": 3}, AT + timedelta(hours=1), client="zenith")
    publish(tmp_path, [*early, *recent])
    query = (
        "SELECT numerator, denominator FROM service_levels('2026-03-02 10:00:00+00', '2026-03-02 11:20:00+00')"
        " WHERE client IS NULL AND definition = '{}'"
    )
    assert one(tmp_path, query.format("abandons_negative")) == (5, 8)
    assert one(tmp_path, query.format("rolling_30min")) == (1, 4)
    shorter = query.replace("10:00:00", "11:19:00")
    assert one(tmp_path, shorter.format("abandons_negative")) == (0, 0)
    assert one(tmp_path, shorter.format("rolling_30min")) == (1, 4)


# --- Short abandons: four behaviours ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behaviour", "offered", "abandoned", "rate", "service_level"),
    [
        ("counted", 1060, 60, 60 / 1060, (860, 1060)),
        ("excluded", 1060, 60, 50 / 1050, (860, 1050)),
        ("excluded_from_service_level", 1060, 60, 60 / 1060, (860, 1050)),
        ("not_offered", 1050, 50, 50 / 1050, (860, 1050)),
    ],
)
def test_the_four_behaviours_of_short_abandons(
    tmp_path: Path, behaviour: str, offered: int, abandoned: int, rate: float, service_level: tuple[int, int]
) -> None:
    publish(tmp_path, contacts(ICMI))
    settle(tmp_path, QueueSettings(short_abandons=behaviour))
    assert one(tmp_path, "SELECT offered, abandoned, abandonment_rate FROM kpi_day") == (offered, abandoned, rate)
    assert levels(tmp_path)["abandons_negative"][:2] == service_level
    assert one(tmp_path, "SELECT service_level_abandons_negative FROM kpi_day") == (
        service_level[0] / service_level[1],
    )
    # Taken out once: where they are left out already there is nothing more to leave out.
    assert levels(tmp_path)["short_abandons_out"][:2] == (860, 1050)


def test_abandons_that_were_never_offered_are_in_no_wait(tmp_path: Path) -> None:
    publish(tmp_path, [*call(1, AT, abandoned_after_seconds=4), *call(2, AT, abandoned_after_seconds=30)])
    columns = "wait_seconds_abandoned, average_abandon_seconds, longest_wait_seconds, round(wait_p50_seconds, 1)"
    assert one(tmp_path, f"SELECT {columns} FROM kpi_day") == (34, 17, 30, 4.0)
    settle(tmp_path, QueueSettings(short_abandons="not_offered", short_abandon_us=4 * SECOND_US))
    assert one(tmp_path, f"SELECT {columns} FROM kpi_day") == (30, 30, 30, 30.6)
    assert one(tmp_path, "SELECT offered, short_not_offered, short_abandoned FROM kpi_day") == (1, 1, 0)
    settle(tmp_path, QueueSettings(short_abandons="not_offered", short_abandon_us=60 * SECOND_US))
    assert one(tmp_path, f"SELECT {columns} FROM kpi_day") == (0, None, None, None)


# --- The contract, and definitions with dates -------------------------------------------------------------------------


def test_each_queue_by_the_definition_of_its_contract(tmp_path: Path) -> None:
    mixed = {"answered_in_time": 6, "answered_late": 2, "abandoned_in_time": 2}
    publish(tmp_path, [*contacts(mixed), *contacts(mixed, queue="gold", client="zenith")])
    settle(
        tmp_path,
        QueueSettings(service_level="abandons_positive"),
        QueueSettings("gold", "zenith", service_level="answered_only", threshold_us=60 * SECOND_US),
    )
    assert levels(tmp_path, where="queue = 'sales'")["contract"] == (8, 10, 0.8)
    assert levels(tmp_path, where="queue = 'gold'")["contract"] == (8, 8, 1.0)
    # Over both, each by its own: numerators and denominators add up, percentages never.
    assert levels(tmp_path)["contract"] == (16, 18, 16 / 18)
    thresholds = f"SELECT queue, threshold_seconds FROM service_levels({WINDOW}) WHERE definition = 'contract'"
    assert set(rows(tmp_path, thresholds)) == {("sales", 20), ("gold", 60), (None, 20), (None, 60), (None, None)}
    assert set(rows(tmp_path, thresholds.replace(")", ", threshold_seconds := 30)", 1))) == {
        ("sales", 30),
        ("gold", 30),
        (None, 30),
    }


CHANGE = AT + timedelta(minutes=10)


@pytest.fixture
def changing(tmp_path: Path) -> Path:
    """Waits of 15 s before and after the threshold came down from 20 s to 10 s at ten past ten."""
    starts = [AT, AT, CHANGE, CHANGE, CHANGE]
    publish(tmp_path, [line for nth, at in enumerate(starts) for line in call(nth, at, answered_after_seconds=15)])
    return settle(
        tmp_path,
        QueueSettings(valid_to=CHANGE, threshold_us=20 * SECOND_US, service_level="answered_only"),
        QueueSettings(valid_from=CHANGE, threshold_us=10 * SECOND_US, service_level="abandons_negative"),
    )


def test_a_threshold_that_changes_is_read_as_of_its_time(changing: Path) -> None:
    assert rows(changing, "SELECT minute, answered, answered_in_target FROM kpi_minute ORDER BY minute") == [
        (AT, 2, 2),
        (CHANGE, 3, 0),
    ]
    assert one(changing, "SELECT answered, answered_in_target FROM kpi_hour") == (5, 2)
    assert levels(changing)["contract"] == (2, 5, 0.4)
    assert one(changing, f"SELECT answered_in_target FROM kpi_between({WINDOW})") == (2,)


@pytest.mark.parametrize(
    ("moment", "in_time"),
    [(AT, 5), (CHANGE - timedelta(microseconds=1), 5), (CHANGE, 0), (CHANGE + timedelta(days=99), 0)],
    ids=("before", "last moment before", "first moment", "long after"),
)
def test_or_all_of_history_under_the_settings_of_one_moment(changing: Path, moment: datetime, in_time: int) -> None:
    at = f", definitions_at := '{moment.isoformat(' ')}'"
    assert one(changing, f"SELECT answered, answered_in_target FROM kpi_between({WINDOW}{at})") == (5, in_time)
    assert one(changing, f"SELECT answered_in_target FROM kpi_by_client({WINDOW}{at})") == (in_time,)
    assert levels(changing, at)["contract"][:2] == (in_time, 5)


# --- One interaction, several segments --------------------------------------------------------------------------------


def test_a_call_that_enters_the_same_queue_twice_is_offered_twice(tmp_path: Path) -> None:
    again = call(1, AT + timedelta(minutes=5), segment="2", answered_after_seconds=60)
    publish(tmp_path, [*call(1, AT, answered_after_seconds=10, transferred_after_seconds=200), *again])
    assert one(tmp_path, "SELECT offered, answered, answered_in_target, transferred FROM kpi_hour") == (2, 2, 1, 1)
    assert levels(tmp_path)["abandons_negative"][:2] == (1, 2)
    assert one(tmp_path, "SELECT segments, offered, outcome FROM interactions") == (2, 2, "answered")


def test_a_call_in_two_queues_counts_in_each_under_its_own_threshold(tmp_path: Path) -> None:
    second = call(1, AT + timedelta(minutes=1), "gold", segment="2", answered_after_seconds=15)
    publish(tmp_path, [*call(1, AT, answered_after_seconds=15, transferred_after_seconds=60), *second])
    settle(tmp_path, QueueSettings("gold", threshold_us=10 * SECOND_US))
    assert levels(tmp_path, where="queue = 'sales'")["contract"] == (1, 1, 1.0)
    assert levels(tmp_path, where="queue = 'gold'")["contract"] == (0, 1, 0.0)
    assert levels(tmp_path)["contract"] == (1, 2, 0.5)


def test_a_transfer_across_the_hour_counts_where_each_segment_was_queued(tmp_path: Path) -> None:
    at = AT.replace(minute=59)
    second = call(1, AT + timedelta(hours=1, seconds=30), segment="2", answered_after_seconds=5, ended_after_seconds=65)
    first = call(1, at, answered_after_seconds=10, transferred_after_seconds=90, ended_after_seconds=90)
    publish(tmp_path, [*first, *second])
    hours = rows(tmp_path, "SELECT hour, offered, answered, transferred, talk_seconds FROM kpi_hour ORDER BY hour")
    assert hours == [(AT, 1, 1, 1, 80), (AT + timedelta(hours=1), 1, 1, 0, 60)]
    settle(tmp_path, QueueSettings(valid_from=AT + timedelta(hours=1), threshold_us=SECOND_US))
    assert rows(tmp_path, "SELECT answered_in_target FROM kpi_hour ORDER BY hour") == [(1,), (0,)]
