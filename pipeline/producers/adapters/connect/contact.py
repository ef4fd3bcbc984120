"""A contact of Amazon Connect: one leg of an interaction, whether a record, its events or both told of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from pipeline.producers.adapters.documents.fields import Fields, safe_name

CHANNELS = {"voice": "voice", "chat": "chat", "task": "work_item", "email": "email"}
_OUTBOUND = frozenset({"outbound", "external_outbound", "agent_reply"})
#: Who ended it. Other reasons: the system.
_ENDED_BY: dict[str, Literal["customer", "agent"]] = {"customer_disconnect": "customer", "agent_disconnect": "agent"}
#: Reasons for which a contact that waits is put out of its queue. With any other it counts as abandoned, as it does in
#: Connect's own metrics: queued, and not connected to an agent.
_PUT_OUT: dict[str, Literal["closed", "timeout"]] = {
    "contact_flow_disconnect": "closed",
    "api": "closed",
    "expired": "timeout",
}


#: How a contact begins that is a flow run after the end, such as a survey.
_AFTERWARDS = "disconnect"


class Contact(msgspec.Struct, kw_only=True):
    """What is known of one contact. Nothing in it leads to a person: ``customer`` is a pseudonym."""

    client: str
    contact: str
    interaction: str
    channel: str
    method: str = ""
    initiated: datetime | None = None
    reached: datetime | None = None
    disconnected: datetime | None = None
    reason: str | None = None
    queue: str | None = None
    enqueued: datetime | None = None
    dequeued: datetime | None = None
    queue_ms: int | None = None
    agent: str | None = None
    connected: datetime | None = None
    talk_ms: int | None = None
    hold_ms: int | None = None
    longest_hold_ms: int | None = None
    holds: int | None = None
    acw_started: datetime | None = None
    acw_ended: datetime | None = None
    acw_ms: int | None = None
    previous: str | None = None
    #: The next contact, and once its own record is known how it began and in which queue.
    next: str | None = None
    next_method: str | None = None
    next_queue: str | None = None
    transferred_out: datetime | None = None
    customer: str | None = None
    language: str | None = None
    skill: str | None = None
    disposition: str | None = None
    campaign: str | None = None
    amd: str | None = None
    #: Of a record: when it was last updated.
    updated: datetime | None = None
    #: In what it contradicts itself.
    contradictions: tuple[str, ...] = ()

    @property
    def direction(self) -> Literal["inbound", "outbound"]:
        """A callback is the answer to a call that came in; so is what follows a transfer, as far as it tells."""
        if self.method in _OUTBOUND or (self.method == "api" and self.channel == "voice"):
            return "outbound"
        return "inbound"

    @property
    def ended_by(self) -> Literal["customer", "agent", "system"] | None:
        """Who hung up, where the source says it."""
        return _ENDED_BY.get(self.reason, "system") if self.reason else None

    @property
    def is_callback(self) -> bool:
        """Whether it is the call back that a customer asked for."""
        return self.method == "callback"

    @property
    def handled_until(self) -> datetime | None:
        """When the agent's part with the customer was over: the contact itself may go on in a flow."""
        return self.acw_started or self.disconnected

    @property
    def left_reason(self) -> Literal["timeout", "key", "closed", "callback"] | None:
        """Why it left the queue without an agent and was not abandoned; None: it was."""
        if self.is_callback:
            return "timeout"
        if self._went_on and self.next_method != _AFTERWARDS:
            return "callback" if self.next_method == "callback" else "timeout"
        return _PUT_OUT.get(self.reason or "")

    @property
    def is_transferred(self) -> bool:
        """Whether the agent passed it on: out of the system, or to the next contact (a flow after the end is none)."""
        passed_on = self._went_on and self.next_method not in {_AFTERWARDS, "callback"}
        return self.connected is not None and (self.transferred_out is not None or passed_on)

    @property
    def follows(self) -> str | None:
        """The contact that went on in this one. Whoever listens in to a contact does not go on with it."""
        return None if self.method == "monitor" else self.previous

    @property
    def _went_on(self) -> bool:
        return self.next is not None or self.next_method is not None


def without_contradictions(contact: Contact) -> Contact:
    """The contact without the times that cannot be. A queue whose times cannot be right gives no wait at all."""
    wrong = []
    enqueued, dequeued, connected = contact.enqueued, contact.dequeued, contact.connected
    acw_started, acw_ended = contact.acw_started, contact.acw_ended
    if _after(enqueued, contact.disconnected):
        wrong.append("enqueue_after_disconnect")
    if _after(enqueued, dequeued):
        wrong.append("enqueue_after_dequeue")
    if _after(enqueued, connected):
        wrong.append("enqueue_after_connect")
    if _after(connected, contact.disconnected):
        wrong.append("connect_after_disconnect")
        connected = None
    if wrong:
        enqueued = dequeued = None
    if _after(acw_started, acw_ended):
        wrong.append("acw_start_after_end")
        acw_started = acw_ended = None
    if not wrong:
        return contact
    return msgspec.structs.replace(
        contact,
        enqueued=enqueued,
        dequeued=dequeued,
        connected=connected,
        acw_started=acw_started,
        acw_ended=acw_ended,
        contradictions=tuple(wrong),
    )


def _after(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one > other


def last_part(arn: str | None) -> str | None:
    """The identifier at the end of an ARN: of an agent or a queue, a UUID and nobody's name."""
    return None if arn is None else safe_name(arn.rpartition("/")[2])


def client_names(record: Fields) -> list[str]:
    """What Connect calls the instance that a record is of: by its identifier, or by its whole ARN."""
    arn = record.text("instancearn")
    return [name for name in (last_part(arn), safe_name(arn)) if name]


def channel_of(record: Fields) -> tuple[str, bool]:
    """The channel in the contract's words, and whether it is one that is known."""
    said = record.word("channel") or ""
    return CHANNELS.get(said, said or "voice"), said in CHANNELS
