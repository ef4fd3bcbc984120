"""VICIDIAL's rows into contract events: which table is read by what, and what of the agent log a call may need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct, field

from pipeline.centre.model import Centre
from pipeline.contract.events import Event
from pipeline.producers.adapters.noticed import notice_name
from pipeline.producers.adapters.speaker import Speaker
from pipeline.producers.adapters.times import CellError
from pipeline.producers.adapters.vicidial.agents import AgentLog, Talk
from pipeline.producers.adapters.vicidial.calls import Calls, Leg, interaction_of
from pipeline.producers.adapters.vicidial.clients import Clients
from pipeline.producers.adapters.vicidial.columns import COLUMNS
from pipeline.producers.adapters.vicidial.statuses import NOBODY, Statuses, dial_result
from pipeline.producers.adapters.vicidial.tables import BrokenRow, TableRecord
from pipeline.producers.adapters.vicidial.values import Moments, epoch_at
from pipeline.producers.door import Door

ADAPTER = "vicidial"
SOURCE = "vicidial"
#: So many calls are remembered for what other tables say of them; the oldest go first.
_REMEMBERED = 200_000
#: Whose a row is that nobody owns.
_NOBODY = "unknown"


class State(Struct):
    """What is remembered between rows, by the call's uniqueid."""

    talks: dict[str, Talk] = field(default_factory=dict)
    legs: dict[str, Leg] = field(default_factory=dict)
    meanings: list[dict[str, str]] = field(default_factory=list)
    last: datetime | None = None


class VicidialConverter:
    """Pure: the same rows in the same order give the same events."""

    def __init__(
        self, clients: Clients, centre: Centre | None, zone: ZoneInfo | None, door: Door, source: str | None = None
    ) -> None:
        """``zone`` is the database server's, for rows with local times only."""
        self._clients = clients
        self._centre = centre
        self._speaker = Speaker(source or SOURCE, ADAPTER)
        self._moments = Moments(zone)
        self._door = door
        self._agents = AgentLog(self._speaker)
        self._begin(State())

    def _begin(self, state: State) -> None:
        self._state = state
        self._meanings = Statuses(self._centre)
        for values in state.meanings:
            self._meanings.learn(values)
        self._calls = Calls(self._speaker, self._clients, self._meanings, self._moments, self._door)

    def state(self) -> bytes:
        """What agents did in calls that are still to come, legs that may go on, and what statuses mean."""
        return msgspec.json.encode(self._state)

    def restore(self, state: bytes) -> None:
        """Go on from there."""
        self._begin(msgspec.json.decode(state, type=State))

    def convert(self, record: TableRecord) -> Iterable[Event]:
        """The events of a row; of one that cannot be read, a notice."""
        return self.read(record)[0]

    def broken(self, row: BrokenRow) -> list[Event]:
        """The notice about a row that does not fit its header, at the time of the row before it."""
        if self._state.last is None:
            return []
        return list(
            self._speaker.notice(
                self._clients.of("") or _NOBODY, self._state.last, "unreadable", row.table, f"{row.table}/{row.line}"
            )
        )

    def read(self, record: TableRecord) -> tuple[list[Event], CellError | None]:
        """The events of a row, and why it could not be read, if so."""
        found: list[Event] = []
        try:
            for event in self._converted(record):
                found.append(event)
        except CellError as error:
            return [*found, *self._notice(record, "unreadable", notice_name(error.column), at=self._state.last)], error
        except msgspec.ValidationError:
            problem = CellError("a value that the contract does not take")
            return [*found, *self._notice(record, "unreadable", "value", at=self._state.last)], problem
        return found, None

    def _converted(self, record: TableRecord) -> Iterator[Event]:
        values = record.values
        if record.table.endswith("statuses"):
            self._meanings.learn(values)
            self._state.meanings.append({name: value for name, value in values.items() if name in _OF_A_STATUS})
            return
        client = self._clients.of(values.get("campaign_id", ""))
        if client is None:
            raise CellError("no client: name this campaign or in-group in centre.yaml, or give --client", "campaign_id")
        at = _row_time(record)
        self._state.last = at or self._state.last
        for name in values:
            if name not in COLUMNS[record.table]:
                yield from self._notice(record, "unknown_field", notice_name(name))
        if record.table == "vicidial_user_log":
            yield from self._agents.signed(values, client)
        elif record.table == "vicidial_agent_log":
            yield from self._agents.states(values, client)
            talk, call = self._agents.talk(values), values.get("uniqueid")
            if talk is not None and call:
                _remember(self._state.talks, f"{call}/{talk.agent}", talk)
        else:
            yield from self._call(record, client)

    def _call(self, record: TableRecord, client: str) -> Iterator[Event]:
        values = record.values
        call = interaction_of(values)
        agent = values.get("user", "")
        began, ended = epoch_at(values, "start_epoch"), epoch_at(values, "end_epoch")
        if began is not None and ended is not None and ended < began:
            yield from self._notice(record, "contradiction", "ends_before_it_begins")
        talk = self._state.talks.get(f"{call}/{agent}")
        if record.table == "vicidial_log":
            status = values.get("status", "").upper()
            if dial_result(status, agent.upper() not in NOBODY) is None and ended is not None:
                yield from self._notice(record, "unknown_verb", notice_name(status))
            events = self._calls.dial(values, client, talk)
        else:
            passed_on = values.get("xfercallid", "0") not in ("", "0")
            events = self._calls.inbound(values, client, talk, self._state.legs.get(call) if passed_on else None)
        for event in events:
            if type(event).__name__ == "InteractionEnded":
                _remember(self._state.legs, call, _leg(event))
            yield event

    def _notice(self, record: TableRecord, kind: str, name: str, at: datetime | None = None) -> list[Event]:
        when = _row_time(record) or at
        if when is None:
            return []
        client = self._clients.of(record.values.get("campaign_id", "")) or _NOBODY
        return list(self._speaker.notice(client, when, kind, name, f"{record.table}/{record.line}"))


_OF_A_STATUS = frozenset(
    "status campaign_id sale dnc customer_contact not_interested unworkable scheduled_callback human_answered".split()
)


def _leg(event: Any) -> Leg:
    data = event.data
    common = {
        name: getattr(data, name)
        for name in ("client", "interaction", "channel", "direction", "segment", "queue", "agent", "revision")
    }
    return Leg(common, event.time)


def _remember(known: dict[str, Any], name: str, value: object) -> None:
    known[name] = value
    if len(known) > _REMEMBERED:
        del known[next(iter(known))]


def _row_time(record: TableRecord) -> datetime | None:
    for name in ("start_epoch", "pause_epoch", "event_epoch", "wait_epoch", "talk_epoch", "end_epoch"):
        found = epoch_at(record.values, name)
        if found is not None:
            return found
    return None
