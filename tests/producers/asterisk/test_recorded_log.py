"""The recorded queue log through the adapter and the store: the numbers are those of README.md, worked out by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from pipeline.centre.parse import read_centre
from pipeline.clock import ManualClock
from pipeline.contract.events import Event, encode
from pipeline.producers.adapters import AdapterRequest, adapter
from pipeline.producers.adapters.asterisk.queue_log import QueueLogConverter
from pipeline.producers.door import Door
from pipeline.store.process import FileProcessor
from tests.areas.outbound_events import Row, ask, one

HERE = Path(__file__).parent
LOG = HERE / "queue_log"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOW = START + timedelta(days=1)
CENTRE = read_centre(HERE / "centre.yaml")[0]
DOOR = Door(b"a key of this test" * 2, "GB")
QUEUES = "SELECT * EXCLUDE (client, channel, day) FROM kpi_day ORDER BY queue"


def lines() -> list[str]:
    return LOG.read_text().splitlines()


def converter() -> QueueLogConverter:
    return QueueLogConverter("acme/pbx", "acme", CENTRE, DOOR)


def converted(log: Iterable[str]) -> list[Event]:
    with_state = converter()
    return [event for line in log for event in with_state.convert(line)]


def stored(folder: Path, *runs: Iterable[Event]) -> Path:
    with FileProcessor(folder, ManualClock(NOW)) as processor:
        for run in runs:
            assert processor.process(encode(event) for event in run).rejected == 0
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stored(tmp_path_factory.mktemp("recorded"), converted(lines()))


def day(store: Path, queue: str) -> Row:
    return one(store, f"SELECT * FROM kpi_day WHERE queue = '{queue}'")


def test_the_queues_have_the_numbers_worked_out_by_hand(store: Path) -> None:
    names = (
        "offered answered abandoned left_timeout left_key left_closed left_callback wait_seconds_answered "
        "wait_seconds_abandoned wait_seconds_left talk_seconds hold_seconds wrap_seconds alerts declines transferred "
        "sales"
    ).split()
    found = {queue: tuple(int(day(store, queue)[name]) for name in names) for queue in ("support", "sales", "winback")}
    assert found == {
        "support": (10, 4, 3, 0, 0, 1, 1, 79, 37, 15, 250, 20, 15, 6, 1, 2, 1),
        "sales": (5, 2, 0, 1, 1, 1, 0, 50, 0, 50, 160, 0, 0, 2, 0, 0, 0),
        "winback": (1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 30, 0, 0, 0, 0, 0, 0),
    }


def test_the_service_level_is_that_of_the_readme(store: Path) -> None:
    row = one(
        store,
        "SELECT * FROM service_level(TIMESTAMPTZ '2026-03-02 00:00:00+00', TIMESTAMPTZ '2026-03-03 00:00:00+00', 20)"
        " WHERE queue = 'support' AND definition = 'abandons_negative'",
    )
    assert row["service_level"] == pytest.approx(2 / 7)


def test_agents_were_on_contact_on_a_break_and_available_for_so_long(store: Path) -> None:
    spans = ask(
        store,
        "SELECT agent, state, sum(epoch_us(ended_at) - epoch_us(started_at)) AS us FROM agent_spans GROUP BY ALL",
    )
    found = {(row["agent"], row["state"]): Decimal(int(row["us"])) / 1_000_000 for row in spans}
    blink = Decimal("0.000001")
    assert found == {
        ("SIP/201", "available"): 699 - blink,
        ("SIP/201", "on_contact"): 300,
        ("SIP/201", "break"): 2 * blink,
        ("SIP/202", "available"): 730,
        ("SIP/202", "on_contact"): 160,
        ("SIP/202", "break"): 108,
    }
    reasons = ask(store, "SELECT DISTINCT agent, reason FROM agent_spans WHERE reason IS NOT NULL ORDER BY agent")
    assert [(row["agent"], row["reason"]) for row in reasons] == [("SIP/201", "training"), ("SIP/202", "lunch")]


def test_what_the_log_itself_says_of_durations_stands_beside_what_was_computed(store: Path) -> None:
    differing = ask(
        store,
        """
        SELECT interaction, outcome FROM (
          SELECT r.interaction, r.outcome, r.wait_ms, r.talk_ms,
            epoch_ms(coalesce(s.answered_at, s.abandoned_at, s.left_at)) - epoch_ms(s.queued_at) AS waited_ms,
            epoch_ms(s.handle_ended_at) - epoch_ms(s.answered_at) AS handled_ms
          FROM reports AS r JOIN segments AS s USING (client, interaction, segment))
        WHERE wait_ms <> waited_ms OR talk_ms <> handled_ms
        """,
    )
    # The log counts the ringing of a dialled call as its wait; here nobody waited who was called.
    assert [row["interaction"].split(".")[1] for row in differing] == ["13"]
    told = ask(store, "SELECT outcome, wait_ms, ring_ms, talk_ms FROM reports ORDER BY time, outcome LIMIT 4")
    assert [tuple(row.values()) for row in told] == [
        ("abandon", 7_000, None, None),
        ("completecaller", 25_000, 5_000, 120_000),
        ("completeagent", 30_000, None, 100_000),
        ("exitwithtimeout", 30_000, None, None),
    ]


def test_gaps_and_what_nobody_understood_are_noticed(store: Path) -> None:
    noticed = ask(store, "SELECT kind, name, count, time, lost_from FROM source_notices ORDER BY time, kind")
    assert [
        (row["kind"], row["name"], row["count"], _after(row["time"]), row["lost_from"] and _after(row["lost_from"]))
        for row in noticed
    ] == [
        ("gap", "queuestart", 0, 0, None),
        ("gap", "queuestart", 1, 800, 780),
        ("unknown_verb", "frobnicate", 1, 820, None),
        ("gap", "configreload", 0, 830, 820),
        ("unreadable", "record", 1, 830, None),
    ]


def _after(moment: datetime) -> int:
    return int((moment - START).total_seconds())


def test_a_caller_is_the_same_customer_however_the_number_is_written(store: Path) -> None:
    rows = ask(store, "SELECT interaction, customer FROM descriptions ORDER BY time")
    customers = {row["interaction"].split(".")[1]: row["customer"] for row in rows}
    assert customers["3"] == DOOR.caller("acme", "+442079460103"), "written without its country"
    assert "6" not in customers, "an anonymous caller is nobody"
    assert len({customers["1"], customers["2"], customers["4"]}) == 3


def test_no_number_and_no_name_is_in_any_event() -> None:
    said = b"\n".join(encode(event) for event in converted(lines())).decode()
    for canary in ("207946", "a name", "anonymous", "booked"):
        assert canary in LOG.read_text()
        assert canary not in said


def test_the_same_file_twice_and_in_any_order_gives_the_same_store(store: Path, tmp_path: Path) -> None:
    shuffled = converted(lines())
    Random(4).shuffle(shuffled)
    half = len(shuffled) // 2
    again = stored(tmp_path, shuffled[half:], shuffled[:half], converted(lines()))
    assert ask(again, QUEUES) == ask(store, QUEUES)
    assert ask(again, "FROM agent_spans ORDER BY ALL") == ask(store, "FROM agent_spans ORDER BY ALL")
    assert one(again, "SELECT sum(stored) AS n FROM meta") == one(store, "SELECT sum(stored) AS n FROM meta")


def test_resumed_after_any_line_it_says_the_same() -> None:
    whole = converted(lines())
    resumed: list[Event] = []
    state = converter().state()
    for line in lines():
        fresh = converter()
        fresh.restore(state)
        resumed += fresh.convert(line)
        state = fresh.state()
    assert resumed == whole


@pytest.mark.parametrize(
    "columns",
    [
        "partition,time_id,call_id,queue,agent,verb,data1,data2,data3,data4,data5,serverid",
        "time,callid,queuename,agent,event,data1,data2,data3,data4,data5",
    ],
)
def test_an_export_of_the_table_says_the_same_as_the_file(tmp_path: Path, columns: str) -> None:
    names = columns.split(",")
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(names)
    for line in lines():
        fields = line.split("|")
        if len(fields) >= 5:
            # The table has no sixth field: an attended transfer of the kind LINK loses its last one, the position.
            values = [*fields, *[""] * 10][:10]
            row = iter(values)
            table.writerow(["P001" if n == "partition" else "" if n == "serverid" else next(row) for n in names])
    (tmp_path / "export.csv").write_text(text.getvalue())
    request = AdapterRequest(tmp_path / "export.csv", NOW, client="acme", source="acme/pbx", centre=CENTRE, door=DOOR)
    read = adapter("queue-log").read
    assert read is not None
    reading = read(request)
    expected = converted(line for line in lines() if line.count("|") >= 4)
    assert {event.id for event in reading.events} == {event.id for event in expected}
    assert reading.problems == []


def test_a_file_says_how_its_lines_were_read_and_which_could_not_be() -> None:
    read = adapter("queue-log").read
    assert read is not None
    reading = read(AdapterRequest(LOG, NOW, client="acme", source="acme/pbx", centre=CENTRE, door=DOOR))
    assert list(reading.events) == converted(lines())
    assert [str(problem) for problem in reading.problems] == ["line 46: 1 fields instead of at least 5"]
    assert reading.rows == len(lines()) == len(reading.problems) + sum(reading.read_as.values())
    assert reading.read_as["unknown verbs"] == 1
