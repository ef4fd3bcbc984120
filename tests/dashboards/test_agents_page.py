"""The agents' page by AppTest: states and limits, numbers of a period, an agent's day; stale, empty and forbidden."""

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
from dashboards.data.asking import Filters, Period
from dashboards.data.feed import Feed
from dashboards.data.view import View
from dashboards.look import agent_charts, formats
from dashboards.look.tiles import sql_of
from dashboards.queries import agents
from dashboards.readings.agents import agent_lines, agent_readings, state_seconds, team_lines
from pipeline.clock import ManualClock
from tests.dashboards.agents_store import publish_agents
from tests.dashboards.conftest import NOW, publish
from tests.dashboards.shown import numbers, opened, rows_under, text_of
from tests.support.calls import agent

PAGE = Path(dashboards.__file__).parent / "boards" / "agents.py"
FeedOf = Callable[[Path], Feed]
Plain = Callable[[Path], duckdb.DuckDBPyConnection]
TODAY = Period("today")
MIDNIGHT = NOW.replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not changed by any test."""
    return publish_agents(tmp_path_factory.mktemp("agents"))


def board(**query: str) -> AppTest:
    return opened(PAGE, **query)


def look(period: Period = TODAY, **chosen: str) -> View:
    return frame.look(agents.NOW, agents.PERIOD, agents.LEFT_OUT, period=period, filters=Filters(**chosen))


def plain_seconds(con: duckdb.DuckDBPyConnection, since: datetime = MIDNIGHT) -> dict[str, float]:
    """Seconds of each state since then, of all but dan, by plain SQL over the spans."""
    rows = con.execute(
        "SELECT state, sum(epoch(least(coalesce(ended_at, $now), $now)) - epoch(greatest(started_at, $since))) "
        "FROM agent_spans WHERE agent <> 'dan' AND coalesce(ended_at, $now) > $since AND started_at < $now "
        "GROUP BY ALL",
        {"now": NOW, "since": since},
    ).fetchall()
    return dict(rows)


def test_states_now_and_numbers_of_today_are_those_of_the_store(feed_of: FeedOf, store: Path, plain: Plain) -> None:
    feed_of(store)
    shown, con = numbers(board()), plain(store)
    assert shown["Over a limit now"] == "2"
    assert shown["No sign-out"] == "1"
    states = ("Available", "On contact", "Wrap-up", "Break", "Unavailable")
    assert [shown[name] for name in states] == ["0", "1", "1", "2", "0"]
    seconds = plain_seconds(con)
    busy = seconds["on_contact"] + seconds["wrap_up"]
    assert shown["Occupancy"] == formats.percent(busy / (busy + seconds["available"]))
    ((handled, handle, sales, answered),) = con.execute(
        "SELECT count(*) FILTER (handle_ended_at < $now), "
        "sum(talk_seconds + hold_seconds + wrap_seconds) FILTER (handle_ended_at < $now), "
        "count(*) FILTER (list_contains(flags, 'sale')), count(*) "
        "FROM segments WHERE answered_at >= $since AND agent IS NOT NULL",
        {"now": NOW, "since": MIDNIGHT},
    ).fetchall()
    assert (shown["Handled"], handled) == ("3", 3)
    assert shown["Handle time"] == formats.duration(handle / handled)
    assert shown["Conversion"] == formats.percent(sales / answered) != formats.percent(0)
    # Ann was to work from eight on, and did until forty minutes ago.
    worked = (NOW - timedelta(seconds=2_400) - MIDNIGHT.replace(hour=8)).total_seconds()
    assert shown["Adherence"] == formats.percent(worked / (NOW - MIDNIGHT.replace(hour=8)).total_seconds())


def test_over_limit_states_come_first_and_say_by_how_much(feed_of: FeedOf, store: Path) -> None:
    feed_of(store)
    rows = rows_under(board(), "over a limit first")
    assert [row.split()[0] for row in rows] == ["cat", "ann", "eve", "bob"]
    assert "▲ Wrap-up 5:00 over 5:00 10:00 09:57:23" in rows[0]
    assert "▲ Break 10:00 over 30:00 40:00 09:27:23" in rows[1]
    assert "Break 10:00 09:57:23" in rows[2]
    assert "▲" not in rows[2] + rows[3]


def test_twice_a_limit_is_serious(feed_of: FeedOf, tmp_path: Path) -> None:
    feed_of(publish(tmp_path, [agent("ann", "wrap_up", NOW - timedelta(seconds=601))]))
    (row,) = rows_under(board(), "over a limit first")
    assert "no team" in row
    assert "◆ Wrap-up 5:01 over 5:00" in row


def test_who_never_signed_out_is_shown_apart_and_counted_nowhere(feed_of: FeedOf, store: Path) -> None:
    feed_of(store)
    app = board()
    (row,) = rows_under(app, "No sign-out and silent too long")
    assert row.startswith("dan blue · acme Available")
    assert not [name for name in rows_under(app, "over a limit first") if name.startswith("dan")]
    gone = rows_under(board(show="all"), "over a limit first")
    assert [row.split()[0] for row in gone] == ["cat", "ann", "eve", "bob"]


def test_a_team_adds_up_its_agents(feed_of: FeedOf, store: Path, plain: Plain) -> None:
    feed_of(store)
    rows = rows_under(board(show="team"), "Teams, most over a limit first")
    assert [row.split()[0] for row in rows] == ["red", "green", "blue"]
    # Over a limit, signed in, and the five states.
    assert rows[0].startswith("red acme ▲ 1 2 0 1 0 1 0")
    view = look()
    team = next(line for line in team_lines(view) if line.team == "red")
    ((handle, handled),) = (
        plain(store)
        .execute(
            "SELECT sum(talk_seconds + hold_seconds + wrap_seconds), count(*) FROM segments "
            "WHERE agent IN ('ann', 'bob') AND handle_ended_at >= $since AND handle_ended_at < $now",
            {"since": MIDNIGHT, "now": NOW},
        )
        .fetchall()
    )
    assert team.period["agent_aht_seconds"] == pytest.approx(float(handle / handled))
    # A ratio of sums, which the mean of the agents' own is not.
    own = [line.period["agent_aht_seconds"] for line in agent_lines(view) if line.team == "red"]
    assert team.period["agent_aht_seconds"] != own[0] != own[1]


def test_an_agents_day_has_a_lane_for_each_state_the_plan_and_the_contacts(
    feed_of: FeedOf, store: Path, plain: Plain
) -> None:
    feed_of(store)
    app = board(agent="acme/ann")
    assert "The day of ann · red · berlin · acme · supervisor rita" in text_of(app)
    seconds = rows_under(app, "Time in each state")
    assert seconds == ["Available 1:27:23 1 1:27:23", "Break 40:00 1 40:00"]
    arguments = {"of_client": "acme", "agent": "ann"}
    rows = frame.look(agents.DAY, period=TODAY, arguments=arguments).rows("agents_day")
    assert {name: length for name, _, length, _ in state_seconds(rows, NOW)} == {
        state: pytest.approx(length) for state, length in plain(store).execute(
            "SELECT state, sum(epoch(coalesce(ended_at, $now)) - epoch(started_at)) FROM agent_spans "
            "WHERE agent = 'ann' GROUP BY ALL", {"now": NOW},
        ).fetchall()
    }  # fmt: skip
    spans = agent_charts.day_data(rows, NOW, MIDNIGHT.tzinfo or frame.viewer_zone(), formats.duration).to_pylist()
    assert {(span["lane"], span["what"], span["lasted"]) for span in spans} == {
        ("Plan", "work", "4:00:00"), ("Contacts", "voice", "2:00"), ("Available", "available", "1:27:23"),
        ("Break", "break", "40:00"),
    }  # fmt: skip
    assert set(agent_charts.lanes()) >= {span["lane"] for span in spans}


def test_filters_narrow_agents_by_team_skill_and_client(feed_of: FeedOf, store: Path) -> None:
    feed_of(store)
    for chosen, names in (
        ({"team": "red"}, ["ann", "bob"]),
        ({"team": "blue"}, ["eve"]),
        ({"skill": "claims"}, ["cat"]),
        ({"site": "leeds"}, ["cat"]),
        ({"client": "acme", "skill": "sales"}, ["ann", "bob"]),
        ({"team": "nobody"}, []),
    ):
        assert [line.agent for line in agent_lines(look(**chosen))] == names
        app = board(**chosen)
        assert numbers(app)["On contact"] == str(int("bob" in names))
        assert len(rows_under(app, "over a limit first") if names else []) == len(names)


def test_more_rows_than_a_screen_are_folded(feed_of: FeedOf, tmp_path: Path) -> None:
    lines = [agent(f"agent-{n:02}", "available", NOW - timedelta(seconds=100 + n)) for n in range(60)]
    feed_of(publish(tmp_path, lines))
    app = board()
    rows = rows_under(app, "over a limit first")
    assert len(rows) == 25
    assert rows[0].startswith("agent-59")
    assert "35 more rows are folded" in text_of(app)
    assert len(rows_under(board(rows="all"), "over a limit first")) == 60


@pytest.mark.parametrize("chosen", [{}, {"team": "red"}, {"client": "bolt"}])
def test_the_sql_of_each_tile_gives_what_it_shows(
    feed_of: FeedOf, store: Path, plain: Plain, chosen: dict[str, str]
) -> None:
    feed_of(store)
    view, con = look(**chosen), plain(store)
    write: dict[str, Callable[[Any], str]] = {
        "occupancy_connect": formats.percent, "adherence": formats.percent, "sales_per_answered": formats.percent,
        "agent_aht_seconds": formats.duration,
    }  # fmt: skip
    pairs = agent_readings(view, "today", {}, ())
    assert len(pairs) == 8
    for tile, reading in pairs:
        (row,) = con.execute(sql_of(tile, view)).fetchall()
        shown = [text for _, text in reading.parts] or [reading.text]
        assert [write.get(tile.definition, formats.count)(value) for value in row] == shown


def person(monkeypatch: pytest.MonkeyPatch, scope: Scope) -> None:
    who = Person("somebody", Role.SUPERVISOR, scope)
    monkeypatch.setattr("dashboards.access.session.person", lambda: who)


def test_a_person_of_one_client_is_shown_nothing_of_the_other(
    feed_of: FeedOf, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed_of(store)
    person(monkeypatch, Scope.of(clients=["bolt"]))
    asked: tuple[dict[str, str], ...] = ({}, {"agent": "acme/ann"}, {"show": "all"}, {"show": "team"})
    for chosen in asked:
        app = board(**chosen)
        everything = text_of(app) + str([box.options for box in app.selectbox])
        assert not [name for name in ("acme", "ann", "bob", "dan", "eve", "red", "rita", "berlin") if
                    re.search(rf"\b{name}\b", everything)]  # fmt: skip
        assert numbers(app)["Over a limit now"] == "1"
        assert numbers(app)["No sign-out"] == "0"


def test_a_person_of_one_team_is_shown_this_team_only(
    feed_of: FeedOf, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed_of(store)
    person(monkeypatch, Scope.of(clients=["acme"], teams=["red"]))
    app = board(show="all", agent="acme/eve")
    assert [row.split()[0] for row in rows_under(app, "over a limit first")] == ["ann", "bob"]
    assert "The day of" not in text_of(app)
    assert numbers(app)["Handled"] == "2"
    assert not re.search(r"\b(dan|eve|cat|blue|green)\b", text_of(app) + str([b.options for b in app.selectbox]))
    assert "The day of ann" in text_of(board(agent="acme/ann"))


def test_a_past_moment_is_shown_as_it_was(feed_of: FeedOf, store: Path) -> None:
    feed_of(store)
    app = board(as_of="2026-03-02T09:20:00Z")
    assert [numbers(app)[name] for name in ("Available", "Break", "Over a limit now")] == ["3", "0", "0"]
    assert "a past moment" in text_of(app)


def test_an_empty_store_says_so_and_shows_no_numbers(feed_of: FeedOf, empty_store: Path) -> None:
    feed_of(empty_store)
    app = board()
    shown = numbers(app)
    assert {shown[name] for name in ("Occupancy", "Adherence", "Handle time", "Conversion")} == {"no traffic"}
    assert "Nobody is signed in, or there are no agent events." in text_of(app)
    assert not app.error


def test_a_stopped_worker_leaves_the_last_truth_and_says_so(feed_of: FeedOf, store: Path, clock: ManualClock) -> None:
    feed = feed_of(store)
    clock.sleep(60)
    feed.turn()
    app = board()
    assert "Data is 60 s old; the worker may be down." in app.error[0].value
    assert "▲ Break 10:00 over 30:00 40:00" in " ".join(rows_under(app, "over a limit first"))
    assert "◆ stale" in text_of(app)


def test_an_unreadable_store_is_one_line(feed_of: FeedOf, tmp_path: Path) -> None:
    (tmp_path / "live.duckdb").write_bytes(b"no database")
    feed_of(tmp_path)
    app = board()
    assert "The store cannot be read" in text_of(app)
    assert not app.metric
