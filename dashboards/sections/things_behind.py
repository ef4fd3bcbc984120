"""Rows behind a number that are no passes through a queue and no spans of agents: dials, promises, answers, items."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo

from dashboards.look import formats, tables
from dashboards.look.tables import Cell, Column
from dashboards.look.words import mark, say

#: Parts that are sums of money, currency by currency.
MONEY = frozenset(
    {
        "revenue", "amount_promised", "amount_due", "amount_kept", "amount_collected", "outstanding", "amount_pledged",
        "sales_revenue",
    }
)  # fmt: skip
#: What the catalogue has no name for.
PARTS: Mapping[str, str] = {
    "sales": mark("Sales"),
    "offered": mark("Offered"),
    "answered": mark("Answered"),
    "leads": mark("Leads"),
    "cancelled": mark("Cancelled"),
    "revenue": mark("Revenue"),
    "sales_revenue": mark("Revenue"),
    "agent_hours": mark("Agent hours"),
    "promises": mark("Promises"),
    "due": mark("Due"),
    "kept": mark("Kept"),
    "undecided": mark("May still be kept"),
    "broken": mark("Broken"),
    "amount_promised": mark("Amount promised"),
    "amount_due": mark("Amount due"),
    "amount_kept": mark("Amount kept"),
    "amount_collected": mark("Amount collected"),
    "outstanding": mark("Owed"),
    "pledges": mark("Pledges"),
    "pledges_due": mark("Due"),
    "fulfilled_due": mark("Fulfilled of those due"),
    "amount_pledged": mark("Pledged"),
    "dials": mark("Dials"),
    "contacts": mark("Contacts"),
    "right_party_contacts": mark("Right-party contacts"),
    "leads_dialled": mark("Leads dialled"),
    "live_answers": mark("Answered by a person"),
    "drops": mark("Drops"),
    "responses": mark("Answers"),
    "sent": mark("Sent"),
    "at_least_4": mark("4 or 5"),
    "at_least_9": mark("9 or 10"),
    "at_most_6": mark("0 to 6"),
    "scores": mark("Sum of the answers"),
    "completes": mark("Complete"),
    "refusals": mark("Refused"),
    "conversations": mark("Conversations"),
    "first_responses": mark("First responses"),
    "first_response_seconds": mark("Time to the first response"),
    "agent_responses": mark("Responses"),
    "agent_response_seconds": mark("Time to respond"),
    "contact_seconds": mark("Time of contacts"),
    "busy_seconds": mark("Time with any contact"),
    "used_slot_seconds": mark("Slots in use"),
    "available_slot_seconds": mark("Slots there were"),
    "bot_sessions": mark("Sessions"),
    "bot_open": mark("Still going on"),
    "bot_contained": mark("Contained"),
    "bot_handed_over": mark("Handed over"),
    "bot_abandoned": mark("Given up in the bot"),
    "bot_contained_but_back": mark("Contained, but came back"),
    "menu_sessions": mark("Sessions"),
    "menu_open": mark("Still going on"),
    "menu_contained": mark("Self-served in the menu"),
    "menu_abandoned": mark("Given up in the menu"),
    "menu_seconds": mark("Time in the menu"),
    "open_items": mark("Open items"),
    "oldest_item_seconds": mark("Open items by age"),
    "open_past_promise": mark("Late"),
    "open_due_next_hour": mark("Due in an hour"),
    "open_at_risk": mark("At risk"),
    "items_closed": mark("Items closed"),
    "turnaround_seconds": mark("Time until closed"),
    "items_closed_with_promise": mark("Closed, with a promise"),
    "items_closed_within_promise": mark("Closed within the promise"),
    "items_due": mark("Items due"),
    "items_due_closed": mark("Due, and closed by then"),
}
_STATES = {
    # Of sales and money.
    "sale": mark("Sale"),
    "order": mark("Order"),
    "upsell": mark("Upsell"),
    "lead": mark("Lead"),
    "cancelled sale": mark("Cancelled"),
    "dial": mark("Dial"),
    "collected": mark("Payment"),
    "balance": mark("Balance"),
    "made": mark("Made"),
    "kept": mark("Kept"),
    "part_kept": mark("Kept in part"),
    "broken": mark("Broken"),
    "fulfilled": mark("Fulfilled"),
    "cancelled": mark("Cancelled"),
    # Of dials.
    "human": mark("A person"),
    "machine": mark("A machine"),
    "busy": mark("Busy"),
    "no_answer": mark("No answer"),
    "invalid": mark("Invalid number"),
    "blocked": mark("Blocked"),
    "failed": mark("Failed"),
    # Of surveys.
    "sent": mark("Sent"),
    "completed": mark("Complete"),
    "refused": mark("Refused"),
    # Of contacts, bots and agents.
    "offered": mark("Offered"),
    "answered": mark("Answered"),
    "contained": mark("Contained"),
    "handed_over": mark("Handed over"),
    "abandoned": mark("Given up"),
    "open": mark("Still going on"),
    "available": mark("Available"),
    "on_contact": mark("On contact"),
    "wrap_up": mark("Wrap-up"),
    "break": mark("Break"),
    "unavailable": mark("Unavailable"),
}
#: Columns whose names are a client's.
_OF_CLIENTS = ("queue", "campaign")
#: Columns that are a moment.
_MOMENTS = ("until", "due", "answered", "closed")
_HEADS = {
    "time": mark("Time and interaction"),
    "queue": mark("Queue"),
    "campaign": mark("Campaign"),
    "channel": mark("Channel"),
    "agent": mark("Agent"),
    "state": mark("State"),
    "detail": mark("Detail"),
    "most": mark("At most at once"),
    "until": mark("Until"),
    "due": mark("Due"),
    "answered": mark("Answered"),
    "closed": mark("Closed"),
    "value": mark("Counted"),
}


def part_words(part: str) -> str:
    """What a part is called."""
    return say(PARTS[part]) if part in PARTS else part.replace("_", " ")


def total(part: str, row: tables.Row) -> str:
    """What the rows of a part come to."""
    if part in MONEY:
        found = [formats.money(each["total"], each["currency"]) for each in row["amounts"] or () if each["total"]]
        return " + ".join(found) or formats.count(0)
    return value(part, row["total"] or 0)


def value(part: str, number: formats.Number | None, currency: str | None = None) -> str:
    """What one row adds to a part."""
    if number is None:
        return "–"
    if part in MONEY:
        return formats.money(number, currency)
    if part.endswith("_seconds"):
        return formats.duration(number)
    if part.endswith("_hours"):
        return formats.decimal(number, 2)
    return formats.count(number)


def show(
    names: Sequence[str], part: str, rows: Sequence[tables.Row], zone: tzinfo, link_to: Callable[[tables.Row], str]
) -> None:
    """Draw the table with the columns ``names``; ``link_to`` gives the timeline of a row's interaction."""
    columns = [Column(say(_HEADS[name]), "" if name == "value" else "left") for name in names]
    cells = [[_cell(name, part, row, zone, link_to) for name in names] for row in rows]
    tables.show(part_words(part), columns, cells, say("Nothing was found."))


def _cell(name: str, part: str, row: tables.Row, zone: tzinfo, link_to: Callable[[tables.Row], str]) -> Cell:
    if name == "time":
        moment = formats.second(row["began_at"], zone)
        return Cell(moment, below=row["interaction"], link=link_to(row)) if row["interaction"] else Cell(moment)
    if name == "value":
        return Cell(value(part, row["value"], row["currency"]))
    if name in _MOMENTS:
        return Cell("–" if row["until"] is None else formats.stamp(row["until"], zone))
    if name == "state":
        return Cell(say(_STATES[row["state"]]) if row["state"] in _STATES else row["state"] or "–")
    text = row["detail" if name == "most" else name] or "–"
    return Cell(text, below=row["client"] if name in _OF_CLIENTS else "")
