"""Single conversations of Genesys Cloud: how a queue was left, who took it, and what metrics alone tell."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.contract import events as ev
from pipeline.contract.events import Event
from pipeline.producers.adapters import AdapterRequest
from pipeline.producers.adapters.documents.stream import Document
from pipeline.producers.adapters.genesys import conversations, metrics, unwrapped
from pipeline.producers.adapters.genesys.metrics import MEASURED_AT_MOST, REMEMBERED
from tests.producers.test_genesys import STREAMS
from tests.support.streams import NOW

ASKED = AdapterRequest(STREAMS, NOW, client="acme")


def at(clock: str) -> str:
    return f"2026-03-03T{clock}.000Z"


def segment(kind: str, start: str, end: str | None = None, **more: Any) -> dict[str, Any]:
    ended = {"segmentEnd": at(end)} if end else {}
    return {"segmentType": kind, "segmentStart": at(start), **ended, **more}


def acd(*segments: dict[str, Any], session: str = "s-acd", **more: Any) -> dict[str, Any]:
    pieces = [{"queueId": "q-1", **each} for each in segments]
    return {"purpose": "acd", "sessions": [{"sessionId": session, "mediaType": "voice", "segments": pieces, **more}]}


def agent(user: str, *segments: dict[str, Any], purpose: str = "agent", **more: Any) -> dict[str, Any]:
    session = {"sessionId": f"s-{user}", "mediaType": "voice", "segments": list(segments), **more}
    return {"purpose": purpose, "userId": user, "sessions": [session]}


def said(*participants: dict[str, Any], **more: Any) -> list[Any]:
    document = {
        "conversationId": "c-1",
        "conversationStart": at("09:00:00"),
        "conversationEnd": at("09:30:00"),
        "participants": list(participants),
        **more,
    }
    return list(conversations(ASKED).convert(Document(document)))


def of(events: list[Any], kind: type[Event]) -> list[Any]:
    return [event.data for event in events if isinstance(event, kind)]


@pytest.mark.parametrize(
    ("disconnect", "more", "expected"),
    [
        ("peer", {}, "abandoned"),
        (None, {}, "abandoned"),
        ("peer", {"metrics": [{"name": "tAbandon", "value": 1}]}, "abandoned"),
        ("system", {"metrics": [{"name": "tAbandon", "value": 1}]}, "abandoned"),
        ("transfer", {}, "timeout"),
        ("peer", {"metrics": [{"name": "tFlowOut", "value": 1}]}, "timeout"),
        ("peer", {"flowOutType": "VOICEMAIL"}, "timeout"),
        ("peer", {"flowOutType": "CALLBACK"}, "callback"),
        ("system", {}, "closed"),
        ("timeout", {}, "closed"),
    ],
)
def test_how_a_queue_was_left(disconnect: str | None, more: dict[str, Any], expected: str) -> None:
    events = said(acd(segment("interact", "09:00:10", "09:00:40", disconnectType=disconnect), **more))
    assert [data.reason for data in of(events, ev.InteractionLeftQueue)] == (
        [] if expected == "abandoned" else [expected]
    )
    assert len(of(events, ev.InteractionAbandoned)) == (expected == "abandoned")


@pytest.mark.parametrize(
    ("disconnect", "ended_by", "transfer"),
    [
        ("peer", "customer", None),
        ("client", "agent", None),
        ("endpoint", "agent", None),
        ("system", "system", None),
        ("transfer", None, "cold"),
        ("consultTransfer", None, "warm"),
        ("conferenceTransfer", None, "conference"),
        (None, None, None),
    ],
)
def test_how_an_agents_part_ended(disconnect: str | None, ended_by: str | None, transfer: str | None) -> None:
    events = said(
        acd(segment("interact", "09:00:10", "09:00:40")),
        agent("u-1", segment("interact", "09:00:40", "09:05:00", disconnectType=disconnect)),
    )
    (ended,) = [data for data in of(events, ev.InteractionEnded) if data.segment]
    assert (ended.segment, ended.agent, ended.ended_by) == ("s-acd", "u-1", ended_by)
    assert [data.kind for data in of(events, ev.InteractionTransferred)] == ([transfer] if transfer else [])


def test_an_alert_is_declined_by_whom_it_was() -> None:
    events = said(
        acd(segment("interact", "09:00:10", "09:01:00")),
        agent("u-1", segment("alert", "09:00:20", "09:00:30", disconnectType="client")),
        agent("u-2", segment("alert", "09:00:35", "09:00:45", disconnectType="noAnswerTransfer")),
        agent("u-3", segment("alert", "09:00:50", "09:01:00"), segment("interact", "09:01:00", "09:02:00")),
    )
    assert [(data.agent, data.reason) for data in of(events, ev.InteractionDeclined)] == [
        ("u-1", "rejected"),
        ("u-2", "no_answer"),
    ]
    assert [data.agent for data in of(events, ev.InteractionOffered)] == ["u-1", "u-2", "u-3"]


def test_who_still_talks_has_not_ended_and_who_still_waits_is_not_lost() -> None:
    events = said(
        acd(segment("interact", "09:00:10", "09:00:40")),
        agent("u-1", segment("interact", "09:00:40", "09:01:00"), segment("hold", "09:01:00")),
        acd(segment("interact", "09:00:50"), session="s-2"),
        conversationEnd=None,
    )
    assert len(of(events, ev.InteractionHeld)) == 1
    assert not of(events, ev.InteractionResumed) and not of(events, ev.InteractionEnded)
    assert [data.segment for data in of(events, ev.InteractionQueued)] == ["s-acd", "s-2"]
    assert not of(events, ev.InteractionAbandoned)


def test_a_call_that_enters_a_queue_twice_is_two_segments() -> None:
    events = said(
        acd(segment("interact", "09:00:10", "09:00:40", disconnectType="transfer"), session="s-1"),
        acd(segment("interact", "09:00:50", "09:01:00"), session="s-2"),
        agent("u-1", segment("alert", "09:00:55", "09:01:00"), segment("interact", "09:01:00", "09:02:00")),
    )
    assert [data.segment for data in of(events, ev.InteractionQueued)] == ["s-1", "s-2"]
    assert [data.segment for data in of(events, ev.InteractionAnswered)] == ["s-2"]


def test_a_bot_that_hands_over_by_what_came_next() -> None:
    flow = {
        "purpose": "botflow",
        "sessions": [{"sessionId": "s-b", "segments": [segment("ivr", "09:00:00", "09:00:09")]}],
    }
    menu = {"purpose": "ivr", "sessions": [{"sessionId": "s-i", "segments": [segment("ivr", "09:00:09", "09:00:10")]}]}
    queue = acd(segment("interact", "09:00:10", "09:00:40", disconnectType="peer"))
    assert [data.result for data in of(said(flow, menu, queue), ev.InteractionMenuStepped)] == [
        "continued",
        "handed_over",
    ]
    assert [data.result for data in of(said(flow, selfServed=False), ev.InteractionMenuStepped)] == ["abandoned"]
    assert [data.result for data in of(said(flow), ev.InteractionMenuStepped)] == ["contained"]
    # As long as it is open nobody knows.
    assert of(said(flow, conversationEnd=None), ev.InteractionMenuStepped) == []


@pytest.mark.parametrize(
    ("disposition", "result"),
    [
        ("disposition.classification.callable.person", "human"),
        ("disposition.classification.callable.machine", "machine"),
        ("disposition.classification.callable.busy", "busy"),
        ("disposition.classification.callable.noanswer", "no_answer"),
        ("disposition.classification.uncallable.notfound", "invalid"),
        ("disposition.classification.uncallable.dnc", "blocked"),
        ("disposition.something.new", "failed"),
    ],
)
def test_the_result_of_a_dial(disposition: str, result: str) -> None:
    session = {"sessionId": "s-1", "outboundCampaignId": "k-1", "dispositionName": disposition, "segments": []}
    dials = of(said({"purpose": "customer", "sessions": [session]}), ev.InteractionDialled)
    assert [(data.result, data.campaign, data.attempt) for data in dials] == [(result, "k-1", "c-1")]


def metric(name: str, time: str, value: float = 1, **more: Any) -> Document:
    record = {
        "metric": name,
        "metricDate": at(time),
        "value": value,
        "conversationId": "c-1",
        "sessionId": "s-acd",
        "queueId": "q-1",
        "mediaType": "voice",
        **more,
    }
    return Document(record)


def test_metrics_are_said_as_soon_as_they_tell_anything() -> None:
    converter = metrics(ASKED)
    desk = {"sessionId": "s-u", "userId": "u-1"}
    steps: list[tuple[Document, list[str]]] = [
        (metric("nOffered", "09:00:00"), ["interaction.queued.v1"]),
        (metric("tAcd", "09:00:20", 20_000), []),
        (metric("tAlert", "09:00:20", 5_000, **desk), ["interaction.offered.v1"]),
        (metric("tAnswered", "09:00:20", 20_000, **desk), ["interaction.answered.v1"]),
        (metric("tTalkComplete", "09:02:20", 120_000, **desk), ["interaction.ended.v1", "interaction.reported.v1"]),
        (metric("tAcw", "09:02:50", 30_000, **desk), ["interaction.wrapped_up.v1", "interaction.reported.v1"]),
    ]
    told: set[str] = set()
    for document, kinds in steps:
        events: list[Any] = list(converter.convert(document))
        assert [event.__struct_config__.tag for event in events] == kinds, document.value
        assert all(getattr(event.data, "revision", 0) == 0 for event in events)
        assert all(event.data.segment == "s-acd" for event in events)
        told |= {event.id for event in events}
    # Who repeats a record has had no answer: all that holds is said again, as the same events.
    again = list(converter.convert(steps[-1][0]))
    assert len(again) > 2
    assert {event.id for event in again} <= told


def test_an_agents_metrics_wait_for_those_of_the_queue() -> None:
    converter = metrics(ASKED)
    desk = {"sessionId": "s-u", "userId": "u-1"}
    assert list(converter.convert(metric("tTalkComplete", "09:02:20", 120_000, **desk))) == []
    events = list(converter.convert(metric("tAnswered", "09:00:20", 20_000)))
    (answered,) = (event for event in events if isinstance(event, ev.InteractionAnswered))
    assert (answered.time.isoformat(), answered.data.agent) == ("2026-03-03T09:00:20+00:00", "u-1")
    (queued,) = (event for event in events if isinstance(event, ev.InteractionQueued))
    assert queued.time.isoformat() == "2026-03-03T09:00:00+00:00"


def test_memory_is_bounded() -> None:
    converter = metrics(ASKED)
    for number in range(REMEMBERED + 10):
        list(converter.convert(metric("nOffered", "09:00:00", conversationId=f"c-{number}")))
    assert b'"c-9"' not in converter.state() and b'"c-10"' in converter.state()
    for number in range(MEASURED_AT_MOST):
        list(converter.convert(metric("nOffered", "09:00:00", sessionId=f"s-{number}")))
    (gap,) = converter.convert(metric("tAcd", "09:00:30", 30_000, sessionId="s-last"))
    assert isinstance(gap, ev.SourceNoticed) and gap.data.kind == "gap"


@pytest.mark.parametrize(
    ("value", "records"),
    [
        ({"conversations": [{"a": 1}, {"a": 2}], "totalHits": 2}, [{"a": 1}, {"a": 2}]),
        ({"detail-type": "x", "detail": {"topicName": "t", "eventBody": {"a": 1}}}, [{"a": 1}]),
        ({"topicName": "t", "eventBody": {"metrics": [{"a": 1}]}}, [{"a": 1}]),
        ({"conversationId": "c"}, [{"conversationId": "c"}]),
        ({"conversations": []}, []),
    ],
)
def test_records_are_taken_out_of_what_wraps_them(value: dict[str, Any], records: list[dict[str, Any]]) -> None:
    assert [document.value for document in unwrapped(Document(value, line=3))] == records
    assert {document.line for document in unwrapped(Document(value, line=3))} <= {3}
