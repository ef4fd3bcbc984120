"""What the section of surveys and fund-raising reads. No score stands without the share who gave it. Pure."""

from __future__ import annotations

from dashboards.data.view import View
from dashboards.look import formats
from dashboards.look.tiles import Reading, Tile
from dashboards.look.words import say
from dashboards.readings.picked import Picked, Row, counted, money_reading, pair, row_at, rows_at


def survey_readings(view: View, picked: Picked) -> list[tuple[Tile, Reading]]:
    """Eight tiles: what customers say, interviews, pledges."""
    where, words = picked.total, picked.words
    work = row_at(view, "interviews", where)
    pledged = row_at(view, "pledges", (("part", "count"), *where))
    money_where = (("part", "money"), *where)
    money = rows_at(view, "pledges", money_where)
    return [
        _score(view, picked, "csat", "csat", say("CSAT")),
        _score(view, picked, "nps", "nps", say("NPS")),
        _score(view, picked, "ces", "ces_mean", say("CES")),
        pair(counted(work, "completes", of=("contacts",), words=_quota(work)), "survey_completes", "interviews",
             ["completes"], where, label=say("Interviews complete"), period=words, hero=True),
        pair(_cooperation(work), "survey_cooperation_rate", "interviews", ["survey_cooperation_rate"], where,
             label=say("Cooperation"), period=words),
        pair(counted(pledged, "pledges", words=_fulfilled(pledged)), "pledges", "pledges", ["pledges"],
             (("part", "count"), *where), period=words),
        pair(money_reading(money, "amount_pledged"), "pledged_amount", "pledges", ["currency", "amount_pledged"],
             money_where, period=words),
        pair(_gifts(pledged), "fulfilment_rate_due", "pledges", ["fulfilment_rate_due"], (("part", "count"), *where),
             label=say("Fulfilled of those due"), period=words),
    ]  # fmt: skip


def score(question: str | None, row: Row) -> str:
    """The score of a question in its own scale: a share for CSAT, -100 to 100 for NPS, else the mean of the answers."""
    if question == "csat":
        return formats.percent(row["csat"])
    if question == "nps":
        return formats.nothing() if row["nps"] is None else formats.count(row["nps"] * 100)
    return formats.nothing() if row["score_mean"] is None else formats.decimal(row["score_mean"], 2)


def _score(view: View, picked: Picked, question: str, column: str, label: str) -> tuple[Tile, Reading]:
    where = (*picked.total, ("question", question))
    row = row_at(view, "satisfaction", where)
    reading = Reading(formats.nothing())
    if row.get(column) is not None:
        reading = Reading(score(question, row), answered(row))
    return pair(reading, column, "satisfaction", [column, "survey_response_rate"], where, label=label,
                period=picked.words, hero=True)  # fmt: skip


def answered(row: Row) -> str:
    """``44.8 % answered, 30 of 67``."""
    rate = formats.percent(row["survey_response_rate"])
    return say("{rate} answered, {number} of {sent}", rate=rate, number=formats.count(row["responses"]),
               sent=formats.count(row["sent"]))  # fmt: skip


def _quota(row: Row) -> str:
    if row.get("quota_left") is not None:
        return say("{number} left of the quota", number=formats.count(row["quota_left"]))
    return say("{number} refused", number=formats.count(row["refusals"])) if row.get("contacts") else ""


def _cooperation(row: Row) -> Reading:
    if row.get("survey_cooperation_rate") is None:
        return Reading(formats.nothing())
    words = say("{share} of all contacts", share=formats.percent(row["survey_line_response_rate"]))
    return Reading(formats.percent(row["survey_cooperation_rate"]), words)


def _fulfilled(row: Row) -> str:
    if not row.get("pledges"):
        return ""
    return say("{number} fulfilled, {cancelled} cancelled", number=formats.count(row["fulfilled"]),
               cancelled=formats.count(row["cancelled"]))  # fmt: skip


def _gifts(row: Row) -> Reading:
    if row.get("fulfilment_rate_due") is None:
        return Reading(say("none due")) if row.get("pledges") else Reading(formats.nothing())
    words = say("{kept} of {due}", kept=formats.count(row["fulfilled_due"]), due=formats.count(row["pledges_due"]))
    return Reading(formats.percent(row["fulfilment_rate_due"]), words)
