"""Contact records of Amazon Connect: one finished contact each, delivered at least once and again when one changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import TypeVar

import msgspec

from pipeline.centre.model import Centre
from pipeline.contract import events as ev
from pipeline.producers.adapters.connect.contact import Contact, channel_of, client_names, last_part
from pipeline.producers.adapters.connect.said import said_of
from pipeline.producers.adapters.dispositions import flags_of
from pipeline.producers.adapters.documents.clients import Clients
from pipeline.producers.adapters.documents.converter import DocumentConverter, notice_names
from pipeline.producers.adapters.documents.customers import customer_of
from pipeline.producers.adapters.documents.fields import Fields, UnreadableError, milliseconds
from pipeline.producers.adapters.speaker import Speaker
from pipeline.producers.adapters.words import typed
from pipeline.producers.door import Door

VERSIONS = frozenset({"2017-03-10"})
#: The members of a record, folded, of which there is one for all its parts.
KNOWN = frozenset(
    """
    awsaccountid awscontacttracerecordformatversion agent agentconnectionattempts answeringmachinedetectionstatus
    attributes campaign channel contactassociationid contactdetails contactevaluations contactid contactlens
    connectedtosystemtimestamp customerendpoint customerid customervoiceactivity deviceinfo disconnectreason
    disconnecttimestamp disconnectdetails globalresiliencymetadata initialcontactid initiationmethod
    initiationtimestamp instancearn lastupdatetimestamp lastpausedtimestamp lastresumedtimestamp mediastreams
    nextcontactid outboundstrategy previouscontactid qualitymetrics queue recording recordings recordingsinfo
    references relatedcontactid routingcriteria scheduledtimestamp segmentattributes systemendpoint tags taskdetails
    taskpauseduration totalpausecount totalpausedurationinseconds transfercompletedtimestamp transferredtoendpoint
    voiceidresult additionalemailrecipients chatmetrics contacttestcase nextcontacts
    """.split()
)
#: Links and contacts that wait for one that comes late: of a busy centre, about two hours.
REMEMBERED = 5000
T = TypeVar("T")
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}))?")


class _Memory(msgspec.Struct):
    """What is known of contacts that follow others, and the contacts that were said before what follows was known."""

    #: By the previous contact: how the next one began, and in which queue.
    links: dict[str, tuple[str, str | None]] = msgspec.field(default_factory=dict)
    open: dict[str, Contact] = msgspec.field(default_factory=dict)


class RecordConverter(DocumentConverter):
    """A record says everything of its contact, with the time of its last update as the revision.

    What a record does not tell is how the contact after it began: whether a customer who left a queue will be called
    back, whether an agent passed the contact on and whereto. As soon as the next contact's record is there, the earlier
    one is said again, under the next revision (updates lie a second apart at least, and revisions a millisecond).
    """

    def __init__(self, speaker: Speaker, clients: Clients, door: Door, centre: Centre | None) -> None:
        """``door`` makes pseudonyms of customers, ``centre`` says what dispositions mean."""
        super().__init__(speaker, clients)
        self._door = door
        self._flags = partial(flags_of, centre)
        self._memory = _Memory()

    def events(self, record: Fields) -> list[ev.Event]:
        """The events of one record, and of the one before it if that is now told better."""
        contact = contact_of(record, self.clients, self._door)
        events: list[ev.Event] = []
        if contact.updated is not None:
            events += self._noticed(record, contact, contact.updated)
            events += self._say(contact, contact.updated)
        if contact.follows is not None:
            _remember(self._memory.links, contact.follows, (contact.method, contact.queue))
            before = self._memory.open.pop(contact.follows, None)
            if before is not None and before.updated is not None:
                events += self._say(before, before.updated)
        return events

    def _say(self, contact: Contact, updated: datetime) -> list[ev.Event]:
        revision = round(updated.timestamp() * 1000)
        link = self._memory.links.get(contact.contact)
        if link is not None:
            method, queue = link
            contact = msgspec.structs.replace(contact, next_method=method, next_queue=queue)
            revision += 1
        elif contact.next is not None:
            latest = self._memory.open.get(contact.contact)
            if latest is None or latest.updated is None or latest.updated <= updated:
                _remember(self._memory.open, contact.contact, contact)
        return said_of(self.speaker, contact, revision, self._flags)

    def _noticed(self, record: Fields, contact: Contact, time: datetime) -> Iterator[ev.Event]:
        yield from notice_names(self.speaker, contact.client, time, record.names(), KNOWN)
        version = record.name("awscontacttracerecordformatversion")
        if version is not None and version not in VERSIONS:
            yield from self.speaker.notice(contact.client, time, "unknown_version", version)
        if not channel_of(record)[1]:
            yield from self.speaker.notice(
                contact.client, time, "unknown_verb", f"channel {contact.channel}", apart=contact.contact
            )

    def state(self) -> bytes:
        """The contacts that follow others, and those whose next one is not known yet."""
        return msgspec.json.encode(self._memory)

    def restore(self, state: bytes) -> None:
        """Remember what ``state`` said."""
        self._memory = msgspec.json.decode(state, type=_Memory)


def contact_of(record: Fields, clients: Clients, door: Door) -> Contact:
    """The contact of a record.

    Raises:
        UnreadableError: it has no identifier or no time of update, or a member is not what it must be.
    """
    contact, updated = record.name("contactid"), record.moment("lastupdatetimestamp")
    if contact is None or updated is None:
        raise UnreadableError("contactid or lastupdatetimestamp is missing")
    client = clients.of(client_names(record))
    queue, agent = record.part("queue"), record.part("agent")
    attributes = record.part("attributes")
    outward = record.moment("transfercompletedtimestamp")
    holds = agent.number("numberofholds")
    return Contact(
        client=client,
        contact=contact,
        interaction=record.name("initialcontactid") or contact,
        channel=channel_of(record)[0],
        method=record.word("initiationmethod") or "",
        initiated=record.moment("initiationtimestamp"),
        reached=record.moment("connectedtosystemtimestamp"),
        disconnected=record.moment("disconnecttimestamp"),
        reason=record.word("disconnectreason"),
        queue=queue_name(queue),
        enqueued=queue.moment("enqueuetimestamp"),
        dequeued=queue.moment("dequeuetimestamp"),
        queue_ms=milliseconds(queue.number("duration")),
        agent=last_part(agent.text("arn")),
        connected=agent.moment("connectedtoagenttimestamp"),
        talk_ms=milliseconds(agent.number("agentinteractionduration")),
        hold_ms=milliseconds(agent.number("customerholdduration")),
        longest_hold_ms=milliseconds(agent.number("longestholdduration")),
        holds=None if holds is None else int(holds),
        acw_started=agent.moment("aftercontactworkstarttimestamp"),
        acw_ended=agent.moment("aftercontactworkendtimestamp"),
        acw_ms=milliseconds(agent.number("aftercontactworkduration")),
        previous=record.name("previouscontactid"),
        next=record.name("nextcontactid"),
        transferred_out=outward,
        customer=customer_of(door, client, record.part("customerendpoint").text("address")),
        language=_language(attributes.text("language") or record.text("languagecode")),
        skill=attributes.word("skill"),
        disposition=typed(attributes.text("disposition")),
        campaign=record.part("campaign").name("campaignid"),
        amd=record.word("answeringmachinedetectionstatus"),
        updated=updated,
    )


def queue_name(queue: Fields) -> str | None:
    """A queue by its name, else by the identifier at the end of its ARN. An agent's own queue is none of the centre."""
    arn = queue.text("arn") or queue.text("queuearn")
    if arn is not None and "/queue/agent/" in arn:
        return None
    return queue.name("name") or last_part(arn)


def _language(said: str | None) -> str | None:
    found = _LANGUAGE.fullmatch(said or "")
    if found is None:
        return None
    return found[1].lower() + (f"-{found[2].upper()}" if found[2] else "")


def _remember(memory: dict[str, T], name: str, value: T) -> None:
    memory.pop(name, None)
    memory[name] = value
    while len(memory) > REMEMBERED:
        del memory[next(iter(memory))]
