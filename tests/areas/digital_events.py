"""Written conversations, bots, backlog and callbacks as event lines, and a store made of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.centre.kept import apply_centre
from pipeline.clock import ManualClock
from pipeline.store.layout import StoreLayout
from pipeline.store.process import FileProcessor
from pipeline.store.reader import run_query

#: A Monday.
DAY = datetime(2026, 11, 2, tzinfo=UTC)
NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
#: The same day and the weeks after it, for the macros that take an interval.
THE_DAY = "'2026-11-02 00:00:00Z', '2026-11-03 00:00:00Z'"
TO_DATE = "'2026-11-02 00:00:00Z', '2026-11-30 00:00:00Z'"


def at(clock: str, day: int = 0) -> datetime:
    """A time of the Monday, or of ``day`` days later: at("10:00:05")."""
    hours, minutes, seconds = (int(part) for part in (*clock.split(":"), "0")[:3])
    return DAY + timedelta(days=day, hours=hours, minutes=minutes, seconds=seconds)


class Contact:
    """Events of one contact, in ``lines``; each call adds one. Ids are made of what happened and when."""

    def __init__(self, name: str, channel: str, client: str = "acme", direction: str = "inbound") -> None:
        self.lines: list[bytes] = []
        self._common = {"client": client, "interaction": name, "channel": channel, "direction": direction}

    def say(self, kind: str, when: datetime, /, **data: Any) -> Contact:
        """An event of type ``interaction.KIND.v1``."""
        number = len(self.lines)
        document = {
            "specversion": "1.0",
            "type": f"interaction.{kind}.v1",
            "source": f"test/{self._common['client']}",
            "id": f"{self._common['interaction']}-{number:03d}",
            "time": when.isoformat(),
            "data": {**self._common, **data},
        }
        self.lines.append(json.dumps(document).encode())
        return self

    def handled(
        self, queued: datetime, answered: datetime, ended: datetime, queue: str, agent: str = "ann", segment: str = "1"
    ) -> Contact:
        """A whole pass through a queue."""
        self.say("queued", queued, segment=segment, queue=queue)
        self.say("answered", answered, segment=segment, queue=queue, agent=agent)
        return self.say("ended", ended, segment=segment, queue=queue, agent=agent)

    def message(self, sender: str, *whens: datetime) -> Contact:
        """A message of that sender at each time."""
        for when in whens:
            self.say("message_sent", when, sender=sender)
        return self

    def resolution(self, status: str, when: datetime, **data: Any) -> Contact:
        """resolved, reopened, pending or escalated."""
        return self.say("resolution_changed", when, status=status, **data)


def agent_states(agent: str, *states: tuple[str, datetime], client: str = "acme") -> list[bytes]:
    """What an agent does from each moment on; ``out`` is signed out."""
    lines = []
    for number, (state, when) in enumerate(states):
        kind = "signed_out" if state == "out" else "state_changed"
        data = {"client": client, "agent": agent} | ({} if state == "out" else {"state": state})
        document = {
            "specversion": "1.0",
            "type": f"agent.{kind}.v1",
            "source": "test/agents",
            "id": f"{client}-{agent}-{number}",
            "time": when.isoformat(),
            "data": data,
        }
        lines.append(json.dumps(document).encode())
    return lines


class Store:
    """A published store of these contacts."""

    def __init__(self, folder: Path, lines: Iterable[bytes], centre: str | None = None) -> None:
        self._folder = folder
        if centre is not None:
            folder.mkdir(exist_ok=True)
            apply_centre(StoreLayout(folder), centre.encode(), "c.yaml")
        with FileProcessor(folder, ManualClock(NOW)) as processor:
            done = processor.process(lines)
        assert done.rejected == 0
        assert done.duplicates == 0

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return run_query(self._folder, sql)[1]

    def row(self, columns: str, relation: str, where: str = "true") -> tuple[Any, ...]:
        """The only row, of these columns, with decimals as floats: the tests' expected values are exact in binary."""
        (row,) = self.rows(f"SELECT {columns} FROM {relation} WHERE {where}")
        return row


def lines_of(*contacts: Contact) -> list[bytes]:
    """The events of all of them, each contact's after the other's."""
    return [line for contact in contacts for line in contact.lines]
