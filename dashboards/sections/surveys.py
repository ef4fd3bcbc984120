"""Surveys and fund-raising: scores with the share that gave them, interviews against their quota, pledges and gifts."""

from __future__ import annotations

from dashboards import frame
from dashboards.data.view import View
from dashboards.frame import CALM_SECONDS, SLOW_SECONDS, panel
from dashboards.look import cells, grid, tables
from dashboards.look.tables import Cell, Column
from dashboards.look.words import say
from dashboards.queries import surveys
from dashboards.readings.picked import Picked, rows_at
from dashboards.readings.surveys import score, survey_readings

_WIDTHS = ((1, 1, 1, 1), (1, 1, 1, 1))
_QUESTIONS = {"csat": "CSAT", "nps": "NPS", "ces": "CES"}


def show(picked: Picked) -> None:
    """The whole section."""
    _tiles(picked)
    _interviews(picked)
    _scores(picked)
    _pledges(picked)


def _view(picked: Picked) -> View:
    return frame.look(
        surveys.SATISFACTION, surveys.INTERVIEWS, surveys.PLEDGES, as_of=picked.as_of, period=picked.period
    )


@panel(CALM_SECONDS)
def _tiles(picked: Picked) -> None:
    view = _view(picked)
    grid.show(_WIDTHS, survey_readings(view, picked), view, name="surveys")


@panel(SLOW_SECONDS)
def _interviews(picked: Picked) -> None:
    columns = [
        Column(say("Campaign"), "left strong"),
        Column(say("Contacts")),
        Column(say("Complete"), "strong"),
        Column(say("Refused")),
        Column(say("Response rate")),
        Column(say("Cooperation")),
        Column(say("Quota")),
        Column(say("Left"), "strong"),
    ]
    rows = [
        [
            Cell(row["campaign"] or say("no campaign"), below="" if picked.client else row["client"]),
            cells.count(row["contacts"]),
            cells.count(row["completes"]),
            cells.count(row["refusals"]),
            cells.percent(row["survey_line_response_rate"]),
            cells.percent(row["survey_cooperation_rate"]),
            cells.count(row["quota"]),
            cells.count(row["quota_left"]),
        ]
        for row in picked.things(_view(picked), "interviews", "campaign")
    ]
    tables.show(say("Interviews · {period}", period=picked.words), columns, rows, say("No interviews."))


@panel(SLOW_SECONDS)
def _scores(picked: Picked) -> None:
    columns = [
        Column(say("Queue"), "left strong"),
        Column(say("Question"), "left"),
        Column(say("Score"), "strong"),
        Column(say("Response rate")),
        Column(say("Answers")),
        Column(say("Sent")),
        Column(say("Refused")),
        Column(say("Off the scale")),
    ]
    rows = [
        [
            Cell(row["queue"] or say("no queue"), below="" if picked.client else row["client"]),
            Cell(_QUESTIONS.get(row["question"]) or str(row["question"])),
            Cell(score(row["question"], row)),
            cells.bar(row["survey_response_rate"]),
            cells.count(row["responses"]),
            cells.count(row["sent"]),
            cells.count(row["refused"]),
            cells.count(row["off_scale"]),
        ]
        for row in picked.things(_view(picked), "satisfaction", "queue")
        if row["question"] is not None
    ]
    tables.show(say("What customers say · {period}", period=picked.words), columns, rows, say("No survey was sent."))


@panel(SLOW_SECONDS)
def _pledges(picked: Picked) -> None:
    view = _view(picked)
    columns = [
        Column(say("Queue"), "left strong"),
        Column(say("Pledges"), "strong"),
        Column(say("Fulfilled")),
        Column(say("In part")),
        Column(say("Cancelled")),
        Column(say("Fulfilled of those due"), "strong"),
        Column(say("Pledged")),
        Column(say("Fulfilled amount")),
    ]
    rows = []
    for row in picked.things(view, "pledges", "queue"):
        if row["part"] != "count":
            continue
        where = (("part", "money"), ("level", "queue"), ("client", row["client"]), ("queue", row["queue"]))
        money = rows_at(view, "pledges", where)
        rows.append(
            [
                Cell(row["queue"] or say("no queue"), below="" if picked.client else row["client"]),
                cells.count(row["pledges"]),
                cells.count(row["fulfilled"]),
                cells.count(row["part_fulfilled"]),
                cells.count(row["cancelled"]),
                cells.percent(row["fulfilment_rate_due"]),
                cells.amounts(money, "amount_pledged"),
                cells.amounts(money, "amount_fulfilled"),
            ]
        )
    tables.show(say("Pledges · {period}", period=picked.words), columns, rows, say("No pledge was made."))
