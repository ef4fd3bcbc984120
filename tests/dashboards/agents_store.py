"""Two clients' agents and two weeks of calls, small enough to count by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from pipeline.centre.kept import apply_centre
from pipeline.store.layout import StoreLayout
from tests.dashboards.conftest import NOW, publish
from tests.support.calls import agent, call, line

CENTRE = b"""\
version: 1
clients:
  acme: {time_zone: UTC}
  bolt: {time_zone: UTC}
sites:
  berlin: {time_zone: UTC}
  leeds: {time_zone: UTC}
queues:
  acme:
    sales:
      line: inbound-sales
      channel: voice
      skill: sales
      site: berlin
      settings: [{threshold_seconds: 30, service_level_target: 0.9}]
    talk: {line: help-desk, channel: chat, skill: talk, site: berlin}
  bolt:
    claims: {line: customer-service, channel: voice, skill: claims, site: leeds}
teams:
  acme:
    red: {site: berlin, supervisor: rita, agents: [ann, bob]}
    blue: {site: berlin, agents: [dan, eve]}
  bolt:
    green: {site: leeds, agents: [cat]}
agents:
  acme:
    ann: {skills: [sales]}
    bob: {skills: [sales]}
    dan: {skills: [sales]}
    eve: {skills: [talk]}
  bolt:
    cat: {skills: [claims]}
"""
#: When the hour of the present began.
TEN = NOW.replace(minute=0, second=0, microsecond=0)
#: Waits of the calls of ten o'clock a week ago, in seconds.
WAITS = (4.0, 12.0, 20.0, 28.0, 44.0)


def ago(seconds: float) -> datetime:
    """A moment before the stores' present."""
    return NOW - timedelta(seconds=seconds)


def planned(name: str, starts_at: datetime, ends_at: datetime, activity: str = "work") -> bytes:
    """What was planned the day before."""
    said = {"client": "acme", "agent": name, "schedule": "day", "activity": activity}
    moments = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    return line("agent.scheduled", f"plan-{name}", NOW - timedelta(days=1), {**said, **moments})


def agents_events() -> list[bytes]:
    """Ann is on a break for 40 min, eve for 10; bob talks; cat wraps up for 10 min; dan was last heard of days ago."""
    return [
        agent("ann", "available", TEN - timedelta(hours=2)),
        agent("ann", "break", ago(2_400)),
        agent("bob", "available", TEN - timedelta(hours=1)),
        agent("bob", "on_contact", ago(300)),
        agent("cat", "available", ago(7_200), "bolt"),
        agent("cat", "wrap_up", ago(600), "bolt"),
        agent("dan", "available", NOW - timedelta(days=3)),
        agent("eve", "break", ago(600)),
        planned("ann", TEN - timedelta(hours=2), TEN + timedelta(hours=2)),
        # Counts for nobody's schedule.
        planned("bob", TEN - timedelta(hours=2), TEN - timedelta(hours=1), "vacation"),
        *call(1, ago(3_000), answered_after_seconds=10, ended_after_seconds=130, agent="ann", flags=["sale"]),
        *call(2, ago(1_500), answered_after_seconds=40, ended_after_seconds=240, agent="bob"),
        *call(3, ago(310), answered_after_seconds=10, agent="bob"),
        *call(4, ago(900), "claims", "bolt", answered_after_seconds=50, ended_after_seconds=295, agent="cat"),
        *call(5, ago(900), abandoned_after_seconds=15),
        *call(6, ago(800), abandoned_after_seconds=15),
    ]


def load_events() -> list[bytes]:
    """Calls of half past ten: 20 a week ago and 10 two weeks ago, of which 12 gave up in all."""
    lines = []
    for weeks, calls in ((1, 20), (2, 10)):
        start = TEN + timedelta(minutes=30) - timedelta(weeks=weeks)
        for number in range(calls):
            known = 1_000 * weeks + number
            at = start + timedelta(seconds=40 * number)
            if number % 5 in (0, 1):
                lines += call(known, at, abandoned_after_seconds=30)
            else:
                wait = WAITS[number % 5]
                lines += call(known, at, answered_after_seconds=wait, ended_after_seconds=wait + 175, agent="bob")
    # Enough of another day for a handle time, and none of the two quarters.
    for number in range(40):
        at = TEN - timedelta(days=2) + timedelta(seconds=60 * number)
        lines += call(5_000 + number, at, answered_after_seconds=10, ended_after_seconds=185, agent="bob")
    return lines


def publish_agents(folder: Path) -> Path:
    """Described and published."""
    apply_centre(StoreLayout(folder), CENTRE, "centre.yaml")
    return publish(folder, [*agents_events(), *load_events()])
