"""The live page by AppTest: what it shows is what the store says; stale, empty and absent are said in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

import dashboards
from dashboards import frame
from dashboards.access.people import Person, Role
from dashboards.access.scope import Scope
from dashboards.data.asking import Filters, Period, last
from dashboards.data.feed import Feed
from dashboards.data.view import View
from dashboards.look import formats
from dashboards.look.tiles import sql_of
from dashboards.queries import floor
from dashboards.queries.scoped import Query
from dashboards.readings.live import Choice, live_readings
from pipeline.clock import ManualClock
from tests.dashboards.conftest import NOW, publish
from tests.dashboards.floor_store import ago, publish_floor
from tests.dashboards.shown import numbers, opened, pages_html, text_of
from tests.support.calls import agent, call

APP = Path(dashboards.__file__).parent / "app.py"
FeedOf = Callable[[Path], Feed]
Plain = Callable[[Path], duckdb.DuckDBPyConnection]


@pytest.fixture(scope="module")
def floor_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not changed by any test."""
    return publish_floor(tmp_path_factory.mktemp("floor"))


def frame_view(*queries: Query) -> View:
    return frame.look(*queries, period=last(30))


def table_of(app: AppTest) -> str:
    return next(body for body in text_of(app).split("\n") if "<table" in body)


def board(**query: str) -> AppTest:
    return opened(APP, **query)


#: What the board must come to by another way: plain SQL over segments, without the board's own queries.
LIVE = "queue IS NOT NULL AND channel NOT IN ('email', 'work_item', 'letter', 'fax')"
IN_TIME = "count(*) FILTER (outcome = 'answered' AND wait_seconds <= 20)"


def plain_level(con: duckdb.DuckDBPyConnection, start: datetime, bottom: str, where: str = LIVE) -> Any:
    ((level,),) = con.execute(
        f"SELECT {IN_TIME} / nullif(count(*) FILTER (outcome IN ({bottom})), 0) FROM segments "
        f"WHERE {where} AND queued_at >= $start AND queued_at < $now",
        {"start": start, "now": NOW},
    ).fetchall()
    return level


def test_numbers_shown_are_those_of_the_store(feed_of: FeedOf, centre_store: Path, plain: Plain) -> None:
    feed_of(centre_store)
    app = board()
    con = plain(centre_store)
    start = (NOW - timedelta(minutes=30)).replace(second=0, microsecond=0)
    waits = f"FROM segments WHERE {LIVE} AND queued_at <= $now AND (wait_ended_at IS NULL OR wait_ended_at > $now)"
    ((waiting, longest),) = con.execute(
        f"SELECT count(*), max(epoch($now::TIMESTAMPTZ) - epoch(queued_at)) {waits}", {"now": NOW}
    ).fetchall()
    ((later,),) = con.execute(f"SELECT count(*) {waits.replace('NOT IN', 'IN')}", {"now": NOW}).fetchall()
    ((abandonment,),) = con.execute(
        f"SELECT count(*) FILTER (outcome = 'abandoned') / count(*) FROM segments WHERE {LIVE} AND queued_at >= $start",
        {"start": start},
    ).fetchall()
    states = dict(
        con.execute("SELECT state, count(*) FROM agent_now(as_of := $at) GROUP BY ALL", {"at": NOW}).fetchall()
    )
    shown = numbers(app)
    assert shown["Waiting now"] == str(waiting)
    assert shown["Longest wait now"] == ("none" if longest is None else formats.duration(longest))
    assert shown["Deferred work"] == str(later)
    counted = "'answered', 'abandoned'"
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    assert shown["Today 80/20"] == formats.percent(plain_level(con, midnight, counted))
    assert shown["Interval 80/20"] == formats.percent(plain_level(con, NOW.replace(minute=0, second=0), counted))
    assert shown["Abandonment"] == formats.percent(abandonment)
    assert shown["On contact"] == str(states["on_contact"])
    assert shown["Available"] == str(states.get("available", 0))
    assert len(app.metric) == 12
    assert "0 s old" in text_of(app)
    assert not app.error


def test_the_floor_counted_by_hand(feed_of: FeedOf, floor_store: Path) -> None:
    feed_of(floor_store)
    app = board()
    shown = numbers(app)
    assert (shown["Waiting now"], shown["Longest wait now"]) == ("3", "2:10"), "the email of two hours stands apart"
    assert shown["Deferred work"] == "1"
    assert "the oldest for 2:00:00" in text_of(app)
    # Answered in time: three calls and a chat. Decided: those, a late answer, and two who wait past their threshold.
    assert shown["Service level"] == formats.percent(4 / 7)
    assert "ended waits 80.0 %" in text_of(app)
    assert "▲ 3 of 3 queues miss their own target" in text_of(app)
    assert shown["Today"] == formats.percent(4 / 5)
    assert shown["Interval"] == "no traffic"
    assert {shown[name] for name in ("Available", "On contact", "Break")} == {"1"}
    assert "↑ 3 in an hour" in text_of(app), "nobody but the email waited then"


@pytest.mark.parametrize(
    ("chosen", "waiting", "level", "free"),
    [
        ({"queue": "sales"}, "1", ("90/30", 3 / 4), "1"),
        ({"line": "help-desk"}, "1", ("80/20", 1 / 2), "1"),
        ({"site": "leeds"}, "2", ("80/20", 1 / 3), "0"),
        ({"language": "de", "channel": "voice"}, "1", ("90/30", 3 / 4), "1"),
        ({"skill": "post"}, "1", ("95/60 min", 1 / 2), "0"),
    ],
)
def test_each_filter_narrows_every_number(
    feed_of: FeedOf, floor_store: Path, chosen: dict[str, str], waiting: str, level: tuple[str, float], free: str
) -> None:
    feed_of(floor_store)
    app = board(**chosen)
    shown = numbers(app)
    assert (shown["Waiting now"], shown["Available"]) == (waiting, free)
    assert shown["Service level"] == formats.percent(level[1])
    assert f"<span>{level[0]}</span> · <span>rolling 30 min</span>" in text_of(app)
    assert {name: app.query_params[name] for name in chosen} == chosen


@pytest.mark.parametrize(
    ("dimension", "rows"),
    [
        ("queue", ["help", "sales", "claims", "post"]),
        ("client", ["acme", "bolt", "acme"]),
        ("channel", ["chat", "email", "voice"]),
    ],
)
def test_rows_follow_the_grouping_and_deferred_work_has_rows_of_its_own(
    feed_of: FeedOf, floor_store: Path, dimension: str, rows: list[str]
) -> None:
    feed_of(floor_store)
    table = table_of(board(by=dimension))
    found = re.findall(r'class="left strong ">([^<]+)<', table)
    assert sorted(found) == sorted(rows)
    assert found[-1] == rows[-1], "deferred work comes last among equals, and only a warning after what is serious"


def test_a_stuck_queue_does_not_look_perfect(feed_of: FeedOf, floor_store: Path) -> None:
    feed_of(floor_store)
    (row,) = [part for part in table_of(board()).split("<tr>") if ">help<" in part]
    assert "100.0 %</span><small>now 50.0 % · 80/20</small>" in row
    assert "◆ 30.0 points under 80 %<small>service level now</small>" in row


def test_who_is_free_for_each_queue_has_its_skill(feed_of: FeedOf, floor_store: Path) -> None:
    feed_of(floor_store)
    rows = frame_view(floor.STAFF).rows("floor_staff")
    staff = {row["place"]: (row["signed_in"], row["available"]) for row in rows if row["dimension"] == "queue"}
    assert staff == {"sales": (1, 1), "help": (1, 1), "post": (1, 0), "claims": (1, 0)}
    sites = {row["place"]: row["signed_in"] for row in rows if row["dimension"] == "site"}
    assert sites == {"berlin": 2, "leeds": 1}
    lines = table_of(board()).split("<tr>")
    assert [">1</td>" in line.split("</td>", 4)[4].split("</td>")[0] + "</td>" for line in lines[2:]] == [
        ">help<" in line or ">sales<" in line for line in lines[2:]
    ]


def test_definitions_stand_side_by_side(feed_of: FeedOf, floor_store: Path) -> None:
    feed_of(floor_store)
    view = frame_view(floor.ALL_DEFINITIONS, floor.CONTRACTS)
    levels = {
        row["definition"]: (row["numerator"], row["denominator"])
        for row in view.rows("floor_definitions")
        if row["pace"] == "live"
    }
    assert levels["contract"] == levels["abandons_negative"] == (4, 5)
    # Of all that entered, those still waiting included; an answer at 25 s is within 30 s.
    assert levels["with_callbacks"] == (4, 8)
    assert {*floor.DEFINITIONS} <= levels.keys()


def test_what_never_ended_is_left_out_and_shown(feed_of: FeedOf, tmp_path: Path) -> None:
    feed_of(publish_floor(tmp_path, call(20, ago(2 * 86_400), "sales")))
    app = board()
    shown = numbers(app)
    assert (shown["Waiting now"], shown["Longest wait now"]) == ("3", "2:10")
    assert shown["Service level"] == formats.percent(4 / 7), "nobody can answer what is not there"
    assert "1 left out, see below" in text_of(app)
    assert "Left out of waiting and of the longest wait: 1" in text_of(app)
    assert "48:00:00" in text_of(app)
    assert "no sign of life for too long" in text_of(app)


def test_another_period_definition_and_grouping_are_kept_in_the_address(
    feed_of: FeedOf, centre_store: Path, plain: Plain
) -> None:
    feed_of(centre_store)
    app = board()
    app.selectbox(key="definition").select("answered_only").run()
    app.selectbox(key="by").select("channel").run()
    app.get("button_group")[0].set_value("60").run()
    start = (NOW - timedelta(minutes=60)).replace(second=0, microsecond=0)
    level = plain_level(plain(centre_store), start, "'answered'", "queue IS NOT NULL AND channel = 'voice'")
    (row,) = [part for part in table_of(app).split("<tr>") if ">voice<" in part]
    assert f"{formats.percent(level)}<" in row.replace(" %", "\N{NO-BREAK SPACE}%")
    kept = {"definition": "answered_only", "period": "60", "by": "channel"}
    assert {name: app.query_params[name] for name in kept} == kept
    linked = board(**kept)
    assert numbers(linked) == numbers(app)
    assert table_of(linked) == table_of(app)


def test_a_client_sees_its_own_numbers_and_queues_only(feed_of: FeedOf, centre_store: Path, plain: Plain) -> None:
    feed_of(centre_store)
    app = board(client="borealis")
    ((today,),) = plain(centre_store).execute(
        f"SELECT {IN_TIME} / count(*) FILTER (outcome IN ('answered', 'abandoned')) FROM segments "
        f"WHERE {LIVE} AND client = 'borealis' AND queued_at <= $now", {"now": NOW}
    ).fetchall()  # fmt: skip
    assert numbers(app)["Today 80/20"] == formats.percent(today)
    table = table_of(app)
    assert "policies" in table
    assert "technical" not in table
    assert "aurora" not in table


def test_a_person_of_one_client_is_shown_nothing_of_the_other(
    feed_of: FeedOf, floor_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed_of(floor_store)
    bolt = Person("bolt's", Role.SUPERVISOR, Scope.of(clients=["bolt"]))
    monkeypatch.setattr("dashboards.access.session.person", lambda: bolt)
    for chosen in ({}, {"client": "acme"}, {"queue": "sales"}):
        app = board(**chosen)
        everything = text_of(app) + str([box.options for box in app.selectbox if not chosen])
        assert not [name for name in ("acme", "sales", "help", "post", "berlin") if f">{name}<" in everything]
        assert "'acme'" not in everything
        assert numbers(app)["Waiting now"] == ("no traffic" if chosen else "1")
    assert numbers(board())["Break"] == "1"


def test_a_link_for_an_unknown_client_shows_no_traffic_and_nobody_elses_numbers(
    feed_of: FeedOf, centre_store: Path
) -> None:
    feed_of(centre_store)
    app = board(client="somebody")
    assert set(numbers(app).values()) == {"no traffic"}
    assert app.query_params["client"] == "somebody"


@pytest.mark.parametrize("chosen", [{}, {"channel": "email"}])
def test_the_sql_of_each_tile_gives_what_it_shows(
    feed_of: FeedOf, floor_store: Path, plain: Plain, chosen: dict[str, str]
) -> None:
    feed_of(floor_store)
    choice = Choice(Filters(**chosen))
    asks = frame.asks_for(
        floor.WAITING, floor.ROLLING, floor.HOUR_BEFORE, floor.PERIOD, floor.STAFF, floor.OCCUPANCY, floor.CONTRACTS,
        period=choice.period, filters=choice.filters,
    )  # fmt: skip
    level = {"definition": choice.definition}
    for name in ("interval", "today"):
        asks[name] = frame.asks_for(
            floor.LEVELS, period=Period(name), filters=choice.filters, arguments=level
        )["floor_levels"]  # fmt: skip
    view = frame.look_at(asks)
    con = plain(floor_store)
    for tile, reading in live_readings(view, choice, {}):
        rows = con.execute(sql_of(tile, view)).fetchall()
        values = [formatted(column, value) for row in rows for column, value in zip(tile.columns, row, strict=True)]
        shown = [text for _, text in reading.parts] or [reading.text]
        if tile.key == "tile-deferred":
            values = values[:1]
        assert (values or ["no traffic"] * len(shown)) == shown, tile.key


def formatted(column: str, value: Any) -> str:
    if column == "longest_wait_seconds":
        return formats.duration(value)
    is_count = column in ("waiting", *floor.STATES)
    return formats.count(value) if is_count else formats.percent(value)


def test_queues_stand_worst_first(feed_of: FeedOf, tmp_path: Path) -> None:
    ago = [NOW - timedelta(seconds=seconds) for seconds in (0, 130, 300, 600)]
    feed_of(
        publish(
            tmp_path,
            [
                *call(1, ago[3], "calm", answered_after_seconds=5, ended_after_seconds=60),
                *call(2, ago[3], "late", answered_after_seconds=50, ended_after_seconds=90),
                *call(3, ago[1], "waiting"),
                *call(4, ago[2], "longer"),
            ],
        )
    )
    app = board()
    table = next(body for body in text_of(app).split("\n") if "<table" in body)
    assert [table.index(f">{name}<") for name in ("longer", "waiting", "late", "calm")] == sorted(
        table.index(f">{name}<") for name in ("longer", "waiting", "late", "calm")
    )
    assert "◆ 3:00 over 2:00" in table
    assert "◆ 80.0 points under 80 %<small>service level now</small>" in table
    assert numbers(app)["Longest wait now"] == "5:00"


def test_empty_is_no_traffic_and_never_zero_or_a_hundred(feed_of: FeedOf, empty_store: Path) -> None:
    feed_of(empty_store)
    app = board()
    assert set(numbers(app).values()) == {"no traffic"}
    assert not app.error


def test_zero_waiting_is_zero_where_there_is_traffic(feed_of: FeedOf, tmp_path: Path) -> None:
    ago = NOW - timedelta(minutes=50)
    answered = call(1, ago, answered_after_seconds=5, ended_after_seconds=60)
    feed_of(publish(tmp_path, [*answered, agent("ann", "available", ago)]))
    shown = numbers(board())
    assert shown["Waiting now"] == "0"
    assert shown["Longest wait now"] == "none"
    # The call was queued 50 minutes ago, so of the last 30 there is nothing to say.
    assert shown["Service level"] == shown["Abandonment"] == "no traffic"
    assert shown["Available"] == "1"
    assert shown["Break"] == "0"
    assert shown["Today 80/20"] == formats.percent(1)
    assert numbers(board(period="60"))["Abandonment"] == formats.percent(0)


def test_stale_data_is_grey_and_says_so(feed_of: FeedOf, clock: ManualClock, centre_store: Path) -> None:
    feed_of(centre_store)
    app = board()
    fresh = numbers(app)
    assert "/* fresh */" in pages_html(app)
    assert "grayscale" not in pages_html(app).split("/* fresh */")[1].split("</style>")[0]
    clock.sleep(34)
    app.run()
    (banner,) = app.error
    assert "Data is 34 s old; the worker may be down." in banner.value
    assert "grayscale" in pages_html(app).split("/* stale */")[1].split("</style>")[0]
    assert "34 s old, stale" in text_of(app)
    assert numbers(app) == fresh
    clock.sleep(-34)
    app.run()
    assert not app.error


def test_a_past_moment_is_shown_and_named(
    feed_of: FeedOf, clock: ManualClock, centre_store: Path, plain: Plain
) -> None:
    feed_of(centre_store)
    clock.sleep(3600)
    moment = NOW - timedelta(hours=1)
    app = board(as_of=moment.isoformat())
    ((waiting,),) = plain(centre_store).execute(
        f"SELECT count(*) FROM segments WHERE {LIVE} AND queued_at <= $at "
        "AND (wait_ended_at IS NULL OR wait_ended_at > $at)", {"at": moment}
    ).fetchall()  # fmt: skip
    assert numbers(app)["Waiting now"] == str(waiting)
    assert "A past moment: **2026-03-02 09:07:23 UTC**" in app.info[0].value
    assert not app.error
    assert app.query_params["as_of"]


@pytest.mark.parametrize(
    ("text", "says"),
    [("yesterday", "is no moment"), ("2026-03-02T09:00:00", "is no moment"), ("2030-01-01T00:00:00Z", "in the future")],
)
def test_a_moment_that_is_none_is_refused_in_one_line(
    feed_of: FeedOf, centre_store: Path, text: str, says: str
) -> None:
    feed_of(centre_store)
    app = board(as_of=text)
    (error,) = app.error
    assert says in error.value
    assert not app.metric


def test_old_events_offer_the_moment_they_are_of(feed_of: FeedOf, past_store: Path) -> None:
    feed_of(past_store)
    (hint,) = board().info
    assert "The newest event is of 2026-03-01 10:08:28 UTC" in hint.value
    assert "(?as_of=2026-03-01T10%3A08%3A29Z)" in hint.value


def test_without_a_store_a_friendly_page_says_what_to_start(feed_of: FeedOf, tmp_path: Path) -> None:
    feed = feed_of(tmp_path / "none")
    app = board()
    page = text_of(app)
    assert "Waiting for data" in page
    assert "callboard demo" in page
    assert f"callboard worker --store {tmp_path / 'none'}" in page
    assert not app.metric
    publish(tmp_path / "none", call(1, NOW))
    feed.turn()
    app.run()
    assert numbers(app)["Waiting now"] == "1"


def test_a_store_that_cannot_be_read_shows_one_line_and_no_stack_trace(feed_of: FeedOf, tmp_path: Path) -> None:
    (tmp_path / "live.duckdb").write_bytes(b"nonsense " * 4000)
    feed_of(tmp_path)
    app = board()
    assert "The store cannot be read" in text_of(app)
    assert "Traceback" not in text_of(app)


def test_a_panel_that_fails_says_one_line(feed_of: FeedOf, centre_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    feed_of(centre_store)
    monkeypatch.setattr("dashboards.look.queue_table.show", lambda *_: 1 / 0)
    app = board()
    (error,) = app.error
    assert error.value == "This panel cannot be drawn; the server's log says why."
    assert len(app.metric) == 12


def test_names_from_events_are_text_and_not_markup(feed_of: FeedOf, tmp_path: Path) -> None:
    feed_of(publish(tmp_path, call(1, NOW, queue="<img src=x onerror=alert(1)>")))
    page = pages_html(board())
    assert "<img" not in page
    assert "&lt;img src=x" in page


def test_charts_have_every_quarter_and_gaps_where_nothing_was(feed_of: FeedOf, tmp_path: Path) -> None:
    from dashboards.look.charts import quarters, service_level_data, volume_data

    feed_of(publish(tmp_path, call(1, NOW, abandoned_after_seconds=5)))
    period = Period("quarters", floor.COURSE_HOURS * 60)
    view = frame.look(floor.COURSE, period=period, arguments={"definition": "contract"})
    rows = view.rows("floor_course")
    start = NOW.replace(minute=0, second=0, microsecond=0) - timedelta(hours=6)
    assert period.bounds(NOW) == (start, NOW)
    grid = quarters(rows, start, NOW)
    assert len(grid) == 25
    levels = service_level_data(grid, "service_level")["service_level"].to_pylist()
    assert levels == [None] * 24 + [0.0]
    counts = volume_data(grid).to_pylist()
    assert [row["count"] for row in counts[-3:]] == [1, 0, 1]
    assert len(board().get("arrow_vega_lite_chart") or board().get("vega_lite_chart")) == 2
