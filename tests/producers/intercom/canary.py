"""A person wherever Intercom's notifications and history tables could hold one."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

from tests.canary.person import UNKNOWN, with_person, write_lines
from tests.canary.table import CARD, EMAIL, NAME, PHONE, TEXT, Canary
from tests.producers.pushed.recorded import documents

_PERSON = {
    "item.name": NAME,
    "item.email": EMAIL,
    "item.message": TEXT,
    "author.name": NAME,
    "author.email": EMAIL,
    "source.subject": f"{NAME}: {TEXT}",
    "source.body": f"<p>{TEXT}, {PHONE}, {CARD}</p>",
    "conversation_parts.body": f"<p>{TEXT} {CARD}</p>",
    "conversation_rating.remark": f"{NAME}: {TEXT}",
    "contacts.contacts": [{"type": "contact", "id": EMAIL, "name": NAME, "phone": PHONE}],
    "sparkle": TEXT,
}
_COLUMNS = {
    "source_body": f"<p>{TEXT}, {PHONE}</p>",
    "body": f"<p>{TEXT}, {CARD}</p>",
    "conversation_rating_remark": f"{NAME}: {TEXT}",
}


def _notifications(folder: Path) -> list[str]:
    recorded = documents(Path(__file__).with_name("notifications.jsonl"))
    records = [{**with_person(record, _PERSON), **UNKNOWN} for record in recorded if isinstance(record, dict)]
    for record in records:
        record.get("data", {}).get("item", {})["custom_attributes"] = {"phone": PHONE, "note": TEXT}
    write_lines(folder / "notifications.jsonl", records)
    return ["notifications.jsonl", "--client", "acme"]


def _tables(folder: Path) -> list[str]:
    shutil.copytree(Path(__file__).with_name("export"), folder / "export")
    for file in sorted((folder / "export").glob("*.csv")):
        with file.open(newline="") as stream:
            columns, *rows = list(csv.reader(stream))
        # A column of customers holds their identifiers: an import may have made these of their addresses.
        customers = {"source_author_type": ("source_author_id", EMAIL), "author_type": ("author_id", PHONE)}
        for row in (row for row in rows if len(row) == len(columns)):
            cells = dict(zip(columns, row, strict=True))
            for kind, (column, value) in customers.items():
                if cells.get(kind) == "user":
                    cells[column] = value
            row[:] = [_COLUMNS.get(name, cells[name]) for name in columns]
        with file.open("w", newline="") as stream:
            # The last is too short, and is told to be.
            csv.writer(stream).writerows([columns, *rows, [NAME, PHONE, CARD]])
    return ["export", "--client", "acme"]


CANARIES = [Canary("intercom", _notifications, events=25), Canary("intercom", _tables, events=5)]
