"""Counted by the store's own rule, the passes give what the store's own macros give, whatever the queues' settings."""

from __future__ import annotations

import csv
from datetime import timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from pipeline.domain.definitions import SERVICE_LEVEL_DEFINITIONS, SHORT_ABANDON_BEHAVIOURS
from pipeline.reconcile.facts import NOTHING, facts_of
from pipeline.reconcile.mapping import load_report_mapping
from pipeline.reconcile.measures import MEASURES, SERVICE_LEVEL
from pipeline.reconcile.numbers import Reported
from pipeline.reconcile.report import Report, read_report
from pipeline.reconcile.search import Search
from tests.areas.floor_events import DAY, ask, sql_time, stored
from tests.oracle import QueueSettings
from tests.reconcile.day import QUEUES, Pass, events
from tests.support.settings import settle

MAPPING = """\
description: Hours
client: acme
queue: "{queue}"
zone: UTC
period: {starts: "{starts}", format: "%Y-%m-%d %H:%M", minutes: 60}
measures: {offered: offered}
"""


def settings(queue: str, number: int, behaviour: str, definition: str) -> QueueSettings:
    return QueueSettings(
        queue=queue,
        client="acme",
        threshold_us=(20_000_000, 12_000_000)[number % 2],
        threshold_inclusive=number % 3 == 0,
        short_abandon_us=(5_000_000, 9_000_000)[number % 2],
        short_abandons=behaviour,
        service_level=definition,
    )


def hourly(folder: Path) -> Report:
    """A report of every third hour of the day for both queues, for the sake of its windows."""
    (folder / "m.yaml").write_text(MAPPING)
    with (folder / "r.csv").open("w", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(["queue", "starts", "offered"])
        for queue, hour in product(QUEUES, range(0, 24, 3)):
            out.writerow([queue, f"{DAY + timedelta(hours=hour):%Y-%m-%d %H:%M}", 0])
    return read_report(folder / "r.csv", load_report_mapping(str(folder / "m.yaml"), None, None))


def by_macros(store: Path, report: Report) -> list[dict[str, Any]]:
    """What the store's macros say of every row, by measure."""
    rows = []
    for row in report.rows:
        window = f"{sql_time(row.window.start_at)}, {sql_time(row.window.stop_at)}"
        found = ask(store, f"FROM kpi_between({window}) WHERE queue = '{row.queue}'")
        (level,) = ask(
            store,
            f"SELECT max(service_level) AS level FROM service_levels({window}) "
            f"WHERE queue = '{row.queue}' AND definition = 'contract'",
        )
        rows.append((found[0] if found else dict(NOTHING)) | {SERVICE_LEVEL: level["level"]})
    return rows


def check(store: Path, report: Report) -> int:
    """Compare every measure of every hour; how many numbers there were."""
    expected = by_macros(store, report)
    numbers = 0
    with facts_of(store, report) as facts:
        search = Search(facts.recompute, NOTHING)
        for (place, said), measure in product(enumerate(expected), MEASURES):
            ours, theirs = search.value((place, measure), ()), said[measure]
            where = (report.rows[place].queue, report.rows[place].window.text, measure, ours, theirs)
            if theirs is None or ours is None:
                assert ours is theirs is None, where
                continue
            assert Reported(Decimal(str(theirs)), Decimal(0), Decimal(0)).equals(ours), where
            numbers += 1
    return numbers


# Over 30 minutes, or 100 % of nothing: no day of a report is counted by these.
DEFINITIONS = [name for name in SERVICE_LEVEL_DEFINITIONS if name not in ("rolling_30min", "empty_is_full")]


@pytest.mark.parametrize("behaviour", [None, *SHORT_ABANDON_BEHAVIOURS])
def test_the_stores_own_numbers(tmp_path: Path, passes: list[Pass], behaviour: str | None) -> None:
    store = stored(tmp_path / "store", events(passes))
    report = hourly(tmp_path)
    if behaviour is not None:
        # Each behaviour of short abandons with some of the definitions, another for each queue.
        offset = SHORT_ABANDON_BEHAVIOURS.index(behaviour)
        names = [DEFINITIONS[(offset * 3 + n) % len(DEFINITIONS)] for n in range(len(QUEUES))]
        settle(store, *(settings(queue, n + offset, behaviour, names[n]) for n, queue in enumerate(QUEUES)))
    assert check(store, report) > 200
