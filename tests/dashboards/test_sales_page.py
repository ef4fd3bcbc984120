"""The page of sales and outbound work: every number is that of the store, another way; words for what there is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboards.access import session
from dashboards.access.people import Person, Role
from dashboards.access.scope import Scope
from dashboards.data.asking import Period
from dashboards.data.feed import Feed
from dashboards.look import formats
from dashboards.look.states import Level
from dashboards.queries import outbound
from dashboards.queries.outbound import DROPS
from dashboards.readings.outbound import drop_state
from tests.dashboards.conftest import NOW, view_of
from tests.dashboards.outbound_store import AT, BEGAN, LATER, board, several_lines_store, text_of
from tests.dashboards.shown import numbers

__all__ = ["several_lines_store"]
FeedOf = Callable[[Path], Feed]
Plain = Callable[[Path], duckdb.DuckDBPyConnection]
SECTIONS = ("outbound", "sales", "collections", "surveys")


def one(con: duckdb.DuckDBPyConnection, sql: str, at: datetime = AT) -> Any:
    """The first value of a query of the events before a moment."""
    row = con.execute(sql, {"at": at} if "$at" in sql else None).fetchone()
    assert row is not None
    return row[0]


def test_dials_conversion_and_drops_are_those_of_the_dials(
    feed_of: FeedOf, several_lines_store: Path, plain: Plain
) -> None:
    feed_of(several_lines_store)
    shown, con = numbers(board("sales")), plain(several_lines_store)
    dials = one(con, "SELECT count(DISTINCT attempt) FROM dials WHERE time < $at")
    people = one(con, "SELECT count(*) FROM dial_attempts WHERE dialled_at < $at AND is_live")
    right = one(con, "SELECT count(*) FROM dial_attempts WHERE dialled_at < $at AND is_live AND 'right_party' IN flags")
    assert shown["Dials"] == formats.count(dials)
    assert shown["Contacts"] == formats.count(people)
    assert shown["Right-party contacts"] == formats.count(right)
    assert dials > people > right > 0
    # Of the campaign that sells only: calls of collections might not have sold.
    sold = one(con, "SELECT count(*) FROM outcomes WHERE kind = 'sale' AND campaign = 'winback' AND made_at < $at")
    of_winback = one(con, "SELECT count(DISTINCT attempt) FROM dials WHERE campaign = 'winback' AND time < $at")
    assert of_winback > 0
    assert shown["per dial"] == formats.percent(sold / of_winback)


def test_the_worst_campaign_says_what_is_left_of_its_drops(
    feed_of: FeedOf, several_lines_store: Path, plain: Plain
) -> None:
    feed_of(several_lines_store)
    app = board("sales")
    left = dict(
        plain(several_lines_store)
        .execute(
            "SELECT campaign, floor(count(*) FILTER (is_live) * 0.03::DECIMAL(3,2))::BIGINT "
            "- count(*) FILTER (is_drop) "
            "FROM dial_attempts WHERE dialled_at < $at AND campaign IN ('winback', 'arrears', 'panel') GROUP BY ALL",
            {"at": AT},
        )
        .fetchall()
    )
    worst = min(left, key=lambda name: (left[name], name))
    assert numbers(app)["Drops left"] == formats.count(left[worst])
    assert f"{worst}: " in text_of(app)
    for drops in left.values():
        assert f">{formats.count(drops)}<" in text_of(app)


STANDING: Mapping[str, Any] = {
    "drop_rule": "ftc", "drop_rate_limit": 0.03, "drop_rate_30d": 0.02, "drops_left": 12, "within_limit": True,
    "projected_drop_rate": 0.025,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "level", "words"),
    [
        ({}, Level.QUIET, "12 drops left before 3.0 %"),
        ({"drops_left": 1}, Level.QUIET, "1 drop left before 3.0 %"),
        ({"drops_left": 0}, Level.WARNING, "0 drops left before 3.0 %"),
        ({"projected_drop_rate": 0.034}, Level.WARNING, "12 drops left before 3.0 %, 3.4 % in a day"),
        ({"drops_left": -2, "within_limit": False}, Level.SERIOUS, "2 drops over 3.0 %"),
        ({"drop_rate_30d": None, "drops_left": None}, Level.QUIET, "no traffic"),
        ({"drop_rule": "none"}, Level.QUIET, "no rule named"),
    ],
)
def test_a_campaign_is_judged_by_the_limit(change: Mapping[str, Any], level: Level, words: str) -> None:
    judged, said = drop_state({**STANDING, **change}, {})
    assert (judged, said.replace("\N{NO-BREAK SPACE}", " ")) == (level, words)


@pytest.mark.parametrize(
    ("rate", "level"), [(None, Level.QUIET), (0.0, Level.QUIET), (0.001, Level.WARNING), (0.05, Level.SERIOUS)]
)
def test_ofcoms_aim_is_none(rate: float | None, level: Level) -> None:
    assert drop_state({**STANDING, "drop_rule": "ofcom"}, {"drop_rate_ofcom": rate})[0] is level


def test_one_campaign_is_chosen_by_the_address(feed_of: FeedOf, several_lines_store: Path, plain: Plain) -> None:
    feed_of(several_lines_store)
    app = board("sales", client="aurora", campaign="arrears")
    dials = one(
        plain(several_lines_store),
        "SELECT count(DISTINCT attempt) FROM dials WHERE campaign = 'arrears' AND time < $at",
    )
    assert numbers(app)["Dials"] == formats.count(dials)
    assert "winback" not in text_of(app)
    assert app.query_params["campaign"] == "arrears"


def test_sales_and_revenue_by_currency(feed_of: FeedOf, several_lines_store: Path, plain: Plain) -> None:
    feed_of(several_lines_store)
    shown, con = numbers(board("sales", section="sales")), plain(several_lines_store)
    sales = "FROM outcomes WHERE kind IN ('sale', 'order') AND status <> 'cancelled' AND made_at < $at"
    assert shown["Sales"] == formats.count(one(con, f"SELECT count(*) {sales}"))
    money = dict(
        con.execute(
            "SELECT currency, sum(amount) FROM outcomes WHERE kind IN ('sale', 'order', 'upsell') "
            "AND status <> 'cancelled' AND made_at < $at AND amount IS NOT NULL GROUP BY ALL",
            {"at": AT},
        ).fetchall()
    )
    assert len(money) == 2
    for currency, amount in money.items():
        assert shown[currency] == formats.money(amount, None)
    # Contacts have no currency: no amount of one is a share of all.
    assert shown["Revenue per contact"] == "by client"
    of_one = numbers(board("sales", section="sales", client="borealis"))
    (currency,) = {
        row[0]
        for row in con.execute(
            "SELECT currency FROM outcomes WHERE client = 'borealis' AND amount > 0 GROUP BY ALL"
        ).fetchall()
    }
    assert of_one["Revenue"] == formats.money(money[currency], currency)


def test_an_agent_of_two_queues_has_hours_once_in_the_total(
    feed_of: FeedOf, several_lines_store: Path, plain: Plain
) -> None:
    view = view_of(feed_of(several_lines_store), outbound.CAMPAIGNS, as_of=AT, period=Period("today"))
    (row,) = [r for r in view.rows("campaigns") if r["part"] == "dialled" and r["level"] == "all"]
    hours = one(
        plain(several_lines_store),
        f"SELECT sum(signed_in_seconds) / 3600 FROM signed_in_time('{AT.date()}', $at, as_of := $at) "
        "WHERE (client, agent) IN (SELECT (client, unnest(agents)) FROM dial_attempts WHERE dialled_at < $at)",
    )
    assert row["agent_hours"] == pytest.approx(hours)
    assert hours > 0
    of_campaigns = [
        r["agent_hours"] or 0 for r in view.rows("campaigns") if (r["part"], r["level"]) == ("dialled", "campaign")
    ]
    assert sum(of_campaigns) >= row["agent_hours"]


def test_promises_that_fell_due(feed_of: FeedOf, several_lines_store: Path, plain: Plain) -> None:
    feed_of(several_lines_store)
    app = board("sales", LATER, section="collections", period="week")
    shown, con = numbers(app), plain(several_lines_store)
    promised = "FROM outcomes WHERE kind = 'promise' AND status <> 'cancelled'"
    made, due = one(con, f"SELECT count(*) {promised}"), one(con, f"SELECT min(due_on) {promised}")
    paid = one(con, f"SELECT count(*) {promised} AND status IN ('kept', 'fulfilled')")
    assert made > paid
    assert (shown["Promises"], shown["Promises due"]) == (formats.count(made), formats.count(made))
    assert shown["Amount promised"] == formats.money(one(con, f"SELECT sum(amount_made) {promised}"), "EUR")
    assert str(due) in text_of(app)
    collected = "SELECT sum(amount) FROM outcomes WHERE kind = 'payment' AND queue = 'collections' AND made_at < $at"
    assert shown["Amount collected"] == formats.money(one(con, collected, LATER), "EUR")


def test_nothing_is_due_on_the_day_itself(feed_of: FeedOf, several_lines_store: Path) -> None:
    feed_of(several_lines_store)
    shown = numbers(board("sales", section="collections"))
    assert (shown["Kept of those due"], shown["Promises due"]) == ("none due", "0")


def test_a_score_stands_with_the_share_that_gave_it(feed_of: FeedOf, several_lines_store: Path, plain: Plain) -> None:
    feed_of(several_lines_store)
    app, con = board("sales", section="surveys"), plain(several_lines_store)
    said = con.execute(
        "SELECT count(*) FILTER (score >= 4), count(*) FROM survey_answers WHERE question = 'csat' "
        "AND score IS NOT NULL "
        "AND survey IN (SELECT survey FROM survey_answers GROUP BY survey HAVING min(time) < $at)",
        {"at": AT},
    ).fetchone()
    assert said is not None and said[1] > 1
    assert numbers(app)["CSAT"] == formats.percent(said[0] / said[1])
    assert f" answered, {said[1]} of " in text_of(app)
    complete = one(
        con, "SELECT count(DISTINCT interaction) FROM surveys WHERE queue = 'surveys' AND completed AND sent_at < $at"
    )
    assert numbers(app)["Interviews complete"] == formats.count(complete)
    pledges = one(con, "SELECT count(*) FROM outcomes WHERE kind = 'pledge' AND made_at < $at")
    assert numbers(app)["Pledges"] == formats.count(pledges) != "0"


@pytest.mark.parametrize("section", SECTIONS)
def test_empty_is_no_traffic(feed_of: FeedOf, empty_store: Path, section: str) -> None:
    feed_of(empty_store)
    app = board("sales", None, section=section)
    assert set(numbers(app).values()) <= {"no traffic", "no lists"}
    assert "no traffic" in numbers(app).values()
    assert not app.error


@pytest.mark.parametrize("section", SECTIONS)
def test_another_client_appears_nowhere(
    feed_of: FeedOf, several_lines_store: Path, monkeypatch: pytest.MonkeyPatch, section: str
) -> None:
    feed_of(several_lines_store)
    person = Person("eve", Role.SUPERVISOR, Scope.of(["borealis"]))
    monkeypatch.setattr(session, "person", lambda: person)
    app = board("sales", section=section)
    for name in ("aurora", "winback", "arrears", "winter-appeal", "panel", "fund-raising<", "EUR"):
        assert name not in text_of(app)
        assert name not in str(numbers(app))
    if section == "sales":
        assert "policies" in text_of(app)
    # A link that names the other client shows nothing of it either.
    linked = board("sales", section=section, client="aurora")
    assert set(numbers(linked).values()) <= {"no traffic", "no lists"}


def test_drops_count_thirty_days(feed_of: FeedOf, several_lines_store: Path) -> None:
    feed = feed_of(several_lines_store)
    before = view_of(feed, DROPS, as_of=BEGAN - timedelta(minutes=1)).rows("drops")
    assert all(row["drops_left"] is None and row["drop_rate_30d"] is None for row in before)
    after = view_of(feed, replace(DROPS), as_of=NOW).rows("drops")
    assert any(row["drops_left"] is not None for row in after)
