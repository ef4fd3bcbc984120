"""The wall by AppTest: six numbers that are the store's, what it goes round, its kiosk, stale, empty and forbidden."""

from __future__ import annotations

import re
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
from dashboards.data.alerts import Watch
from dashboards.data.asking import Filters, Period
from dashboards.data.feed import Feed
from dashboards.look import formats
from dashboards.look.tiles import sql_of
from dashboards.queries import floor
from dashboards.readings.wall import ROTATIONS, Subject, seconds_of, subjects, turn, wall_readings
from pipeline.clock import ManualClock
from tests.dashboards.conftest import NOW
from tests.dashboards.floor_store import publish_floor
from tests.dashboards.shown import text_of

APP = Path(dashboards.__file__).parent / "app.py"
FeedOf = Callable[[Path], Feed]
Cards = dict[str, tuple[str, str]]


@pytest.fixture(scope="module")
def floor_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not changed by any test."""
    return publish_floor(tmp_path_factory.mktemp("floor"))


def wall(**query: str) -> AppTest:
    """The page alone: the board's first page would be asked and drawn for nothing."""
    app = AppTest.from_file(APP.parent / "boards" / "wall.py", default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def drawn(app: AppTest) -> str:
    """The wall itself, without the style sheet."""
    return next(part for part in text_of(app).split("\n") if part.startswith('<div class="cb-wall'))


def cards(app: AppTest) -> Cards:
    """The number and the words of each card by its heading."""
    found = re.findall(r"<section class=\"\w*\"><h2>(.*?)</h2><b class=\"\w*\">(.*?)</b><p>(.*?)</p>", text_of(app))
    return {re.sub("<.*?>", "", heading): (number, words) for heading, number, words in found}


def title(app: AppTest) -> str:
    return re.findall("<h1>(.*?)</h1>", text_of(app))[0]


def test_six_numbers_of_the_whole_floor(feed_of: FeedOf, floor_store: Path) -> None:
    feed_of(floor_store)
    app = AppTest.from_file(APP, default_timeout=30).run()
    app.switch_page(str(APP.parent / "boards" / "wall.py")).run()
    assert title(app) == "The whole floor"
    assert cards(app) == {
        "Waiting": ("3", "0 in progress"),
        "Longest wait": ("2:10", "▲ 0:10 over 2:00"),
        "Service level last 30 min": ("57.1 %", "▲ 3 of 3 queues miss their own target"),
        "Service level today": ("80.0 %", "▲ 1 of 3 queues miss their own target"),
        "Abandonment today": ("0.0 %", "within 5 %"),
        "Agents free": ("1", "of 3 signed in"),
    }
    assert "data 0 s old" in text_of(app)
    assert not app.error


def test_filters_of_the_address_hold_in_a_kiosk_that_has_no_widgets(feed_of: FeedOf, floor_store: Path) -> None:
    feed_of(floor_store)
    app = wall(wall="1", client="acme", queue="sales")
    assert not [*app.selectbox, *app.get("button_group"), *app.markdown]
    assert "stHeader" in text_of(app)
    assert title(app) == "acme · sales"
    assert cards(app)["Service level 90/30 last 30 min"] == ("75.0 %", "◆ 15.0 points under 90 %")
    assert cards(app)["Waiting"] == ("1", "0 in progress")
    assert "stHeader" not in text_of(wall()), "with menus, its header stays"


def test_a_wall_goes_round_its_queues(feed_of: FeedOf, clock: ManualClock, floor_store: Path) -> None:
    feed_of(floor_store)
    app = wall(wall="1", rotate="queue", every="10")
    seen: dict[str, Cards] = {}
    for _ in range(5):
        seen[title(app)] = cards(app)
        clock.sleep(10)
        app.run()
    assert seen.keys() == {"help · acme", "post · acme", "sales · acme", "claims · bolt"}
    assert "of 4" in text_of(app)
    levels = {name: card[number][0] for name, card in seen.items() for number in card if "last 30" in number}
    assert levels["sales · acme"] == "75.0 %"
    assert levels["post · acme"] == "50.0 %"
    assert seen["post · acme"]["Longest wait"][1] == "the oldest item", "no limit of minutes for work of hours"


def test_stale_is_grey_with_a_banner_and_keeps_its_numbers(
    feed_of: FeedOf, clock: ManualClock, floor_store: Path
) -> None:
    feed_of(floor_store)
    app = wall(wall="1")
    fresh = cards(app)
    assert 'class="cb-wall"' in text_of(app)
    clock.sleep(34)
    app.run()
    assert 'class="cb-wall stale"' in text_of(app)
    assert "Data is 34 s old; the worker may be down" in text_of(app)
    assert cards(app) == fresh


def test_a_past_moment_is_named(feed_of: FeedOf, floor_store: Path) -> None:
    feed_of(floor_store)
    app = wall(wall="1", as_of=(NOW - timedelta(minutes=1)).isoformat())
    assert "a past moment: 2026-03-02 10:06:23 UTC" in text_of(app)
    assert cards(app)["Waiting"][0] == "1"


def test_empty_is_no_traffic(feed_of: FeedOf, empty_store: Path) -> None:
    feed_of(empty_store)
    assert {number for number, _ in cards(wall(wall="1")).values()} == {"no traffic"}


def test_a_store_that_cannot_be_read_is_one_line(feed_of: FeedOf, tmp_path: Path) -> None:
    (tmp_path / "live.duckdb").write_bytes(b"nonsense " * 4000)
    feed_of(tmp_path)
    app = wall(wall="1")
    assert "The store cannot be read" in text_of(app)
    assert "Traceback" not in text_of(app)


def test_a_wall_of_one_client_shows_nothing_of_the_other(
    feed_of: FeedOf, clock: ManualClock, floor_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed_of(floor_store)
    bolt = Person("lobby", Role.WALL, Scope.of(clients=["bolt"]))
    monkeypatch.setattr("dashboards.access.session.person", lambda: bolt)
    for rotation in ("none", "queue", "client"):
        app = wall(rotate=rotation)
        assert not app.selectbox, "the role alone takes the menus away"
        for _ in range(2):
            assert cards(app)["Waiting"][0] == "1"
            assert not re.findall("acme|sales|help|post|berlin", drawn(app))
            assert title(app) in ("The whole floor", "claims · bolt", "bolt")
            clock.sleep(15)
            app.run()
    assert cards(wall(client="acme"))["Waiting"][0] == "no traffic"


@pytest.mark.parametrize("subject", [None, "queue", "client"])
def test_the_sql_of_each_number_gives_it(
    feed_of: FeedOf, floor_store: Path, plain: Callable[[Path], duckdb.DuckDBPyConnection], subject: str | None
) -> None:
    feed_of(floor_store)
    today = Period("today")
    asks = frame.asks_for(
        floor.WAITING, floor.ROLLING, floor.PERIOD, floor.STAFF, floor.CONTRACTS, floor.LEVELS,
        period=today, arguments={"definition": "contract"},
    )  # fmt: skip
    view = frame.look_at({**asks, "today": asks["floor_levels"]})
    con = plain(floor_store)
    parts = subjects(view.rows("floor_waiting"), subject or "none", "live")
    assert len(parts) == {None: 1, "queue": 4, "client": 3}[subject]
    for part in parts:
        for tile, reading in wall_readings(view, Filters(), part, {}):
            values = con.execute(sql_of(tile, view)).fetchall()
            assert shown(tile.columns[0], values) == reading.text, tile.key


def shown(column: str, rows: list[tuple[Any, ...]]) -> str:
    value = rows[0][0] if rows else None
    if column == "longest_wait_seconds":
        return formats.duration(value)
    return formats.count(value) if column in ("waiting", "available") else formats.percent(value)


def test_every_wall_of_a_room_shows_the_same_part() -> None:
    parts = [Subject("queue", name, "a", "live") for name in "xyz"]
    turns = [turn(parts, NOW + timedelta(seconds=second), 15) for second in range(0, 60, 5)]
    assert set(turns) == {0, 1, 2}
    assert all(later in (now, (now + 1) % 3) for now, later in zip(turns, turns[1:], strict=False))
    assert turn(parts[:1], NOW, 15) == 0


@pytest.mark.parametrize(("text", "seconds"), [(None, 15), ("", 15), ("x", 15), ("1", 5), ("30", 30), ("1e9", 15)])
def test_how_long_each_part_is_shown(text: str | None, seconds: int) -> None:
    assert seconds_of(text) == seconds
    assert ROTATIONS[0] == "none"


def test_alerts_stand_at_the_foot(feed_of: FeedOf, floor_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    feed_of(floor_store)
    assert "No open alerts" not in text_of(wall(wall="1")), "nothing evaluates alerts here, so nothing is said of them"
    about = {"severity": "serious", "client": "acme", "subject": "sales"}
    raised = [{"title": f"<b>{number}</b> waits", **about} for number in range(5)]
    monkeypatch.setattr("dashboards.data.alerts.open_alerts", lambda _folder, _scope: raised)
    monkeypatch.setattr("dashboards.data.alerts.watch", lambda _folder: Watch(1, NOW))
    page = text_of(wall(wall="1"))
    assert "◆ &lt;b&gt;2&lt;/b&gt; waits · acme, sales" in page
    assert "▲ and 2 more" in page
    monkeypatch.setattr("dashboards.data.alerts.watch", lambda _folder: Watch(1, NOW - timedelta(hours=1)))
    assert "▲ Nobody watches for alerts" in text_of(wall(wall="1"))
