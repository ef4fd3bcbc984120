"""A rule's value at a minute is what the store's own macro says at that moment: in a span, and of that minute alone."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from pipeline.alerts.asking import minute_of, values_of
from pipeline.alerts.measures import MEASURES
from pipeline.alerts.rule import Rule
from pipeline.alerts.series import series_sql
from pipeline.store.reader import open_live
from tests.alerts.stores import START, published, simulated
from tests.support.calls import call

HOURS = 3
Values = dict[tuple[str | None, str | None], float]

_WAITING = "queue_now(as_of := $m)"
_LEVEL = "service_level_now(as_of := $m, window_minutes := 30)"
_SHARE = "sum(on_contact_seconds + wrap_up_seconds) / sum(on_contact_seconds + wrap_up_seconds + available_seconds)"
_OCCUPANCY = "occupancy($m - INTERVAL 30 MINUTE, $m)"
#: No macro says it: of segments whose wait ended in the window, by hand, in a queue that counts short abandons.
_ENDED = """(SELECT segments.client, segments.queue, outcome FROM segments LEFT JOIN centre_queues USING (client, queue)
  WHERE segments.queue IS NOT NULL AND outcome IN ('answered', 'abandoned')
    AND CASE outcome WHEN 'answered' THEN answered_at ELSE abandoned_at END <= $m
    AND CASE outcome WHEN 'answered' THEN answered_at ELSE abandoned_at END > $m - INTERVAL 30 MINUTE
    AND NOT (outcome = 'abandoned' AND wait_seconds <= coalesce(short_abandon_us, 5000000) / 1e6
      AND coalesce(short_abandons, 'counted') <> 'counted'))"""
#: (measure, per): client, subject and value of everything that there is to say at $m.
ORACLES = {
    ("waiting", "queue"): f"SELECT client, queue, sum(waiting) v FROM {_WAITING} GROUP BY ALL HAVING v > 0",
    ("waiting", "line"): "SELECT n.client, line, sum(waiting) v FROM queue_now(as_of := $m) n JOIN centre_queues q "
    "ON n.client = q.client AND n.queue = q.queue GROUP BY ALL HAVING v > 0",
    ("waiting", "client"): f"SELECT client, NULL, sum(waiting) v FROM {_WAITING} GROUP BY ALL HAVING v > 0",
    ("waiting", "whole"): f"SELECT NULL, NULL, sum(waiting) v FROM {_WAITING} HAVING v > 0",
    ("longest_wait_seconds", "queue"): f"SELECT client, queue, max(longest_wait_seconds) v FROM {_WAITING} "
    "GROUP BY ALL HAVING v IS NOT NULL",
    ("longest_wait_seconds", "whole"): f"SELECT NULL, NULL, max(longest_wait_seconds) v FROM {_WAITING} "
    "HAVING v IS NOT NULL",
    ("service_level", "queue"): f"SELECT client, queue, service_level_with_expired v FROM {_LEVEL} "
    "WHERE queue IS NOT NULL AND v IS NOT NULL",
    ("service_level", "client"): f"SELECT client, queue, service_level_with_expired v FROM {_LEVEL} "
    "WHERE client IS NOT NULL AND queue IS NULL AND v IS NOT NULL",
    ("service_level", "whole"): f"SELECT client, queue, service_level_with_expired v FROM {_LEVEL} "
    "WHERE client IS NULL AND v IS NOT NULL",
    ("abandonment_rate", "queue"): "SELECT client, queue, count(*) FILTER (outcome = 'abandoned') / count(*) "
    f"FROM {_ENDED} GROUP BY ALL",
    ("agents_available", "client"): "SELECT client, NULL, count(*) FILTER (state = 'available') "
    "FROM agent_now(as_of := $m) GROUP BY client",
    ("agents_available", "whole"): "SELECT NULL, NULL, count(*) FILTER (state = 'available') "
    "FROM agent_now(as_of := $m) HAVING count(*) > 0",
    ("occupancy", "client"): f"SELECT client, NULL, {_SHARE} v FROM {_OCCUPANCY} GROUP BY client HAVING v IS NOT NULL",
    ("occupancy", "whole"): f"SELECT NULL, NULL, {_SHARE} v FROM {_OCCUPANCY} HAVING v IS NOT NULL",
    (
        "agents_over_limit",
        "client",
    ): "SELECT client, NULL, count(*) FROM agents_over_limit(as_of := $m) GROUP BY client",
    ("backlog_late", "queue"): "SELECT client, queue, sum(open_past_promise) v FROM backlog(as_of := $m) "
    "GROUP BY ALL HAVING v > 0",
    ("drop_rate", "campaign"): "SELECT client, campaign, drop_rate FROM drop_rate(as_of := $m) "
    "WHERE drop_rate IS NOT NULL",
    ("silence_seconds", "client"): "SELECT client, NULL, (epoch_us($m) - max(epoch_us(time))) / 1e6 FROM event_rows "
    "WHERE time <= $m GROUP BY client",
}
#: Where something is only long after the day: promises run out, states get too long.
LATER = {"backlog_late": 40, "agents_over_limit": 40, "silence_seconds": 10}


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = simulated(tmp_path_factory.mktemp("series"), HOURS, 0.3, START + timedelta(hours=50))
    opened = open_live(folder)
    yield opened
    opened.close()


def series(con: duckdb.DuckDBPyConnection, rule: Rule, start: datetime, stop: datetime) -> dict[datetime, Values]:
    sql = series_sql(rule.measure or "")
    values = values_of(rule, minute_of(start), minute_of(stop))
    named = {name: value for name, value in values.items() if f"${name}" in sql}
    found: dict[datetime, Values] = {}
    for moment, client, subject, value in con.execute(sql, named).fetchall():
        of_minute = found.setdefault(moment, {})
        assert (client, subject) not in of_minute, "one row for a minute and subject"
        of_minute[client, subject] = float(value)
    return found


def test_every_measure_with_a_past_has_an_oracle() -> None:
    assert {measure for measure, _ in ORACLES} == {name for name, known in MEASURES.items() if known.has_past}


@pytest.mark.parametrize(("measure", "per"), ORACLES, ids=lambda part: part)
def test_a_minute_of_the_series_is_the_macro_at_that_moment(
    con: duckdb.DuckDBPyConnection, measure: str, per: str
) -> None:
    rule = Rule.model_validate({"title": "x", "measure": measure, "per": per, "comparison": ">", "threshold": 0})
    hours = LATER.get(measure, HOURS + 1)
    span = series(con, rule, START, START + timedelta(hours=hours))
    compared = 0
    for minute in random.Random(measure + per).sample(range(5, hours * 60), 8):
        moment = START + timedelta(minutes=minute)
        oracle = ORACLES[measure, per].replace("$m", f"TIMESTAMPTZ '{moment.isoformat()}'")
        expected = {(client, subject): float(value) for client, subject, value in con.execute(oracle).fetchall()}
        alone = series(con, rule, moment, moment + timedelta(minutes=1))
        assert span.get(moment, {}) == pytest.approx(expected), moment
        assert alone.get(moment, {}) == pytest.approx(expected), moment
        compared += len(expected)
    assert compared > 0, "nothing was compared"


def test_a_client_and_a_subject_bound_the_series(con: duckdb.DuckDBPyConnection) -> None:
    base = {"title": "x", "measure": "waiting", "comparison": ">", "threshold": 0}
    stop = START + timedelta(hours=HOURS)
    everything = series(con, Rule.model_validate(base), START, stop)
    one = Rule.model_validate({**base, "client": "aurora", "subject": "service"})
    expected = {
        moment: {key: value for key, value in values.items() if key == ("aurora", "service")}
        for moment, values in everything.items()
    }
    assert series(con, one, START, stop) == {moment: values for moment, values in expected.items() if values}


def test_who_waits_for_longer_than_the_window_counts_until_the_wait_ends(tmp_path: Path) -> None:
    calls = [
        *call(1, START, answered_after_seconds=50 * 60, ended_after_seconds=51 * 60),
        *call(2, START + timedelta(minutes=3), answered_after_seconds=5, ended_after_seconds=60),
        *call(3, START + timedelta(minutes=4), abandoned_after_seconds=40 * 60),
    ]
    opened = open_live(published(tmp_path, calls, START + timedelta(hours=2)))
    rule = Rule(title="x", measure="service_level", per="queue", comparison=">", threshold=0)
    span = series(opened, rule, START, START + timedelta(minutes=95))
    for minute in range(95):
        moment = START + timedelta(minutes=minute)
        oracle = ORACLES["service_level", "queue"].replace("$m", f"TIMESTAMPTZ '{moment.isoformat()}'")
        expected = {(client, queue): float(value) for client, queue, value in opened.execute(oracle).fetchall()}
        assert span.get(moment, {}) == pytest.approx(expected), moment
    opened.close()


def test_the_text_stands_alone() -> None:
    """Anybody can run it: nothing of ours is left in it that the store does not know."""
    for measure in MEASURES:
        text = series_sql(measure)
        assert not re.search(r"\b(next_minute|minute_after|at_minute|next_minute_us)\(", text)
        assert "{" not in text
