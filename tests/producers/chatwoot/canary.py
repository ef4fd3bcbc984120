"""A customer in every member of Chatwoot's webhooks that could hold one, and in labels that somebody typed."""

from __future__ import annotations

from pathlib import Path

from tests.canary.person import UNKNOWN, with_person, write_lines
from tests.canary.table import CARD, EMAIL, NAME, PHONE, PHONE_DIGITS, TEXT, Canary
from tests.producers.pushed.recorded import documents

_SENDER = {"name": NAME, "email": EMAIL, "phone_number": PHONE}
_PERSON = {
    **{f"{who}.{name}": value for who in ("sender", "contact", "assignee") for name, value in _SENDER.items()},
    "account.name": NAME,
    "inbox.name": f"Inbox of {NAME}",
    "content": f"{TEXT}, call {PHONE}, card {CARD}",
    "messages.content": TEXT,
    "labels": [EMAIL, PHONE, f"card_{CARD}"],
    "custom_attributes": {"note": TEXT, "card": CARD, "full name": NAME, EMAIL: PHONE},
    "browser.browser_name": TEXT,
    "browser_language": NAME,
    "feedback_message": f"{NAME}: {TEXT}",
    "sparkle": TEXT,
}


def _write(folder: Path) -> list[str]:
    recorded = documents(Path(__file__).with_name("webhooks.jsonl"))
    records = [{**with_person(record, _PERSON), **UNKNOWN} for record in recorded if isinstance(record, dict)]
    for record in records:
        if "additional_attributes" in record:
            record["additional_attributes"] |= {"referer": EMAIL, "conversation_language": TEXT, "mail_subject": NAME}
        if "sender" in record:
            record["processed_message_content"] = TEXT
            record["attachments"] = [{"file_name": f"{NAME}.pdf", "fallback_title": PHONE_DIGITS}]
    write_lines(folder / "webhooks.jsonl", records)
    return ["webhooks.jsonl", "--client", "acme"]


CANARIES = [Canary("chatwoot", _write, events=40)]
