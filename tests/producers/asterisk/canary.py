"""A caller in every field of Asterisk's that could hold one, and in the names and reasons that somebody typed."""

from __future__ import annotations

from pathlib import Path

from tests.canary.table import CARD, CARD_DIGITS, EMAIL, NAME, PHONE, PHONE_DIGITS, TEXT, Canary
from tests.support.ami import captured

#: By verb: the fields after it that say something of the caller, from the first on.
_DATA = {
    "ENTERQUEUE": [f"https://crm.example/?name={NAME}&card={CARD_DIGITS}", PHONE, "1", NAME],
    "BLINDTRANSFER": [PHONE, NAME],
    "TRANSFER": [PHONE, "default"],
    "CALLSTATUS": [PHONE],
    "PAUSE": [EMAIL],
    "PAUSEALL": [f"call {PHONE}"],
    "UNPAUSE": [TEXT],
    "INFO": [NAME, EMAIL],
    "DID": [PHONE_DIGITS],
}
_T = 1772445600
_MORE = (
    # An agent at home, known by a telephone number; and records that nobody understands.
    f"{_T}|{_T}.1|support|NONE|ENTERQUEUE||{PHONE}|1|{NAME}",
    f"{_T + 5}|{_T}.1|support|Local/{PHONE_DIGITS}@home/n|CONNECT|5|{_T}.2|3",
    f"{_T + 65}|{_T}.1|support|Local/{PHONE_DIGITS}@home/n|COMPLETECALLER|5|60|1",
    f"{_T + 66}|{_T}.1|support|Local/{PHONE_DIGITS}@home/n|CALLSTATUS|{EMAIL}",
    f"{_T + 67}|{_T}.1|support|Local/{PHONE_DIGITS}@home/n|CALLSTATUS|card {CARD}",
    f"{_T + 70}|{_T}.2|support|NONE|ENTERQUEUE||{EMAIL}|1|{TEXT}",
    f"{_T + 75}|{_T}.2|support|NONE|ABANDON|{NAME}|{PHONE}|{CARD}",
    f"{_T + 80}|NONE|NONE|NONE|DID|{PHONE}",
    f"{_T + 81}|NONE|NONE|NONE|{EMAIL}|{PHONE}",
    f"{_T + 82}|NONE|NONE|NONE|CALL {PHONE_DIGITS}|{NAME}",
    f"{_T + 83}|{_T}.3|{CARD_DIGITS}|NONE|ENTERQUEUE||{PHONE}|1",
    f"{NAME}|{PHONE}|{EMAIL}",
    f"{PHONE}|{NAME}|support|{EMAIL}|ENTERQUEUE|{TEXT}",
    f"{TEXT}, {CARD}",
    f"{_T + 90}|NONE|NONE|NONE|CONFIGRELOAD|",
)


def _write(folder: Path) -> list[str]:
    lines = []
    for line in Path(__file__).with_name("queue_log").read_text().splitlines():
        fields = line.split("|")
        said = _DATA.get(fields[4] if len(fields) > 4 else "")
        lines.append("|".join([*fields[:5], *said, *fields[5 + len(said) :]]) if said else line)
    (folder / "queue_log").write_text("\n".join([*lines, *_MORE]) + "\n")
    return ["queue_log", "--client", "acme"]


_AMI_TYPED = "".join(
    f"{name}: {value}\n"
    for name, value in {
        "CallerIDNum": PHONE,
        "CallerIDName": NAME,
        "ConnectedLineNum": PHONE_DIGITS,
        "ConnectedLineName": NAME,
        "TransfereeCallerIDNum": PHONE,
        "Extension": PHONE,
        "DestCallerIDName": NAME,
        "AccountCode": EMAIL,
        "AppData": TEXT,
        "Card": CARD,
    }.items()
)
_HOME = f"Queue: support\nMemberName: Local/{PHONE_DIGITS}@home\nInterface: Local/{PHONE}@home\n"
_NOW = f"Timestamp: {_T + 100}.000000\n"
_AMI_MORE = (
    f"Event: QueueMemberPause\n{_NOW}{_HOME}Paused: 1\nPausedReason: {EMAIL}\n\n",
    f"Event: QueueMemberPause\n{_NOW}{_HOME}Paused: 1\nPausedReason: call {PHONE}\n\n",
    f"Event: QueueMemberPause\n{_NOW}{_HOME}Paused: 1\nPausedReason: {CARD}\n\n",
    f"Event: Queue{EMAIL}\n{_NOW}\n",
    f"Event: Agent {PHONE_DIGITS}\n{_NOW}\n",
    f"Event: VarSet\n{_NOW}Variable: {NAME}\nValue: {TEXT}\n{NAME} {PHONE} {CARD}\n\n",
    f"Event: QueueCallerJoin\nUniqueid: {CARD_DIGITS}\n{_HOME}{_AMI_TYPED}\n",
    f"Event: QueueCallerJoin\n{_NOW}Uniqueid: {CARD_DIGITS}\n{_HOME}{_AMI_TYPED}\n",
    f"Action: Login\nUsername: {EMAIL}\nSecret: {TEXT}\n\n",
    f"{NAME}, {PHONE}\n{TEXT}\n\n",
    # In the piece that a checkpoint is saved before: nobody knows when it was.
    f"Event: QueueEntry\n{_HOME}Uniqueid: 9.9\nWait: 5\n{_AMI_TYPED}\n",
    f"Event: QueueCallerJoin\n{_NOW}CallerIDName: {NAME}\nCallerIDNum: {PHONE}",
)


def _write_capture(folder: Path) -> list[str]:
    # At the end of each message: of a name that comes twice the last holds.
    text = captured(Path(__file__).with_name("ami.txt"), "\n").replace("\n\n", f"\n{_AMI_TYPED}\n")
    (folder / "capture.txt").write_text(text + "".join(_AMI_MORE))
    return ["capture.txt", "--client", "acme"]


CANARIES = [Canary("queue-log", _write, events=60), Canary("ami", _write_capture, events=50)]
