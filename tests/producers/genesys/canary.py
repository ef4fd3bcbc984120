"""A customer in every member of Genesys Cloud's details and metrics that could hold one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.canary.person import UNKNOWN, with_person, write_lines
from tests.canary.table import CARD, EMAIL, NAME, PHONE, TEXT, Canary
from tests.producers.pushed.recorded import documents

_HERE = Path(__file__).parent
_DIVISIONS = ["--client", "a0000000-1111-4000-8000-000000000001=acme,zenith"]
_PERSON: Mapping[str, Any] = {
    **dict.fromkeys(("participantName", "participant_name", "callbackUserName", "callback_user_name"), NAME),
    **dict.fromkeys(("ani", "dnis"), f"tel:{PHONE}"),
    **dict.fromkeys(("addressFrom", "address_from", "addressTo", "address_to"), EMAIL),
    **dict.fromkeys(("wrapUpNote", "wrap_up_note"), f"{NAME}: {TEXT}, {CARD}"),
    **dict.fromkeys(("callbackNumbers", "callback_numbers"), [PHONE]),
    **dict.fromkeys(("flowName", "flow_name"), EMAIL),
    **dict.fromkeys(("outboundContactId", "outbound_contact_id"), PHONE),
    **dict.fromkeys(("dispositionName", "disposition_name"), TEXT),
    "wrapUpCode": PHONE,
    "shoe_size": TEXT,
}


def _conversations(folder: Path) -> list[str]:
    records = [{**with_person(each, _PERSON), **UNKNOWN} for each in documents(_HERE / "details" / "2-jobs.jsonl")]
    for record in records:
        for participant in record.get("participants", []):
            participant["attributes"] = {"customer name": NAME, "card": CARD, EMAIL: PHONE}
            participant["externalContactId"] = EMAIL
            for session in participant.get("sessions", []):
                session |= {"remoteNameDisplayable": NAME, "requestedRoutings": [TEXT], "ani": f"sip:{EMAIL}"}
    write_lines(folder / "details.jsonl", records)
    return ["details.jsonl", *_DIVISIONS]


def _metrics(folder: Path) -> list[str]:
    records = [{**with_person(each, _PERSON), **UNKNOWN} for each in documents(_HERE / "metrics.jsonl")]
    write_lines(folder / "metrics.jsonl", records)
    return ["metrics.jsonl", *_DIVISIONS]


CANARIES = [Canary("genesys-conversations", _conversations, events=10), Canary("genesys-metrics", _metrics, events=20)]
