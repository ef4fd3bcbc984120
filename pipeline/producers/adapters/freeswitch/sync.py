"""After a gap: what FreeSWITCH's own tables tell of the time in which nobody listened.

A caller who waits or talks now has joined and was answered at times that the tables know, to the second. A caller who
was known and is in no table any more has gone, at a time that nobody knows: that is noticed, and no end is made up.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.contract.events import Event
from pipeline.producers.adapters.freeswitch.agents import STATES, STATUSES, Agents
from pipeline.producers.adapters.freeswitch.calls import Calls
from pipeline.producers.adapters.freeswitch.records import Connected, Row, Snapshot, moment, seconds, to_micros
from pipeline.producers.adapters.freeswitch.state import Pass, State
from pipeline.producers.adapters.speaker import Speaker
from pipeline.producers.adapters.words import identifier

_ANSWERED = "Answered"
_ABANDONED = "Abandoned"


class Sync:
    """Reads connections, restarts and snapshots."""

    def __init__(self, speaker: Speaker, calls: Calls, agents: Agents, state: State, client: str) -> None:
        """``client`` is whose the notices are: a gap concerns all queues of a FreeSWITCH."""
        self._speaker = speaker
        self._calls = calls
        self._agents = agents
        self._state = state
        self._client = client

    def core_seen(self, core: str, time_us: int) -> Iterator[Event]:
        """Another core is another start of FreeSWITCH: the calls of the one before are over."""
        state = self._state
        was, state.core = state.core, core or state.core
        if not core or not was or core == was:
            return
        state.lost_from_us = state.last_us
        yield from self._gap(time_us, "restarted", core, 1)
        yield from self._gone(list(state.passes), time_us, core)

    def connected(self, record: Connected) -> Iterator[Event]:
        """A gap, unless this is the first connection ever, or FreeSWITCH itself began anew."""
        time_us = to_micros(record.at)
        state = self._state
        if record.core and state.core and record.core != state.core:
            yield from self.core_seen(record.core, time_us)
        elif state.last_us is not None:
            state.lost_from_us = state.last_us
            yield from self._gap(time_us, "connection_lost", record.core, 1)
        state.core = record.core or state.core

    def taken(self, record: Snapshot) -> Iterator[Event]:
        """What the tables say of callers and agents, against what was known."""
        time_us = to_micros(record.taken_at)
        listed = {row.get("uuid", ""): row for row in record.members}
        channels = {row.get("name", ""): row.get("uuid", "") for row in record.agents}
        yield from self._gone([member for member in self._open() if member not in listed], time_us, record.core)
        unseen = 0
        for member, row in listed.items():
            known = self._state.passes.get(member)
            if row.get("state") != _ABANDONED and known is not None and _is_another(known, row):
                # Gave up and came back into the old place meanwhile: that is another pass.
                yield from self._abandoned(known, row, record.core)
                known = None
            if row.get("state") == _ABANDONED:
                unseen += self._abandoned_unseen(known, row)
                yield from self._abandoned(known, row, record.core)
            elif known is None or known.gone_us is None:
                yield from self._present(known, member, row, channels, record.core, time_us)
        if unseen:
            yield from self._gap(time_us, "abandoned_unseen", record.core, unseen)
        for row in record.agents:
            status, state = row.get("status"), row.get("state")
            if status in STATUSES and state in STATES:
                apart = f"{record.core}/{time_us}"
                yield from self._agents.changed(row.get("name", ""), time_us, apart, status=status, state=state)

    def _open(self) -> list[str]:
        return [member for member, known in self._state.passes.items() if known.gone_us is None]

    def _present(
        self, known: Pass | None, member: str, row: Row, channels: dict[str, str], core: str, time_us: int
    ) -> Iterator[Event]:
        """A caller who waits or talks."""
        apart = f"{core}/{member}"
        joined_us = seconds(row, "rejoined_epoch") or seconds(row, "joined_epoch")
        if known is None:
            session = identifier(row.get("session_uuid"))
            if session is None or joined_us is None:
                return
            resumed = seconds(row, "rejoined_epoch") is not None
            segment = f"{member}.{joined_us // 1_000_000}" if resumed else member
            known = self._calls.open_pass({"CC-Queue": row.get("queue", "")}, member, session, segment)
            if known is None:
                return
            yield self._calls.say(known, "queued", joined_us, apart)
        known.seen_us = time_us
        answered_us = seconds(row, "bridge_epoch")
        if row.get("state") == _ANSWERED and known.answered_us is None and answered_us is not None:
            name = row.get("serving_agent", "")
            agent = self._calls.names.agent_of(known.client, name)
            if agent is not None:
                known.agent, known.answered_us, known.agent_channel = agent, answered_us, channels.get(name) or None
                yield self._calls.say(known, "answered", answered_us, apart, agent)

    def _abandoned(self, known: Pass | None, row: Row, core: str) -> Iterator[Event]:
        """A caller who was known to wait and gave up meanwhile."""
        abandoned_us = seconds(row, "abandoned_epoch")
        if known is not None and known.gone_us is None and known.answered_us is None and abandoned_us is not None:
            known.gone_us = abandoned_us
            yield self._calls.say(known, "abandoned", abandoned_us, f"{core}/{row.get('uuid', '')}")

    def _abandoned_unseen(self, known: Pass | None, row: Row) -> int:
        """1 for a caller who came and gave up in the gap: the tables no longer name the call."""
        since_us, abandoned_us = self._state.lost_from_us, seconds(row, "abandoned_epoch")
        in_the_gap = since_us is not None and abandoned_us is not None and abandoned_us > since_us
        return 1 if known is None and in_the_gap else 0

    def _gone(self, members: list[str], time_us: int, core: str) -> Iterator[Event]:
        ended = [member for member in members if self._state.passes[member].bridge_ended_us is None]
        for member in members:
            del self._state.passes[member]
        if ended:
            yield from self._gap(time_us, "ended_unseen", core, len(ended))

    def _gap(self, time_us: int, name: str, apart: str, count: int) -> Iterator[Event]:
        since_us = self._state.lost_from_us
        lost_from = None if since_us is None else moment(min(since_us, time_us))
        yield from self._speaker.notice(
            self._client, moment(time_us), "gap", name, apart, count=count, lost_from=lost_from
        )


def _is_another(known: Pass, row: Row) -> bool:
    """Whether the caller came back since the pass that is known: its moment is not the one of the row."""
    rejoined_us = seconds(row, "rejoined_epoch")
    joined_us = next((said.time_us for said in known.said if said.kind == "queued"), None)
    return rejoined_us is not None and joined_us is not None and rejoined_us > joined_us
