"""What the verbs of the queue log say about calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from pipeline.centre.model import Centre
from pipeline.contract import events as ev
from pipeline.producers.adapters.asterisk.lines import Line
from pipeline.producers.adapters.asterisk.names import code
from pipeline.producers.adapters.asterisk.passes import Pass, Passes
from pipeline.producers.adapters.asterisk.rosters import Rosters, Said
from pipeline.producers.adapters.dispositions import flags_of
from pipeline.producers.adapters.speaker import Speaker
from pipeline.producers.adapters.words import typed
from pipeline.producers.door import Door

_KEYS = {"*": "star", "#": "pound"}
_REACHED = ("ANSWER", "ANSWERED", "CONNECTED", "COMPLETED")
_RESULTS = {"BUSY": "busy", "NOANSWER": "no_answer", "NO ANSWER": "no_answer", "CANCEL": "no_answer"}
#: Where an attended transfer's hold time stands, by its kind. LINK has two channels before it, the others one thing.
_HOLD_FIELD = {"LINK": 4}
_HOLD_FIELD_OTHERWISE = 3


class ContradictionError(Exception):
    """The record does not fit to what was said before. The kind is the notice's: a contradiction or a gap."""

    def __init__(self, kind: str, name: str) -> None:
        """``name`` says what of it, without a value of the record."""
        super().__init__(name)
        self.kind = kind
        self.name = name


class CallVerbs:
    """Turns a record about a call into events. Each method raises ContradictionError where there is no such call."""

    def __init__(self, speaker: Speaker, passes: Passes, rosters: Rosters, door: Door, centre: Centre | None) -> None:
        """``passes`` says what becomes of calls, ``rosters`` of their agents."""
        self._speaker = speaker
        self._passes = passes
        self._rosters = rosters
        self._door = door
        self._centre = centre
        self.verbs: dict[str, Callable[[Line, str], Said]] = {
            "ENTERQUEUE": self._enter,
            "CONNECT": self._connect,
            "COMPLETEAGENT": lambda line, client: self._complete(line, client, "agent"),
            "COMPLETECALLER": lambda line, client: self._complete(line, client, "customer"),
            "ABANDON": self._abandon,
            "EXITWITHTIMEOUT": lambda line, client: self._exit(line, client, "timeout", 3),
            "EXITWITHKEY": lambda line, client: self._exit(line, client, "key", 4),
            "EXITEMPTY": lambda line, client: self._exit(line, client, "closed", 3),
            "WITHDRAW": lambda line, client: self._exit(line, client, _withdrawn(line), 3),
            "SYSCOMPAT": lambda line, client: self._exit(line, client, "closed", None),
            "AGENTDUMP": self._dumped,
            "RINGNOANSWER": self._rang,
            "RINGCANCELED": self._rang,
            "TRANSFER": lambda line, client: self._transfer(line, client, "cold", 3),
            "BLINDTRANSFER": lambda line, client: self._transfer(line, client, "cold", 3),
            "ATTENDEDTRANSFER": lambda line, client: self._transfer(
                line, client, "warm", _HOLD_FIELD.get(line.text(1).upper(), _HOLD_FIELD_OTHERWISE)
            ),
            "CALLERONHOLD": lambda line, client: self._hold(line, held=True),
            "CALLEROFFHOLD": lambda line, client: self._hold(line, held=False),
            "CALLSTATUS": self._status,
            "WRAPUPSTART": self._wrap_up,
            "CALLOUTBOUND": self._dial,
            "OUTCALL": self._outcall,
            **dict.fromkeys(
                ("FULL", "JOINEMPTY", "CLOSED", "LEAVEEMPTY", "DIVERT_CA_RATIO", "DIVERT_HOLDTIME"), self._turned_away
            ),
            "INFO": self._info,
        }

    def _enter(self, line: Line, client: str) -> Said:
        said: Said = []
        before = self._passes.open.get(line.call)
        if before is not None and before.phase in {"waiting", "talking"}:
            # How that pass ended nobody knows; its agent is not with this caller any more.
            said += self._passes.over(line.time, before)
            said += self._speaker.notice(client, line.time, "contradiction", "enterqueue_without_end", line.call)
        one = self._passes.enter(line.call, line.time, client, line.queue, said=said)
        customer = self._door.caller(client, line.text(2))
        if customer is not None:
            said.append(self._passes.say(ev.InteractionDescribed, line.time, one, customer=customer))
        return said

    def _connect(self, line: Line, client: str) -> Said:
        agent = _agent(line)
        hold, ring = line.number(1), line.number(3)
        one = self._passes.open.get(line.call)
        if one is not None and one.phase == "dialling":
            return self._passes.connected(line.time, one, agent, _seconds(line, one))
        said: Said = []
        one = self._waiting(line, client, hold, said)
        # Old versions do not tell how long it rang: rung it has, and so it is said, at the answer.
        one.ring_ms = None if ring is None else ring * 1000
        rang_at = line.time - timedelta(seconds=ring or 0)
        said.append(self._passes.offered(rang_at, one, agent, _place(line)))
        return said + self._passes.answered(line.time, one, agent)

    def _complete(self, line: Line, client: str, by: str) -> Said:
        hold, talk = line.number(1), line.number(2)
        said: Said = []
        one = self._talking(line, client, hold, talk, said)
        said += self._report(line, one, hold, talk)
        return said + self._passes.ended(line.time, one, by)

    def _transfer(self, line: Line, client: str, kind: str, hold_field: int) -> Said:
        hold, talk = line.number(hold_field), line.number(hold_field + 1)
        said: Said = []
        one = self._talking(line, client, hold, talk, said)
        said += self._report(line, one, hold, talk)
        return said + self._passes.transferred(line.time, one, kind)

    def _abandon(self, line: Line, client: str) -> Said:
        one = self._passes.open.get(line.call)
        if one is not None and one.phase == "dialling":
            return self._passes.not_reached(line.time, one, line.agent, "no_answer", _seconds(line, one))
        said: Said = []
        waited = line.number(3)
        one = self._waiting(line, client, waited, said)
        said += self._report(line, one, waited, None)
        return said + self._passes.abandoned(line.time, one, line.agent)

    def _exit(self, line: Line, client: str, reason: str, wait_field: int | None) -> Said:
        waited = None if wait_field is None else line.number(wait_field)
        said: Said = []
        one = self._waiting(line, client, waited, said)
        key = line.text(1)
        pressed = line.verb == "EXITWITHKEY" and len(key) == 1
        outcome = f"exitwithkey_{_KEYS.get(key, key.lower())}" if pressed else line.verb.lower()
        said += self._report(line, one, waited, None, outcome)
        return said + self._passes.left(line.time, one, reason)

    def _turned_away(self, line: Line, client: str) -> Said:
        """Wazo's words for a queue that takes nobody: before a call enters it, or while it waits there."""
        said: Said = []
        one = self._passes.open.get(line.call)
        if one is None or one.phase != "waiting" or one.queue != line.queue:
            one = self._passes.enter(line.call, line.time, client, line.queue, said=said)
        said += self._report(line, one, None, None)
        return said + self._passes.left(line.time, one, "closed")

    def _rang(self, line: Line, client: str) -> Said:
        agent = _agent(line)
        one = self._passes.open.get(line.call)
        if one is None or one.phase == "over":
            # When it entered the queue this record does not say, so there is no segment to count it with.
            raise ContradictionError("gap", f"{line.verb.lower()}_without_enterqueue")
        ring_ms = line.number(1) or 0
        said: Said = [self._passes.offered(line.time - timedelta(milliseconds=ring_ms), one, agent, _place(line))]
        if line.verb == "RINGNOANSWER":
            said += self._passes.declined(line.time, one, agent, line.apart)
        return said

    def _dumped(self, line: Line, client: str) -> Said:
        agent = _agent(line)
        one = self._passes.open.get(line.call)
        if one is None or one.phase != "waiting":
            raise ContradictionError("gap", "agentdump_without_enterqueue")
        offered = self._passes.offered(line.time, one, agent, _place(line))
        return [offered, *self._passes.declined(line.time, one, agent, line.apart, "agent_dump")]

    def _hold(self, line: Line, held: bool) -> Said:
        one = self._passes.open.get(line.call)
        if one is None or one.phase != "talking":
            raise ContradictionError("gap", f"{line.verb.lower()}_without_connect")
        return self._passes.hold(line.time, one, held, line.apart)

    def _status(self, line: Line, client: str) -> Said:
        one = self._passes.open.get(line.call)
        if one is None:
            raise ContradictionError("gap", "callstatus_without_call")
        one.disposition = typed(line.text(1))
        # While after-call work goes on whose end is known, the outcome is said with its end.
        return [] if one.wrap_until is not None else self._wrapped(line.time, one)

    def _wrap_up(self, line: Line, client: str) -> Said:
        agent, seconds = _agent(line), line.number(1)
        call = line.call if line.call in self._passes.open else self._passes.last_of(agent)
        if call is None or seconds is None:
            raise ContradictionError("gap", "wrapupstart_without_call")
        one = self._passes.open[call]
        one.wrap_until = line.time + timedelta(seconds=seconds)
        self._passes.wrapping.append(call)
        return self._rosters.wrapping(line.time, one.client, agent, one.wrap_until)

    def pass_time(self, now: datetime) -> Said:
        """After-call work whose end was told beforehand, and has come."""
        said: Said = []
        for call in list(self._passes.wrapping):
            one = self._passes.open.get(call)
            if one is None or one.wrap_until is None or one.wrap_until <= now:
                self._passes.wrapping.remove(call)
                if one is not None and one.wrap_until is not None:
                    said += self._wrapped(one.wrap_until, one)
                    said += self._rosters.wrapped(one.agent) if one.agent else []
                    one.wrap_until = None
        return said

    def _wrapped(self, when: datetime, one: Pass) -> Said:
        return self._passes.wrapped(when, one, flags_of(self._centre, one.client, one.disposition))

    def _dial(self, line: Line, client: str) -> Said:
        said: Said = []
        self._passes.enter(line.call, line.time, client, line.queue, said=said, dialling=True)
        return said

    def _outcall(self, line: Line, client: str) -> Said:
        agent, status, talk = _agent(line), line.text(1).upper(), line.number(2) or 0
        began = line.time - timedelta(seconds=talk)
        said: Said = []
        one = self._passes.enter(line.call, began, client, line.queue, said=said, dialling=True)
        if status in _REACHED or talk > 0:
            said += self._passes.connected(began, one, agent, None)
            said += self._report(line, one, None, talk)
            return said + self._passes.ended(line.time, one, None)
        result = _RESULTS.get(status, "failed")
        return said + self._passes.not_reached(line.time, one, agent, result, None)

    def _info(self, line: Line, client: str) -> Said:
        """A step in a menu is told; the number that was dialled and the like are not for events."""
        step = code(line.text(2))
        if not line.text(1).upper().startswith("IVR") or step is None or not line.call:
            return []
        one = self._passes.open.get(line.call)
        return [
            self._speaker.say(
                ev.InteractionMenuStepped,
                line.time,
                line.apart,
                client=client if one is None else one.client,
                interaction=line.call,
                channel="voice",
                direction="inbound" if one is None else one.direction,
                bot="ivr",
                step=step,
            )
        ]

    def _waiting(self, line: Line, client: str, waited: int | None, said: Said) -> Pass:
        """The pass that waits in the line's queue; if its beginning was not seen, by how long the line says it was."""
        one = self._passes.open.get(line.call)
        if one is not None and one.queue == line.queue and one.phase == "waiting":
            return one
        if one is not None and one.phase == "talking":
            raise ContradictionError("contradiction", f"{line.verb.lower()}_after_connect")
        if waited is None or (one is not None and one.phase == "over" and one.queue == line.queue):
            raise ContradictionError("gap", f"{line.verb.lower()}_without_enterqueue")
        return self._passes.enter(line.call, line.time - timedelta(seconds=waited), client, line.queue, said=said)

    def _talking(self, line: Line, client: str, hold: int | None, talk: int | None, said: Said) -> Pass:
        """The pass in which somebody talks; if its beginning was not seen, by how long the line says it was."""
        one = self._passes.open.get(line.call)
        if one is not None and one.phase == "talking":
            return one
        if one is not None and one.phase == "over" and one.queue == line.queue:
            raise ContradictionError("contradiction", f"{line.verb.lower()}_after_end")
        agent = _agent(line)
        if talk is None or (one is None and hold is None):
            raise ContradictionError("gap", f"{line.verb.lower()}_without_connect")
        answered = line.time - timedelta(seconds=talk)
        if one is None or one.phase != "waiting" or one.queue != line.queue:
            one = self._passes.enter(line.call, answered - timedelta(seconds=hold or 0), client, line.queue, said=said)
        said.append(self._passes.offered(answered, one, agent, _place(line)))
        said += self._passes.answered(answered, one, agent)
        return one

    def _report(self, line: Line, one: Pass, wait: int | None, talk: int | None, outcome: str | None = None) -> Said:
        return self._passes.reported(
            line.time,
            one,
            wait_ms=None if wait is None else wait * 1000,
            ring_ms=one.ring_ms,
            talk_ms=None if talk is None else talk * 1000,
            outcome=outcome or line.verb.lower(),
        )


def _agent(line: Line) -> str:
    if line.agent is None:
        raise ContradictionError("contradiction", f"{line.verb.lower()}_without_agent")
    return line.agent


def _withdrawn(line: Line) -> str:
    return "callback" if "callback" in line.text(4).lower().replace(" ", "").replace("-", "") else "closed"


def _seconds(line: Line, one: Pass) -> int:
    return max(0, int((line.time - one.began).total_seconds()))


def _place(line: Line) -> tuple[str, datetime, int | None]:
    """Tells an alert from others that are said to have begun at the same time: when the call entered the queue."""
    return line.verb, line.time, line.apart
