"""Contact events of Amazon Connect (EventBridge): best effort, in no order, and not in one way of writing.

Each event repeats what is known of its contact, so what an event that was lost would have said is taken from the next.
All of a contact is kept until it is over and said as far as it is known; when a later event shows that something was
said wrongly, the contact is said again under the next revision. The contact's record, which comes when all is over,
has a far higher revision: from then on only the record counts.
"""

from __future__ import annotations

import msgspec

from pipeline.contract import events as ev
from pipeline.producers.adapters.connect.contact import Contact, channel_of, client_names, last_part
from pipeline.producers.adapters.connect.records import queue_name
from pipeline.producers.adapters.connect.said import said_of
from pipeline.producers.adapters.documents.clients import Clients
from pipeline.producers.adapters.documents.converter import DocumentConverter, news, notice_names
from pipeline.producers.adapters.documents.fields import Fields, UnreadableError
from pipeline.producers.adapters.speaker import Speaker

#: Which member says when the thing happened, where it is not in a part of its own.
_OWN_TIME = {
    "initiated": "initiated",
    "connected_to_system": "reached",
    "queued": "enqueued",
    "connected_to_agent": "connected",
    "disconnected": "disconnected",
    "completed": "completed",
}
#: Events that are of no concern to a contact's way through its queue.
_PASSED_OVER = frozenset(
    {"contact_data_updated", "amd_disabled", "paused", "resumed", "scheduled", "contact_evaluation_updated"}
)
KNOWN = frozenset(
    """
    eventtype contactid initialcontactid previouscontactid nextcontactid relatedcontactid contactassociationid channel
    instancearn initiationmethod initiationtimestamp connectedtosystemtimestamp disconnecttimestamp disconnectreason
    disconnectdetails scheduledtimestamp lastupdatetimestamp queueinfo agentinfo answeringmachinedetectionstatus
    campaign customervoiceactivity contactlens tags updatedproperties segmentattributes routingcriteria customerid
    customendpointinfo customerendpoint systemendpoint attributes references taskproperties qualitymetrics recordings
    globalresiliencymetadata contactevaluation contactevaluations outboundstrategy chatmetrics totalpausecount
    totalpausedurationinseconds lastpausedtimestamp lastresumedtimestamp contactdetails name description
    aftercontactworkstarttimestamp aftercontactworkendtimestamp aftercontactworkduration
    """.split()
)
#: Contacts and links that are kept, the latest: what a later event corrects comes within minutes.
REMEMBERED = 2000


class _Known(msgspec.Struct):
    contact: Contact
    revision: int = 0


class _Memory(msgspec.Struct):
    #: The contacts of late, the latest last.
    contacts: dict[str, _Known] = msgspec.field(default_factory=dict)
    #: By the previous contact: how the next one began, and in which queue.
    links: dict[str, tuple[str, str | None]] = msgspec.field(default_factory=dict)


class ContactEventConverter(DocumentConverter):
    """Merges the events of each contact, and says what is new."""

    def __init__(self, speaker: Speaker, clients: Clients) -> None:
        """Contact events tell nothing of the customer and of dispositions."""
        super().__init__(speaker, clients)
        self._memory = _Memory()

    def events(self, record: Fields) -> list[ev.Event]:
        """The events of one contact event (with its EventBridge envelope, or without)."""
        detail = record.part("detail") or record
        kind = detail.word("eventtype")
        time = record.moment("time") or detail.moment("lastupdatetimestamp")
        told = _told(detail, self.clients)
        if kind is None or time is None:
            raise UnreadableError("eventtype or time is missing")
        events: list[ev.Event] = [*notice_names(self.speaker, told.client, time, detail.names(), KNOWN)]
        member = _OWN_TIME.get(kind)
        if member is None:
            if kind not in _PASSED_OVER:
                events += self.speaker.notice(told.client, time, "unknown_verb", kind, apart=record.text("id"))
            return events
        if member != "completed" and getattr(told, member) is None:
            told = msgspec.structs.replace(told, **{member: time})
        if told.follows is not None and kind == "initiated":
            events += self._link(told.follows, told)
        return events + self._merge(told)

    def _merge(self, told: Contact) -> list[ev.Event]:
        known = self._memory.contacts.get(told.contact) or _Known(_blank(told))
        method, queue = self._memory.links.get(told.contact, (None, None))
        if method is not None:
            told = msgspec.structs.replace(told, next_method=method, next_queue=queue)
        return self._news(known, _union(known.contact, told))

    def _link(self, previous: str, told: Contact) -> list[ev.Event]:
        """The contact before this one, told again now that it is known what came of it."""
        self._memory.links[previous] = (told.method, told.queue)
        _trim(self._memory.links)
        known = self._memory.contacts.get(previous)
        if known is None:
            return []
        linked = msgspec.structs.replace(known.contact, next_method=told.method, next_queue=told.queue)
        return self._news(known, linked)

    def _news(self, known: _Known, contact: Contact) -> list[ev.Event]:
        """What is new; all of it where nothing is, for who repeats a call has had no answer: it may have got lost."""
        if contact == known.contact:
            return said_of(self.speaker, contact, known.revision, _no_flags)
        before = said_of(self.speaker, known.contact, known.revision, _no_flags)
        fresh, revision, _ = news(
            before, known.revision, lambda revision: said_of(self.speaker, contact, revision, _no_flags)
        )
        self._memory.contacts.pop(contact.contact, None)  # the latest last
        self._memory.contacts[contact.contact] = _Known(contact, revision)
        _trim(self._memory.contacts)
        return fresh

    def state(self) -> bytes:
        """The contacts of late."""
        return msgspec.json.encode(self._memory)

    def restore(self, state: bytes) -> None:
        """Remember what ``state`` said."""
        self._memory = msgspec.json.decode(state, type=_Memory)


def _told(detail: Fields, clients: Clients) -> Contact:
    contact = detail.name("contactid")
    if contact is None:
        raise UnreadableError("contactid is missing")
    queue, agent = detail.part("queueinfo"), detail.part("agentinfo")
    return Contact(
        client=clients.of(client_names(detail)),
        contact=contact,
        interaction=detail.name("initialcontactid") or contact,
        channel=channel_of(detail)[0],
        method=detail.word("initiationmethod") or "",
        initiated=detail.moment("initiationtimestamp"),
        reached=detail.moment("connectedtosystemtimestamp"),
        disconnected=detail.moment("disconnecttimestamp"),
        reason=detail.word("disconnectreason"),
        queue=queue_name(queue),
        enqueued=queue.moment("enqueuetimestamp"),
        dequeued=queue.moment("dequeuetimestamp"),
        agent=last_part(agent.text("agentarn") or agent.text("arn")),
        connected=agent.moment("connectedtoagenttimestamp"),
        acw_started=agent.moment("aftercontactworkstarttimestamp"),
        acw_ended=agent.moment("aftercontactworkendtimestamp"),
        previous=detail.name("previouscontactid"),
        next=detail.name("nextcontactid"),
        campaign=detail.part("campaign").name("campaignid"),
        amd=detail.word("answeringmachinedetectionstatus"),
    )


def _blank(told: Contact) -> Contact:
    """A contact of which nothing was told yet."""
    return Contact(
        client=told.client, contact=told.contact, interaction=told.interaction, channel=told.channel, method=told.method
    )


def _union(one: Contact, other: Contact) -> Contact:
    """What either tells; of two times the earlier, so that the order of the events does not matter."""
    merged = {}
    for name in Contact.__struct_fields__:
        mine, theirs = getattr(one, name), getattr(other, name)
        if mine is None or theirs is None or mine == theirs:
            merged[name] = theirs if mine is None else mine
        else:
            merged[name] = min(mine, theirs)
    return Contact(**merged)


def _no_flags(_client: str, _disposition: str | None) -> tuple[str, ...]:
    return ()


def _trim(memory: dict[str, object] | dict[str, _Known] | dict[str, tuple[str, str | None]]) -> None:
    while len(memory) > REMEMBERED:
        del memory[next(iter(memory))]
