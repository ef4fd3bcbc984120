"""A recorded export of VICIDIAL: its KPIs are those that README.md works out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pipeline.centre.parse import read_centre
from pipeline.contract.events import Event
from pipeline.errors import CallboardError
from pipeline.producers.adapters import Reading
from pipeline.producers.adapters.vicidial.clients import Clients
from pipeline.producers.adapters.vicidial.converter import VicidialConverter
from pipeline.producers.adapters.vicidial.dump import dump_rows
from pipeline.producers.adapters.vicidial.tables import TableRecord, rows_of
from pipeline.producers.door import Door
from tests.support.recorded import ask, facts, read, stored

HERE = Path(__file__).parent
EXPORT, LATER = HERE / "export", HERE / "later"
CENTRE = read_centre(HERE / "centre.yaml")[0]
WINDOW = "'2026-03-04 13:00:00+00', '2026-03-04 15:00:00+00'"
ZONE = "America/New_York"


def export(file: Path = EXPORT, **options: Any) -> Reading:
    return read("vicidial", file, **{"centre": CENTRE, "zone": ZONE, **options})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stored(tmp_path_factory.mktemp("vicidial"), export().events)


def test_every_row_is_accounted_for() -> None:
    reading = export()
    assert reading.rows == 32
    assert reading.read_as == {
        "vicidial_campaign_statuses": 1,
        "vicidial_user_log": 2,
        "vicidial_agent_log": 4,
        "vicidial_log": 13,
        "vicidial_closer_log": 10,
    }
    assert [str(problem) for problem in reading.problems] == [
        "line 15: vicidial_log: 2 cells instead of 18",
        "line 12, campaign_id: vicidial_closer_log: no client: name this campaign or in-group in centre.yaml, "
        "or give --client",
    ]


def test_the_kpis_of_each_queue(store: Path) -> None:
    rows = ask(
        store,
        "SELECT client, queue, direction, offered, answered, abandoned, left_timeout, left_closed, transferred, sales, "
        "wait_seconds_answered::DOUBLE AS waited, wait_seconds_abandoned::DOUBLE AS gave_up_after, "
        f"talk_seconds::DOUBLE AS talk, wrap_seconds::DOUBLE AS wrap FROM kpi_between({WINDOW}) ORDER BY ALL",
    )
    assert [tuple(row.values()) for row in rows] == [
        ("acme", "BILLING", "inbound", 1, 1, 0, 0, 0, 0, 0, 10.5, 0.0, 109.5, 0.0),
        ("acme", "SALES1", "outbound", 4, 4, 0, 0, 0, 0, 1, 2.0, 0.0, 230.0, 40.0),
        ("acme", "SUPPORT", "inbound", 8, 2, 1, 2, 2, 1, 0, 23.0, 45.0, 180.0, 30.0),
        ("zeta", "ZCARE", "inbound", 1, 1, 0, 0, 0, 0, 0, 5.25, 0.0, 54.75, 0.0),
    ]


def test_the_dials_of_the_campaign(store: Path) -> None:
    rows = ask(
        store,
        "SELECT campaign, dials, human, machine, busy, no_answer, invalid, contacts, drops, follow_ups "
        f"FROM outbound_kpis({WINDOW})",
    )
    assert [tuple(row.values()) for row in rows] == [("SALES1", 11, 5, 1, 1, 2, 2, 4, 2, 1)]


def test_the_time_of_the_agent(store: Path) -> None:
    rows = ask(
        store,
        "SELECT state, round(sum(seconds)::DOUBLE) AS seconds FROM agent_spans WHERE agent = '6001' "
        "GROUP BY ALL ORDER BY state",
    )
    # The spans begin some milliseconds into their second, and the sign-out comes last in its own.
    assert {row["state"]: row["seconds"] for row in rows} == {
        "available": 90,
        "break": 631,
        "on_contact": 350,
        "unavailable": 60,
        "wrap_up": 70,
    }


def test_what_outcomes_count_as(store: Path) -> None:
    rows = ask(store, "SELECT disposition, flags FROM segments WHERE disposition IS NOT NULL ORDER BY ALL")
    assert {row["disposition"]: tuple(sorted(row["flags"])) for row in rows} == {
        "A": ("machine",),
        "CUSTST": ("customer_contact", "follow_up", "human_answered"),  # by the exported vicidial_campaign_statuses
        "NI": ("customer_contact", "human_answered", "not_interested"),
        "RESOLV": ("resolved",),  # by centre.yaml
        "SALE": ("customer_contact", "human_answered", "sale"),
        "XFER": ("customer_contact", "human_answered"),
    }


def test_the_transferred_call_is_one_contact(store: Path) -> None:
    rows = ask(store, "SELECT interaction, segments, queues FROM interactions WHERE segments > 1")
    assert [tuple(row.values()) for row in rows] == [("1772633440.205", 2, ["BILLING", "SUPPORT"])]


def test_what_nobody_understood_is_noticed(store: Path) -> None:
    rows = ask(store, "SELECT client, kind, name, count(*) AS n FROM source_notices GROUP BY ALL ORDER BY ALL")
    assert [tuple(row.values()) for row in rows] == [
        ("acme", "contradiction", "ends_before_it_begins", 1),
        ("acme", "unknown_field", "mood", 1),
        ("acme", "unknown_verb", "zzzz", 1),
        ("unknown", "unreadable", "campaign_id", 1),
        ("unknown", "unreadable", "vicidial_log", 1),
        ("zeta", "unknown_field", "mood", 1),
    ]


def test_a_row_that_was_closed_later_says_its_segment_anew(store: Path, tmp_path: Path) -> None:
    first, second = list(export().events), list(export(LATER).events)
    told = "SELECT segment, outcome, wait_seconds::DOUBLE AS waited, talk_seconds::DOUBLE AS talk, disposition "
    of = "FROM segments WHERE interaction IN ('1772633880.226', '1772633220.110') ORDER BY segment"
    assert [tuple(row.values()) for row in ask(store, told + of)] == [
        ("closer-9009", "waiting", None, None, None),
        ("dial", "answered", 0.0, None, None),
    ]
    both = stored(tmp_path / "both", first, second)
    assert [tuple(row.values()) for row in ask(both, told + of)] == [
        ("closer-9009", "abandoned", 30.0, None, None),
        ("dial", "answered", 0.0, 60.0, "SALE"),
    ]
    assert facts(stored(tmp_path / "other", second, first)) == facts(both)


def test_the_agents_own_times_replace_what_was_assumed_without_them(tmp_path: Path) -> None:
    """First only the call log was exported, then the agent log with it: the wait is 2 s and not 0."""
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "vicidial_log.tsv").write_bytes((EXPORT / "vicidial_log.tsv").read_bytes())
    without, with_log = list(export(alone).events), list(export().events)
    told = "SELECT wait_seconds::DOUBLE AS waited, wrap_seconds::DOUBLE AS wrap FROM segments "
    of = "WHERE interaction = '1772632888.101'"
    assert ask(stored(tmp_path / "a", without), told + of) == [{"waited": 0.0, "wrap": 0.0}]
    assert ask(stored(tmp_path / "b", with_log, without), told + of) == [{"waited": 2.0, "wrap": 30.0}]
    assert ask(stored(tmp_path / "c", without, with_log), told + of) == [{"waited": 2.0, "wrap": 30.0}]


def test_no_order_and_no_repetition_changes_anything(store: Path, tmp_path: Path) -> None:
    events = list(export().events)
    middle = len(events) // 2
    assert facts(stored(tmp_path / "twice", events, events)) == facts(store)
    assert facts(stored(tmp_path / "halves", events[middle:], events[:middle])) == facts(store)


@pytest.mark.parametrize("at", range(0, 31, 5))
def test_a_converter_goes_on_from_its_state(at: int) -> None:
    records = [record for record in rows_of(EXPORT) if isinstance(record, TableRecord)]
    first, second, reference = _converter(), _converter(), _converter()
    whole = [event for record in records for event in reference.convert(record)]
    parts = [event for record in records[:at] for event in first.convert(record)]
    second.restore(first.state())
    parts += [event for record in records[at:] for event in second.convert(record)]
    assert list(filter(None, map(_said, parts))) == list(filter(None, map(_said, whole)))
    assert second.state() == reference.state()


def _said(event: Event) -> Event | None:
    """The event; None for an unknown field, which each run notices anew, once an hour."""
    return None if getattr(event.data, "kind", "") == "unknown_field" else event


def _converter() -> VicidialConverter:
    return VicidialConverter(Clients(CENTRE, None), CENTRE, ZoneInfo(ZONE), Door(None))


def test_a_dump_of_the_database_says_the_same(store: Path, tmp_path: Path) -> None:
    dumped = export(HERE / "dump.sql")
    assert [str(problem) for problem in dumped.problems] == [
        "line 78, campaign_id: vicidial_closer_log: no client: name this campaign or in-group in centre.yaml, "
        "or give --client"
    ]
    of_dump, of_export = stored(tmp_path, dumped.events), store
    for view in ("segments", "agent_spans", "kpi_minute", "dial_attempts"):
        assert ask(of_dump, f"FROM {view} ORDER BY ALL") == ask(of_export, f"FROM {view} ORDER BY ALL")


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        (
            "INSERT INTO `t` (`a`, `b`) VALUES (1,'it''s'),(NULL,'a\\\\b\\'c, (d)');",
            [["1", "it's"], ["", "a\\b'c, (d)"]],
        ),
        ("INSERT INTO `t` (`a`,`b`) VALUES (-1.5,'x'),(2,'broken", [["-1.5", "x"], ["2"]]),
        ("INSERT INTO `other` (`a`) VALUES (1);", []),
    ],
)
def test_the_statements_of_a_dump(line: str, rows: list[list[str]]) -> None:
    assert [cells for _, _, cells in dump_rows([line], "t")] == rows


def test_no_number_goes_on() -> None:
    text = "".join(map(str, export(door=Door(b"key", "US")).events))
    assert "customer=" in text
    assert "2025550" not in text
    assert "quoted" not in text


def test_a_local_time_needs_a_zone() -> None:
    problems = [str(problem) for problem in export(zone=None).problems]
    assert (
        "line 14, call_date: vicidial_log: a local time: say in which zone with --zone, such as America/New_York"
        in problems
    )


def test_errors_that_a_person_can_act_on(tmp_path: Path) -> None:
    with pytest.raises(CallboardError, match="give --client NAME, or --centre"):
        export(centre=None)
    with pytest.raises(CallboardError, match="name the file by its table"):
        export(HERE / "centre.yaml")
    with pytest.raises(CallboardError, match="holds no export of VICIDIAL"):
        export(tmp_path)
    (tmp_path / "vicidial_log.tsv").write_text("1772632888.101\t101\t998\n")
    with pytest.raises(CallboardError, match="with its column names in the first line"):
        export(tmp_path)
    with pytest.raises(CallboardError, match="no time zone is named 'Nowhere'"):
        export(zone="Nowhere")


def test_one_client_for_all() -> None:
    clients = {getattr(event.data, "client", None) for event in export(centre=None, client="acme").events}
    assert clients == {"acme"}
