"""The metric records of Genesys Cloud: one measurement each. What they give together is built up as they come."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from pipeline.centre.model import Centre
from pipeline.contract import events as ev
from pipeline.producers.adapters.dispositions import flags_of
from pipeline.producers.adapters.documents.clients import Clients
from pipeline.producers.adapters.documents.converter import DocumentConverter, news, notice_names
from pipeline.producers.adapters.documents.fields import Fields, UnreadableError
from pipeline.producers.adapters.genesys.metric_passes import Measured, passes_of
from pipeline.producers.adapters.genesys.model import channel_of, direction_of
from pipeline.producers.adapters.genesys.said import reported, said_of
from pipeline.producers.adapters.speaker import Speaker

#: Of these a conversation's way is built.
_USED = frozenset(
    """
    nOffered tAcd tAnswered tAbandon tShortAbandon tFlowOut tAlert tNotResponding tTalkComplete tHeldComplete tAcw
    tHandle nTransferred nBlindTransferred nConsultTransferred
    """.split()
)
#: Known, and of no concern to it. A name with o is an observation: a state of the moment.
_PASSED_OVER = frozenset(
    """
    nBotInteractions nCobrowseSessions nConnected nConsult nError nOutbound nOutboundAbandoned nOutboundAttempted
    nOutboundConnected nOverSla nStateTransitionError tActiveCallback tActiveCallbackComplete tAgentResponseTime
    tAgentVideoConnected tAverageAgentResponseTime tAverageCustomerResponseTime tBarging tCoaching tCoachingComplete
    tConnected tContacting tDialing tFirstConnect tFirstDial tFirstEngagement tFirstResponse tHeld tIvr tMonitoring
    tMonitoringComplete tPark tParkComplete tScreenMonitoring tSnippetRecord tTalk tUserResponseTime tVoicemail tWait
    """.split()
)
KNOWN = frozenset(
    """
    metric metricdate value recordid activerouting activeskillids addressfrom addressto agentassistantid
    agentbullseyering agentowned ani assignerid authenticated conversationid conversationinitiator convertedfrom
    convertedto customerparticipation deliverystatus destinationaddresses direction disconnecttype divisionids dnis
    edgeid eligibleagentcounts errorcode extendeddeliverystatus externalcontactid externalmediacount
    externalorganizationid externaltag firstqueue flaggedreason flowintype flowouttype groupid interactiontype
    journeyactionid journeyactionmapid journeyactionmapversion journeycustomerid journeycustomeridtype
    journeycustomersessionid journeycustomersessionidtype knowledgebaseids mediacount mediatype messagetype
    originatingdirection originatingsocialmediapublic outboundcampaignid outboundcontactid outboundcontactlistid
    participantname peerid provider purpose queueid remote removedskillids reoffered requestedlanguageid
    requestedroutingskillids requestedroutings roomid routingpriority routingring routingrule routingruletype
    selectedagentid selectedagentrank selfserved sessiondnis sessionid stationid teamid usedrouting userid
    videopresent waitinginteractioncounts wrapupcode proposedagents scoredagents
    """.split()
)
#: Conversations that are kept, the latest; an older one that is heard of again is added to, not corrected.
REMEMBERED = 2000
#: A conversation that goes on for weeks is not reckoned anew for ever: what comes after so many is a gap.
MEASURED_AT_MOST = 500


class _Known(msgspec.Struct):
    client: str
    channel: str
    direction: str
    measured: list[Measured] = msgspec.field(default_factory=list)
    revision: int = 0


class MetricConverter(DocumentConverter):
    """Says what is new of a conversation after each metric; what turns out to be otherwise is said anew."""

    def __init__(self, speaker: Speaker, clients: Clients, centre: Centre | None) -> None:
        """``centre`` says what dispositions mean."""
        super().__init__(speaker, clients)
        self._flags = partial(flags_of, centre)
        self._known: dict[str, _Known] = {}

    def events(self, record: Fields) -> list[ev.Event]:
        """The events that follow from one metric record."""
        name, at, conversation = record.text("metric"), record.moment("metricdate"), record.name("conversationid")
        session = record.name("sessionid")
        if name is None or at is None or conversation is None:
            raise UnreadableError("metric, metricdate or conversationid is missing")
        client = self.clients.of(record.names_in("divisionids"))
        events: list[ev.Event] = [*notice_names(self.speaker, client, at, record.names(), KNOWN)]
        if name not in _USED or session is None:
            if name not in _USED | _PASSED_OVER and not name.startswith("o"):
                events += self.speaker.notice(
                    client, at, "unknown_verb", record.word("metric") or "unnamed", apart=record.text("recordid")
                )
            return events
        measured = Measured(
            name=name,
            at=at,
            ms=record.number("value") or 0.0,
            session=session,
            queue=record.name("queueid"),
            user=record.name("userid"),
            code=record.name("wrapupcode"),
            flow_out=record.word("flowouttype"),
            disconnect=record.word("disconnecttype"),
            record=record.name("recordid"),
        )
        known = self._known.pop(conversation, None)
        if known is None:
            direction = direction_of(record.text("originatingdirection") or record.text("direction"))
            known = _Known(client, channel_of(record.name("mediatype")), direction)
        self._known[conversation] = known
        while len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]
        return events + self._add(conversation, known, measured)

    def _add(self, conversation: str, known: _Known, measured: Measured) -> list[ev.Event]:
        """Repeated records are known by their record_id, or by saying the same. They say the same events again.

        Who repeats a call has had no answer: what was said of it may not have reached Kafka.
        """
        for each in known.measured:
            if each == measured or (each.record is not None and each.record == measured.record):
                return self._said(conversation, known, known.revision)
        if len(known.measured) >= MEASURED_AT_MOST:
            return [
                *self.speaker.notice(known.client, measured.at, "gap", "metrics_of_one_conversation", measured.record)
            ]
        before = self._said(conversation, known, known.revision)
        known.measured.append(measured)
        try:
            fresh, known.revision, _ = news(before, known.revision, partial(self._said, conversation, known))
        except msgspec.ValidationError:
            known.measured.pop()  # what cannot be said with it can be said without it
            raise
        return fresh

    def _said(self, conversation: str, known: _Known, revision: int) -> list[ev.Event]:
        if not known.measured:
            return []
        base: dict[str, Any] = {
            "client": known.client,
            "interaction": conversation,
            "channel": known.channel,
            "direction": known.direction,
        }
        events: list[ev.Event] = []
        latest = max(each.at for each in known.measured)
        for found in passes_of(known.measured):
            events += said_of(self.speaker, base, found, revision, self._flags)
            if found.ended is not None:
                events += reported(self.speaker, base, found, latest)
        return events

    def state(self) -> bytes:
        """The conversations of late."""
        return msgspec.json.encode(self._known)

    def restore(self, state: bytes) -> None:
        """Remember what ``state`` said."""
        self._known = msgspec.json.decode(state, type=dict[str, _Known])
