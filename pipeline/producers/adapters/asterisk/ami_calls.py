"""What the messages of the manager interface say about calls.

A call is known by its caller's channel (Uniqueid), a contact by Linkedid, which stays the same over transfers. A
segment is named by its queue and by how many queues the call went through before, so a call that waits is the same
segment after a restart, whatever was remembered of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from pipeline.contract import events as ev
from pipeline.producers.adapters.asterisk.ami_wire import Message
from pipeline.producers.adapters.asterisk.names import Agents, Clients, whole
from pipeline.producers.adapters.asterisk.passes import Pass, Passes
from pipeline.producers.adapters.asterisk.rosters import Said
from pipeline.producers.adapters.speaker import Speaker
from pipeline.producers.door import Door

#: The dialplan's word for how a call left its queue, in the contract's words.
_RESULTS = {"TIMEOUT": "timeout", "LEAVEEMPTY": "closed", "LEAVEUNAVAIL": "closed", "WITHDRAW": "closed"}
_TURNED_AWAY = {"FULL", "JOINEMPTY", "JOINUNAVAIL"}
_ENDED_BY = {"caller": "customer", "agent": "agent"}
#: A call that leaves its queue while somebody rings will be answered, after an announcement to the agent perhaps.
_ANSWER_FOLLOWS = timedelta(seconds=60)
_RESULT_FOLLOWS = timedelta(seconds=2)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class AmiCalls:
    """Turns messages about calls into events. ``leaving`` and ``sees_results`` are what it remembers itself."""

    def __init__(self, speaker: Speaker, passes: Passes, clients: Clients, agents: Agents, door: Door) -> None:
        """``passes`` says what becomes of calls."""
        self.leaving: dict[str, datetime] = {}
        #: Whether the dialplan's variables are seen here: then a call that left without a result pressed a key.
        self.sees_results = False
        self._speaker = speaker
        self._passes = passes
        self._clients = clients
        self._agents = agents
        self._door = door
        self.handlers: dict[str, Callable[[Message, datetime], Said]] = {
            "QueueCallerJoin": self._join,
            "QueueCallerAbandon": self._abandon,
            "QueueCallerLeave": self._leave,
            "AgentCalled": self._called,
            "AgentRingNoAnswer": lambda message, when: self._declined(message, when, None),
            "AgentDump": lambda message, when: self._declined(message, when, "agent_dump"),
            "AgentConnect": self._connect,
            "AgentComplete": self._complete,
            "BlindTransfer": lambda message, when: self._transfer(message, "cold"),
            "AttendedTransfer": lambda message, when: self._transfer(message, "warm"),
            "Hold": lambda message, when: self._hold(message, when, held=True),
            "Unhold": lambda message, when: self._hold(message, when, held=False),
            "VarSet": self._result,
            "Hangup": self._hang_up,
        }

    def entry(self, message: Message, when: datetime) -> Said:
        """Somebody who waits now, by the snapshot; nothing for a call that is known to wait there.

        Without the time it has waited it is noticed only: it is told by the message that says how its waiting ended.
        """
        one = self._passes.open.get(message.get("Uniqueid", ""))
        if one is not None and one.phase == "waiting" and one.queue == message.get("Queue"):
            return []
        waited = whole(message.get("Wait", ""))
        if waited is None:
            return [*self._speaker.notice(self._clients.all[0], when, "unreadable", "wait_of_a_waiting_call")]
        return self._join(message, when - timedelta(seconds=waited))

    def pass_time(self, now: datetime) -> Said:
        """Calls that left their queue long enough ago for everybody to have said what for."""
        said: Said = []
        for call, left_at in list(self.leaving.items()):
            one = self._passes.open.get(call)
            patience = _ANSWER_FOLLOWS if one is not None and one.ringing else _RESULT_FOLLOWS
            if now - left_at > patience:
                said += self._gone(call)
        return said

    def _gone(self, call: str) -> Said:
        """A call that left its queue, neither answered nor with a result: nothing if it did not leave."""
        left_at, one = self.leaving.pop(call, None), self._passes.open.get(call)
        if left_at is None or one is None or one.phase != "waiting":
            return []
        return self._left(left_at, one, "key" if self.sees_results else "timeout")

    def _join(self, message: Message, when: datetime) -> Said:
        call, queue = message.get("Uniqueid", ""), message.get("Queue", "")
        client = self._clients.of(queue)
        if not call or client is None:
            name = "queue_of_no_client" if call else "call_without_uniqueid"
            return [*self._speaker.notice(self._clients.all[0], when, "unreadable", name)]
        said = self._gone(call)
        before = self._passes.open.get(call)
        if before is not None and before.phase in {"waiting", "talking"}:
            said += self._passes.over(when, before)
            said += self._speaker.notice(client, when, "contradiction", "join_without_end", call)
        interaction = message.get("Linkedid") or (before.interaction if before is not None else call)
        one = self._passes.enter(call, when, client, queue, said=said, named=(interaction, _segment(before, queue)))
        return said + self._described(message, when, one)

    def _described(self, message: Message, when: datetime, one: Pass) -> Said:
        language = message.get("Language", "").replace("_", "-")
        customer = self._door.caller(one.client, message.get("CallerIDNum"))
        known = language if _LANGUAGE.fullmatch(language) else None
        if customer is None and known is None:
            return []
        return [self._passes.say(ev.InteractionDescribed, when, one, customer=customer, language=known)]

    def _called(self, message: Message, when: datetime) -> Said:
        one, agent = self._of(message)
        if one is None or agent is None or one.phase != "waiting" or agent in one.ringing:
            return []
        one.ringing.append(agent)
        return [self._passes.offered(when, one, agent)]

    def _declined(self, message: Message, when: datetime, reason: str | None) -> Said:
        one, agent = self._of(message)
        if one is None or agent is None:
            return []
        # In milliseconds here, as in RINGNOANSWER of the queue log, and in seconds in AgentConnect.
        rang_ms = whole(message.get("RingTime") or message.get("Ringtime", "")) or 0
        said = self._rang(one, agent, when, timedelta(milliseconds=rang_ms))
        one.ringing.remove(agent)
        self.leaving.pop(message.get("Uniqueid", ""), None)
        return said + self._passes.declined(when, one, agent, reason=reason)

    def _connect(self, message: Message, when: datetime) -> Said:
        one, agent = self._of(message)
        if agent is None or (one is not None and one.phase == "talking"):
            return []
        said: Said = []
        ring = whole(message.get("RingTime", ""))
        if one is None or one.phase == "over" or one.queue != message.get("Queue"):
            waited = whole(message.get("HoldTime", ""))
            said = [] if waited is None else self._join(message, when - timedelta(seconds=waited))
            one = self._passes.open.get(message.get("Uniqueid", ""))
            if waited is None or one is None:
                return said
        self.leaving.pop(message.get("Uniqueid", ""), None)
        said += self._rang(one, agent, when, timedelta(seconds=ring or 0))
        one.ring_ms, one.ringing = None if ring is None else ring * 1000, []
        return said + self._passes.answered(when, one, agent)

    def _complete(self, message: Message, when: datetime) -> Said:
        one, agent = self._of(message)
        hold, talk = whole(message.get("HoldTime", "")), whole(message.get("TalkTime", ""))
        said: Said = []
        if one is None or one.phase != "talking":
            # Its answer was missed: it is known from how long the talk was.
            if agent is None or talk is None or (one is not None and one.phase == "over"):
                return []
            said += self._connect({**message, "HoldTime": str(hold or 0)}, when - timedelta(seconds=talk))
            one = self._passes.open.get(message.get("Uniqueid", ""))
            if one is None or one.phase != "talking":
                return said
        reason = message.get("Reason", "").lower()
        outcome = f"agentcomplete_{reason}" if reason in _REASONS else "agentcomplete"
        said += self._report(when, one, hold, talk, outcome)
        if reason == "transfer":
            return said + self._passes.transferred(when, one, one.transfer or "cold")
        return said + self._passes.ended(when, one, _ENDED_BY.get(reason))

    def _abandon(self, message: Message, when: datetime) -> Said:
        one, _ = self._of(message)
        waited = whole(message.get("HoldTime", ""))
        said: Said = []
        if one is None or one.phase == "over" and one.queue != message.get("Queue"):
            said = [] if waited is None else self._join(message, when - timedelta(seconds=waited))
            one = self._passes.open.get(message.get("Uniqueid", ""))
        if one is None or one.phase != "waiting":
            return said
        said += self._report(when, one, waited, None, "abandon")
        return said + self._passes.abandoned(when, one)

    def _leave(self, message: Message, when: datetime) -> Said:
        """Answered, timed out or let go by a key: what for is said before this or after it."""
        one, _ = self._of(message)
        if one is not None and one.phase == "waiting":
            self.leaving[message.get("Uniqueid", "")] = when
        return []

    def _result(self, message: Message, when: datetime) -> Said:
        if message.get("Variable") != "QUEUESTATUS":
            return []
        self.sees_results = True
        call, result = message.get("Uniqueid", ""), message.get("Value", "").upper()
        one = self._passes.open.get(call)
        if one is None or one.phase != "waiting" or result not in _RESULTS:
            return []
        return self._left(self.leaving.pop(call, when), one, _RESULTS[result])

    def _hang_up(self, message: Message, when: datetime) -> Said:
        """The caller's channel is gone: whatever became of it after the queues, the contact is over."""
        call = message.get("Uniqueid", "")
        one = self._passes.open.get(call)
        if one is None:
            return []
        said = self._gone(call)
        return [
            *said,
            self._speaker.say(
                ev.InteractionEnded,
                when,
                client=one.client,
                interaction=one.interaction,
                channel="voice",
                direction=one.direction,
            ),
        ]

    def _left(self, when: datetime, one: Pass, reason: str) -> Said:
        return [*self._report(when, one, None, None, f"left_{reason}"), *self._passes.left(when, one, reason)]

    def _transfer(self, message: Message, kind: str) -> Said:
        """How the talk is passed on; that it is over comes with AgentComplete."""
        linked = {message.get(name) for name in ("TransfereeLinkedid", "TransfererLinkedid", "OrigTransfererLinkedid")}
        for one in self._passes.open.values():
            if one.phase == "talking" and one.interaction in linked:
                one.transfer = kind
        return []

    def _hold(self, message: Message, when: datetime, held: bool) -> Said:
        """By the agent's telephone; what the customer's telephone does is no hold of ours."""
        linked, channel = message.get("Linkedid", ""), message.get("Uniqueid", "")
        for call, one in self._passes.open.items():
            if one.phase == "talking" and one.interaction == linked and call != channel:
                return self._passes.hold(when, one, held)
        return []

    def _rang(self, one: Pass, agent: str, when: datetime, rang_for: timedelta) -> Said:
        """That it rang at the agent, if that was not seen."""
        if agent in one.ringing:
            return []
        one.ringing.append(agent)
        return [self._passes.offered(when - rang_for, one, agent)]

    def _report(self, when: datetime, one: Pass, wait: int | None, talk: int | None, outcome: str) -> Said:
        return self._passes.reported(
            when,
            one,
            wait_ms=None if wait is None else wait * 1000,
            ring_ms=one.ring_ms,
            talk_ms=None if talk is None else talk * 1000,
            outcome=outcome,
        )

    def _of(self, message: Message) -> tuple[Pass | None, str | None]:
        name = message.get("MemberName") or message.get("Interface", "")
        return self._passes.open.get(message.get("Uniqueid", "")), self._agents.name(name)


_REASONS = {"caller", "agent", "transfer"}


def _segment(before: Pass | None, queue: str) -> str:
    """The queue's name, and which pass of the call it is."""
    number = 1 if before is None else int(before.segment.rpartition("#")[2]) + 1
    return f"{queue}#{number}"
