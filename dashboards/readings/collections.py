"""What the collections section reads: promises made, due, kept and broken, and money by currency. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.data.view import View
from dashboards.look import formats
from dashboards.look.tiles import Reading, Tile
from dashboards.look.words import say
from dashboards.readings.picked import Picked, Row, counted, money_reading, pair, row_at, rows_at


def collections_readings(view: View, picked: Picked) -> list[tuple[Tile, Reading]]:
    """Eight tiles of the client, or of all."""
    where, words = picked.total, picked.words
    row, money = row_at(view, "promises_made", where), rows_at(view, "collected_money", where)
    return [
        pair(counted(row, "promises", of=("right_party_contacts",), words=_of_contacts(row)), "promises_made",
             "promises_made", ["promises"], where, label=say("Promises"), period=words, hero=True),
        pair(_kept(row), "kept_rate", "promises_made", ["kept_rate"], where, label=say("Kept of those due"),
             period=words, hero=True),
        pair(counted(row, "due", of=("promises",), words=_undecided(row)), "promises_due", "promises_made", ["due"],
             where, label=say("Promises due"), period=words, hero=True),
        pair(_broken(row), "promises_broken", "promises_made", ["broken"],
             where, label=say("Promises broken"), period=words, hero=True),
        pair(money_reading(money, "amount_promised"), "amount_promised", "collected_money",
             ["currency", "amount_promised"], where, label=say("Amount promised"), period=words),
        pair(money_reading(money, "amount_collected", _payments(row)), "amount_collected", "collected_money",
             ["currency", "amount_collected"], where, label=say("Amount collected"), period=words),
        pair(_by_currency(money, "kept_amount_rate", say("of the money due"), _none_due(row)), "kept_amount_rate",
             "collected_money", ["currency", "kept_amount_rate"], where, label=say("Kept by amount"), period=words),
        pair(_by_currency(money, "recovery_rate", say("of what was owed")), "recovery_rate", "collected_money",
             ["currency", "recovery_rate"], where, label=say("Recovery"), period=words),
    ]  # fmt: skip


def _of_contacts(row: Row) -> str:
    if row.get("promise_rate") is None:
        return ""
    return say("{share} of right-party contacts", share=formats.percent(row["promise_rate"]))


def _kept(row: Row) -> Reading:
    if row.get("kept_rate") is None:
        return _none_due(row)
    words = say("{kept} of {due}", kept=formats.count(row["kept"]), due=formats.count(row["due"]))
    return Reading(formats.percent(row["kept_rate"]), words)


def _none_due(row: Row) -> Reading:
    if not row.get("promises"):
        return Reading(formats.nothing())
    return Reading(say("none due"), say("a promise counts when its day is over"))


def _broken(row: Row) -> Reading:
    if not row.get("due"):
        return _none_due(row)
    return Reading(formats.count(row["broken"]), say("{number} kept in part", number=formats.count(row["part_kept"])))


def _undecided(row: Row) -> str:
    return say("{number} still in their grace", number=formats.count(row["undecided"])) if row.get("due") else ""


def _payments(row: Row) -> str:
    return formats.plural(row["payments"], "payment") if row.get("payments") else ""


def _by_currency(rows: Sequence[Row], column: str, words: str, none: Reading | None = None) -> Reading:
    rates = [(row["currency"] or "", row[column]) for row in rows if row[column] is not None]
    if not rates:
        return none or Reading(formats.nothing())
    if len(rates) == 1:
        return Reading(formats.percent(rates[0][1]), words)
    return Reading("", words, parts=[(currency, formats.percent(rate)) for currency, rate in rates])
