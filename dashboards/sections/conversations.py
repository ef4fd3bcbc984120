"""Chat and messaging: who waits, how quickly agents answer, and how many slots are left."""

from __future__ import annotations

from dashboards import frame
from dashboards.data.view import View
from dashboards.frame import CALM_SECONDS, LIVE_SECONDS, panel
from dashboards.look import cells, formats, grid, tables
from dashboards.look.tables import Cell, Column
from dashboards.look.words import say
from dashboards.queries import conversations
from dashboards.readings.conversations import conversation_readings, slots_level
from dashboards.readings.picked import Picked, Row, row_at

_WIDTHS = ((1, 1, 2), (1, 1, 1, 1))


def show(picked: Picked) -> None:
    """The whole section."""
    _tiles(picked)
    _queues(picked)
    _channels(picked)


@panel(LIVE_SECONDS)
def _tiles(picked: Picked) -> None:
    view = frame.look(
        conversations.WAITING, conversations.RESPONSES, conversations.CONCURRENCY,
        as_of=picked.as_of, period=picked.period,
    )  # fmt: skip
    grid.show(_WIDTHS, conversation_readings(view, picked), view, name="conversations")


@panel(LIVE_SECONDS)
def _queues(picked: Picked) -> None:
    view = frame.look(conversations.WAITING, conversations.RESPONSES, as_of=picked.as_of, period=picked.period)
    columns = [
        Column(say("Queue"), "left strong"),
        Column(say("Channel"), "left"),
        Column(say("Waiting"), "strong"),
        Column(say("Longest wait"), "strong"),
        Column(say("In progress")),
        Column(say("Conversations")),
        Column(say("Reopened"), "wide"),
        Column(say("First response")),
        Column(say("9 of 10 within")),
        Column(say("Response")),
        Column(say("Messages of customers"), "wide"),
        Column(say("of agents"), "wide"),
        Column(say("of bots"), "wide"),
    ]
    rows = [[*_now(row, picked), *_said(row)] for row in _both(view, picked)]
    tables.show(say("Queues, longest wait first · {period}", period=picked.words), columns, rows, formats.nothing())


def _both(view: View, picked: Picked) -> list[Row]:
    now = {(row["client"], row["queue"]): row for row in picked.things(view, "digital_waiting", "queue")}
    said = {(row["client"], row["queue"]): row for row in picked.things(view, "responses", "queue")}
    rows: list[Row] = [{**said.get(key, {}), **now.get(key, {})} for key in {**now, **said}]
    return sorted(rows, key=lambda row: (-(row.get("longest_wait_seconds") or 0), row["client"], row["queue"] or ""))


def _now(row: Row, picked: Picked) -> list[Cell]:
    return [
        Cell(row["queue"] or say("no queue"), below="" if picked.client else row["client"]),
        Cell(row["channel"], "muted"),
        cells.count(row.get("waiting")),
        cells.duration(row.get("longest_wait_seconds")),
        cells.count(row.get("in_progress")),
    ]


def _said(row: Row) -> list[Cell]:
    return [
        cells.count(row.get("conversations")),
        cells.count(row.get("conversations_reopened")),
        cells.duration(row.get("first_response_average_seconds")),
        cells.duration(row.get("first_response_p90_seconds")),
        cells.duration(row.get("agent_response_average_seconds")),
        *(cells.count(row.get(f"{sender}_messages")) for sender in ("customer", "agent", "bot")),
    ]


@panel(CALM_SECONDS)
def _channels(picked: Picked) -> None:
    view = frame.look(conversations.SLOTS, conversations.CONCURRENCY, as_of=picked.as_of, period=picked.period)
    columns = [
        Column(say("Channel"), "left strong"),
        Column(say("Agents at work")),
        Column(say("Slots")),
        Column(say("In use now"), "strong"),
        Column(say("Agents with none free")),
        Column(say("At once, mean")),
        Column(say("At once, most")),
        Column(say("Slots in use, {period}", period=picked.words)),
    ]
    rows = []
    for row in picked.things(view, "slots", "channel"):
        where = (("level", "channel"), ("client", row["client"]), ("channel", row["channel"]))
        held = row_at(view, "concurrency", where)
        rows.append(
            [
                Cell(row["channel"], below="" if picked.client else row["client"]),
                cells.count(row["agents"]),
                cells.count(row["slots"]),
                cells.count(row["slots_used"], slots_level(row)),
                cells.count(row["agents_full"]),
                cells.decimal(held.get("average_concurrency"), 2),
                cells.count(held.get("peak_concurrency")),
                cells.percent(held.get("slot_occupancy")),
            ]
        )
    empty = say("Nobody with a known capacity for these channels is at work.")
    tables.show(say("Channels and slots"), columns, rows, empty)
