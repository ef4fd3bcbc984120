"""Each line of business, shuffled and repeated: the area macros give what the oracle computes from the lines alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import duckdb
import pytest

from pipeline.centre.vocabulary import LINES
from pipeline.clock import ManualClock
from pipeline.contract.events import encode
from pipeline.simulate.lines import line_centre
from pipeline.simulate.simulation import simulate
from pipeline.store.process import FileProcessor
from pipeline.store.reader import open_live
from tests import oracle
from tests.oracle.areas import WINDOWS, compare_areas

pytestmark = pytest.mark.thorough

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
NOW = START + timedelta(days=60)
HOUR = timedelta(hours=1)
#: Macros that have something to say in some line; a comparison of nothing with nothing proves nothing.
_told: set[str] = set()
_lines: set[str] = set()

Run = tuple[duckdb.DuckDBPyConnection, oracle.Facts]


@pytest.fixture(scope="module", params=LINES)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Three hours of a line and what came of them, in any order and some of it twice, in a store without a centre."""
    lines = [encode(event) for event in simulate(line_centre(request.param), 9, START, 3, aftermath=True)]
    random = Random(request.param)
    delivered = [*lines, *random.sample(lines, len(lines) // 20)]
    random.shuffle(delivered)
    folder = tmp_path_factory.mktemp(request.param)
    with FileProcessor(folder, ManualClock(NOW), hot_days=1) as processor:
        for at in range(0, len(delivered), len(delivered) // 3 + 1):
            processor.process(delivered[at : at + len(delivered) // 3 + 1])
    con = open_live(folder)
    _lines.add(request.param)
    yield con, oracle.facts(delivered, NOW)
    con.close()


def test_the_whole_and_any_hour_of_a_line(run: Run) -> None:
    con, facts = run
    for start, stop in (
        (START - 24 * HOUR, NOW),
        (START + HOUR, START + 2 * HOUR),
        (START + 48 * HOUR, START + 72 * HOUR),
    ):
        assert compare_areas(con, facts, start, stop) == []
    _told.update(name for name, (_, expected) in WINDOWS.items() if expected(facts, START, NOW))


def test_every_macro_had_something_to_say_in_some_line() -> None:
    if _lines != set(LINES):
        pytest.skip("not all lines were run before")
    assert set(WINDOWS) - _told == set()


def test_the_views_of_a_window_are_those_of_all_time_cut_to_it(run: Run) -> None:
    con, _ = run
    start, stop = START + HOUR, START + 2 * HOUR
    for view, moment in (
        ("contacts", "started_at"),
        ("outcomes", "made_at"),
        ("dial_attempts", "dialled_at"),
        ("surveys", "sent_at"),
    ):
        window = f"TIMESTAMPTZ '{start.isoformat()}', TIMESTAMPTZ '{stop.isoformat()}'"
        cut = f"FROM {view} WHERE {moment} >= '{start.isoformat()}' AND {moment} < '{stop.isoformat()}' ORDER BY ALL"
        assert con.execute(f"FROM {view}_between({window}) ORDER BY ALL").fetchall() == con.execute(cut).fetchall()
