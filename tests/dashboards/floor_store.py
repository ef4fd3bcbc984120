"""A floor small enough to count by hand: two clients whose queues are promised different things."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from pipeline.centre.kept import apply_centre
from pipeline.store.layout import StoreLayout
from tests.dashboards.conftest import NOW, publish
from tests.support.calls import agent, call

CENTRE = b"""\
version: 1
clients:
  acme: {time_zone: Europe/Berlin}
  bolt: {time_zone: Europe/London}
sites:
  berlin: {time_zone: Europe/Berlin}
  leeds: {time_zone: Europe/London}
queues:
  acme:
    sales:
      line: inbound-sales
      channel: voice
      skill: sales
      language: de
      site: berlin
      settings:
        - {threshold_seconds: 30, service_level_target: 0.9}
    help: {line: help-desk, channel: chat, skill: help, language: en, site: leeds}
    post:
      line: email
      channel: email
      skill: post
      language: de
      site: berlin
      settings:
        - {threshold_seconds: 3600, service_level_target: 0.95}
  bolt:
    claims: {line: customer-service, channel: voice, skill: claims, language: en, site: leeds}
teams:
  acme:
    all: {site: berlin, agents: [ann, bob]}
  bolt:
    all: {site: leeds, agents: [cat]}
agents:
  acme:
    ann: {skills: [sales, help]}
    bob: {skills: [post]}
  bolt:
    cat: {skills: [claims]}
"""


def ago(seconds: float) -> datetime:
    """A moment before the stores' present."""
    return NOW - timedelta(seconds=seconds)


def floor_events() -> list[bytes]:
    """Three calls, one chat and one email wait; five live contacts and an email were answered ten minutes ago."""
    return [
        *(
            line
            for number in (1, 2, 3)
            for line in call(number, ago(600), "sales", answered_after_seconds=25, ended_after_seconds=60)
        ),
        *call(4, ago(50), "sales"),
        *call(5, ago(600), "help", answered_after_seconds=5, ended_after_seconds=60, channel="chat"),
        *call(6, ago(130), "help", channel="chat"),
        *call(7, ago(7200), "post", channel="email"),
        *call(8, ago(600), "post", answered_after_seconds=300, ended_after_seconds=400, channel="email"),
        *call(9, ago(600), "claims", "bolt", answered_after_seconds=40, ended_after_seconds=90),
        *call(10, ago(15), "claims", "bolt"),
        agent("ann", "available", ago(900)),
        agent("bob", "on_contact", ago(900)),
        agent("cat", "break", ago(900), "bolt"),
    ]


def publish_floor(folder: Path, more: list[bytes] | None = None) -> Path:
    """The floor, described and published."""
    apply_centre(StoreLayout(folder), CENTRE, "centre.yaml")
    return publish(folder, [*floor_events(), *(more or [])])
