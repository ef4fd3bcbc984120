"""A day of calls that are known one by one, its store, and reports of it that are counted here and not by callboard.

The report functions share nothing with the pipeline: plain lists, loops and the standard library.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.areas.floor_events import DAY, contact

ZONE = ZoneInfo("Europe/Berlin")
QUEUES = ("sales", "care")
HEADER = ["Client", "Queue", "Date", "Offered", "Answered", "Abandoned", "ASA", "AHT", "Service level"]


@dataclass(frozen=True)
class Pass:
    """One pass through a queue. Seconds are whole; ``alerted`` counts from queue entry."""

    contact: str
    number: int
    queue: str
    queued_at: datetime
    outcome: str
    reason: str = ""
    wait: int | None = None
    alerted: int | None = None
    talk: int = 0
    hold: int = 0
    wrap: int = 0
    passes: int = 1
    again: bool = False

    @property
    def wait_ended_at(self) -> datetime:
        return self.queued_at + timedelta(seconds=self.wait or 0)

    @property
    def ended_at(self) -> datetime:
        return self.wait_ended_at + timedelta(seconds=self.talk + self.hold)


def calls() -> list[Pass]:
    """Two queues, from the evening before until the end of the day: every kind of fate, many at the very limits."""
    chance = random.Random(11)
    found = []
    for number in range(360):
        queued = DAY - timedelta(hours=3) + timedelta(seconds=number * 270 + chance.randrange(60))
        queue = QUEUES[number % 3 == 0]
        fate = chance.random()
        name = f"c{number}"
        if fate < 0.62:
            found += _answered(chance, name, queue, queued)
        elif fate < 0.80:
            wait = chance.choice((1, 3, 5, 6, 9, 20, 21, 45, 80))
            ringing = wait > 5 and chance.random() < 0.4
            found.append(Pass(name, 1, queue, queued, "abandoned", wait=wait, alerted=wait - 2 if ringing else None))
        elif fate < 0.96:
            reason = chance.choice(("callback", "callback", "timeout", "key", "closed"))
            found.append(Pass(name, 1, queue, queued, "left", reason, wait=chance.choice((10, 20, 60, 120))))
        else:
            found.append(Pass(name, 1, queue, queued, "waiting"))
    for day in (-1, 0):
        for number, queue in enumerate(QUEUES):
            # Ten seconds before midnight in Berlin: answered, and given up, on the next day.
            late = DAY + timedelta(days=day, hours=22, minutes=59, seconds=50)
            found.append(Pass(f"late{day}{number}", 1, queue, late, "answered", "", 20, 17, 100, 0, 7))
            found += [Pass(f"gone{day}{number}{n}", 1, queue, late, "abandoned", wait=21) for n in range(day + 2)]
    return found


def _answered(chance: random.Random, name: str, queue: str, queued: datetime) -> list[Pass]:
    def one(number: int, at_queue: str, at: datetime, passes: int, again: bool) -> Pass:
        wait = chance.choice((0, 4, 12, 19, 20, 20, 21, 28, 30, 33, 61))
        alerted = max(0, wait - chance.choice((2, 3, 7)))
        talk, wrap = chance.randrange(30, 400), chance.choice((0, 7, 20, 41))
        hold = chance.choice((0, 0, 15, 33))
        return Pass(name, number, at_queue, at, "answered", "", wait, alerted, talk, hold, wrap, passes, again)

    if chance.random() < 0.8:
        return [one(1, queue, queued, 1, False)]
    first = one(1, queue, queued, 2, False)
    other = queue if chance.random() < 0.5 else QUEUES[queue == "sales"]
    return [first, one(2, other, first.ended_at, 2, other == queue)]


def events(passes: Iterable[Pass]) -> list[bytes]:
    """The passes as the lines that their source would have sent."""
    lines = []
    for each in passes:
        place = {"segment": str(each.number), "queue": each.queue}
        steps: list[tuple[str, datetime, dict[str, str]]] = [("queued", each.queued_at, place)]
        if each.alerted is not None:
            steps.append(("offered", each.queued_at + timedelta(seconds=each.alerted), {**place, "agent": "ann"}))
        if each.outcome == "answered":
            steps.append(("answered", each.wait_ended_at, {**place, "agent": "ann"}))
            if each.hold:
                held = each.wait_ended_at + timedelta(seconds=5)
                steps.append(("held", held, {**place, "agent": "ann"}))
                steps.append(("resumed", held + timedelta(seconds=each.hold), {**place, "agent": "ann"}))
            if each.number < each.passes:
                steps.append(("transferred", each.ended_at, {**place, "agent": "ann"}))
            steps.append(("ended", each.ended_at, {**place, "agent": "ann"}))
            wrapped = each.ended_at + timedelta(seconds=each.wrap)
            steps.append(("wrapped_up", wrapped, {**place, "agent": "ann", "disposition": "done"}))
        elif each.outcome == "abandoned":
            steps.append(("abandoned", each.wait_ended_at, place))
        elif each.outcome == "left":
            steps.append(("left_queue", each.wait_ended_at, {**place, "reason": each.reason}))
        lines += contact(f"{each.contact}", *((kind, at, dict(more)) for kind, at, more in steps))
    # contact() numbers the events of each call of it anew, and a contact may have two passes.
    return [line.replace(b'"id": "acme-', b'"id": "%d-acme-' % n) for n, line in enumerate(lines)]


Judge = Callable[[Pass], str]


def own(each: Pass) -> str:
    return each.outcome


@dataclass
class Rules:
    """How a system counts; as it stands here it is callboard's way without a centre."""

    keep: Callable[[Pass], bool] = lambda each: True
    outcome: Judge = own
    at: Callable[[Pass], datetime] = lambda each: each.queued_at
    zone: ZoneInfo = ZONE
    in_time: Callable[[Pass], bool] = lambda each: each.wait is not None and each.wait <= 20
    positive: bool = False
    wait: Callable[[Pass], int] = lambda each: each.wait or 0
    in_asa: Callable[[Pass], bool] = lambda each: True
    handling: Callable[[Pass], int] = lambda each: each.talk + each.hold + each.wrap
    level_digits: int = 1


def count(passes: Iterable[Pass], queue: str, day: date, rules: Rules) -> list[str]:
    """The cells of a queue's row after Date, as the system would print them."""
    chosen = [
        p for p in passes if p.queue == queue and rules.keep(p) and rules.at(p).astimezone(rules.zone).date() == day
    ]
    answered = [p for p in chosen if rules.outcome(p) == "answered"]
    abandoned = [p for p in chosen if rules.outcome(p) == "abandoned"]
    waits = [rules.wait(p) for p in answered if rules.in_asa(p)]
    handled = [rules.handling(p) for p in answered if p.outcome == "answered"]
    good = sum(map(rules.in_time, answered)) + (sum(map(rules.in_time, abandoned)) if rules.positive else 0)
    level = 100 * good / (len(answered) + len(abandoned))
    numbers = [str(len(chosen)), str(len(answered)), str(len(abandoned))]
    return [
        *numbers,
        f"{sum(waits) / len(waits):.1f}",
        f"{sum(handled) / len(handled):.1f}",
        f"{level:.{rules.level_digits}f}%",
    ]


def write(file: Path, passes: list[Pass], rules: Rules | None = None) -> Path:
    """The report of ``DAY`` by these rules."""
    rows = [["acme", queue, f"{DAY:%Y-%m-%d}", *count(passes, queue, DAY.date(), rules or Rules())] for queue in QUEUES]
    with file.open("w", newline="") as stream:
        csv.writer(stream).writerows([HEADER, *rows])
    return file
