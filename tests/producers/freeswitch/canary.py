"""A caller in every header and variable of FreeSWITCH that could hold one."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from urllib.parse import quote

from pipeline.producers.adapters.freeswitch.cdr_files import COLUMNS
from tests.canary.person import BROKEN
from tests.canary.table import CARD, CARD_DIGITS, EMAIL, NAME, PHONE, PHONE_DIGITS, TEXT, Canary

_HERE = Path(__file__).parent
_HEADERS = {
    "CC-Member-CID-Name": NAME,
    "CC-Member-CID-Number": PHONE,
    "CC-Cancel-Reason": EMAIL,
    "CC-Cause": TEXT,
    "CC-Hangup-Cause": NAME,
    "CC-Agent-Status": EMAIL,
    "CC-Agent-State": PHONE,
    "CC-Selection": TEXT,
    "FreeSWITCH-Hostname": NAME,
}
#: As they stand: with these another the story would be another, and a few events instead of many.
_KEPT = ("CC-Agent-Status", "CC-Agent-State", "CC-Cause", "CC-Hangup-Cause", "CC-Cancel-Reason")
_BESIDE = {
    "Caller-Caller-ID-Name": NAME,
    "Caller-Caller-ID-Number": PHONE,
    "Caller-Destination-Number": PHONE_DIGITS,
    "variable_email": EMAIL,
    "variable_note": TEXT,
    "variable_card": CARD,
}
_VARIABLES = {
    "caller_id_name": NAME,
    "caller_id_number": PHONE,
    "sip_from_user": PHONE_DIGITS,
    "sip_from_display": NAME,
    "destination_number": PHONE_DIGITS,
    "effective_caller_id_name": NAME,
    "customer_email": EMAIL,
    "customer_note": TEXT,
    "card": CARD,
}


def _event(**headers: str) -> str:
    common = {"Event-Name": "CUSTOM", "Event-Subclass": "callcenter::info", "Event-Date-Timestamp": "1772448000000000"}
    return "".join(f"{name.replace('_', '-')}: {quote(value)}\n" for name, value in {**common, **headers}.items())


def _said_once() -> list[str]:
    """Records in which also what decides what they mean leads to somebody."""
    member = {"CC_Member_UUID": "aaaaaaaa-0000-4000-8000-0000000000c1", "CC_Queue": "support@acme.example"}
    member["CC_Member_Session_UUID"] = "bbbbbbbb-0000-4000-8000-0000000000c1"
    caller = {**member, "CC_Member_CID_Name": NAME, "CC_Member_CID_Number": PHONE}
    return [
        _event(CC_Action="member-queue-start", **caller),
        _event(CC_Action="member-queue-end", CC_Cause="Cancel", CC_Cancel_Reason=EMAIL, **caller),
        _event(CC_Action="agent-status-change", CC_Agent="1001@acme.example", CC_Agent_Status=EMAIL),
        _event(CC_Action="agent-status-change", CC_Agent="1001@acme.example", CC_Agent_Status=f"call {PHONE}"),
        _event(CC_Action="agent-state-change", CC_Agent="1001@acme.example", CC_Agent_State=CARD_DIGITS),
        _event(CC_Action=EMAIL, CC_Agent="1001@acme.example"),
        _event(CC_Action=PHONE, **caller),
    ]


def _stream(folder: Path) -> list[str]:
    said = {name: value for name, value in _HEADERS.items() if name not in _KEPT}
    text = (_HERE / "stream.txt").read_text()
    for name, value in said.items():
        text = re.sub(rf'("{name}": )"[^"]*"', rf'\1"{value}"', text)
        text = re.sub(rf"(?m)^({name}: ).*$", rf"\g<1>{quote(value)}", text)
    beside = "".join(f"{name}: {quote(value)}\n" for name, value in _BESIDE.items())
    text = re.sub(r"(?m)^(Event-Subclass: .*\n)", rf"\g<1>{beside}", text)
    # The lengths that the frames tell are no longer theirs: without them an empty line ends an event.
    text = re.sub(r"(?m)^Content-Length: .*\nContent-Type: .*\n\n", "", text)
    more = "\nRECV EVENT\n".join(["", *_said_once()])
    (folder / "stream.txt").write_text(f"{text}\n{more}\n{BROKEN}\n\n{NAME}: {PHONE}\n")
    return ["stream.txt"]


def _cdrs(folder: Path) -> list[str]:
    lines = []
    for line in (_HERE / "cdr" / "calls.json").read_text().splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        record["variables"] |= {name: quote(value) for name, value in _VARIABLES.items()}
        profile = {"caller_id_name": NAME, "caller_id_number": PHONE, "destination_number": PHONE_DIGITS}
        record["callflow"] = [{"caller_profile": profile}]
        lines.append(record)
    cancelled = next(each for each in lines if "cc_cancel_reason" in each["variables"])
    reasons = [
        {**cancelled, "variables": {**cancelled["variables"], "cc_cancel_reason": why}} for why in (EMAIL, PHONE)
    ]
    (folder / "cdr").mkdir()
    (folder / "cdr" / "calls.json").write_text("\n".join([*map(json.dumps, [*lines, *reasons]), BROKEN]) + "\n")
    with (_HERE / "cdr" / "Master.csv").open(newline="") as stream:
        rows = [row for row in csv.reader(stream) if len(row) == len(COLUMNS)]
    for row in rows:
        row[COLUMNS.index("caller_id_number")] = PHONE
    with (folder / "cdr" / "Master.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([*rows, [NAME, PHONE, CARD], [TEXT] * len(COLUMNS)])
    return ["cdr"]


CANARIES = [Canary("freeswitch", _stream, events=40), Canary("freeswitch-cdr", _cdrs, events=20)]
