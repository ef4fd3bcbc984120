"""What the sales section reads: sales out of what, for how much, and what was cancelled since. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.data.view import View
from dashboards.look import formats
from dashboards.look.tiles import Reading, Tile
from dashboards.look.words import say
from dashboards.readings.picked import Picked, Row, counted, money_reading, pair, row_at, rows_at


def sales_readings(view: View, picked: Picked) -> list[tuple[Tile, Reading]]:
    """Six tiles of the client, or of all."""
    where = (("part", "count"), *picked.total)
    money = (("part", "money"), *picked.total)
    row, earned, words = row_at(view, "sales", where), rows_at(view, "sales", money), picked.words
    return [
        pair(counted(row, "sales", of=("answered", "leads", "dials"), words=_more(row)), "sales_outcomes", "sales",
             ["sales"], where, label=say("Sales"), period=words, hero=True),
        pair(_conversion(row), "conversion_per_answered", "sales",
             ["conversion_per_offered", "conversion_per_answered", "conversion_per_lead"], where,
             label=say("Conversion"), period=words),
        pair(_share(row, "sales_cancelled_rate", _cancelled(row)), "sales_cancelled_rate", "sales",
             ["sales_cancelled_rate"], where, label=say("Cancelled since"), period=words, hero=True),
        pair(money_reading(earned, "revenue", say("sales, orders and upsells")), "sales_revenue", "sales",
             ["currency", "revenue"], money, label=say("Revenue"), period=words),
        pair(_per_contact(earned), "revenue_per_answered", "sales", ["currency", "revenue_per_answered"], money,
             label=say("Revenue per contact"), period=words),
        pair(_hourly(row), "sales_per_agent_hour", "sales", ["sales_per_agent_hour"], where, period=words),
    ]  # fmt: skip


def _more(row: Row) -> str:
    return formats.plural(row["upsells"], "upsell") if row else ""


def _cancelled(row: Row) -> str:
    return formats.plural(row["cancelled"], "sale") if row else ""


def _share(row: Row, column: str, words: str) -> Reading:
    ratio = row.get(column)
    return Reading(formats.nothing()) if ratio is None else Reading(formats.percent(ratio), words)


def _conversion(row: Row) -> Reading:
    columns = (
        ("conversion_per_offered", say("per offered")),
        ("conversion_per_answered", say("per answered")),
        ("conversion_per_lead", say("per lead")),
    )
    if not any(row.get(name) is not None for name, _ in columns):
        return Reading(formats.nothing())
    rates = [(label, row[name]) for name, label in columns]
    return Reading("", parts=[(label, "–" if rate is None else formats.percent(rate)) for label, rate in rates])


def _per_contact(earned: Sequence[Row]) -> Reading:
    if len(earned) > 1:
        return Reading(say("by client"), say("money of several currencies"))
    return money_reading(earned, "revenue_per_answered", say("for each contact answered"))


def _hourly(row: Row) -> Reading:
    hours = row.get("agent_hours")
    if not hours:
        return Reading(formats.nothing())
    words = say("in {hours} agent hours", hours=formats.decimal(hours))
    return Reading(formats.decimal(row["sales_per_agent_hour"], 2), words)


def queue_rows(view: View, picked: Picked) -> list[tuple[Row, list[Row]]]:
    """Queues that sold, took leads or dialled, with their money by currency; most sales first."""
    found = [
        row
        for row in picked.things(view, "sales", "queue")
        if row["part"] == "count" and (row["sales"] or row["cancelled"] or row["leads"] or row["upsells"])
    ]
    found.sort(key=lambda row: (-row["sales"], row["client"], row["queue"] or ""))
    return [(row, rows_at(view, "sales", _money_of(row))) for row in found]


def _money_of(row: Row) -> tuple[tuple[str, str | None], ...]:
    return (("part", "money"), ("level", "queue"), ("client", row["client"]), ("queue", row["queue"]))
