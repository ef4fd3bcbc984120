"""Which way a conversation went, by its metrics alone: each says when it was emitted and how long something took."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from pipeline.producers.adapters.genesys.passes import SLACK, LeftReason, Offer, Pass

#: Metrics of a session in a queue, from which follows when it was queued: at their date, less their value.
_OF_QUEUE = ("nOffered", "tAcd", "tAnswered", "tAbandon", "tShortAbandon", "tFlowOut")
#: The ends of an agent's talk, the most exact first, and whether what came after it is in the value.
_TRANSFERS: dict[str, Literal["cold", "warm", "conference"]] = {
    "nBlindTransferred": "cold",
    "nConsultTransferred": "warm",
    "nTransferred": "cold",
}
_ENDED_BY: dict[str, Literal["customer", "agent"]] = {"peer": "customer", "client": "agent", "endpoint": "agent"}


class Measured(msgspec.Struct, frozen=True):
    """One metric record, as far as it is used here. ``at`` is when it was emitted, ``ms`` its value."""

    name: str
    at: datetime
    ms: float
    session: str
    queue: str | None = None
    user: str | None = None
    code: str | None = None
    flow_out: str | None = None
    disconnect: str | None = None
    record: str | None = None

    @property
    def began(self) -> datetime:
        """When what it measured began."""
        return self.at - timedelta(milliseconds=self.ms if self.name.startswith("t") else 0)


class _Desk(msgspec.Struct):
    """The metrics of one session of an agent."""

    session: str
    user: str
    queue: str | None
    by_name: dict[str, list[Measured]] = msgspec.field(default_factory=dict)

    def latest(self, name: str) -> Measured | None:
        return max(self.by_name.get(name, ()), key=lambda each: each.at, default=None)

    @property
    def talk_ended(self) -> datetime | None:
        """The end of the talk: when its length was known, or when the work after it began."""
        talk, acw, handle = self.latest("tTalkComplete"), self.latest("tAcw"), self.latest("tHandle")
        if acw is not None:
            return acw.began
        found = talk or handle
        return None if found is None else found.at

    @property
    def answered(self) -> datetime | None:
        """When the agent answered: as measured, or reckoned back from the end of the talk."""
        measured = self.latest("tAnswered")
        if measured is not None:
            return measured.at
        ended, talk, held = self.talk_ended, self.latest("tTalkComplete"), self.latest("tHeldComplete")
        if ended is None or talk is None:
            return None
        return ended - timedelta(milliseconds=talk.ms + (held.ms if held is not None else 0))

    @property
    def began(self) -> datetime:
        """The first time that any of its metrics speaks of: of an alert its beginning."""
        times = [
            each.began if each.name != "tAnswered" else each.at for found in self.by_name.values() for each in found
        ]
        return min(times)


def passes_of(measured: list[Measured]) -> list[Pass]:
    """The passes of one conversation, whatever the order in which its metrics came."""
    ordered = sorted(measured, key=lambda each: (each.at, each.name, each.session))
    queues: dict[str, list[Measured]] = {}
    desks: dict[str, _Desk] = {}
    for each in ordered:
        if each.user is not None:
            desk = desks.setdefault(each.session, _Desk(each.session, each.user, each.queue))
            desk.queue = desk.queue or each.queue
            desk.by_name.setdefault(each.name, []).append(each)
        elif each.name in _OF_QUEUE and each.queue is not None:
            queues.setdefault(each.session, []).append(each)
    passes = [_queued(session, found) for session, found in queues.items()]
    #: When a queue's own session says that it was answered; by whom, the agent's metrics say.
    answers = {session: each.at for session, found in queues.items() for each in found if each.name == "tAnswered"}
    for desk in sorted(desks.values(), key=lambda desk: (desk.began, desk.session)):
        found = _pass_of(desk, passes)
        if found is None and desk.queue is not None:
            continue  # the queue's own metrics are yet to come, and with them the name of the pass
        if found is None:
            found = Pass(segment=desk.session)
            passes.append(found)
        _handled(found, desk, _answered(desk, answers.get(found.segment)))
    return passes


def _answered(desk: _Desk, queues_word: datetime | None) -> datetime | None:
    """When this desk answered: as it was measured, else as the queue says, else reckoned back from the talk."""
    if queues_word is None or desk.latest("tAnswered") is not None:
        return desk.answered
    alert = desk.latest("tAlert")
    took = desk.talk_ended is not None or (alert is not None and abs(alert.at - queues_word) <= SLACK)
    return queues_word if took else desk.answered


def _queued(session: str, found: list[Measured]) -> Pass:
    offered = next((each for each in found if each.name == "nOffered"), None)
    timed = [each for each in found if each.name.startswith("t")]
    queued = offered.at if offered is not None else min(each.began for each in timed)
    result = Pass(segment=session, queue=found[0].queue, queued=queued)
    for each in timed:
        result.metrics[each.name] = each.ms
        if each.name in {"tAbandon", "tShortAbandon"}:
            result.abandoned = result.ended = each.at
            result.ended_by = "customer"
        elif each.name == "tFlowOut":
            result.left = result.ended = each.at
            result.left_reason = _left_reason(each.flow_out)
    return result


def _left_reason(flow_out: str | None) -> LeftReason:
    return "callback" if flow_out == "callback" else "timeout"


def _pass_of(desk: _Desk, passes: list[Pass]) -> Pass | None:
    """The pass that came to this desk: the latest of its queue that had begun and that nobody had answered."""
    fitting = [
        (found.queued, found.segment, found)
        for found in passes
        if found.queued is not None
        and found.queue == desk.queue
        and found.queued <= desk.began + SLACK
        and (found.answered is None or (desk.talk_ended is None and desk.began <= found.answered))
        and (found.ended is None or desk.began <= found.ended + SLACK)
    ]
    return max(fitting, key=lambda each: each[:2])[2] if fitting else None


def _handled(found: Pass, desk: _Desk, answered: datetime | None) -> None:
    missed = sorted(desk.by_name.get("tNotResponding", ()), key=lambda each: each.at)
    for alert in desk.by_name.get("tAlert", ()):
        no_answer = next((each for each in missed if abs(each.at - alert.at) <= SLACK), None)
        found.offers.append(Offer(desk.user, alert.began, None if no_answer is None else alert.at))
    for name, each in desk.by_name.items():
        found.metrics[name] = found.metrics.get(name, 0.0) + sum(one.ms for one in each)
    if answered is None:
        return
    found.agent, found.answered, found.ended, found.ended_by = desk.user, answered, desk.talk_ended, None
    _after_talk(found, desk, answered)


def _after_talk(found: Pass, desk: _Desk, answered: datetime) -> None:
    held = desk.latest("tHeldComplete")
    if held is not None and held.ms > 0:
        # Only their sum is known: one hold, right behind the answer.
        found.holds = [(answered, answered + timedelta(milliseconds=held.ms))]
    for name, kind in _TRANSFERS.items():
        moved = desk.latest(name)
        if moved is not None and found.transferred is None:
            found.transferred, found.transfer_kind = moved.at, kind
    acw = desk.latest("tAcw")
    if acw is not None:
        found.wrapped = acw.at
    everything = [each for each in (acw, desk.latest("tHandle"), desk.latest("tTalkComplete")) if each is not None]
    found.code = next((each.code for each in everything if each.code), None)
    disconnect = next((each.disconnect for each in everything if each.disconnect), None)
    if disconnect is not None and found.transferred is None and disconnect in _ENDED_BY:
        found.ended_by = _ENDED_BY[disconnect]
