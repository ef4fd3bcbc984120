"""What agents did, from vicidial_agent_log (pause, wait, talk, dead, dispo) and vicidial_user_log (LOGIN, LOGOUT).

Each row of the agent log is one round. The phases of a round, and the rounds of an agent, may begin in the same second:
a state's time is the second plus a few microseconds by the row's number and the phase, so the last one holds, and
never leaves the second. No wait is made of these times.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from pipeline.contract import events as ev
from pipeline.contract.events import Event
from pipeline.producers.adapters.speaker import Speaker
from pipeline.producers.adapters.vicidial.values import Values, epoch_at, lasting, whole
from pipeline.producers.adapters.words import identifier, word

_ROWS_IN_A_SECOND = 60_000
_STEPS = 16
_PAUSE, _PAUSE_CODE, _WAIT, _TALK, _DEAD, _DISPO, _OUT = range(2, 9)
#: The software lost sight of the agent, or somebody else sent the agent away: no break of one's own.
_NO_BREAK = {"lagged": "unavailable", "login": "unavailable"}


class Talk(Struct, frozen=True):
    """What the agent log knows of one call."""

    agent: str
    began: datetime | None
    dispo_ended: datetime | None
    talk_seconds: float | None
    dispo_seconds: float | None


class AgentLog:
    """Turns rows of the two logs into agents' states."""

    def __init__(self, speaker: Speaker) -> None:
        """``speaker`` says the events."""
        self._speaker = speaker

    def signed(self, values: Values, client: str) -> Iterator[Event]:
        """A row of vicidial_user_log."""
        agent, at = identifier(values.get("user")), epoch_at(values, "event_epoch")
        event = values.get("event", "").upper()
        if agent is None or at is None:
            return
        number = values.get("user_log_id", "")
        if event == "LOGIN":
            yield self._speaker.say(ev.AgentSignedIn, at, number, client=client, agent=agent, state="unavailable")
        elif event.endswith("LOGOUT"):
            when = _ordered(at, whole(values, "user_log_id") or 0, _OUT, last=True)
            yield self._speaker.say(ev.AgentSignedOut, when, number, client=client, agent=agent)

    def states(self, values: Values, client: str) -> Iterator[Event]:
        """The phases of a row of vicidial_agent_log; one that took no time is left out, unless it is the last."""
        agent = identifier(values.get("user"))
        number = whole(values, "agent_log_id") or 0
        if agent is None:
            return
        phases = self._phases(values)
        for at, seconds, step, state, reason in phases:
            if seconds or (at, step) == (phases[-1][0], phases[-1][2]):
                yield self._speaker.say(
                    ev.AgentStateChanged, _ordered(at, number, step), number,
                    client=client, agent=agent, state=state, reason=reason,
                )  # fmt: skip

    def talk(self, values: Values) -> Talk | None:
        """What a row knows of its call; None if it is of none."""
        agent = identifier(values.get("user"))
        began, talked = epoch_at(values, "talk_epoch"), lasting(values, "talk_sec")
        if agent is None or began is None or not values.get("lead_id"):
            return None
        dispo_began, dispo = epoch_at(values, "dispo_epoch"), lasting(values, "dispo_sec")
        dead = lasting(values, "dead_sec") or timedelta(0)
        done = dispo_began is not None and dispo is not None and bool(values.get("status"))
        return Talk(
            agent,
            began,
            dispo_began + dispo if done and dispo_began is not None and dispo is not None else None,
            None if talked is None or not done else max(timedelta(0), talked - dead).total_seconds(),
            None if dispo is None or not done else dispo.total_seconds(),
        )

    @staticmethod
    def _phases(values: Values) -> list[tuple[datetime, timedelta, int, str, str | None]]:
        """(from when, how long, step, state, reason) of each phase that was begun, in their order."""
        code = word(values.get("sub_status"))
        found = []
        for name, step, state, reason in (
            # The code of a pause may be given later than the pause: with it, the state is said a microsecond later.
            ("pause", _PAUSE_CODE if code else _PAUSE, _NO_BREAK.get(code or "", "break"), code),
            ("wait", _WAIT, "available", None),
            ("talk", _TALK, "on_contact", None),
            ("dead", _DEAD, "wrap_up", "dead"),
            ("dispo", _DISPO, "wrap_up", None),
        ):
            at = epoch_at(values, f"{name}_epoch")
            if at is not None:
                found.append((at, lasting(values, f"{name}_sec") or timedelta(0), step, state, reason))
        return found


def _ordered(at: datetime, number: int, step: int, last: bool = False) -> datetime:
    """The moment, moved within its second by the row's number and the phase; ``last``: after all rows."""
    row = _ROWS_IN_A_SECOND if last else number % _ROWS_IN_A_SECOND
    return at + timedelta(microseconds=row * _STEPS + step)
