"""A customer in every member of Amazon Connect's streams that could hold one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.canary.person import BROKEN, UNKNOWN, with_person, write_lines
from tests.canary.table import CARD, EMAIL, NAME, PHONE, TEXT, Canary
from tests.producers.pushed.recorded import documents

_HERE = Path(__file__).parent
_CLIENT = ["--client", "acme"]
_CONTACT = {
    "Agent.Username": EMAIL,
    "CustomerEndpoint": {"Address": PHONE, "Type": "TELEPHONE_NUMBER", "DisplayName": NAME},
    "SystemEndpoint.Address": PHONE,
    "TransferredToEndpoint": {"Address": f"sip:{EMAIL}", "Type": "TELEPHONE_NUMBER"},
    "Attributes": {
        "language": NAME,
        "skill": EMAIL,
        "disposition": f"wants to be called back on {PHONE} about the invoice",
        "notes": f"{NAME}: {TEXT}",
        "card": CARD,
        EMAIL: PHONE,
    },
    "Recording": {"Location": f"recordings/{NAME}.wav", "DeletionReason": TEXT},
    "FancyNewMember": {"note": TEXT},
}
#: What the stream does not have in its recording, and could.
_MORE = {
    "ContactDetails": {"Name": {"value": NAME}, "Description": {"value": TEXT}},
    "References": [{"name": NAME, "value": f"mailto:{EMAIL}"}],
    "SegmentAttributes": {"connect:Subject": {"ValueString": TEXT}},
    "CustomerId": EMAIL,
    "Tags": {"owner": NAME},
    "VoiceIdResult": {"GeneratedSpeakerId": PHONE},
}
_AGENT = {
    "Configuration.FirstName": NAME.split()[0],
    "Configuration.LastName": NAME.split()[1],
    "Configuration.Username": EMAIL,
}


def _objects(file: Path) -> list[dict[str, Any]]:
    """The objects that stand end to end in a file, or in the lists in it."""
    decoder, text = json.JSONDecoder(), file.read_text().strip()
    found: list[dict[str, Any]] = []
    while text:
        each, end = decoder.raw_decode(text)
        found += each if isinstance(each, list) else [each]
        text = text[end:].lstrip()
    return found


def _records(folder: Path) -> list[str]:
    recorded = _objects(next(_HERE.glob("ctr/**/*-11-30-00.json")))
    records = [{**with_person(record, _CONTACT), **_MORE, **UNKNOWN} for record in recorded]
    queue = {**records[0]["Queue"], "Name": PHONE}
    records.append({**records[0], "ContactId": "c0ffee00-0000-4000-8000-0000000000aa", "Queue": queue})
    (folder / "ctr").mkdir()
    (folder / "ctr" / "delivered").write_text("".join(map(json.dumps, records)) + BROKEN)
    return ["ctr", *_CLIENT]


def _agents(folder: Path) -> list[str]:
    records = [with_person(record, _AGENT) for record in _objects(_HERE / "agent-events.json")]
    for record, name in zip(records, (EMAIL, PHONE, CARD), strict=False):
        if record.get("CurrentAgentSnapshot"):
            record["CurrentAgentSnapshot"]["AgentStatus"]["Name"] = name
    records = [{**record, **UNKNOWN} for record in records]
    (folder / "agent-events.json").write_text("".join(map(json.dumps, records)) + BROKEN)
    return ["agent-events.json", *_CLIENT]


def _contact_events(folder: Path) -> list[str]:
    recorded = [record for record in documents(_HERE / "contact-events.jsonl") if "detail" in record]
    records = [{**record, **UNKNOWN, "detail": {**record["detail"], **_CONTACT, **_MORE}} for record in recorded]
    write_lines(folder / "contact-events.jsonl", records)
    return ["contact-events.jsonl", *_CLIENT]


CANARIES = [
    Canary("connect-ctr", _records, events=10),
    Canary("connect-agents", _agents, events=8),
    Canary("connect-contacts", _contact_events, events=10),
]
