"""Any settings over any log: what is read under them is what the oracle says, and verification agrees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.clock import ManualClock
from pipeline.domain.definitions import SERVICE_LEVEL_DEFINITIONS, SHORT_ABANDON_BEHAVIOURS
from pipeline.domain.histogram import GAMMA, bucket
from pipeline.kpis.waits import wait_statements
from pipeline.store.process import FileProcessor
from pipeline.store.reader import open_live
from pipeline.store.verify import verify
from tests import oracle
from tests.oracle import QueueSettings, Rules
from tests.strategies import ANCHORS, CLIENTS, NOW, QUEUES, logs
from tests.support.calls import call
from tests.support.settings import settle

pytestmark = pytest.mark.thorough

ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe", None)
TIMES_US = (None, 0, 1, 5_000_000, 20_000_000, 60_000_000)


@st.composite
def periods(draw: st.DrawFn, client: str, queue: str) -> list[QueueSettings]:
    """One to three validity periods of a queue that follow each other, possibly with a gap."""
    moments = (*ANCHORS, ANCHORS[1] - timedelta(minutes=1), NOW)
    cuts = sorted(draw(st.sets(st.sampled_from(moments), max_size=2)))
    minutes = [cut.replace(second=0, microsecond=0) for cut in cuts]
    bounds: list[datetime | None] = [None, *minutes, None]
    rows = []
    for start, stop in zip(bounds, bounds[1:], strict=False):
        if draw(st.integers(0, 4)) == 0:
            continue
        rows.append(
            QueueSettings(
                queue=queue,
                client=client,
                valid_from=start,
                valid_to=stop,
                line=draw(st.sampled_from(("inbound-sales", "help-desk", None))),
                skill=draw(st.sampled_from(("gold", None))),
                language=draw(st.sampled_from(("de", "fr-CA", None))),
                site=draw(st.sampled_from(("riga", None))),
                time_zone=draw(st.sampled_from(ZONES)),
                threshold_us=draw(st.sampled_from(TIMES_US)),
                threshold_inclusive=draw(st.sampled_from((True, False, None))),
                short_abandon_us=draw(st.sampled_from(TIMES_US)),
                short_abandons=draw(st.sampled_from((*SHORT_ABANDON_BEHAVIOURS, None))),
                service_level=draw(st.sampled_from((*SERVICE_LEVEL_DEFINITIONS, None))),
            )
        )
    return rows


@st.composite
def centres(draw: st.DrawFn) -> tuple[QueueSettings, ...]:
    """Settings of most of the queues that the logs name."""
    places = [(client, queue) for client in CLIENTS for queue in QUEUES]
    chosen = [place for place in places if draw(st.integers(0, 3))]
    return tuple(row for place in chosen for row in draw(periods(*place)))


@settings(
    max_examples=30,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
)
@given(logs(), centres(), st.data())
def test_any_settings_of_their_time_and_of_one_moment(
    lines: list[bytes], centre: tuple[QueueSettings, ...], data: st.DataObject
) -> None:
    facts = oracle.facts(lines, NOW)
    moments = [event.time for event in facts.events] or [NOW]
    start = data.draw(st.sampled_from(moments)).replace(second=0, microsecond=0)
    stop = start + data.draw(st.sampled_from((timedelta(minutes=1), timedelta(hours=2), timedelta(days=40))))
    as_of = data.draw(st.sampled_from(moments)) + data.draw(st.sampled_from((timedelta(0), timedelta(seconds=20))))
    teams = {(client, "anna"): "red" for client in CLIENTS[:2]}
    with TemporaryDirectory() as name:
        folder = Path(name)
        with FileProcessor(folder, ManualClock(NOW), reject_limit=0) as processor:
            processor.process(lines)
        agents = tuple({"client": client, "agent": agent, "team": team} for (client, agent), team in teams.items())
        settle(folder, *centre, agents=agents)
        con = open_live(folder)
        try:
            rules = Rules(centre)
            assert oracle.compare(con, facts, rules) == []
            assert oracle.compare_definitions(con, facts, start, stop, as_of, rules, teams) == []
            then = Rules(centre, at=data.draw(st.sampled_from(moments)))
            assert oracle.compare_definitions(con, facts, start, stop, as_of, then, teams) == []
        finally:
            con.close()
        wrong = {check.name: check.examples for check in verify(folder).checks if not check.ok}
        assert wrong == {}


def test_the_bucket_of_a_wait_is_the_same_in_sql(waits: list[int]) -> None:
    import duckdb
    import pyarrow as pa

    with duckdb.connect() as con:
        for statement in wait_statements():
            con.execute(statement)
        table = pa.table({"wait_us": pa.array(waits, pa.int64())})
        con.register("waits", table)
        found = [index for (index,) in con.execute("SELECT wait_bucket(wait_us) FROM waits").fetchall()]
    assert found == [bucket(wait_us) for wait_us in waits]


@pytest.fixture
def waits() -> list[int]:
    """Every microsecond up to 5 ms, three to each side of every border up to ten years, and the ends."""
    borders = [int(GAMMA**index * 1e6) for index in range(-180, 490)]
    near = {max(0, border + step) for border in borders for step in range(-3, 4)}
    return sorted({*range(5000), *near, 2**53, 2**62, 2**63 - 1})


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=200))
def test_any_wait_has_the_bucket_that_python_gives_it(waits: list[int]) -> None:
    test_the_bucket_of_a_wait_is_the_same_in_sql(waits)


# --- The comparison can fail ------------------------------------------------------------------------------------------

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
LATER = AT + timedelta(days=1)


@pytest.mark.parametrize(
    ("published", "start", "found"),
    [
        ({"threshold_us": 1}, AT, {"kpi_between", "kpi_by_client", "kpi_by_channel", "kpi_by_line", "service_levels"}),
        ({"threshold_us": 1}, LATER, {"service_level_now"}),
        ({"line": "help-desk"}, AT, {"kpi_by_line"}),
        ({"language": "de"}, AT, {"kpi_by_language"}),
        ({"skill": "gold"}, AT, {"kpi_by_skill"}),
        ({"site": "riga"}, AT, {"kpi_by_site"}),
        ({"team": "red"}, AT, {"kpi_by_team"}),
        ({"service_level": "with_breakouts"}, AT, {"service_levels"}),
    ],
)
def test_settings_that_the_oracle_does_not_know_are_differences(
    tmp_path: Path, published: dict[str, Any], start: datetime, found: set[str]
) -> None:
    lines = [*call(1, AT, answered_after_seconds=15), *call(2, AT, left_after_seconds=40)]
    with FileProcessor(tmp_path, ManualClock(NOW)) as processor:
        processor.process(lines)
    team = {"client": "acme", "agent": "ann", "team": published.pop("team", None)}
    settle(tmp_path, QueueSettings(**published), agents=(team,))
    facts = oracle.facts(lines, NOW)
    con = open_live(tmp_path)
    try:
        report = oracle.compare_definitions(con, facts, start, start + timedelta(hours=1), AT + timedelta(minutes=1))
        assert {line.split(" ")[0] for line in report if not line.startswith("...")} >= found
        views = oracle.compare(con, facts)
        assert bool(views) == ("threshold_us" in published)
    finally:
        con.close()
