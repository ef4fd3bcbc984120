"""Events of a floor for tests: contacts in steps, agents in states, plans; and a store made of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.clock import ManualClock
from pipeline.store.process import FileProcessor
from pipeline.store.reader import run_query
from tests.support.calls import line

#: A Monday; times in the tests are on it unless they say otherwise.
DAY = datetime(2026, 11, 2, tzinfo=UTC)
LATER = DAY + timedelta(days=10)


def at(clock: str, day: int = 0) -> datetime:
    """09:15 or 09:15:30 on ``DAY``, or days after it."""
    hours, minutes, seconds = (int(part) for part in f"{clock}:00".split(":")[:3])
    return DAY + timedelta(days=day, hours=hours, minutes=minutes, seconds=seconds)


def contact(
    interaction: str,
    *steps: tuple[str, datetime, dict[str, Any]] | tuple[str, datetime],
    client: str = "acme",
    channel: str = "voice",
) -> list[bytes]:
    """A contact from its steps: (event, moment, what else it says)."""
    common = {"client": client, "interaction": interaction, "channel": channel, "direction": "inbound"}
    lines = []
    for number, (kind, moment, *more) in enumerate(steps):
        data = {**common, **(more[0] if more else {})}
        lines.append(line(f"interaction.{kind}", f"{client}-{interaction}-{number}", moment, data))
    return lines


def states(agent: str, *changes: tuple[str, datetime] | tuple[str, datetime, str], client: str = "acme") -> list[bytes]:
    """An agent's states with an optional reason; the state ``out`` is a sign-out."""
    lines = []
    for number, (state, moment, *reason) in enumerate(changes):
        said = {"client": client, "agent": agent}
        if state == "out":
            lines.append(line("agent.signed_out", f"{client}-{agent}-{number}", moment, said))
            continue
        said |= {"state": state} | ({"reason": reason[0]} if reason else {})
        lines.append(line("agent.state_changed", f"{client}-{agent}-{number}", moment, said))
    return lines


def plan(agent: str, *entries: tuple[str, datetime, datetime], client: str = "acme", **more: Any) -> list[bytes]:
    """Planned activities of an agent, made the day before; ``more``: schedule, revision, paid."""
    made_at = DAY - timedelta(days=1)
    return [
        line(
            "agent.scheduled",
            f"{client}-{agent}-{more.get('schedule', 'week')}-{more.get('revision', 0)}-{number}",
            made_at,
            {
                "client": client,
                "agent": agent,
                "schedule": "week",
                "activity": activity,
                "starts_at": starts_at.isoformat(),
                "ends_at": ends_at.isoformat(),
                **more,
            },
        )
        for number, (activity, starts_at, ends_at) in enumerate(entries)
    ]


def stored(folder: Path, lines: Iterable[bytes], now: datetime = LATER) -> Path:
    """A published store of these events, none of which is refused or repeated."""
    given = list(lines)
    with FileProcessor(folder, ManualClock(now), reject_limit=0) as processor:
        done = processor.process(given)
    assert (done.stored, done.duplicates, done.rejected) == (len(given), 0, 0)
    return folder


def ask(folder: Path, sql: str) -> list[dict[str, Any]]:
    """The rows of a query, each by the names of its columns."""
    names, rows = run_query(folder, sql)
    return [dict(zip(names, row, strict=True)) for row in rows]


def sql_time(moment: datetime) -> str:
    """A moment as an SQL literal."""
    return f"'{moment.isoformat()}'"
