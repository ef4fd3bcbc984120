"""The page of the alerts by AppTest: open ones, taking one on, why it was raised, rules, and the look into the past."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.access import session
from dashboards.access.people import Person, Role
from dashboards.access.scope import Scope
from dashboards.data import alerts
from dashboards.data.feed import Feed
from pipeline.alerts.asking import StoreQuestions
from pipeline.alerts.evaluate import Evaluator
from pipeline.alerts.reading import history, open_now
from pipeline.alerts.rule import Rule
from pipeline.alerts.state import AlertState
from pipeline.clock import ManualClock
from pipeline.errors import CallboardError
from tests.dashboards.conftest import NOW, publish
from tests.dashboards.shown import opened
from tests.dashboards.test_live_page import APP
from tests.support.calls import call

FeedOf = Callable[[Path], Feed]
As = Callable[..., None]
PAGE = APP.parent / "boards" / "alerts.py"
EVERYTHING = Scope.everything()
MINUTE = NOW.replace(second=0, microsecond=0)
RULES = {
    "long": {
        "title": "Too long", "measure": "longest_wait_seconds", "comparison": ">", "threshold": 60,
        "severity": "serious", "tell": ("duty",),
    },
    "many": {"title": "Many", "measure": "waiting", "per": "client", "comparison": ">=", "threshold": 2},
    "sql": {
        "title": "By SQL", "comparison": ">", "threshold": 0,
        "sql": "SELECT unnest(range($start, $stop, INTERVAL 1 MINUTE)) AS moment, 'acme' AS client, 7 AS value",
    },
}  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Two calls of acme and one of other wait since ten minutes ago; three rules were judged, two of them on both."""
    at = MINUTE - timedelta(minutes=10)
    lines = [*call(1, at), *call(2, at), *call(3, at, client="other", queue="claims")]
    folder = publish(tmp_path, lines)
    rules = {name: Rule.model_validate(rule) for name, rule in RULES.items()}
    state, questions = AlertState(folder), StoreQuestions(folder)
    state.take_file(rules, {"duty": "webhook"}, NOW)
    evaluator = Evaluator(state, questions)
    evaluator.turn(rules, MINUTE - timedelta(minutes=12))
    evaluator.turn(rules, NOW)
    questions.close()
    state.close()
    return folder


@pytest.fixture
def as_person(monkeypatch: pytest.MonkeyPatch) -> As:
    def become(role: Role, scope: Scope = EVERYTHING, name: str = "Dana") -> None:
        monkeypatch.setattr(session, "person", lambda: Person(name, role, scope))

    return become


def page(**query: str) -> AppTest:
    return opened(PAGE, **query)


def text_of(app: AppTest) -> str:
    parts = [element.proto.body for element in app.get("html")]
    parts += [each.value for each in (*app.error, *app.info, *app.code)]
    parts += [option for each in app.selectbox for option in each.options]
    return html.unescape("\n".join(parts)).replace("\N{NO-BREAK SPACE}", " ")


def test_open_alerts_are_shown_with_value_limit_and_place(feed_of: FeedOf, store: Path, as_person: As) -> None:
    feed_of(store)
    as_person(Role.SUPERVISOR)
    shown = text_of(page())
    assert len(open_now(store)) == 4
    # The wait of the last whole minute, worked out by hand: it began ten minutes before it.
    assert "10:00" in shown
    for part in ("◆ serious", "▲ warning", "Too long", "acme, sales", "other, claims", "above 1:00", "nobody yet"):
        assert part in shown, part
    assert "FROM segment_rows" in shown, "the SQL that says so"


def test_a_supervisor_takes_an_alert_on_with_a_note(feed_of: FeedOf, store: Path, as_person: As) -> None:
    feed_of(store)
    as_person(Role.SUPERVISOR)
    app = page()
    chosen = app.selectbox[0].value
    app.text_input[1].input("more agents")
    app.button[0].click().run()
    assert not app.error
    (row,) = [row for row in history(store) if row["id"] == chosen]
    assert (row["acknowledged_by"], row["note"]) == ("Dana", "more agents")
    assert "more agents" in text_of(app)
    assert chosen not in app.selectbox[0].options


def test_on_loopback_without_sign_in_the_name_is_asked_for(feed_of: FeedOf, store: Path, as_person: As) -> None:
    feed_of(store)
    as_person(Role.ADMIN, name="")
    app = page()
    app.button[0].click().run()
    assert [each.value for each in app.error] == ["An acknowledgement has a name: write yours."]
    app.text_input[0].input("Kim")
    app.button[0].click().run()
    assert {row["acknowledged_by"] for row in history(store)} == {None, "Kim"}


def test_an_analyst_looks_and_acknowledges_nothing(feed_of: FeedOf, store: Path, as_person: As) -> None:
    feed_of(store)
    as_person(Role.ANALYST)
    app = page()
    assert not app.button
    assert "A supervisor acknowledges alerts" in text_of(app)
    person = Person("Ana", Role.ANALYST, EVERYTHING)
    with pytest.raises(CallboardError, match="acknowledges no alerts"):
        alerts.acknowledge(store, person, "Ana", open_now(store)[0]["id"], "", NOW)
    with pytest.raises(CallboardError, match="changes no rules"):
        alerts.keep_rule(store, person, "x", Rule.model_validate(RULES["long"]), NOW)


@pytest.mark.parametrize("view", ["open", "history", "rules"])
def test_a_person_of_one_client_sees_nothing_of_the_other(
    feed_of: FeedOf, store: Path, as_person: As, view: str
) -> None:
    feed_of(store)
    as_person(Role.ADMIN, Scope.of(clients=["acme"]))
    shown = text_of(page(view=view))
    assert "claims" not in shown
    assert "other" not in shown
    if view == "open":
        assert "acme, sales" in shown
    of_other = next(row["id"] for row in open_now(store) if row["client"] == "other")
    with pytest.raises(CallboardError, match="not open any more"):
        alerts.acknowledge(store, Person("A", Role.ADMIN, Scope.of(clients=["acme"])), "A", of_other, "", NOW)


def test_what_an_sql_rule_found_is_for_an_admin_of_the_whole_store(feed_of: FeedOf, store: Path, as_person: As) -> None:
    feed_of(store)
    of_sql = next(row["id"] for row in open_now(store) if row["rule"] == "sql")
    as_person(Role.SUPERVISOR)
    shown = text_of(page(alert=of_sql))
    assert "is for an admin of the whole store" in shown
    assert "unnest(range" not in shown
    as_person(Role.ADMIN)
    assert "unnest(range" in text_of(page(alert=of_sql))
    scoped = Person("A", Role.ADMIN, Scope.of(clients=["acme"]))
    with pytest.raises(CallboardError, match="only an admin who may see all|more than you may see"):
        alerts.try_rule(store, scoped, Rule.model_validate(RULES["sql"]))


def test_sites_and_teams_bound_alerts_as_they_bound_rows() -> None:
    row = {"client": "acme", "site": "north", "of_agents": 0, "measure": "waiting"}
    assert alerts.sees(Scope.of(clients=["acme"], sites=["north"]), row)
    assert not alerts.sees(Scope.of(sites=["south"]), row)
    assert not alerts.sees(Scope.of(sites=["north"]), {**row, "site": None})
    assert not alerts.sees(Scope.of(teams=["blue"]), {**row, "of_agents": 1})
    assert not alerts.sees(Scope.of(clients=["acme"]), {**row, "client": None})
    assert alerts.sees(EVERYTHING, {**row, "client": None})


def test_a_rule_is_made_tried_on_the_past_and_kept(feed_of: FeedOf, store: Path, as_person: As) -> None:
    feed_of(store)
    as_person(Role.ADMIN)
    app = page(view="rules")
    app.selectbox(key="rule").select("+").run()
    app.selectbox(key="measure-+").select("longest_wait_seconds").run()
    app.number_input(key="limit-+-seconds").set_value(120.0)
    app.text_input(key="name-+").input("my-rule")
    app.text_input(key="title-+").input("Mine")
    app.button(key="try-+").click().run()
    assert not app.error
    # Both queues, by hand: each has waited for more than two minutes, and goes on to.
    assert "In the last 90 days this rule would have told 2 times" in text_of(app)
    assert "still open" in text_of(app)
    assert [kept.name for kept in alerts.rules(store, session.person())] == ["long", "many", "sql"], "not kept yet"
    app.button(key="save-+").click().run()
    (kept,) = [kept for kept in alerts.rules(store, session.person()) if kept.name == "my-rule"]
    assert (kept.source, kept.changed_by, kept.rule.threshold, kept.rule.title) == ("form", "Dana", 120, "Mine")
    app.selectbox(key="rule").select("my-rule").run()
    app.button(key="switch-my-rule").click().run()
    assert not {kept.name: kept.rule.enabled for kept in alerts.rules(store, session.person())}["my-rule"]


def test_a_rule_that_cannot_be_is_said_in_one_line(feed_of: FeedOf, store: Path, as_person: As) -> None:
    feed_of(store)
    as_person(Role.ADMIN)
    app = page(view="rules")
    app.selectbox(key="rule").select("+").run()
    app.selectbox(key="measure-+").select("sql").run()
    app.text_area(key="sql-+").input("COPY segments TO '/tmp/x'").run()
    assert any("is no SELECT" in each.value for each in app.error)
    app.text_area(key="sql-+").input("SELECT now() AS moment, 1 AS value")
    app.text_input(key="name-+").input("long")
    app.button(key="save-+").click().run()
    assert [each.value for each in app.error] == [
        "rule long comes from alerts.yaml: change it there, or choose another name"
    ]


def test_a_measure_without_a_past_says_so(store: Path) -> None:
    rule = Rule.model_validate({"title": "x", "measure": "lag", "comparison": ">", "threshold": 1})
    with pytest.raises(CallboardError, match="lag has no past in the store"):
        alerts.try_rule(store, Person("A", Role.ADMIN, EVERYTHING), rule)


def test_the_time_machine_shows_what_was_open_then(feed_of: FeedOf, store: Path, as_person: As) -> None:
    feed_of(store)
    as_person(Role.SUPERVISOR)
    before, after = MINUTE - timedelta(minutes=11), MINUTE - timedelta(minutes=5)
    first = text_of(page(as_of=before.isoformat().replace("+00:00", "Z")))
    assert "Too long" not in first
    then = page(as_of=after.isoformat().replace("+00:00", "Z"))
    assert "Too long" in text_of(then)
    assert not then.button, "the past is not acknowledged"


def test_that_nothing_is_open_is_only_said_while_somebody_looks(
    feed_of: FeedOf, store: Path, clock: ManualClock, as_person: As
) -> None:
    """It said that all was well on a store whose rules nobody had ever judged."""
    feed_of(store)
    as_person(Role.SUPERVISOR)
    assert alerts.watch(store) == alerts.Watch(3, MINUTE + timedelta(minutes=1))
    assert not page().warning
    clock.sleep(300)
    (warning,) = page().warning
    assert warning.value.startswith("Nobody watches: the rules were last judged of 2026-03-02 10:08:00")
    state = AlertState(store)
    state.keep_rule("new", Rule.model_validate(RULES["many"]), "eva", NOW)
    state.close()
    assert alerts.watch(store) == alerts.Watch(4, None), "one rule was never judged"


def test_an_empty_store_has_no_alerts_and_no_rules(feed_of: FeedOf, empty_store: Path, as_person: As) -> None:
    feed_of(empty_store)
    as_person(Role.SUPERVISOR)
    empty = page()
    assert "No alert is known to be open." in text_of(empty)
    assert "Nobody watches: no rule is in force here." in empty.warning[0].value
    assert "No alert was raised yet." in text_of(page(view="history"))
    assert "There are no rules yet." in text_of(page(view="rules"))
    assert not (empty_store / "alerts.sqlite").exists(), "looking makes nothing"


def test_stale_data_is_said(feed_of: FeedOf, store: Path, as_person: As, clock: ManualClock) -> None:
    feed_of(store)
    as_person(Role.SUPERVISOR)
    clock.sleep(60)
    assert "the worker may be down" in text_of(page())


def test_alerts_that_cannot_be_read_are_one_line(feed_of: FeedOf, store: Path, as_person: As) -> None:
    feed_of(store)
    as_person(Role.SUPERVISOR)
    for suffix in ("", "-wal", "-shm"):
        (store / f"alerts.sqlite{suffix}").unlink(missing_ok=True)
    (store / "alerts.sqlite").write_bytes(b"no database at all" * 100)
    app = page()
    assert any("cannot be opened" in each.value for each in app.error)
