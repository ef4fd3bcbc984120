"""Calls: a row of vicidial_log is a dial, and a segment if an agent had it; a row of vicidial_closer_log is a segment.

A row is written when a call begins and changed until its outcome is chosen. Each later form of it says everything of
the segment anew under a higher revision: closed after open, with an outcome after without, with the agent's times
after without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from pipeline.contract import events as ev
from pipeline.contract.events import Event
from pipeline.producers.adapters.speaker import Speaker
from pipeline.producers.adapters.vicidial import statuses as st
from pipeline.producers.adapters.vicidial.agents import Talk
from pipeline.producers.adapters.vicidial.clients import Clients
from pipeline.producers.adapters.vicidial.values import Moments, Values, epoch_at, lasting, ms
from pipeline.producers.adapters.words import identifier, typed, word
from pipeline.producers.door import Door

_MS_OF_SECOND = 1000
_SEGMENT_OF_A_DIAL = "dial"
#: Results of dials in which an agent had somebody, or something, on the line.
_SPOKEN_WITH = ("human", "machine")


class Leg(Struct):
    """A segment with an agent, to which a later one may turn out to be the onward leg."""

    common: dict[str, Any]
    ended_at: datetime


class Calls:
    """Turns rows of the two call logs into events."""

    def __init__(self, speaker: Speaker, clients: Clients, meanings: st.Statuses, moments: Moments, door: Door) -> None:
        """What the rows are read with."""
        self._speaker = speaker
        self._clients = clients
        self._meanings = meanings
        self._moments = moments
        self._door = door

    def dial(self, values: Values, client: str, talk: Talk | None) -> Iterator[Event]:
        """A row of vicidial_log.

        Raises:
            CellError: it has no moment of its beginning.
        """
        number, campaign = identifier(values.get("uniqueid")), values.get("campaign_id", "")
        began = self._moments.at(values, "start_epoch", "call_date")
        ended = _ended(values, began)
        status = values.get("status", "").upper()
        agent = _agent(values)
        if number is None:
            return
        whole_contact = {"client": client, "interaction": number, "channel": "voice", "direction": "outbound"}
        connected = talk.began if talk is not None and talk.began is not None else None
        result = st.dial_result(status, agent is not None)
        if ended is not None and status not in st.OPEN and result is not None:
            yield self._speaker.say(
                ev.InteractionDialled, ended, number, **whole_contact, attempt=number, campaign=campaign,
                list=identifier(values.get("list_id")), lead=identifier(values.get("lead_id")),
                result=result, dropped=st.is_dropped(status), agent=agent,
            )  # fmt: skip
        if agent is None or result not in _SPOKEN_WITH:
            return
        queue = self._clients.queue(client, campaign)
        common = {**whole_contact, "segment": _SEGMENT_OF_A_DIAL, "queue": queue}
        # Somebody answered at began, and the agent was there at the talk's beginning, if the agent log tells it.
        answered = max(began, connected) if connected is not None else began
        yield from self._segment(values, common, began, answered, ended, agent, talk)
        yield from self._described(values, common, began, campaign)

    def inbound(self, values: Values, client: str, talk: Talk | None, before: Leg | None) -> Iterator[Event]:
        """A row of vicidial_closer_log; ``before`` is the leg from which the call was passed on, where it is known.

        Raises:
            CellError: it has no moment of its beginning.
        """
        number = identifier(values.get("closecallid"))
        began = self._moments.at(values, "start_epoch", "call_date")
        ended = _ended(values, began)
        waited = lasting(values, "queue_seconds")
        status, agent = values.get("status", "").upper(), _agent(values)
        if number is None:
            return
        common = {
            "client": client,
            "interaction": interaction_of(values),
            "channel": "voice",
            "direction": "inbound",
            "segment": f"closer-{number}",
            "queue": identifier(values.get("campaign_id")),
        }
        if before is not None and before.common["segment"] != common["segment"]:
            yield self._speaker.say(
                ev.InteractionTransferred,
                min(before.ended_at, began),
                number,
                **before.common,
                to_queue=common["queue"],
            )
        if agent is not None:
            answered = began + (waited or timedelta(0))
            yield from self._segment(values, common, began, answered, ended, agent, talk)
        else:
            yield from self._without_agent(values, common, began, ended, status)
        yield from self._described(values, common, began, None)

    def _without_agent(
        self, values: Values, common: dict[str, Any], began: datetime, ended: datetime | None, status: str
    ) -> Iterator[Event]:
        revision = _revision(ended, status, None)
        yield self._speaker.say(ev.InteractionQueued, began, revision, **common, revision=revision)
        if ended is None or status in st.OPEN:
            return
        waited = lasting(values, "queue_seconds")
        # The end of the call may be far behind the end of the waiting: in a voice mailbox, at the end of a message.
        left = began + waited if waited else ended
        reason = st.left_reason(status, values.get("term_reason", ""))
        if reason is None:
            yield self._speaker.say(ev.InteractionAbandoned, left, revision, **common, revision=revision)
        else:
            yield self._speaker.say(ev.InteractionLeftQueue, left, revision, **common, revision=revision, reason=reason)
        yield self._speaker.say(
            ev.InteractionReported, left, revision, **common, wait_ms=ms(waited), outcome=word(status)
        )

    def _segment(
        self, values: Values, common: dict[str, Any], began: datetime, answered: datetime, ended: datetime | None,
        agent: str, talk: Talk | None,
    ) -> Iterator[Event]:  # fmt: skip
        """A segment with an agent, in all that its row and the agent log know of it now."""
        status = values.get("status", "").upper()
        revision = _revision(ended, status, talk)
        held = {**common, "revision": revision}
        yield self._speaker.say(ev.InteractionQueued, began, revision, **held)
        yield self._speaker.say(ev.InteractionAnswered, answered, revision, **held, agent=agent)
        if ended is None:
            return
        ended = max(ended, answered)
        by = {"CALLER": "customer", "AGENT": "agent"}.get(values.get("term_reason", ""))
        yield self._speaker.say(ev.InteractionEnded, ended, revision, **held, agent=agent, ended_by=by)
        if st.is_transfer(status):
            yield self._speaker.say(ev.InteractionTransferred, ended, revision, **held, agent=agent)
        if status not in st.OPEN:
            flags = self._meanings.flags(common["client"], values.get("campaign_id", ""), status)
            done = talk.dispo_ended if talk is not None and talk.dispo_ended is not None else ended
            yield self._speaker.say(
                ev.InteractionWrappedUp, max(done, ended), revision, **held, agent=agent,
                disposition=typed(status), flags=list(flags),
            )  # fmt: skip
        waited, lasted = lasting(values, "queue_seconds"), lasting(values, "length_in_sec")
        talked = None if lasted is None else lasted - (waited or timedelta(0))
        if talk is not None and talk.talk_seconds is not None:
            talked = timedelta(seconds=talk.talk_seconds)
        wrapped = None if talk is None or talk.dispo_seconds is None else round(talk.dispo_seconds * _MS_OF_SECOND)
        yield self._speaker.say(
            ev.InteractionReported, ended, revision, **common, agent=agent, outcome=word(status),
            wait_ms=ms(waited), talk_ms=ms(talked), wrap_ms=wrapped,
        )  # fmt: skip

    def _described(
        self, values: Values, common: dict[str, Any], began: datetime, campaign: str | None
    ) -> Iterator[Event]:
        code, number = values.get("phone_code", ""), values.get("phone_number", "")
        # VICIDIAL keeps the country's code apart; a number that begins with it or with a plus has it already.
        whole_number = f"+{code}{number}" if code.isdigit() and number and not number.startswith("+") else number
        customer = self._door.caller(common["client"], whole_number)
        if customer is not None or campaign:
            yield self._speaker.say(
                ev.InteractionDescribed, began, None, **common, customer=customer, campaign=campaign or None
            )


def interaction_of(values: Values) -> str:
    """The call: Asterisk's name of the caller's channel, the same over all in-groups; else the row itself."""
    return identifier(values.get("uniqueid")) or f"closer-{values.get('closecallid', '')}"


def _agent(values: Values) -> str | None:
    user = identifier(values.get("user"))
    return None if user is None or user.upper() in st.NOBODY else user


def _ended(values: Values, began: datetime) -> datetime | None:
    """When the call was over; a row that ends before it began ended when it began. None while it goes on."""
    found = epoch_at(values, "end_epoch")
    if found is None:
        length = lasting(values, "length_in_sec")
        found = None if length is None else began + length
    return None if found is None else max(found, began)


def _revision(ended: datetime | None, status: str, talk: Talk | None) -> int:
    """Grows with what the row knows: the end, then the outcome, then the agent's own times."""
    if ended is None:
        return 1 if talk is not None else 0
    known = (2 if status not in st.OPEN else 0) + (1 if talk is not None and talk.dispo_ended is not None else 0)
    return int(ended.timestamp()) * 4 + known
