"""From a breach to its end: raised, told, acknowledged, escalated, cleared; across restarts, edits and kills."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.alerts.asking import StoreQuestions, Subject
from pipeline.alerts.evaluate import Evaluator
from pipeline.alerts.reading import deliveries, history, open_now
from pipeline.alerts.rule import Rule
from pipeline.alerts.state import AlertState
from pipeline.errors import CallboardError
from tests.alerts.stores import START, published
from tests.support.calls import call

#: Three calls wait from 8:05 to 8:25, one of them for another client.
WAITING = {
    "title": "Many wait", "measure": "waiting", "comparison": ">=", "threshold": 2, "raise_after_seconds": 120,
    "clear_after_seconds": 180, "tell": ("duty",), "escalate": {"after_minutes": 10, "tell": ("boss",)},
}  # fmt: skip
Turn = Callable[..., list[str]]


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = [
        *call(1, minute(5), answered_after_seconds=20 * 60, ended_after_seconds=21 * 60),
        *call(2, minute(5), answered_after_seconds=20 * 60, ended_after_seconds=21 * 60),
        *call(3, minute(5), client="other", abandoned_after_seconds=20 * 60),
    ]
    return published(tmp_path_factory.mktemp("calls"), lines, minute(60))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def turns(store: Path, folder: Path) -> Iterator[Callable[..., None]]:
    """Judges up to a minute, by a new evaluator each time: every turn is after a restart."""

    def run(until: float, rules: dict[str, Rule]) -> None:
        state, questions = AlertState(folder), StoreQuestions(store)
        try:
            Evaluator(state, questions).turn(rules, minute(until))
        finally:
            questions.close()
            state.close()

    yield run


def rules(**changes: Any) -> dict[str, Rule]:
    return {"many": Rule.model_validate({**WAITING, **changes})}


def told(folder: Path) -> list[tuple[str, str]]:
    return [(row["event"], row["target"]) for alert in history(folder) for row in deliveries(folder, alert["id"])]


def test_an_alert_from_its_breach_to_its_end(folder: Path, turns: Callable[..., None]) -> None:
    turns(4, rules())
    turns(6.5, rules())
    assert open_now(folder) == [], "held down: it has not lasted two minutes yet"
    turns(7, rules())
    (alert,) = open_now(folder)
    assert (alert["client"], alert["subject"], alert["value"], alert["title"]) == ("acme", "sales", 2, "Many wait")
    assert alert["since"] == minute(5).isoformat(timespec="microseconds")
    assert alert["raised_at"] == minute(7).isoformat(timespec="microseconds")
    assert [value for _, value in json.loads(alert["evidence"])] == [2, 2, 2]
    assert told(folder) == [("raised", "duty")]
    turns(16, rules())
    assert told(folder) == [("raised", "duty")]
    turns(17, rules())
    assert told(folder) == [("raised", "duty"), ("escalated", "boss")]
    state = AlertState(folder)
    state.acknowledge(alert["id"], "Dana", "more agents", minute(18))
    with pytest.raises(CallboardError, match="Dana has acknowledged this alert already"):
        state.acknowledge(alert["id"], "Kim", "", minute(18))
    state.close()
    turns(27.9, rules())
    assert len(open_now(folder)) == 1, "it has not been well for three minutes yet"
    turns(28, rules())
    assert open_now(folder) == []
    (over,) = history(folder)
    assert over["cleared_at"] == minute(28).isoformat(timespec="microseconds")
    assert (over["cleared_because"], over["acknowledged_by"], over["note"]) == ("over", "Dana", "more agents")
    assert told(folder)[2:] == [("cleared", "boss"), ("cleared", "duty")]


def test_who_acknowledges_in_time_is_not_escalated(folder: Path, turns: Callable[..., None]) -> None:
    turns(4, rules())
    turns(8, rules())
    state = AlertState(folder)
    state.acknowledge(open_now(folder)[0]["id"], "Dana", "", minute(9))
    state.close()
    turns(20, rules())
    assert told(folder) == [("raised", "duty")]


@pytest.mark.parametrize("step", [5, 45])
def test_however_often_it_looks_the_alerts_are_the_same(folder: Path, turns: Callable[..., None], step: int) -> None:
    turns(0, rules())
    for number in range(step, 46, step):
        turns(number, rules())
    (alert,) = history(folder)
    assert alert["raised_at"] == minute(7).isoformat(timespec="microseconds")
    assert alert["cleared_at"] == minute(28).isoformat(timespec="microseconds")
    assert alert["peak"] == 2


def test_judging_the_same_minutes_again_tells_nothing_twice(folder: Path, turns: Callable[..., None]) -> None:
    turns(4, rules())
    turns(10, rules())
    before = (history(folder), told(folder))
    state = AlertState(folder)
    state.change("DELETE FROM watches", {})
    state.change("UPDATE progress SET judged_to = judged_to - 6", {})
    state.close()
    turns(10, rules())
    assert (history(folder), told(folder)) == before


def test_a_rule_that_is_switched_off_or_gone_ends_its_alerts(folder: Path, turns: Callable[..., None]) -> None:
    turns(4, rules())
    turns(8, rules())
    turns(9, rules(enabled=False))
    assert open_now(folder) == []
    assert history(folder)[0]["cleared_because"] == "rule is off"
    assert ("cleared", "duty") in told(folder)


def test_what_was_pending_under_another_threshold_does_not_count(folder: Path, turns: Callable[..., None]) -> None:
    turns(4, rules())
    turns(6, rules())
    turns(7, rules(threshold=1))
    assert open_now(folder) == [], "the new rule has to hold for two minutes itself"
    turns(8, rules(threshold=1))
    turns(9, rules(threshold=1))
    assert {row["client"] for row in open_now(folder)} == {"acme", "other"}


def test_a_rule_that_cannot_be_judged_does_not_hold_up_the_others(folder: Path, turns: Callable[..., None]) -> None:
    broken = Rule.model_validate(
        {"title": "x", "sql": "SELECT now() AS moment, nope AS value FROM segments", "comparison": ">", "threshold": 0}
    )
    both = {"broken": broken, **rules()}
    turns(4, both)
    turns(8, both)
    assert len(open_now(folder)) == 1
    state = AlertState(folder)
    assert "nope" in state.progress()["broken"]["problem"]
    state.close()


def test_the_age_of_the_data_is_judged_when_nothing_is_published(folder: Path, turns: Callable[..., None]) -> None:
    old = Rule.model_validate({"title": "Old", "measure": "data_age_seconds", "comparison": ">", "threshold": 90})
    both = {"old": old, "silent": Rule.model_validate({**WAITING, "measure": "silence_seconds", "threshold": 1e6})}
    turns(60, both)
    turns(61, both)
    assert open_now(folder) == []
    turns(62, both)
    (alert,) = open_now(folder)
    assert (alert["rule"], alert["value"]) == ("old", 120)
    state = AlertState(folder)
    # 8:00 in minutes since 1970, and 60 more: what the store does not cover is not judged.
    assert state.progress()["silent"]["judged_to"] == START.timestamp() / 60 + 61
    state.close()


def test_nothing_is_judged_beyond_what_a_worker_that_is_behind_has_read(folder: Path, tmp_path: Path) -> None:
    """While the demo caught up on two hours, "no events arrive" was raised of a store that was not there yet."""
    silent = {"silent": Rule.model_validate({**WAITING, "measure": "silence_seconds", "threshold": 900})}
    own = published(tmp_path / "own", [*call(1, minute(5), abandoned_after_seconds=20 * 60)], minute(60))

    def behind(read_to: datetime | None) -> None:
        with duckdb.connect(str(own / "live.duckdb")) as con:
            if read_to is None:
                con.execute("UPDATE offsets SET lag = 0")
            else:
                con.execute(
                    "UPDATE offsets SET lag = 5000, watermark = $at WHERE topic LIKE '%calls%'", {"at": read_to}
                )

    def judged_to(until: float) -> int | None:
        state, questions = AlertState(folder), StoreQuestions(own)
        Evaluator(state, questions).turn(silent, minute(until))
        found = state.progress().get("silent")
        questions.close()
        state.close()
        return None if found is None else found["judged_to"] - int(START.timestamp()) // 60

    behind(minute(20))
    assert judged_to(59) is None, "a new rule does not begin with the past"
    behind(None)
    assert judged_to(30) == 31
    behind(minute(35))
    assert judged_to(59) == 36
    assert open_now(folder) == []
    behind(None)
    assert judged_to(60) == 61
    assert [alert["rule"] for alert in open_now(folder)] == ["silent"], "it is silent indeed: nothing came after 8:25"


def test_an_sql_rule_is_judged_like_any_other(folder: Path, turns: Callable[..., None]) -> None:
    sql = (
        "SELECT moment, client, queue AS subject, count(*) AS value "
        "FROM (SELECT unnest(range($start, $stop, INTERVAL 1 MINUTE)) AS moment), segments "
        "WHERE queued_at <= moment AND coalesce(answered_at, abandoned_at) > moment GROUP BY ALL"
    )
    both = {**rules(), "sql": Rule.model_validate({**WAITING, "measure": None, "sql": sql})}
    turns(4, both)
    turns(40, both)
    one, other = history(folder)
    same = ("client", "subject", "since", "raised_at", "cleared_at", "value", "peak", "evidence")
    assert {name: one[name] for name in same} == {name: other[name] for name in same}


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("COPY segments TO 'x.csv'", "is no SELECT"),
        ("SELECT 1 AS moment, 1 AS value; SELECT 2", "several statements"),
        ("SELECT now() AS moment, 1 AS value FROM read_csv('/etc/hostname')", "reads read_csv"),
        ("SELECT now() AS moment, 1 AS value FROM '/etc/hostname'", "reads /etc/hostname"),
        ("WITH a AS (FROM read_text('/etc/hostname')) SELECT now() AS moment, 1 AS value FROM a", "reads read_text"),
        ("SELECT (SELECT count(*) FROM glob('/*')) AS value, now() AS moment", "reads glob"),
        ("SELECT count(*) AS n FROM segments", "must give the columns moment and value"),
        ("SELECT now() AS moment, $secret AS value", r"names \$secret"),
    ],
)  # fmt: skip
def test_sql_that_is_more_than_one_question_to_the_store_is_refused(store: Path, sql: str, why: str) -> None:
    questions = StoreQuestions(store)
    questions.follow()
    rule = Rule.model_validate({"title": "x", "sql": sql, "comparison": ">", "threshold": 0})
    with pytest.raises(CallboardError, match=why):
        questions.runs(rule, 0, 10)
    questions.close()


def test_a_minute_twice_for_one_subject_is_refused(store: Path) -> None:
    questions = StoreQuestions(store)
    questions.follow()
    sql = "SELECT $start AS moment, 1 AS value FROM range(2)"
    rule = Rule.model_validate({"title": "x", "sql": sql, "comparison": ">", "threshold": 0})
    with pytest.raises(CallboardError, match="gives a minute twice"):
        questions.runs(rule, 0, 10)
    questions.close()


def test_a_watch_is_forgotten_when_there_is_nothing_to_remember(folder: Path, turns: Callable[..., None]) -> None:
    turns(4, rules())
    turns(6, rules())
    state = AlertState(folder)
    assert state.watches("many").keys() == {Subject("acme", "sales")}
    state.close()
    turns(40, rules())
    state = AlertState(folder)
    assert state.watches("many") == {}
    state.close()
