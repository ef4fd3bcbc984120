"""A caller's way through a queue, from mod_callcenter's events.

The caller's channel is the interaction, one membership of a queue is a segment. mod_callcenter announces an answer
before it has joined the two channels. If the caller hung up in that moment, it takes the answer back
(``CC-Agent-Bridged: false``): then everything about the segment is said anew without the answer, as a later revision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pipeline.contract import events as ev
from pipeline.contract.events import Event
from pipeline.producers.adapters.freeswitch import causes
from pipeline.producers.adapters.freeswitch.names import Names
from pipeline.producers.adapters.freeswitch.records import Headers, moment, seconds
from pipeline.producers.adapters.freeswitch.state import Pass, Said, State
from pipeline.producers.adapters.speaker import Speaker
from pipeline.producers.adapters.words import identifier, word
from pipeline.producers.door import Door

_US_OF_MS = 1_000
_US_OF_SECOND = 1_000_000
_KINDS: dict[str, Callable[..., Any]] = {
    "queued": ev.InteractionQueued,
    "offered": ev.InteractionOffered,
    "declined": ev.InteractionDeclined,
    "answered": ev.InteractionAnswered,
    "held": ev.InteractionHeld,
    "resumed": ev.InteractionResumed,
    "abandoned": ev.InteractionAbandoned,
    "left": ev.InteractionLeftQueue,
    "ended": ev.InteractionEnded,
    "transferred": ev.InteractionTransferred,
}
#: What falls away when an answer is taken back.
_OF_AN_ANSWER = ("answered", "held", "resumed", "ended", "transferred")
#: What a kind's ``reason`` is called in its event.
_REASON_NAMES = {"declined": "reason", "left": "reason", "ended": "ended_by", "transferred": "kind"}


class Calls:
    """Turns the events of callers and of calls with agents into contract events."""

    def __init__(self, speaker: Speaker, names: Names, door: Door, state: State) -> None:
        """``state`` is shared with the converter, which keeps it."""
        self._speaker = speaker
        self.names = names
        self._door = door
        self._state = state
        self.actions: dict[str, Callable[[Headers, int, str], Iterator[Event]]] = {
            "member-queue-start": self._joined,
            "member-queue-resume": self._joined,
            "agent-offering": self._offered,
            "bridge-agent-start": self._answered,
            "bridge-agent-fail": self._declined,
            "bridge-agent-end": self._bridge_ended,
            "member-queue-end": self._left,
        }

    def hold(self, headers: Headers, time_us: int, apart: str) -> Iterator[Event]:
        """CHANNEL_HOLD and CHANNEL_UNHOLD: of an agent's channel in a queue call, and of nothing else."""
        channel = headers.get("Unique-ID", "")
        on = headers.get("Event-Name") == "CHANNEL_HOLD"
        for found in self._state.passes.values():
            if found.agent_channel == channel and channel and found.bridge_ended_us is None and found.held != on:
                found.held = on
                yield self.say(found, "held" if on else "resumed", time_us, apart, found.agent)

    def say(
        self,
        found: Pass,
        kind: str,
        time_us: int,
        apart: str,
        agent: str | None = None,
        reason: str | None = None,
    ) -> Event:
        """An event of a pass, remembered in case that everything must be said anew."""
        said = Said(kind, time_us, apart, agent, reason)
        found.said.append(said)
        return self._event(found, said)

    def open_pass(self, headers: Headers, member: str, session: str, segment: str) -> Pass | None:
        """A pass that begins, remembered; None if the event does not name its queue."""
        owner = self.names.queue(headers.get("CC-Queue"))
        if owner is None:
            return None
        direction = "outbound" if headers.get("Call-Direction") == "outbound" else "inbound"
        found = Pass(*owner, interaction=session, segment=segment, direction=direction)
        self._state.passes[member] = found
        return found

    def common(self, found: Pass) -> dict[str, Any]:
        """What every event of a pass says."""
        return {
            "client": found.client,
            "interaction": found.interaction,
            "channel": "voice",
            "direction": found.direction,
            "segment": found.segment,
            "queue": found.queue,
        }

    def _event(self, found: Pass, said: Said) -> Event:
        more: dict[str, Any] = {} if said.reason is None else {_REASON_NAMES[said.kind]: said.reason}
        event: Event = self._speaker.say(
            _KINDS[said.kind],  # type: ignore[arg-type]
            moment(said.time_us),
            said.apart,
            **self.common(found),
            agent=said.agent,
            revision=found.revision,
            **more,
        )
        return event

    def _joined(self, headers: Headers, time_us: int, apart: str) -> Iterator[Event]:
        member = headers.get("CC-Member-UUID", "")
        session = identifier(headers.get("CC-Member-Session-UUID")) or identifier(member)
        if session is None:
            return
        resumed = headers["CC-Action"] == "member-queue-resume"
        # A caller who comes back takes the old place and its UUID: the second pass needs a name of its own.
        segment = f"{member}.{time_us // _US_OF_SECOND}" if resumed else member
        known = self._state.passes.get(member)
        if known is not None and known.segment == segment and known.gone_us is None:
            found: Pass | None = known  # the same record once more
        else:
            found = self.open_pass(headers, member, session, segment or session)
        if found is None:
            return
        yield self.say(found, "queued", time_us, apart)
        customer = self._door.caller(found.client, headers.get("CC-Member-CID-Number"))
        if customer is not None:
            described = self.common(found)
            yield self._speaker.say(ev.InteractionDescribed, moment(time_us), apart, **described, customer=customer)

    def _pass(self, headers: Headers) -> Pass | None:
        """The pass an event belongs to; one that began before anybody listened is made of what the event knows."""
        member = headers.get("CC-Member-UUID", "")
        found = self._state.passes.get(member)
        if found is None:
            session = identifier(headers.get("CC-Member-Session-UUID"))
            segment = identifier(member)
            if session is None or segment is None:
                return None
            found = self.open_pass(headers, member, session, segment)
        return found

    def _agent(self, found: Pass | None, headers: Headers) -> str | None:
        return None if found is None else self.names.agent_of(found.client, headers.get("CC-Agent"))

    def _caught_up(self, found: Pass, headers: Headers, apart: str) -> Iterator[Event]:
        """The joining and the answer, where an event knows of them and they were missed."""
        joined_us = seconds(headers, "CC-Member-Joined-Time")
        if joined_us is not None and not any(said.kind == "queued" for said in found.said):
            yield self.say(found, "queued", joined_us, apart)
        answered_us = seconds(headers, "CC-Agent-Answered-Time")
        if found.answered_us is None and answered_us is not None and headers["CC-Action"] != "bridge-agent-start":
            agent = self._agent(found, headers)
            if agent is not None and headers.get("CC-Agent-Bridged") != "false":
                found.agent, found.answered_us = agent, answered_us
                yield self.say(found, "answered", answered_us, apart, agent)

    def _offered(self, headers: Headers, time_us: int, apart: str) -> Iterator[Event]:
        found = self._pass(headers)
        agent = self._agent(found, headers)
        if found is not None and agent is not None:
            yield self.say(found, "offered", time_us, apart, agent)

    def _declined(self, headers: Headers, time_us: int, apart: str) -> Iterator[Event]:
        reason = causes.decline_reason(headers.get("CC-Hangup-Cause", ""))
        if reason is None:
            return
        found = self._pass(headers)
        agent = self._agent(found, headers)
        if found is not None and agent is not None:
            yield from self._caught_up(found, headers, apart)
            yield self.say(found, "declined", time_us, apart, agent, reason)

    def _answered(self, headers: Headers, time_us: int, apart: str) -> Iterator[Event]:
        found = self._pass(headers)
        agent = self._agent(found, headers)
        if found is None or agent is None:
            return
        yield from self._caught_up(found, headers, apart)
        found.agent, found.answered_us, found.bridge_ended_us, found.held = agent, time_us, None, False
        found.agent_channel = headers.get("CC-Agent-UUID")
        yield self.say(found, "answered", time_us, apart, agent)

    def _bridge_ended(self, headers: Headers, time_us: int, apart: str) -> Iterator[Event]:
        found = self._pass(headers)
        if found is None:
            return
        yield from self._caught_up(found, headers, apart)
        if headers.get("CC-Agent-Bridged") == "false":
            yield from self._taken_back(found)
        elif found.bridge_ended_us is None:
            found.bridge_ended_us = time_us
            # The agent's phone said BYE. A phone that transfers does so as well, and that is no hang-up.
            hung_up = headers.get("variable_sip_hangup_disposition") == "recv_bye" and not headers.get(
                "variable_sip_refer_to"
            )
            yield self.say(found, "ended", time_us, apart, found.agent, "agent" if hung_up else None)

    def _taken_back(self, found: Pass) -> Iterator[Event]:
        """The answer was none: the segment once more, without it."""
        if found.answered_us is None:
            return
        found.revision += 1
        found.agent = found.agent_channel = found.answered_us = found.bridge_ended_us = None
        found.held = False
        found.said = [said for said in found.said if said.kind not in _OF_AN_ANSWER]
        for said in found.said:
            yield self._event(found, said)

    def _left(self, headers: Headers, time_us: int, apart: str) -> Iterator[Event]:
        found = self._pass(headers)
        if found is None or found.gone_us is not None:
            return
        yield from self._caught_up(found, headers, apart)
        found.gone_us = time_us
        if headers.get("CC-Cause") == "Terminated":
            yield from self._served(found, headers, time_us, apart)
        else:
            yield from self._cancelled(found, headers, time_us, apart)

    def _served(self, found: Pass, headers: Headers, time_us: int, apart: str) -> Iterator[Event]:
        if found.bridge_ended_us is None:
            found.bridge_ended_us = time_us
            yield self.say(found, "ended", time_us, apart, found.agent)
        history, channel = headers.get("variable_transfer_history", ""), headers.get("CC-Agent-UUID", "")
        kind = causes.transfer_kind(history, found.answered_us, channel)
        if kind is not None:
            yield self.say(found, "transferred", found.bridge_ended_us, apart, found.agent, kind)
        answered = seconds(headers, "CC-Agent-Answered-Time")
        yield self._reported(
            found,
            time_us,
            apart,
            wait_ms=_ms(seconds(headers, "CC-Member-Joined-Time"), answered),
            ring_ms=_ms(seconds(headers, "CC-Agent-Called-Time"), answered),
            talk_ms=_ms(answered, seconds(headers, "CC-Member-Leaving-Time")),
            outcome="terminated",
        )

    def _cancelled(self, found: Pass, headers: Headers, time_us: int, apart: str) -> Iterator[Event]:
        reason = headers.get("CC-Cancel-Reason", "").upper()
        left = causes.left_reason(reason, headers.get("Answer-State", "hangup") != "hangup")
        if left is None:
            yield self.say(found, "abandoned", time_us, apart)
        else:
            yield self.say(found, "left", time_us, apart, None, left)
        wait_ms = _ms(seconds(headers, "CC-Member-Joined-Time"), seconds(headers, "CC-Member-Leaving-Time"))
        yield self._reported(found, time_us, apart, wait_ms=wait_ms, outcome=word(reason))

    def _reported(self, found: Pass, time_us: int, apart: str, **told: Any) -> Event:
        return self._speaker.say(
            ev.InteractionReported, moment(time_us), apart, **self.common(found), agent=found.agent, **told
        )


def _ms(start_us: int | None, stop_us: int | None) -> int | None:
    return None if start_us is None or stop_us is None else max(0, stop_us - start_us) // _US_OF_MS
