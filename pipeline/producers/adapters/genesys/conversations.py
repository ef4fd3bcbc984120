"""Conversation details of Genesys Cloud: the whole conversation so far, fetched again while it is open."""

from __future__ import annotations

from functools import partial
from typing import Any

from pipeline.centre.model import Centre
from pipeline.contract import events as ev
from pipeline.producers.adapters.dispositions import flags_of
from pipeline.producers.adapters.documents.clients import Clients
from pipeline.producers.adapters.documents.converter import DocumentConverter, notice_names
from pipeline.producers.adapters.documents.fields import Fields
from pipeline.producers.adapters.genesys.beside import beside
from pipeline.producers.adapters.genesys.model import conversation_of
from pipeline.producers.adapters.genesys.passes import passes_of
from pipeline.producers.adapters.genesys.said import reported, said_of
from pipeline.producers.adapters.speaker import Speaker
from pipeline.producers.door import Door

KNOWN = frozenset(
    """
    conversationid conversationstart conversationend conferencestart conversationinitiator customerparticipation
    divisionids externaltag inactivitytimeout knowledgebaseids mediastatsminconversationmos
    mediastatsminconversationrfactor originatingdirection originatingsocialmediapublic selfserved evaluations surveys
    resolutions participants
    """.split()
)


class ConversationConverter(DocumentConverter):
    """A conversation says everything of itself anew, with its latest time as the revision. Nothing is remembered."""

    def __init__(self, speaker: Speaker, clients: Clients, door: Door, centre: Centre | None) -> None:
        """``door`` makes pseudonyms of customers, ``centre`` says what dispositions mean."""
        super().__init__(speaker, clients)
        self._door = door
        self._flags = partial(flags_of, centre)

    def events(self, record: Fields) -> list[ev.Event]:
        """The events of one conversation."""
        speaker = self.speaker
        conversation = conversation_of(record, self.clients, self._door)
        base: dict[str, Any] = {
            "client": conversation.client,
            "interaction": conversation.identity,
            "channel": conversation.channel,
            "direction": conversation.direction,
        }
        events: list[ev.Event] = [
            *notice_names(speaker, conversation.client, conversation.start, record.names(), KNOWN),
            speaker.say(ev.InteractionStarted, conversation.start, **base),
        ]
        wrong = list(conversation.contradictions)
        passes = passes_of(conversation)
        for found in passes:
            if found.queued is not None and found.answered is not None and found.answered < found.queued:
                wrong.append("answered_before_queued")
                found.queued = None
            if conversation.contradictions:
                # Without a time at which it was queued it counts in no queue: no number is better than a wrong one.
                found.queued = None
            events += said_of(speaker, base, found, conversation.revision, self._flags)
            events += reported(speaker, base, found, conversation.latest)
        events += beside(speaker, base, conversation, passes)
        if conversation.end is not None:
            events.append(speaker.say(ev.InteractionEnded, conversation.end, **base))
        for name in dict.fromkeys(wrong):
            events += speaker.notice(
                conversation.client, conversation.start, "contradiction", name, apart=conversation.identity
            )
        return events
