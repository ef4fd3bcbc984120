"""What the outbound section reads: campaigns, conversion by each denominator, drops by the campaign's rule. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from dashboards.data.view import View
from dashboards.look import formats
from dashboards.look.states import Level
from dashboards.look.tiles import Reading, Tile
from dashboards.look.words import mark, say
from dashboards.readings.picked import Picked, Row, counted, money_reading, pair, row_at, rows_at

_SEVERITY = {Level.QUIET: 0, Level.WARNING: 1, Level.SERIOUS: 2}
_NONE: Row = {}


def outbound_readings(view: View, picked: Picked) -> list[tuple[Tile, Reading]]:
    """Eight tiles: what is left before the limit, the funnel from dial to sale, money, and the lists."""
    at, words = picked.campaign_row, picked.words
    where, selling = (("part", "dialled"), *at), (("part", "selling"), *at)
    row, sold = row_at(view, "campaigns", where), row_at(view, "campaigns", selling)
    lists = row_at(view, "lists", picked.total)
    contacted = _share_of(row, "contact_rate", mark("{share} of dials"))
    right = _share_of(row, "right_party_per_contact", mark("{share} of contacts"))
    return [
        _drops_tile(view, picked),
        pair(counted(row, "dials", of=("sales",), words=_connected(row)), "dials", "campaigns", ["dials"], where,
             label=say("Dials"), period=words, hero=True),
        pair(counted(row, "contacts", of=("dials",), words=contacted), "dial_contacts", "campaigns", ["contacts"],
             where, label=say("Contacts"), period=words, hero=True),
        pair(counted(row, "right_party_contacts", of=("contacts",), words=right), "right_party_contacts", "campaigns",
             ["right_party_contacts"], where, label=say("Right-party contacts"), period=words, hero=True),
        pair(_conversion(sold), "sales_per_dial_contact", "campaigns",
             ["sales_per_dial", "sales_per_dial_contact", "sales_per_lead_dialled", "outbound_sales_per_hour"], selling,
             label=say("Conversion"), period=words),
        pair(money_reading(rows_at(view, "campaign_revenue", at), "sales_revenue"),
             "sales_revenue", "campaign_revenue", ["currency", "sales_revenue"], at, label=say("Revenue of campaigns"),
             period=words),
        pair(_lists(lists), "list_penetration", "lists", ["list_penetration"], picked.total,
             label=say("List penetration")),
    ]  # fmt: skip


def _share_of(row: Row, column: str, words: str) -> str:
    return "" if row.get(column) is None else say(words, share=formats.percent(row[column]))


def _connected(row: Row) -> str:
    return _share_of(row, "connect_rate", mark("{share} reached a number in service"))


def _conversion(row: Row) -> Reading:
    if not row.get("dials"):
        return Reading(formats.nothing())
    hourly = row["outbound_sales_per_hour"]
    parts = [
        (say("per dial"), formats.percent(row["sales_per_dial"])),
        (say("per contact"), formats.percent(row["sales_per_dial_contact"])),
        (say("per lead"), formats.percent(row["sales_per_lead_dialled"])),
        (say("per agent hour"), formats.decimal(hourly, 2) if hourly is not None else say("no hours")),
    ]
    return Reading("", say("{sales} of campaigns that sell", sales=formats.plural(row["sales"], "sale")), parts=parts)


def _lists(row: Row) -> Reading:
    if row.get("list_penetration") is None:
        return Reading(say("no lists"))
    words = say("{share} contacted", share=formats.percent(row["list_contacted_rate"]))
    return Reading(formats.percent(row["list_penetration"]), words)


def drop_state(row: Row, estimate: Row) -> tuple[Level, str]:
    """How a campaign stands to its rule: ``12 drops left before 3.0 %``, ``48 drops over 3.0 %``."""
    rule, limit = row["drop_rule"], formats.percent(row["drop_rate_limit"])
    if rule == "ofcom":
        return _ofcom_state(row, estimate)
    if row["drop_rate_30d"] is None:
        return Level.QUIET, formats.nothing()
    if rule != "ftc":
        return Level.QUIET, say("no rule named")
    left = row["drops_left"]
    if not row["within_limit"]:
        return Level.SERIOUS, say("{drops} over {limit}", drops=formats.plural(-left, "drop"), limit=limit)
    words = say("{drops} left before {limit}", drops=formats.plural(left, "drop"), limit=limit)
    if left == 0:
        return Level.WARNING, words
    soon = row["projected_drop_rate"]
    if soon is not None and soon > row["drop_rate_limit"]:
        return Level.WARNING, say("{words}, {rate} in a day", words=words, rate=formats.percent(soon))
    return Level.QUIET, words


def _ofcom_state(row: Row, estimate: Row) -> tuple[Level, str]:
    rate = estimate.get("drop_rate_ofcom")
    if rate is None:
        return Level.QUIET, formats.nothing()
    if rate > row["drop_rate_limit"]:
        return Level.SERIOUS, say("{rate} dropped, the aim is none", rate=formats.percent(rate))
    if rate > 0:
        return Level.WARNING, say("{rate} dropped, the aim is none", rate=formats.percent(rate))
    return Level.QUIET, say("no drops in 24 hours")


def drop_rows(view: View, picked: Picked) -> list[tuple[Row, Row, Level, str]]:
    """Each campaign's drops, the estimate of the last 24 hours, and its state: worst first."""
    estimates: Mapping[tuple[str, str | None], Row] = {
        (row["client"], row["campaign"]): row for row in view.rows("estimated_drops")
    }
    found = []
    for row in view.rows("drops"):
        if picked.includes(row):
            estimate = estimates.get((row["client"], row["campaign"]), _NONE)
            found.append((row, estimate, *drop_state(row, estimate)))

    def worst_first(entry: tuple[Row, Row, Level, str]) -> tuple[int, bool, float, str, str]:
        row, _, level, _ = entry
        left = row["drops_left"]
        return -_SEVERITY[level], left is None, left or 0, row["client"], row["campaign"] or ""

    return sorted(found, key=worst_first)


def _drops_tile(view: View, picked: Picked) -> tuple[Tile, Reading]:
    period = say("rolling 30 days")
    judged = [entry for entry in drop_rows(view, picked) if entry[0]["drop_rule"] == "ftc" and entry[0]["live_answers"]]
    if not judged:
        reading = Reading(formats.nothing(), say("no campaign under the 30-day rule"))
        nowhere = (("client", picked.client), ("campaign", picked.campaign))
        return pair(reading, "drops_left", "drops", ["drops_left"], nowhere, period=period, hero=True)
    row, _, level, words = judged[0]
    where = (("client", row["client"]), ("campaign", row["campaign"]))
    reading = Reading(formats.count(row["drops_left"]), f"{row['campaign']}: {words}", level)
    return pair(reading, "drops_left", "drops", ["drops_left"], where, period=period, hero=True)


def revenue_of(view: View, row: Row) -> list[Row]:
    """The revenue of a campaign, a row for each currency."""
    where = (("level", "campaign"), ("client", row["client"]), ("campaign", row["campaign"]))
    return rows_at(view, "campaign_revenue", where)
