"""A centre for each line of business, small and round the clock, so that any hours of it show all that it has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.centre.vocabulary import LINES, hint
from pipeline.errors import CallboardError
from pipeline.simulate.business import Solving
from pipeline.simulate.centre import AgentGroup, Centre, Exits, Queue, Transfer
from pipeline.simulate.line_business import AFTERMATH_DAYS, FLAGS_OF, business_of
from pipeline.simulate.spread import Lognormal

CLIENT = "aurora"
_ZONE = "Europe/Berlin"
_SHIFT_STARTS = (0.0, 8.0, 16.0)
#: Shifts overlap, so that nobody is alone when one ends.
_SHIFT_HOURS = 8.5
_CAPACITY = (("chat", 3), ("messaging", 5))
#: A dialler calls when agents are free, and connects them without a ring; after two seconds the call is a drop.
DIALLED: dict[str, Any] = {
    "direction": "outbound",
    "menu_seconds": Lognormal(12, 0.4),
    "patience_seconds": None,
    "exits": Exits(timeout_seconds=2.0),
    "hold_probability": 0.03,
}
_SELLING = ("not_interested", "call_again", "wrong_person", "do_not_call")

#: Line to what its queue has beyond its business: rate an hour, agents at a time, and the rest.
_QUEUES: dict[str, tuple[float, int, dict[str, Any]]] = {
    "customer-service": (
        110, 9, {
            "exits": Exits(900, None, 0.02, 60, 0.1, 45, "calls-back", 900),
            "dispositions": ("resolved", "follow_up", "information"),
            # Back into the same queue, for somebody else.
            "transfers": (Transfer("customer-service", 0.03),),
        },
    ),
    "technical-support": (60, 8, {"talk_seconds": Lognormal(330), "dispositions": ("fixed", "follow_up")}),
    "help-desk": (70, 6, {"talk_seconds": Lognormal(240), "dispositions": ("fixed", "follow_up")}),
    "product-support": (50, 5, {"talk_seconds": Lognormal(280), "dispositions": ("fixed", "follow_up")}),
    "inbound-sales": (80, 8, {"talk_seconds": Lognormal(270), "dispositions": ("follow_up", "not_interested")}),
    "outbound-sales": (320, 10, {**DIALLED, "talk_seconds": Lognormal(150), "dispositions": _SELLING}),
    "collections": (260, 10, {**DIALLED, "talk_seconds": Lognormal(180), "dispositions": _SELLING[1:]}),
    "surveys": (240, 11, {**DIALLED, "talk_seconds": Lognormal(240), "dispositions": ("call_again",)}),
    "fund-raising": (240, 9, {**DIALLED, "talk_seconds": Lognormal(160), "dispositions": _SELLING}),
    "chat": (80, 4, {"talk_seconds": Lognormal(420), "menu_seconds": Lognormal(40)}),
    "messaging": (70, 4, {"talk_seconds": Lognormal(900), "menu_seconds": Lognormal(40), "patience_seconds": 900.0}),
    "email": (60, 5, {"talk_seconds": Lognormal(200), "dispositions": ("resolved", "follow_up")}),
    "letters": (40, 4, {"talk_seconds": Lognormal(260), "dispositions": ("resolved", "follow_up")}),
    "back-office": (50, 5, {"talk_seconds": Lognormal(280), "dispositions": ("delivered",)}),
    "transcription": (12, 6, {"talk_seconds": Lognormal(1500, 0.7), "dispositions": ("delivered",)}),
}  # fmt: skip
_CHANNELS = {"chat": "chat", "messaging": "messaging", "email": "email", "letters": "letter",
             "back-office": "work_item", "transcription": "work_item"}  # fmt: skip
#: Lines whose contacts lie in a backlog: they come in at once, nobody waits on the line, nobody holds.
IN_A_BACKLOG: dict[str, Any] = {
    "menu_seconds": Lognormal(1, 0.2),
    "menu_hang_up_probability": 0.0,
    "patience_seconds": None,
    "hold_probability": 0.0,
}
_DEFERRED = ("email", "letters", "back-office", "transcription")
#: Agents of a dialler are connected without doing anything.
CONNECTED: dict[str, Any] = {
    "answer_seconds": Lognormal(0.5, 0.3),
    "no_answer_probability": 0.0,
    "decline_probability": 0.0,
}
#: Lines with a second tier, to which this share is escalated.
_ESCALATED = {"technical-support": 0.15, "help-desk": 0.12, "product-support": 0.12}


def line_centre(line: str) -> Centre:
    """The centre of a line of business.

    Raises:
        CallboardError: there is no such line.
    """
    if line not in LINES:
        raise CallboardError(f"there is no line of business '{line}'; {hint(line, LINES)}")
    rate, agents, more = _QUEUES[line]
    deferred = IN_A_BACKLOG if line in _DEFERRED else {}
    wrapped = {"wrap_up_seconds": Lognormal(30), **deferred, **more}
    if line in ("chat", "messaging"):
        wrapped["hold_probability"] = 0.0
    queue = Queue(
        line, CLIENT, (float(rate),) * 24, _CHANNELS.get(line, "voice"), business=business_of(line), **wrapped
    )
    queues = [queue]
    if line in _ESCALATED:
        queues = _with_second_tier(queue, _ESCALATED[line])
    if queue.exits.callback_queue is not None:
        queues.append(
            Queue(queue.exits.callback_queue, CLIENT, (0.0,) * 24, direction="outbound", menu_hang_up_probability=0.3,
                  business=replace(business_of(line), menu=None))
        )  # fmt: skip
    groups = tuple(
        AgentGroup(f"{line}-{number}", CLIENT, tuple(q.name for q in queues), agents, start, _SHIFT_HOURS,
                   capacity=_CAPACITY, **(CONNECTED if queue.business.dialling else {}))
        for number, start in enumerate(_SHIFT_STARTS, 1)
    )  # fmt: skip
    return Centre(line, tuple(queues), groups, _ZONE, scheduled=True, aftermath_days=AFTERMATH_DAYS, flags=FLAGS_OF)


def _with_second_tier(queue: Queue, share: float) -> list[Queue]:
    second = f"{queue.name}-2"
    solving = replace(queue.business.solving or Solving(), tier=2)
    business = replace(queue.business, solving=solving)
    return [
        replace(queue, transfers=(Transfer(second, share * 0.7, "warm"), Transfer(second, share * 0.3, "conference"))),
        replace(queue, name=second, calls_per_hour=(0.0,) * 24, business=business, talk_seconds=Lognormal(420)),
    ]
