"""How many viewers look for how long: ``BOARDS_VIEWERS=60``, ``BOARDS_MINUTES=30``; two minutes are a trial run."""

from __future__ import annotations

import os
from dataclasses import dataclass

#: What the viewers chose, in turn: everything, one client, the other, one channel. Each has questions of its own.
CHOICES = ("", "client=aurora", "client=borealis", "channel=voice")
#: The interval that the target is of; it is measured, not assumed (``tests.bench_boards.report``).
REFRESH_SECONDS = 2.0
#: A trial run tells whether it works, and nothing of what memory does in half an hour.
WHOLE_MINUTES = 30.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of one run."""

    viewers: int
    minutes: float
    #: Size of the simulated centre; 1 is 11,000 contacts a day.
    scale: float
    #: A first part with one viewer for each choice: the feed must not ask more for sixty.
    few_seconds: float = 30.0

    @property
    def is_whole(self) -> bool:
        """Long enough to say something of memory."""
        return self.minutes >= WHOLE_MINUTES


def plan_from_environment() -> Plan:
    """The plan of this run.

    Raises:
        ValueError: a size is no number, or out of range.
    """
    viewers = int(os.environ.get("BOARDS_VIEWERS", "60"))
    minutes = float(os.environ.get("BOARDS_MINUTES", "30"))
    scale = float(os.environ.get("BOARDS_SCALE", "1"))
    if not 1 <= viewers <= 1_000 or not 0.5 <= minutes <= 24 * 60 or not 0 < scale <= 50:
        raise ValueError("BOARDS_VIEWERS is 1 to 1000, BOARDS_MINUTES 0.5 to 1440, BOARDS_SCALE above 0, at most 50")
    return Plan(viewers, minutes, scale)
