"""What the section of bots and menus reads. Containment never stands without those who came back all the same. Pure."""

from __future__ import annotations

from dashboards.data.view import View
from dashboards.look import formats
from dashboards.look.tiles import Reading, Tile
from dashboards.look.words import say
from dashboards.queries.bots import RECONTACT_DAYS
from dashboards.readings.picked import Picked, Row, counted, pair, row_at


def bot_readings(view: View, picked: Picked) -> list[tuple[Tile, Reading]]:
    """Seven tiles: the bot's own and those of the menus."""
    where, words = picked.total, picked.words
    bot, menu = row_at(view, "bots", where), row_at(view, "menus", where)
    return [
        pair(counted(bot, "bot_sessions", words=_open(bot, "bot_open")), "bot_sessions", "bots", ["bot_sessions"],
             where, period=words),
        pair(_containment(bot), "bot_containment", "bots",
             ["bot_containment", "bot_containment_net", "bot_contained_but_back"], where, label=say("Containment"),
             period=words),
        pair(_of_sessions(bot, "bot_handed_over"), "bot_handed_over", "bots", ["bot_handed_over"], where,
             label=say("Handed over"), period=words),
        pair(_of_sessions(bot, "bot_abandoned"), "bot_abandoned", "bots", ["bot_abandoned"], where,
             label=say("Given up in the bot"), period=words),
        pair(counted(menu, "menu_sessions", words=_open(menu, "menu_open")), "menu_sessions", "menus",
             ["menu_sessions"], where, period=words),
        pair(_ratio(menu, "menu_containment"), "menu_containment", "menus", ["menu_containment"], where,
             label=say("Self-served in the menu"), period=words),
        pair(_ratio(menu, "menu_abandonment"), "menu_abandonment", "menus", ["menu_abandonment"], where,
             label=say("Given up in the menu"), period=words),
        pair(Reading(formats.duration(menu.get("menu_average_seconds"))), "menu_average_seconds", "menus",
             ["menu_average_seconds"], where, label=say("Time in the menu"), period=words),
    ]  # fmt: skip


def _open(row: Row, column: str) -> str:
    return say("{number} still go on", number=formats.count(row[column])) if row.get(column) else ""


def _of_sessions(row: Row, column: str) -> Reading:
    sessions = row.get("bot_sessions")
    words = say("{share} of sessions", share=formats.percent(row[column] / sessions)) if sessions else ""
    return counted(row, column, of=("bot_sessions",), words=words)


def _ratio(row: Row, column: str) -> Reading:
    return Reading(formats.percent(row.get(column)))


def _containment(row: Row) -> Reading:
    if row.get("bot_containment") is None:
        return Reading(formats.nothing())
    parts = [
        (say("contained"), formats.percent(row["bot_containment"])),
        (say("net of returns"), formats.percent(row["bot_containment_net"])),
        (say("back in {days} days", days=RECONTACT_DAYS), formats.count(row["bot_contained_but_back"])),
    ]
    return Reading("", parts=parts)
