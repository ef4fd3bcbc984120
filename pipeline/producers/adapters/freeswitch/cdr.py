"""FreeSWITCH's call detail records into contract events.

A record is one channel, written when it is over. The caller's channel has the way through its last queue, an agent's
channel one alert. Variables of an earlier queue stay set when the call enters another one: a moment before the joining
is of that earlier pass, and not of this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from pipeline.contract import events as ev
from pipeline.contract.events import Event
from pipeline.producers.adapters.base import AdapterRequest, Reading, RowProblem
from pipeline.producers.adapters.freeswitch import causes
from pipeline.producers.adapters.freeswitch.cdr_files import CallRecord, Unreadable, records
from pipeline.producers.adapters.freeswitch.names import NO_DOMAIN, Names
from pipeline.producers.adapters.freeswitch.records import Headers, moment, seconds
from pipeline.producers.adapters.speaker import Speaker
from pipeline.producers.adapters.words import identifier, word
from pipeline.producers.door import Door
from pipeline.producers.growing_file import Gap

ADAPTER = "freeswitch_cdr"
SOURCE = "freeswitch"
_US_OF_MS = 1_000
#: A channel that was hung up in the queue is over at most so long after it left.
_HANG_UP_US = 2_000_000
_PROGRESS_EVERY_ROWS = 1000


class CdrConverter:
    """Pure. Each record says all that it has to say; a piece that is none is noticed at the time of the one before."""

    def __init__(self, names: Names, door: Door, source: str | None = None) -> None:
        """``names`` says how queues' and agents' names are read."""
        self._names = names
        self._door = door
        self._speaker = Speaker(source or SOURCE, ADAPTER)
        self._last_us: int | None = None

    def state(self) -> bytes:
        """The time of the last record."""
        return msgspec.json.encode(self._last_us)

    def restore(self, state: bytes) -> None:
        """Go on from there."""
        self._last_us = msgspec.json.decode(state, type=int | None)

    def convert(self, record: CallRecord | Unreadable | Gap) -> Iterable[Event]:
        """The events of a record; of one that cannot be read, or of records that are missing, a notice."""
        if isinstance(record, Unreadable):
            return self._missed("unreadable", "record", record.line)
        if isinstance(record, Gap):
            return self._missed("gap", record.name, None)
        found: list[Event] = []
        self._last_us = seconds(record.variables, "end_epoch") or self._last_us
        try:
            for event in self._of(record):
                found.append(event)
        except msgspec.ValidationError:
            found += self._notice(record, "unreadable", "value")
        return found

    def _missed(self, kind: str, name: str, apart: object) -> list[Event]:
        """A notice at the time of the record before; none before the first one."""
        if self._last_us is None:
            return []
        return list(self._speaker.notice(self._names.client or NO_DOMAIN, moment(self._last_us), kind, name, apart))

    def kind(self, record: CallRecord) -> str:
        """What is read of it: a caller, an alert, or nothing."""
        if not record.variables.get("cc_queue") or not record.variables.get("cc_member_uuid"):
            return "no queue call"
        return "agent's channel" if record.variables.get("cc_side") == "agent" else "caller"

    def lacks(self, record: CallRecord) -> str:
        """The variable that a queue call's record must have and this one has not; empty where all is there."""
        if self.kind(record) == "no queue call":
            return ""
        of_caller = self.kind(record) == "caller"
        needed = ["uuid", "end_epoch"] if of_caller else ["cc_member_session_uuid", "start_epoch"]
        for name in [*needed, "cc_queue_joined_epoch"]:
            if not (seconds(record.variables, name) if name.endswith("_epoch") else record.variables.get(name)):
                return name
        return ""

    def _of(self, record: CallRecord) -> Iterator[Event]:
        if self.kind(record) == "no queue call":
            return
        if self.lacks(record):
            yield from self._notice(record, "unreadable", self.lacks(record))
        elif self.kind(record) == "caller":
            yield from self._caller(record)
        else:
            yield from self._alert(record.variables)

    def _caller(self, record: CallRecord) -> Iterator[Event]:
        values = record.variables
        joined_us, ended_us = seconds(values, "cc_queue_joined_epoch"), seconds(values, "end_epoch")
        common = self._common(values, values["uuid"])
        if joined_us is None or ended_us is None or common is None:
            return
        apart = values["uuid"]
        whole = {name: common[name] for name in ("client", "interaction", "channel", "direction")}
        started_us = seconds(values, "start_epoch")
        if started_us is not None:
            yield self._speaker.say(ev.InteractionStarted, moment(started_us), apart, **whole)
        yield self._speaker.say(ev.InteractionQueued, moment(joined_us), apart, **common)
        customer = self._door.caller(common["client"], values.get("caller_id_number"))
        if customer is not None:
            yield self._speaker.say(ev.InteractionDescribed, moment(joined_us), apart, **common, customer=customer)
        answered_us = _since(joined_us, values, "cc_queue_answered_epoch")
        agent = self._names.agent_of(common["client"], values.get("cc_agent"))
        if answered_us is not None and agent is not None:
            yield from self._served(values, common, (joined_us, answered_us, ended_us), agent)
        else:
            yield from self._cancelled(values, common, joined_us, ended_us)
        # Who hung up is the agent's affair no more than the queue's: the caller's BYE ends the caller's channel.
        by = "customer" if values.get("sip_hangup_disposition") == "recv_bye" else None
        yield self._speaker.say(ev.InteractionEnded, moment(ended_us), apart, **whole, ended_by=by)
        if record.queue_entries > 1:
            lost = record.queue_entries - 1
            yield from self._notice(record, "gap", "earlier_queues_of_a_call", count=lost)

    def _served(
        self, values: Headers, common: dict[str, Any], times: tuple[int, int, int], agent: str
    ) -> Iterator[Event]:
        joined_us, answered_us, ended_us = times
        apart = values["uuid"]
        over_us = _since(answered_us, values, "cc_queue_terminated_epoch") or ended_us
        yield self._speaker.say(ev.InteractionAnswered, moment(answered_us), apart, **common, agent=agent)
        yield self._speaker.say(ev.InteractionEnded, moment(over_us), apart, **common, agent=agent)
        kind = causes.transfer_kind(values.get("transfer_history", ""), answered_us, values.get("cc_agent_uuid", ""))
        if kind is not None and over_us < ended_us:
            yield self._speaker.say(ev.InteractionTransferred, moment(over_us), apart, **common, agent=agent, kind=kind)
        yield self._speaker.say(
            ev.InteractionReported, moment(over_us), apart, **common, agent=agent, outcome="answered",
            wait_ms=(answered_us - joined_us) // _US_OF_MS, talk_ms=(over_us - answered_us) // _US_OF_MS,
        )  # fmt: skip

    def _cancelled(self, values: Headers, common: dict[str, Any], joined_us: int, ended_us: int) -> Iterator[Event]:
        apart = values["uuid"]
        left_us = _since(joined_us, values, "cc_queue_canceled_epoch") or ended_us
        reason = values.get("cc_cancel_reason", "").upper()
        still_up = ended_us - left_us > _HANG_UP_US
        left = causes.left_reason(reason, still_up)
        if left is None:
            yield self._speaker.say(ev.InteractionAbandoned, moment(left_us), apart, **common)
        else:
            yield self._speaker.say(ev.InteractionLeftQueue, moment(left_us), apart, **common, reason=left)
        wait_ms = (left_us - joined_us) // _US_OF_MS
        yield self._speaker.say(
            ev.InteractionReported, moment(left_us), apart, **common, wait_ms=wait_ms, outcome=word(reason)
        )

    def _alert(self, values: Headers) -> Iterator[Event]:
        """An agent's channel: offered when it was made; answered, or over without that."""
        common = self._common(values, values["cc_member_session_uuid"])
        called_us = seconds(values, "start_epoch")
        agent = None if common is None else self._names.agent_of(common["client"], values.get("cc_agent"))
        if common is None or called_us is None or agent is None:
            return
        # The direction of an agent's channel is always outbound; that of the contact is the caller's.
        common = {**common, "direction": "inbound", "agent": agent}
        apart = values.get("uuid")
        yield self._speaker.say(ev.InteractionOffered, moment(called_us), apart, **common)
        ended_us, answered_us = seconds(values, "end_epoch"), seconds(values, "answer_epoch")
        if answered_us is None:
            reason = causes.decline_reason(values.get("hangup_cause", ""))
            if reason is not None and ended_us is not None:
                yield self._speaker.say(ev.InteractionDeclined, moment(ended_us), apart, **common, reason=reason)
            return
        held = values.get("hold_accum_ms", "")
        yield self._speaker.say(
            ev.InteractionReported, moment(ended_us or answered_us), apart, **common,
            ring_ms=max(0, answered_us - called_us) // _US_OF_MS,
            hold_ms=int(held) if held.isascii() and held.isdigit() else None,
        )  # fmt: skip

    def _common(self, values: Headers, interaction: str) -> dict[str, Any] | None:
        owner = self._names.queue(values.get("cc_queue"))
        if owner is None:
            return None
        return {
            "client": owner[0],
            "interaction": identifier(interaction),
            "channel": "voice",
            "direction": "outbound" if values.get("direction") == "outbound" else "inbound",
            "segment": identifier(values["cc_member_uuid"]),
            "queue": owner[1],
        }

    def _notice(self, record: CallRecord, kind: str, name: str, **more: Any) -> list[Event]:
        values = record.variables
        at_us = seconds(values, "end_epoch") or seconds(values, "start_epoch")
        if at_us is None:
            return []
        owner = self._names.queue(values.get("cc_queue"))
        client = owner[0] if owner else self._names.client or NO_DOMAIN
        return list(self._speaker.notice(client, moment(at_us), kind, name, values.get("uuid"), **more))


def read_cdrs(request: AdapterRequest) -> Reading:
    """The events of a file or a folder of records, made while they are read.

    Raises:
        CallboardError: there is nothing to read.
    """
    reading = Reading()
    reading.events = _events(request, reading)
    return reading


def _events(request: AdapterRequest, reading: Reading) -> Iterator[Event]:
    converter = CdrConverter(Names(request.client), request.door, request.source)
    for record in records(request.file):
        reading.rows += 1
        if isinstance(record, Unreadable):
            reading.problems.append(RowProblem(record.line, "", record.what))
            yield from converter.convert(record)
            continue
        missing = converter.lacks(record)
        if missing:
            reading.problems.append(RowProblem(record.line, missing, "empty, or no time"))
        else:
            reading.read_as[converter.kind(record)] += 1
        yield from converter.convert(record)
        if reading.rows % _PROGRESS_EVERY_ROWS == 0:
            request.progress(reading.rows)
    request.progress(reading.rows)


def _since(start_us: int, values: Headers, name: str) -> int | None:
    """A moment of this pass; None where it is absent, or was left over from an earlier one."""
    found = seconds(values, name)
    return None if found is None or found < start_us else found
