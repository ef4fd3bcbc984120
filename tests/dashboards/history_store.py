"""A store for the history: two days of known calls around the night in which Berlin sets its clocks back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipeline.centre.kept import apply_centre
from pipeline.clock import ManualClock
from pipeline.store.layout import StoreLayout
from pipeline.store.process import FileProcessor
from tests.support.calls import call

BERLIN = ZoneInfo("Europe/Berlin")
#: The day after the clocks went back, in the afternoon; the store is published then.
PUBLISHED = datetime(2026, 10, 26, 14, 30, tzinfo=UTC)
#: From then on the queue "sales" of acme promises more; the date is local.
STRICTER_FROM = datetime(2026, 10, 26, 0, 0, tzinfo=BERLIN)
CENTRE = """
version: 1
clients:
  acme: {time_zone: Europe/Berlin, currency: EUR}
  other: {time_zone: Europe/Berlin, currency: EUR}
sites:
  north: {time_zone: Europe/Berlin}
queues:
  acme:
    sales:
      line: inbound-sales
      channel: voice
      site: north
      settings:
        - threshold_seconds: 20
        - {from: 2026-10-26, threshold_seconds: 5}
    support: {line: customer-service, channel: voice, language: de}
"""


def _calls() -> Iterator[bytes]:
    """Every 20 minutes from a week before: answered after 0 to 60 s, and every seventh abandoned after 3 to 30 s."""
    moment, number = datetime(2026, 10, 17, 22, 0, tzinfo=UTC), 0
    while moment < PUBLISHED - timedelta(hours=1):
        number += 1
        queue = "sales" if number % 3 else "support"
        client = "acme" if number % 5 else "other"
        at = moment + timedelta(seconds=number % 50)
        if number % 7 == 0:
            yield from call(number, at, queue, client, abandoned_after_seconds=3 * (number % 11))
        else:
            flags = ["sale"] if number % 4 == 0 else []
            amount = "10.50" if flags else None
            yield from call(number, at, queue, client, float(number % 60), None, 60 + number % 90 + 60.0, flags,
                            agent=f"agent-{number % 4}", amount=amount)  # fmt: skip
        moment += timedelta(minutes=20)


@pytest.fixture(scope="session")
def history_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store; the calls of one hour were read late, so that its numbers were corrected."""
    folder = tmp_path_factory.mktemp("history")
    lines = list(_calls())
    late = [line for line in lines if b"2026-10-26T09" in line]
    apply_centre(StoreLayout(folder), CENTRE.encode(), "centre.yaml")
    with FileProcessor(folder, ManualClock(PUBLISHED)) as processor:
        processor.process([line for line in lines if line not in set(late)])
    with FileProcessor(folder, ManualClock(PUBLISHED)) as processor:
        processor.process(late)
    return folder
