"""A customer in TaskRouter's events: in attributes, in reasons, as the name of a queue or a worker."""

from __future__ import annotations

from pathlib import Path

from tests.canary.person import UNKNOWN, in_text, with_person, write_lines
from tests.canary.table import CARD, CARD_DIGITS, EMAIL, NAME, PHONE, PHONE_DIGITS, TEXT, Canary
from tests.producers.pushed.recorded import documents

_TASK = in_text(
    {
        "from": f"whatsapp:{PHONE}",
        "caller": PHONE,
        "customerAddress": EMAIL,
        "name": NAME,
        "notes": TEXT,
        "language": NAME,
        "skill": EMAIL,
        "disposition": PHONE,
        "card": CARD,
        "conversations": {
            "conversation_id": EMAIL,
            "outcome": f"card {CARD_DIGITS}",
            "customer_name": NAME,
            "content": TEXT,
            "conversation_attribute_1": PHONE_DIGITS,
        },
    }
)
_WORKER = in_text({"full_name": NAME, "contact_uri": f"client:{EMAIL}", "phone": PHONE})
_PERSON = {
    **dict.fromkeys(("TaskAttributes", "task_attributes"), _TASK),
    **dict.fromkeys(("WorkerAttributes", "worker_attributes"), _WORKER),
    **dict.fromkeys(("WorkerName", "worker_name"), EMAIL),
    **dict.fromkeys(("EventDescription", "event_description", "description"), f"{NAME}: {TEXT}"),
    **dict.fromkeys(("WorkspaceName", "workspace_name", "WorkflowName", "workflow_name"), NAME),
    **dict.fromkeys(("TaskCompletedReason", "task_completed_reason", "TaskCanceledReason"), TEXT),
    "source_ip_address": PHONE,
    "Sparkle": TEXT,
}
#: Of one record each: what names something, and here leads to somebody.
_NAMES = (
    {"TaskQueueName": EMAIL},
    {"TaskQueueName": PHONE},
    {"TaskQueueName": f"Queue {CARD}"},
    {"WorkerActivityName": EMAIL},
    {"WorkerActivityName": f"call {PHONE}"},
    {"WorkerActivityName": CARD_DIGITS},
    {"TransferTo": PHONE},
    {"ReservationReasonCode": TEXT},
)


def _write(folder: Path) -> list[str]:
    recorded = documents(Path(__file__).with_name("taskrouter.jsonl"))
    records = [with_person(record, _PERSON) for record in recorded if isinstance(record, dict)]
    records = [{**record, **UNKNOWN} if "EventType" in record else record for record in records]
    for names in _NAMES:
        with_it = next((record for record in records if set(names) <= set(record)), records[0])
        records.append({**with_it, **names, "TimestampMs": "1772460000000", "TaskSid": f"WT{len(records):032x}"})
    write_lines(folder / "events.jsonl", records)
    return ["events.jsonl", "--client", "acme"]


CANARIES = [Canary("twilio", _write, events=50)]
