"""A requester in every member of Zendesk's ticket and chat events that could hold one."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.canary.person import UNKNOWN, with_person, write_lines
from tests.canary.table import CARD, EMAIL, NAME, PHONE, TEXT, Canary
from tests.producers.pushed.recorded import documents

_PERSON = {
    "detail.subject": f"{NAME}: {TEXT}",
    "detail.description": f"{TEXT}, call {PHONE}, card {CARD}",
    "detail.tags": [EMAIL, PHONE, CARD],
    "detail.external_id": PHONE,
    "detail.organization_id": NAME,
    "comment.body": f"{TEXT} {CARD}",
    "author.name": NAME,
}
_CUSTOMER = f"visitor {NAME} {EMAIL}"


def _tickets(folder: Path) -> list[str]:
    recorded = documents(Path(__file__).with_name("ticket-events.jsonl"))
    records = [{**with_person(record, _PERSON), **UNKNOWN} for record in recorded if isinstance(record, dict)]
    for record in records:
        record["detail"].setdefault("via", {})["source"] = {"from": {"address": EMAIL, "name": NAME, "phone": PHONE}}
    write_lines(folder / "ticket-events.jsonl", records)
    return ["ticket-events.jsonl", "--client", "acme"]


def _chats(folder: Path) -> list[str]:
    with Path(__file__).with_name("ticket_chat_event.csv").open(newline="") as stream:
        columns, *rows = list(csv.reader(stream))
    actor, message = columns.index("actor_id"), columns.index("message")
    for row in (row for row in rows if len(row) == len(columns)):
        if row[actor].startswith("visitor"):
            row[actor] = _CUSTOMER
        row[message : message + 1] = [f"{NAME}: {TEXT}, {PHONE}, {CARD}"]
    broken = [[NAME, PHONE], [EMAIL, PHONE, NAME, NAME, CARD, TEXT, NAME, ""]]
    with (folder / "ticket_chat_event.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([columns, *rows, *broken])
    return ["ticket_chat_event.csv", "--client", "acme"]


CANARIES = [Canary("zendesk", _tickets, events=25), Canary("zendesk-chat", _chats, events=5)]
