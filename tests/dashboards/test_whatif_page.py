"""What if by AppTest: service level at other thresholds from the raw waits, staff by Erlang from the measured load."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

import dashboards
from dashboards import frame
from dashboards.access.people import Person, Role
from dashboards.access.scope import Scope
from dashboards.data.asking import Filters, Period
from dashboards.data.feed import Feed
from dashboards.data.view import View
from dashboards.look import formats
from dashboards.look.states import Level
from dashboards.look.tiles import sql_of
from dashboards.queries import floor, whatif
from dashboards.readings.whatif import (
    FEWEST_ABANDONED,
    OWN,
    Asked,
    Need,
    Staffing,
    basis_of,
    curve_of,
    level_readings,
    load_of,
    staffing,
)
from pipeline.clock import ManualClock
from tests.dashboards.agents_store import TEN, ago, publish_agents
from tests.dashboards.conftest import NOW, publish
from tests.dashboards.shown import numbers, opened, rows_under, text_of
from tests.simulate.erlang import Queue
from tests.support.calls import agent, call

PAGE = Path(dashboards.__file__).parent / "boards" / "whatif.py"
FeedOf = Callable[[Path], Feed]
Plain = Callable[[Path], duckdb.DuckDBPyConnection]
HOUR = Period("last", 60)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not changed by any test."""
    return publish_agents(tmp_path_factory.mktemp("whatif"))


def board(**query: str) -> AppTest:
    return opened(PAGE, **query)


def table_of(app: AppTest) -> list[str]:
    return rows_under(app, "Agents needed")


def look(definition: str = "contract", period: Period = HOUR, **chosen: str) -> View:
    filters = Filters(**chosen)
    asks = frame.asks_for(
        whatif.CURVE, whatif.EXPECTED, floor.LEVELS, floor.STAFF,
        period=period, filters=filters, arguments={"definition": definition},
    )  # fmt: skip
    week = frame.asks_for(whatif.MEASURED, filters=filters, period=Period("last", whatif.MEASURED_DAYS * 1440))
    return frame.look_at({**asks, OWN: asks["floor_levels"], **week})


def test_the_curve_is_counted_from_every_wait(feed_of: FeedOf, centre_store: Path, plain: Plain) -> None:
    feed_of(centre_store)
    curve = {row["threshold"]: row for row in curve_of(look("answered_only"), "live")}
    assert sorted(curve) == list(range(5, 125, 5))
    con = plain(centre_store)
    start = (NOW - timedelta(hours=1)).replace(second=0, microsecond=0)
    for threshold in (5, 20, 60, 120):
        ((share,),) = con.execute(
            "SELECT count(*) FILTER (wait_seconds <= $limit) / count(*) FROM segments WHERE outcome = 'answered' "
            "AND queue IS NOT NULL AND channel NOT IN ('email', 'work_item') AND queued_at >= $start "
            "AND queued_at < $now",
            {"limit": threshold, "start": start, "now": NOW},
        ).fetchall()
        assert curve[threshold]["service_level"] == pytest.approx(share)
    levels = [curve[threshold]["service_level"] for threshold in sorted(curve)]
    assert levels == sorted(levels)
    assert levels[0] < levels[-1]


def test_levels_at_the_own_and_at_another_threshold(feed_of: FeedOf, store: Path) -> None:
    feed_of(store)
    # Of the last hour's calls of sales, two were answered at 10 s and one at 40 s; two gave up at 15 s.
    shown = numbers(board(queue="sales", period="60", threshold="40"))
    assert shown == {"At the queues' own thresholds": "40.0\N{NO-BREAK SPACE}%", "At 40 s": "60.0\N{NO-BREAK SPACE}%"}
    text = text_of(board(queue="sales", period="60"))
    assert "2 of 5 · +0.0 points" in text
    assert "The target is not met within 120 s." in text
    met = numbers(board(queue="sales", period="60", definition="abandons_positive"))
    assert met["Target met at"] == "40 s"


def test_queues_with_several_targets_have_no_common_one(feed_of: FeedOf, store: Path) -> None:
    feed_of(store)
    app = board()
    assert "Target met at" not in numbers(app)
    assert "The chosen queues have different targets: choose one of them." in text_of(app)


def test_the_sql_of_each_tile_gives_what_it_shows(feed_of: FeedOf, store: Path, plain: Plain) -> None:
    feed_of(store)
    view, con = look("abandons_positive", queue="sales"), plain(store)
    pairs = level_readings(view, Asked("abandons_positive", 15, 0.9, "last hour"), "live")
    assert len(pairs) == 3
    for tile, reading in pairs:
        ((value,),) = con.execute(sql_of(tile, view)).fetchall()
        assert reading.text == (f"{value} s" if tile.name == "reached" else formats.percent(value))


def by_hand(con: duckdb.DuckDBPyConnection, offered: float) -> tuple[float, float, int, int]:
    """Handle time, patience, and the fewest agents by the other formulas: with patience, and without."""
    handle, patience = con.execute(
        "SELECT sum(talk_seconds + hold_seconds + wrap_seconds) / count(*) FILTER (handle_ended_at IS NOT NULL), "
        "sum(wait_seconds) / count(*) FILTER (outcome = 'abandoned') FROM segments "
        "WHERE queue = 'sales' AND queued_at >= $since AND queued_at < $now",
        {"since": NOW - timedelta(days=7), "now": NOW},
    ).fetchall()[0]
    rate = offered / 900
    fewest = [
        next(
            agents for agents in range(1, 60)
            if (patient is not None or agents > rate * float(handle))
            and Queue(rate, float(handle), agents, patient).p_answered_within(30) >= 0.9
        )
        for patient in (float(patience), None)
    ]  # fmt: skip
    return float(handle), float(patience), fewest[0], fewest[1]


def test_agents_needed_for_the_same_quarter_of_weeks_before(feed_of: FeedOf, store: Path, plain: Plain) -> None:
    feed_of(store)
    sales = next(one for one in staffing(look()) if one.queue == "sales")
    handle, patience, with_patience, without = by_hand(plain(store), 15)
    assert sales.handle_seconds == pytest.approx(handle)
    assert sales.patience_seconds == pytest.approx(patience)
    assert sales.abandoned == FEWEST_ABANDONED
    # Twenty calls a week ago and ten two weeks ago; nothing in the other quarters of these days.
    quarters = [TEN + timedelta(minutes=minutes) for minutes in (15, 30, 45, 60)]
    assert [(need.quarter, need.offered) for need in sales.needs] == list(zip(quarters, (0, 15, 0, 0), strict=True))
    assert [need.agents for need in sales.needs] == [0, with_patience, 0, 0]
    assert sales.needs[1].erlang_c == without
    # Two weeks ago the store began at half past ten: of the first quarter it knows one such day.
    assert sales.basis == "1 to 2 such days"
    assert (sales.working, sales.signed_in) == (1, 2)
    assert sales.gap == 1 - with_patience < 0
    assert sales.attention is Level.SERIOUS


def test_the_page_says_what_is_missing_and_what_it_rests_on(feed_of: FeedOf, store: Path) -> None:
    feed_of(store)
    app = board()
    rows = table_of(app)
    assert [row.split()[0] for row in rows] == ["sales", "claims"]
    assert rows[0].startswith("sales acme · 90 % in 30 s ◆ ")
    assert "missing 1 of 2 signed in" in rows[0]
    assert rows[0].endswith("10 gave up 1 to 2 such days Erlang A")
    assert rows[1].endswith("too few handled: 1")
    assert "no answer" in rows[1]
    said = text_of(app)
    assert "same weekday of the last 8 weeks" in said
    assert "Erlang C (C) lets them wait for ever" in said


def test_without_such_days_the_last_hours_stand_in(feed_of: FeedOf, tmp_path: Path, plain: Plain) -> None:
    calls = [
        line
        for number in range(40)
        for line in call(number, ago(3_600 + 60 * number), answered_after_seconds=5, ended_after_seconds=65)
    ]
    feed_of(publish(tmp_path, [*calls, agent("ann", "available", ago(7_000))]))
    (sales,) = staffing(look())
    # The first call came 39 min before the last one, so 1 h 39 min ago: eight quarters to the current one, and not 12.
    ((quarters,),) = plain(tmp_path).execute(
        "SELECT date_diff('minute', time_bucket(INTERVAL 15 MINUTE, min(queued_at)), $ten::TIMESTAMPTZ) / 15 "
        "FROM segments", {"ten": TEN},
    ).fetchall()  # fmt: skip
    assert [need.offered for need in sales.needs] == [pytest.approx(40 / quarters)] * 4
    assert sales.basis == f"the last {quarters * 15:.0f} min"
    # Nobody gave up: no patience, and only Erlang C; nobody is described, so nobody is known to have the skill.
    assert sales.patience_seconds is None
    assert all(need.erlang_a is None and need.erlang_c for need in sales.needs)
    assert (sales.working, sales.gap) == (None, None)
    assert "unknown nobody with the skill" in table_of(board())[0]


def test_the_basis_of_a_load_in_words() -> None:
    def row(days: int, offered: int | None, recent: int | None = None, quarters: int | None = None) -> dict[str, Any]:
        return {"days": days, "offered": offered, "recent_offered": recent, "recent_quarters": quarters}

    assert (load_of(row(4, 10)), basis_of([row(4, 10), row(4, 0)])) == (2.5, "4 such days")
    assert (load_of(row(0, None, 24, 12)), basis_of([row(0, None, 24, 12)])) == (2.0, "the last 3 hours")
    assert (load_of(row(0, None)), basis_of([row(0, None)])) == (None, "")
    assert basis_of([row(1, 1), row(0, None, 8, 4)]) == "1 such day, the last 60 min"


def test_a_gap_is_judged_by_its_share() -> None:
    def gap(working: int, needed: int) -> Level:
        return Staffing("acme", "sales", 0.8, 20, [Need(NOW, 9.0, None, needed)], working=working).attention

    assert [gap(10, 10), gap(12, 10), gap(9, 10), gap(8, 10), gap(7, 10)] == [
        Level.QUIET, Level.QUIET, Level.WARNING, Level.WARNING, Level.SERIOUS,
    ]  # fmt: skip


def test_a_person_of_one_client_is_shown_nothing_of_the_other(
    feed_of: FeedOf, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed_of(store)
    bolt = Person("bolt's", Role.SUPERVISOR, Scope.of(clients=["bolt"]))
    monkeypatch.setattr("dashboards.access.session.person", lambda: bolt)
    for chosen in ({}, {"client": "acme"}, {"queue": "sales"}):
        app = board(**chosen)
        everything = text_of(app) + str([box.options for box in app.selectbox if not chosen])
        assert not [name for name in ("acme", "sales", "talk", "berlin") if f">{name}<" in everything]
        assert "'acme'" not in everything
        assert numbers(app)["At 30 s"] == ("no traffic" if chosen else "0.0\N{NO-BREAK SPACE}%")
    assert [row.split()[0] for row in table_of(board())] == ["claims"]


def test_an_empty_store_says_that_the_load_is_unknown(feed_of: FeedOf, empty_store: Path) -> None:
    feed_of(empty_store)
    app = board()
    assert set(numbers(app).values()) == {"no traffic"}
    assert "the load is unknown" in text_of(app)
    assert not app.error


def test_a_stopped_worker_is_said(feed_of: FeedOf, store: Path, clock: ManualClock) -> None:
    feed = feed_of(store)
    clock.sleep(60)
    feed.turn()
    app = board()
    assert "Data is 60 s old; the worker may be down." in app.error[0].value
    assert table_of(app)[0].startswith("sales")


def test_an_unreadable_store_is_one_line(feed_of: FeedOf, tmp_path: Path) -> None:
    (tmp_path / "live.duckdb").write_bytes(b"no database")
    feed_of(tmp_path)
    app = board()
    assert "The store cannot be read" in text_of(app)
    assert not app.metric
