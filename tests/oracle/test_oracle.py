"""The oracle itself is trusted because of these: small cases worked out by hand, and what must hold for every log."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import oracle, strategies
from tests.oracle.details import DETAIL_VIEWS, members_of

NOW = datetime(2026, 3, 30, tzinfo=UTC)
D = Decimal

# --- A log in a few words ---------------------------------------------------------------------------------------------

Line = dict[str, Any]


def at(clock: str) -> datetime:
    """A time of the one day that these cases happen on, in UTC."""
    return datetime.fromisoformat(f"2026-03-02T{clock}+00:00")


def call(kind: str, clock: str, segment: str | None = "1", /, **data: Any) -> Line:
    """An interaction event; ids are given by ``facts_of``."""
    known = {"client": "acme", "interaction": "i", "channel": "voice", "direction": "inbound", **data}
    if segment is not None:
        known["segment"] = segment
    if kind == "queued":
        known.setdefault("queue", "PS")
    if kind in ("offered", "declined", "answered"):
        known.setdefault("agent", "anna")
    return {"specversion": "1.0", "type": f"interaction.{kind}.v1", "time": f"2026-03-02T{clock}Z", "data": known}


def shift(kind: str, clock: str, state: str | None = None, /, **data: Any) -> Line:
    known = {"client": "acme", "agent": "anna", **data} | ({"state": state} if state else {})
    return {"specversion": "1.0", "type": f"agent.{kind}.v1", "time": f"2026-03-02T{clock}Z", "data": known}


def source(kind: str, clock: str, /, **data: Any) -> Line:
    known = {"client": "acme", **data}
    return {"specversion": "1.0", "type": f"source.{kind}.v1", "time": f"2026-03-02T{clock}Z", "data": known}


def lines_of(*events: Line) -> list[bytes]:
    """The events as lines, with the ids 00, 01, ... in the order given unless they have one."""
    return [json.dumps({"source": "pbx", "id": f"{n:02}", **event}).encode() for n, event in enumerate(events)]


def facts_of(*events: Line) -> oracle.Facts:
    facts = oracle.facts(lines_of(*events), NOW)
    assert not facts.rejected
    return facts


def segment_of(*events: Line) -> oracle.Segment:
    (segment,) = facts_of(*events).segments.values()
    return segment


def cell_of(*events: Line) -> oracle.Cell:
    (cell,) = facts_of(*events).kpi_minute.values()
    return cell


# --- Independence -----------------------------------------------------------------------------------------------------


def test_the_oracle_shares_nothing_with_what_it_judges() -> None:
    """Oracle: a few modules of the standard library. Tests and strategies: never the pipeline or its libraries."""
    allowed = {"__future__", "collections", "collections.abc", "dataclasses", "datetime", "decimal", "fractions"}
    allowed |= {"json", "math", "re", "typing", "zoneinfo"}
    forbidden = {"pipeline", "dashboards", "duckdb", "pyarrow", "faust", "msgspec"}
    here = Path(__file__).parent
    own = sorted(here.glob("*.py"))
    assert len(own) > 5
    for path in [*own, here.parent / "strategies.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules: list[str] = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                modules = [node.module or ""]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 1, f"{path.name} imports from outside the oracle"
            assert not {module.split(".")[0] for module in modules} & forbidden, path.name
            if path.parent == here and not path.name.startswith("test_"):
                assert set(modules) <= allowed, path.name
                assert not (isinstance(node, ast.Name) and node.id in ("__import__", "exec", "eval")), path.name


# --- Lines ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", strategies.BAD_RECORDS)
def test_a_bad_line_is_refused_with_its_reason(what: str) -> None:
    line, reason = strategies.BAD_RECORDS[what]
    assert oracle.classify(line, strategies.NOW) == oracle.Rejected(reason)
    assert b"\n" not in line


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-02T10:00:00Z", "2026-03-02T10:00:00+00:00"),
        ("2026-03-02t10:00:00.5z", "2026-03-02T10:00:00.500000+00:00"),
        ("2026-03-02 10:00:00+05:45", "2026-03-02T04:15:00+00:00"),
        ("2026-03-02T10:00:00.000001-0930", "2026-03-02T19:30:00.000001+00:00"),
        ("2026-03-02T10:00:00.1234565Z", "2026-03-02T10:00:00.123457+00:00"),
        ("2026-03-02T23:59:59.9999999Z", "2026-03-03T00:00:00+00:00"),
    ],
)
def test_a_time_is_turned_into_utc_to_the_microsecond(written: str, meant: str) -> None:
    event = oracle.classify(strategies.line(strategies.example(time=written)), NOW)
    assert isinstance(event, oracle.Event)
    assert event.time.isoformat() == meant
    assert event.time.tzinfo is UTC


@pytest.mark.parametrize("written", ["2026-03-02T10:00Z", "2026-03-02T10:00:60Z", "2026-03-02T10:00:00+24:00", ""])
def test_what_is_not_a_time(written: str) -> None:
    assert oracle.classify(strategies.line(strategies.example(time=written)), NOW) == oracle.Rejected("schema")


def test_the_limits_themselves_are_allowed() -> None:
    bare = strategies.line(strategies.example(time="1990-01-01T00:00:00Z", data_client="x" * 200))
    largest = bare[:-1] + b" " * (262_144 - len(bare)) + b"}"
    assert isinstance(oracle.classify(largest, NOW), oracle.Event)
    assert isinstance(oracle.classify(largest + b"\n", NOW), oracle.Event)
    assert oracle.classify(b" " + largest, NOW) == oracle.Rejected("too_large")
    ahead = strategies.line(strategies.example(time="2026-03-30T00:10:00Z"))
    assert isinstance(oracle.classify(ahead, NOW), oracle.Event)


def test_the_reason_named_first() -> None:
    """An unknown type before a broken schema, a broken schema before an implausible time."""
    unknown = strategies.line(strategies.example("x.v1", specversion=5, time="1970-01-01T00:00:00Z"))
    assert oracle.classify(unknown, NOW) == oracle.Rejected("unknown_type")
    broken = strategies.line(strategies.example(time="1970-01-01T00:00:00Z", data_client=5))
    assert oracle.classify(broken, NOW) == oracle.Rejected("schema")


def test_every_line_is_accounted_for_and_the_first_of_an_id_counts() -> None:
    first, other = lines_of(call("queued", "10:00:00") | {"id": "a"}, call("queued", "10:00:09") | {"id": "a"})
    elsewhere = lines_of(call("queued", "09:59:00", interaction="j") | {"id": "a", "source": "pbx-2"})
    facts = oracle.facts([first, b"", first, other, *elsewhere, b"{}"], NOW)
    assert (facts.lines, len(facts.events), facts.rejected) == (6, 2, {"undecodable": 1, "schema": 1})
    assert (facts.duplicates, facts.conflicting) == ([("pbx", "a"), ("pbx", "a")], 1)
    assert facts.segments["acme", "i", "1"].queued_at == at("10:00:00")
    assert [event.source for event in facts.events] == ["pbx-2", "pbx"]


# --- Segments ---------------------------------------------------------------------------------------------------------


def test_a_plain_call() -> None:
    segment = segment_of(
        call("started", "09:59:50", None),
        call("queued", "10:00:00"),
        call("offered", "10:00:07", agent="ben"),
        call("declined", "10:00:12", agent="ben"),
        call("offered", "10:00:13"),
        call("answered", "10:00:20.5"),
        call("held", "10:01:00"),
        call("resumed", "10:01:30.25"),
        call("ended", "10:05:00.5"),
        call("wrapped_up", "10:05:45", disposition="sold", flags=["sale"], amount="19.90", currency="EUR"),
    )
    assert segment == oracle.Segment(
        client="acme",
        interaction="i",
        segment="1",
        channel="voice",
        direction="inbound",
        queue="PS",
        agent="anna",
        outcome="answered",
        queued_at=at("10:00:00"),
        offered_at=at("10:00:07"),
        answered_at=at("10:00:20.500"),
        abandoned_at=None,
        left_at=None,
        left_reason=None,
        transferred_at=None,
        transfer_kind=None,
        ended_at=at("10:05:00.500"),
        wrapped_up_at=at("10:05:45"),
        wait_ended_at=at("10:00:20.500"),
        handle_ended_at=at("10:05:00.500"),
        wait_seconds=D("20.5"),
        talk_seconds=D("249.75"),  # 280 s less 30.25 s on hold
        hold_seconds=D("30.25"),
        wrap_seconds=D("44.5"),
        alerts=2,
        declines=1,
        holds=1,
        resumes=1,
        disposition="sold",
        flags=("sale",),
        amount=D("19.90"),
        currency="EUR",
        revision=0,
        first_event_at=at("10:00:00"),
        last_event_at=at("10:05:45"),
    )


def test_answered_without_a_wait() -> None:
    cell = cell_of(call("queued", "10:00:00"), call("answered", "10:00:00"), call("ended", "10:00:30"))
    assert (cell.offered, cell.answered, cell.answered_in_target, cell.handled) == (1, 1, 1, 1)
    assert (cell.wait_seconds_answered, cell.longest_wait_seconds, cell.talk_seconds) == (0, 0, 30)


def test_a_hang_up_in_the_menu_is_an_interaction_but_not_an_offer() -> None:
    facts = facts_of(call("started", "10:00:00", None), call("ended", "10:00:40", None))
    assert (facts.segments, facts.kpi_minute) == ({}, {})
    (interaction,) = facts.interactions.values()
    assert interaction == oracle.Interaction(
        client="acme",
        interaction="i",
        channel="voice",
        direction="inbound",
        outcome="left_in_menu",
        started_at=at("10:00:00"),
        ended_at=at("10:00:40"),
        segments=0,
        offered=0,
        answered=0,
        abandoned=0,
        queues=(),
        wait_seconds=D(0),
        talk_seconds=D(0),
        sales=0,
        revenue=D(0),
        currency=None,
    )


def test_a_transfer_ends_the_first_part_and_the_second_is_another_segment() -> None:
    facts = facts_of(
        call("started", "09:59:00", None),
        call("queued", "10:00:00"),
        call("answered", "10:00:10"),
        call("transferred", "10:02:10", kind="warm", to_queue="NE"),
        call("queued", "10:02:10", "2", queue="NE"),
        call("answered", "10:03:40", "2", agent="ben"),
        call("ended", "10:04:40", "2"),
        call("ended", "10:04:41", None),
    )
    first, second = facts.segments["acme", "i", "1"], facts.segments["acme", "i", "2"]
    assert (first.ended_at, first.handle_ended_at, first.talk_seconds) == (None, at("10:02:10"), 120)
    assert (first.transfer_kind, second.transfer_kind) == ("warm", None)
    assert (second.wait_seconds, second.talk_seconds, second.agent) == (90, 60, "ben")
    assert [cell.transferred for cell in facts.kpi_minute.values()] == [1, 0]
    (interaction,) = facts.interactions.values()
    assert (interaction.segments, interaction.offered, interaction.answered) == (2, 2, 2)
    assert (interaction.queues, interaction.wait_seconds, interaction.talk_seconds) == (("NE", "PS"), 100, 180)
    assert (interaction.started_at, interaction.ended_at) == (at("09:59:00"), at("10:04:41"))


def test_the_segments_own_end_counts_before_its_transfer() -> None:
    segment = segment_of(call("answered", "10:00:00"), call("transferred", "10:01:00"), call("ended", "10:01:15"))
    assert (segment.handle_ended_at, segment.talk_seconds, segment.wait_seconds) == (at("10:01:15"), 75, None)


@pytest.mark.parametrize(
    ("events", "hold", "talk"),
    [
        # Ended on hold, nobody resumed: on hold from 10:01 to the end.
        ([call("held", "10:01:00"), call("ended", "10:03:00")], 120, 60),
        # Two holds, one resumed: (30 s) + (10:02 to the end).
        (
            [
                call("held", "10:00:30"),
                call("resumed", "10:01:00"),
                call("held", "10:02:00"),
                call("ended", "10:03:00"),
            ],
            90,
            90,
        ),
        # A resume without its hold: there is no telling, 0.
        ([call("resumed", "10:01:00"), call("ended", "10:03:00")], 0, 180),
        # Two holds at once, never resumed: never more than the whole.
        ([call("held", "10:00:10"), call("held", "10:00:20"), call("ended", "10:03:00")], 180, 0),
        # Resumed before it was held: never less than nothing.
        ([call("resumed", "10:01:00"), call("held", "10:02:00"), call("ended", "10:03:00")], 0, 180),
        # Held after the end.
        ([call("ended", "10:03:00"), call("held", "10:04:00")], 0, 180),
        # Still in progress: not known yet.
        ([call("held", "10:01:00")], None, None),
        # Ended before it was answered.
        ([call("held", "09:58:00"), call("ended", "09:59:00")], 0, 0),
    ],
)
def test_time_on_hold(events: list[Line], hold: int | None, talk: int | None) -> None:
    segment = segment_of(call("queued", "10:00:00"), call("answered", "10:00:00"), *events)
    assert (segment.hold_seconds, segment.talk_seconds) == (hold, talk)


def test_answered_and_abandoned_is_answered() -> None:
    events = [call("queued", "10:00:00"), call("abandoned", "10:00:04"), call("answered", "10:00:06")]
    segment, cell = segment_of(*events), cell_of(*events)
    assert (segment.outcome, segment.wait_seconds, segment.abandoned_at) == ("answered", 6, at("10:00:04"))
    assert (cell.answered, cell.abandoned, cell.short_abandoned, cell.wait_seconds_abandoned) == (1, 0, 0, 0)


def test_abandoned_and_left_is_abandoned() -> None:
    segment = segment_of(
        call("queued", "10:00:00"), call("left_queue", "10:00:04", reason="key"), call("abandoned", "10:00:06")
    )
    assert (segment.outcome, segment.wait_seconds, segment.left_reason) == ("abandoned", 6, "key")


def test_never_queued_is_not_offered() -> None:
    facts = facts_of(call("answered", "10:00:00"), call("ended", "10:01:00"))
    (segment,) = facts.segments.values()
    assert (segment.outcome, segment.wait_seconds, segment.queue, segment.talk_seconds) == ("answered", None, None, 60)
    assert facts.kpi_minute == {}
    assert segment_of(call("offered", "10:00:00")).outcome == "not_queued"


def test_a_wait_that_ends_before_it_starts_is_zero() -> None:
    segment = segment_of(call("queued", "10:00:05"), call("answered", "10:00:00"))
    assert (segment.wait_seconds, segment.wait_ended_at) == (0, at("10:00:00"))


def test_first_and_last_times_whatever_the_order() -> None:
    segment = segment_of(
        call("wrapped_up", "10:09:00"),
        call("ended", "10:04:00"),
        call("ended", "10:03:00"),
        call("answered", "10:02:00", agent="late"),
        call("answered", "10:01:00", agent="early"),
        call("queued", "10:00:30", queue="second"),
        call("queued", "10:00:10", queue="first"),
        call("offered", "10:00:05", queue="named early", agent="x"),
        call("wrapped_up", "10:08:00"),
    )
    assert (segment.queued_at, segment.answered_at) == (at("10:00:10"), at("10:01:00"))
    assert (segment.ended_at, segment.wrapped_up_at) == (at("10:04:00"), at("10:09:00"))
    assert (segment.queue, segment.agent) == ("named early", "late")
    assert (segment.talk_seconds, segment.wrap_seconds) == (180, 300)


def test_one_moment_is_ordered_by_source_and_then_by_id() -> None:
    segment = segment_of(
        call("wrapped_up", "10:00:00", disposition="b10", flags=["sale"]) | {"source": "b", "id": "10"},
        call("wrapped_up", "10:00:00", disposition="b9", amount="5") | {"source": "b", "id": "9"},
        call("wrapped_up", "10:00:00", disposition="a99") | {"source": "a", "id": "99"},
        call("queued", "10:00:00", queue="b", channel="chat") | {"source": "b", "id": "1"},
        call("queued", "10:00:00", queue="a10", channel="voice") | {"source": "a", "id": "10"},
        call("queued", "10:00:00", queue="a2", channel="mail") | {"source": "a", "id": "2"},
    )
    # The last wrap-up holds as one whole: 9 sorts after 10, and its empty flags replace the sale.
    assert (segment.disposition, segment.flags, segment.amount) == ("b9", (), 5)
    assert (segment.queue, segment.channel) == ("a10", "voice")


def test_an_end_without_a_segment_ends_the_interaction_only() -> None:
    facts = facts_of(call("queued", "10:00:00"), call("answered", "10:00:05"), call("ended", "10:02:00", None))
    (segment,), (interaction,) = facts.segments.values(), facts.interactions.values()
    assert (segment.ended_at, segment.talk_seconds) == (None, None)
    assert (interaction.ended_at, interaction.outcome) == (at("10:02:00"), "answered")


def test_only_the_highest_revision_of_a_segment_counts() -> None:
    events = [
        call("started", "09:59:50", None),
        call("queued", "10:00:00", queue="old"),
        call("answered", "10:00:05", revision=0),
        call("held", "10:01:00"),
        call("queued", "10:00:10", queue="new", revision=2),
        call("answered", "10:00:30", agent="ben", revision=2),
        call("answered", "10:00:01", agent="zoe", revision=1),
        call("ended", "10:05:00", None, revision=1),
        call("ended", "10:06:00", None),
        call("queued", "11:00:00", "2"),
    ]
    for ordered in (events, events[::-1]):
        facts = facts_of(*ordered)
        one, two = (facts.segments["acme", "i", name] for name in ("1", "2"))
        assert (one.queue, one.agent, one.wait_seconds, one.holds, one.revision) == ("new", "ben", D(20), 0, 2)
        assert (one.first_event_at, one.last_event_at) == (at("10:00:10"), at("10:00:30"))
        assert (two.outcome, two.revision) == ("waiting", 0)
        (interaction,) = facts.interactions.values()
        # The end was corrected; that it started has no revision.
        assert (interaction.started_at, interaction.ended_at) == (at("09:59:50"), at("10:05:00"))
        assert (len(facts.events), facts.duplicates) == (len(events), [])


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ([call("started", "10:00:00", None)], "in_menu"),
        ([call("started", "10:00:00", None), call("offered", "10:00:01")], "in_menu"),
        ([call("queued", "10:00:00"), call("ended", "10:00:05")], "waiting"),
        ([call("queued", "10:00:00"), call("left_queue", "10:00:00", "2", reason="closed")], "left"),
        ([call("abandoned", "10:00:00"), call("left_queue", "10:00:00", "2", reason="closed")], "abandoned"),
        ([call("abandoned", "10:00:00"), call("answered", "10:00:00", "2")], "answered"),
    ],
)
def test_the_outcome_of_an_interaction(events: list[Line], outcome: str) -> None:
    (interaction,) = facts_of(*events).interactions.values()
    assert interaction.outcome == outcome


# --- KPI cells --------------------------------------------------------------------------------------------------------


def queued(n: int, clock: str, *then: Line, **data: Any) -> list[Line]:
    """One queued interaction of its own, and what became of it."""
    events = [call("queued", clock, **data), *then]
    return [{**event, "data": {**event["data"], "interaction": f"i{n}"}} for event in events]


def test_a_cell_counts_and_sums_its_segments() -> None:
    facts = facts_of(
        *queued(1, "10:00:00", call("answered", "10:00:20"), call("ended", "10:01:20")),
        *queued(2, "10:00:59.999999", call("answered", "10:01:21")),
        *queued(3, "10:00:10", call("abandoned", "10:00:15")),
        *queued(4, "10:00:10", call("abandoned", "10:00:15.000001")),
        *queued(5, "10:00:10", call("left_queue", "10:02:10", reason="timeout")),
        *queued(6, "10:00:10", call("left_queue", "10:00:11", reason="callback")),
        *queued(7, "10:00:10", call("offered", "10:00:11"), call("declined", "10:00:12")),
        *queued(8, "10:01:00"),
        *queued(9, "10:00:00", queue="NE"),
    )
    assert {(key[1], key[4]) for key in facts.kpi_minute} == {
        ("PS", at("10:00:00")),
        ("PS", at("10:01:00")),
        ("NE", at("10:00:00")),
    }
    assert facts.kpi_minute["acme", "PS", "voice", "inbound", at("10:00:00")] == oracle.Cell(
        offered=7,
        answered=2,
        abandoned=2,
        short_abandoned=1,
        short_excluded=0,
        short_not_offered=0,
        left_timeout=1,
        left_key=0,
        left_closed=0,
        left_callback=1,
        abandoned_in_service_level=2,
        answered_in_target=1,
        abandoned_in_target=2,
        wait_seconds_answered=D("41.000001"),
        wait_seconds_abandoned=D("10.000001"),
        wait_seconds_left=D(121),
        longest_wait_seconds=D(120),
        handled=1,
        talk_seconds=D(60),
        hold_seconds=D(0),
        wrap_seconds=D(0),
        held=0,
        alerts=1,
        declines=1,
        transferred=0,
        sales=0,
        revenue=D(0),
        currency=None,
    )


@pytest.mark.parametrize(
    ("paid", "revenue", "currency"),
    [
        ([], 0, None),
        ([("0.1", "EUR"), ("0.2", "EUR")], D("0.3"), "EUR"),
        ([("-5", "EUR"), ("5", "EUR")], 0, "EUR"),
        ([("1", "EUR"), ("1", "USD")], None, None),
        ([("1", "EUR"), (None, "USD")], 1, "EUR"),  # no amount, so its currency says nothing
        ([("1", "EUR"), ("1", None)], None, None),  # an amount of who knows what
        ([("1", None), ("2", None)], 3, None),
    ],
)
def test_revenue_is_a_sum_of_one_currency_or_nothing(
    paid: list[tuple[str | None, str | None]], revenue: Decimal | int | None, currency: str | None
) -> None:
    events = [
        event
        for n, (amount, code) in enumerate(paid)
        for event in queued(n, "10:00:00", call("wrapped_up", "10:00:09", amount=amount, currency=code))
    ]
    cell = cell_of(*queued(99, "10:00:00"), *events)
    assert (cell.revenue, cell.currency) == (revenue, currency)


def test_sales_and_transfers() -> None:
    facts = facts_of(
        *queued(1, "10:00:00", call("wrapped_up", "10:00:01", flags=["sale", "sale"])),  # one sale, though not answered
        *queued(2, "10:00:00", call("transferred", "10:00:01")),  # not answered: not a transfer
        *queued(3, "10:00:00", call("answered", "10:00:01"), call("transferred", "10:00:02"), call("held", "10:00:01")),
    )
    (cell,) = facts.kpi_minute.values()
    assert (cell.sales, cell.transferred, cell.held) == (1, 1, 1)


#: Ten calls of one queue: answered after 5, 20, 21 and 100 s; abandoned after 3, 20 and 60 s; left; two still wait.
TEN_CALLS = [
    *queued(0, "10:00:00", call("answered", "10:00:05"), call("ended", "10:10:00")),
    *queued(1, "10:00:00", call("answered", "10:00:20"), call("ended", "10:00:50")),
    *queued(2, "10:00:00", call("answered", "10:00:21")),
    *queued(3, "10:00:00", call("answered", "10:01:40"), call("ended", "10:02:00")),
    *queued(4, "10:00:00", call("abandoned", "10:00:03")),
    *queued(5, "10:00:00", call("abandoned", "10:00:20")),
    *queued(6, "10:00:00", call("abandoned", "10:01:00")),
    *queued(7, "10:00:00", call("left_queue", "10:00:30", reason="key")),
    *queued(8, "10:00:30"),
    *queued(9, "11:30:00"),
]


def test_the_four_service_levels() -> None:
    facts = facts_of(*TEN_CALLS, *queued(10, "10:00:00", queue="quiet"))
    levels = oracle.service_level(facts, at("10:00:00"), at("11:00:00"))
    assert {name: level for (queue, name), level in levels.items() if queue == "PS"} == {
        "abandons_negative": Fraction(2, 7),
        "abandons_ignored": Fraction(2, 5),
        "abandons_positive": Fraction(4, 7),
        "answered_only": Fraction(2, 4),
    }
    assert levels[None, "abandons_ignored"] == Fraction(2, 5)
    assert levels["quiet", "abandons_negative"] is None
    assert oracle.service_level(facts, at("10:00:00"), at("11:00:00"), 5)["PS", "answered_only"] == Fraction(1, 4)
    nothing = oracle.service_level(facts, at("12:00:00"), at("13:00:00"))
    assert nothing[None, "answered_only"] is None
    assert len(nothing) == 4


def test_a_window_includes_its_start_and_not_its_stop() -> None:
    facts = facts_of(*TEN_CALLS)
    group = ("acme", "PS", "voice", "inbound")
    assert oracle.kpi_between(facts, at("10:00:00"), at("10:00:30"))[group].offered == 8
    assert oracle.kpi_between(facts, at("10:00:30"), at("11:30:00"))[group].offered == 1
    everything = oracle.kpi_between(facts, at("10:00:00"), at("12:00:00"))[group]
    assert (everything.offered, everything.wait_seconds_answered, everything.talk_seconds) == (10, 146, 645)


def test_a_queue_at_a_moment() -> None:
    facts = facts_of(*TEN_CALLS)

    def now(clock: str) -> tuple[int, Decimal | None, int]:
        found = oracle.queue_now(facts, at(clock))["PS"]
        return found.waiting, found.longest_wait_seconds, found.in_progress

    assert oracle.queue_now(facts, at("09:59:59.999999")) == {}
    assert now("10:00:00") == (8, 0, 0)
    assert now("10:00:03") == (7, 3, 0)  # who gave up at this moment waits no longer
    assert now("10:00:20") == (4, 20, 2)
    assert now("10:00:30") == (3, 30, 3)  # one left, one arrived
    assert now("10:00:50") == (3, 50, 2)
    assert now("10:02:00") == (1, 90, 2)
    assert now("23:00:00") == (2, 46770, 1)


def test_percentiles_are_the_nearest_rank() -> None:
    facts = facts_of(*TEN_CALLS)
    answered = oracle.waits(facts, "answered")
    assert answered == [5, 20, 21, 100]
    assert [oracle.percentile(answered, p) for p in (1, 25, 26, 50, 75, 90, 100)] == [5, 5, 20, 20, 21, 100, 100]
    assert oracle.percentile([], 50) is None
    assert oracle.waits(facts, "abandoned", at("10:00:00"), at("11:00:00")) == [3, 20, 60]
    assert oracle.within_histogram_bound(D(100), D(102))
    assert oracle.within_histogram_bound(D(100), 98.0)
    assert not oracle.within_histogram_bound(D(100), D("102.001"))
    assert not oracle.within_histogram_bound(D(0), D("0.001"))


def test_hours_of_a_site_through_the_change_to_summer_time() -> None:
    """On 29 March 2026 in Berlin 01:59 (00:59 UTC) is followed by 03:00 (01:00 UTC); in Kolkata hours start at :30."""
    lines = [
        strategies.line(strategies.example(id=str(n), time=time, data_interaction=str(n)))
        for n, time in enumerate(("2026-03-29T01:59:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T01:31:00Z"))
    ]
    facts = oracle.facts(lines, NOW)
    window = (datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC))

    def offered(zone: str) -> dict[str, int]:
        return {f"{h:%H:%M}": cell.offered for h, cell in oracle.per_hour(facts, *window, zone).items()}

    assert offered("Europe/Berlin") == {"00:00": 1, "01:00": 2}
    assert offered("Asia/Kolkata") == {"00:30": 2, "01:30": 1}


# --- Agents -----------------------------------------------------------------------------------------------------------

SHIFT = [
    shift("signed_in", "08:00:00"),
    shift("state_changed", "08:05:00", "available"),
    shift("state_changed", "08:20:00", "wrap_up"),
    shift("state_changed", "08:21:00", "break", reason="lunch"),
    shift("signed_out", "08:51:00"),
    shift("signed_in", "09:00:00", "available"),
]


def spans_of(*events: Line) -> list[tuple[str, str | None, str, Decimal | None]]:
    return [(s.state, s.reason, f"{s.started_at:%H:%M}", s.seconds) for s in facts_of(*events).agent_spans]


def test_spans_end_where_the_next_event_is() -> None:
    assert spans_of(*SHIFT) == [
        ("unavailable", None, "08:00", 300),
        ("available", None, "08:05", 900),
        ("wrap_up", None, "08:20", 60),
        ("break", "lunch", "08:21", 1800),
        ("available", None, "09:00", None),
    ]


def test_a_late_event_splits_the_span_it_falls_into() -> None:
    late = shift("state_changed", "08:10:00", "on_contact")
    assert spans_of(*SHIFT, late)[1:4] == [
        ("available", None, "08:05", 300),
        ("on_contact", None, "08:10", 600),
        ("wrap_up", None, "08:20", 60),
    ]


def test_two_events_at_one_moment_leave_a_span_without_length() -> None:
    same = [
        shift("state_changed", "08:00:00", "break") | {"id": "2"},
        shift("state_changed", "08:00:00", "available") | {"id": "10"},
        shift("signed_out", "08:01:00") | {"id": "0"},
    ]
    assert spans_of(*same) == [("available", None, "08:00", 0), ("break", None, "08:00", 60)]
    assert oracle.agent_now(facts_of(*same), at("08:00:00"))["acme", "anna"].state == "break"


def test_an_agent_at_a_moment() -> None:
    facts = facts_of(*SHIFT)

    def now(clock: str) -> tuple[str, str | None, datetime, Decimal] | None:
        found = oracle.agent_now(facts, at(clock)).get(("acme", "anna"))
        return (found.state, found.reason, found.since, found.seconds_in_state) if found else None

    assert now("07:59:59") is None
    assert now("08:20:00") == ("wrap_up", None, at("08:20:00"), 0)
    assert now("08:50:59.5") == ("break", "lunch", at("08:21:00"), D("1799.5"))
    assert now("08:55:00") is None
    assert now("12:00:00") == ("available", None, at("09:00:00"), 10800)


def test_occupancy_in_a_window() -> None:
    facts = facts_of(*SHIFT, shift("state_changed", "08:10:00", "on_contact"))
    used = oracle.occupancy(facts, at("08:06:00"), at("09:02:00"))["acme", "anna"]
    # Available 08:06 to 08:10 and 09:00 to 09:02, on contact 08:10 to 08:20, wrap-up 08:20 to 08:21.
    assert (used.available_seconds, used.on_contact_seconds, used.wrap_up_seconds) == (360, 600, 60)
    assert used.occupancy == Fraction(660, 1020)
    assert oracle.occupancy(facts, at("08:30:00"), at("08:40:00"))["acme", "anna"].occupancy is None
    assert oracle.occupancy(facts, at("08:52:00"), at("08:55:00")) == {}


# --- Details ----------------------------------------------------------------------------------------------------------


def test_a_detail_is_a_row_of_its_own_with_its_defaults_filled_in() -> None:
    promise = call(
        "outcome_changed", "10:05:00", None, outcome="o", kind="promise", amount="-0.50", due_on="2026-03-31"
    )
    (row,) = facts_of(promise).details["outcome_changes"]
    assert row == {
        **{"topic": "calls", "source": "pbx", "id": "00", "time": at("10:05:00")},
        **{"client": "acme", "interaction": "i", "channel": "voice", "direction": "inbound"},
        **{"segment": None, "queue": None, "agent": None, "outcome": "o", "kind": "promise", "status": "made"},
        **{"amount": D("-0.5"), "currency": None, "quantity": 1, "due_on": date(2026, 3, 31)},
        **{"product": None, "campaign": None},
    }


def test_moments_of_a_detail_are_utc() -> None:
    known = call("callback_changed", "10:00:00", callback="c", status="scheduled", due_at="2026-03-02T12:00:00.5+01:00")
    (row,) = facts_of(known).details["callback_changes"]
    assert row["due_at"] == at("11:00:00.5")
    assert row["due_at"].tzinfo is UTC


@pytest.mark.parametrize(
    ("channel", "topic"),
    [("voice", "calls"), ("video", "calls"), ("pigeon", "calls"), ("sms", "chats"), ("fax", "emails")],
)
def test_a_contacts_events_lie_in_the_topic_of_its_channel(channel: str, topic: str) -> None:
    (row,) = facts_of(call("message_sent", "10:00:00", sender="bot", channel=channel)).details["messages"]
    assert row["topic"] == topic


def test_a_plan_lies_with_the_agents_and_begins_no_span() -> None:
    plan = {
        "schedule": "w9",
        "activity": "work",
        "starts_at": "2026-03-02T08:00:00Z",
        "ends_at": "2026-03-02T12:00:00Z",
    }
    facts = facts_of(*SHIFT, shift("scheduled", "08:10:00", **plan))
    assert facts.agent_spans == facts_of(*SHIFT).agent_spans
    (row,) = facts.details["schedules"]
    assert (row["topic"], row["revision"], row["paid"], row["ends_at"]) == ("agents", 0, True, at("12:00:00"))


def test_details_change_no_segment_and_no_interaction() -> None:
    story = [call("queued", "10:00:00"), call("answered", "10:00:20"), call("ended", "10:01:00")]
    said = [
        call("described", "09:00:00", queue="elsewhere", agent="bob"),
        call("menu_stepped", "09:59:00", None, bot="b", step="1"),
        call("participated", "10:00:10", agent="bob", role="barge", change="joined"),
        call("described", "10:00:00", "9", interaction="never heard of"),
    ]
    with_details, without = facts_of(*story, *said), facts_of(*story)
    assert with_details.segments == without.segments
    assert with_details.interactions == without.interactions
    assert with_details.kpi_minute == without.kpi_minute


@pytest.mark.parametrize(
    ("promised_at", "fine"),
    [
        ("2099-12-31T23:59:59.999999Z", True),
        ("2100-01-01T00:00:00Z", False),
        ("2100-01-01T00:59:59+01:00", True),
        ("1990-01-01T00:00:00Z", True),
        ("1989-12-31T23:59:59.999999Z", False),
        ("0001-01-01T00:00:00+10:00", False),
    ],
)
def test_a_promise_lies_within_reason(promised_at: str, fine: bool) -> None:
    line = strategies.line(strategies.example(strategies.DESCRIBED, data_promised_at=promised_at))
    verdict = oracle.classify(line, NOW)
    assert isinstance(verdict, oracle.Event) if fine else verdict == oracle.Rejected("implausible_time")


def test_the_other_axis_of_a_state() -> None:
    spans = facts_of(
        shift("signed_in", "08:00:00", presence="on_queue"),
        shift("state_changed", "08:05:00", "break", presence="meal"),
    ).agent_spans
    assert [(span.state, span.presence) for span in spans] == [("unavailable", "on_queue"), ("break", "meal")]


# --- What holds for every log -----------------------------------------------------------------------------------------

every_log = settings(max_examples=100, deadline=None)


@every_log
@given(st.data())
def test_order_repetition_and_batches_change_nothing(data: st.DataObject) -> None:
    lines = data.draw(strategies.logs())
    batches = data.draw(strategies.deliveries(lines))
    once = oracle.facts(lines, strategies.NOW)
    delivered = oracle.facts([line for batch in batches for line in batch], strategies.NOW)
    repeated = delivered.lines - once.lines
    assert repeated == len(delivered.duplicates) + sum(delivered.rejected.values()) - sum(once.rejected.values())
    assert delivered.conflicting == 0
    assert replace(delivered, lines=once.lines, duplicates=once.duplicates, rejected=once.rejected) == once


@every_log
@given(strategies.event_logs())
def test_every_event_of_the_strategies_is_valid_and_known_once(events: list[dict[str, Any]]) -> None:
    facts = oracle.facts(map(strategies.line, events), strategies.NOW)
    assert len(facts.events) == len(events) == facts.lines
    kept = sum(map(len, facts.details.values()))
    assert kept == sum(event["type"] in strategies.DETAILS for event in events)


def test_the_strategies_know_every_type_of_detail_and_each_of_its_members() -> None:
    assert set(strategies.DETAILS) == set(DETAIL_VIEWS.values())
    for type_name, parts in strategies.DETAILS.items():
        drawn = {name for members in parts for name in members}
        shared = {"client", "interaction", "segment", "queue", "agent", "channel", "direction"}
        assert set(members_of(type_name)) - shared == drawn


@every_log
@given(strategies.event_logs())
def test_nothing_is_lost_between_segments_cells_and_windows(events: list[dict[str, Any]]) -> None:
    facts = oracle.facts(map(strategies.line, events), strategies.NOW)
    everything = oracle.kpi_between(facts, datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    waiting = sum(now.waiting for now in oracle.queue_now(facts, strategies.NOW + timedelta(days=1)).values())
    for cells in (facts.kpi_minute.values(), everything.values()):
        assert sum(cell.offered for cell in cells) == sum(1 for s in facts.segments.values() if s.queued_at)
        ended = sum(
            c.answered + c.abandoned + c.left_timeout + c.left_key + c.left_closed + c.left_callback for c in cells
        )
        assert ended + waiting == sum(cell.offered for cell in cells)
    for segment in facts.segments.values():
        if segment.talk_seconds is not None:
            assert segment.talk_seconds >= 0
            assert segment.hold_seconds is not None
            assert segment.hold_seconds >= 0
