"""Events of outbound work, sales, collections and surveys, in few words, and a store that holds them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from pipeline.centre.kept import apply_centre
from pipeline.clock import ManualClock
from pipeline.store.layout import StoreLayout
from pipeline.store.process import FileProcessor
from pipeline.store.reader import open_live

Row = dict[str, Any]
#: When the store is filled: after all that the tests tell of.
NOW = datetime(2026, 5, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    """A moment in UTC: ``2026-03-02 10:00:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def micros(moment: datetime, number: int) -> datetime:
    """So many microseconds later."""
    return moment + timedelta(microseconds=number)


class Day:
    """Collects event lines. Each event has an id of its own; who says nothing speaks of client acme, by voice."""

    def __init__(self, client: str = "acme") -> None:
        self.lines: list[bytes] = []
        self._client = client
        self._ids = count(1)

    def say(self, event: str, moment: str | datetime, /, **data: Any) -> None:
        """Any event; ``None`` leaves a member out."""
        when = at(moment) if isinstance(moment, str) else moment
        known = {key: value for key, value in {"client": self._client, **data}.items() if value is not None}
        document = {
            "specversion": "1.0",
            "type": f"{event}.v1",
            "source": "test/dialler",
            "id": f"{known['client']}-{next(self._ids):06}",
            "time": when.isoformat(),
            "data": known,
        }
        self.lines.append(json.dumps(document, default=datetime.isoformat).encode())

    def contact(self, event: str, moment: str | datetime, interaction: str, /, **data: Any) -> None:
        """An event of a contact."""
        self.say(
            f"interaction.{event}",
            moment,
            **{"interaction": interaction, "channel": "voice", "direction": "outbound", **data},
        )

    def talk(self, moment: str, interaction: str, flags: Iterable[str] = (), **data: Any) -> None:
        """An agent talks with the customer for a minute and wraps up; queued at the moment, answered at once."""
        began, wrap_up = at(moment), {"flags": list(flags), "disposition": data.pop("disposition", None)}
        where = {"segment": "1", "queue": "desk", "agent": "ann", **data}
        self.contact("queued", began, interaction, **{k: v for k, v in where.items() if k != "agent"})
        self.contact("answered", began, interaction, **where)
        self.contact("ended", began + timedelta(seconds=60), interaction, **where)
        self.contact("wrapped_up", began + timedelta(seconds=70), interaction, **where, **wrap_up)

    def outcome(self, moment: str, outcome: str, kind: str, **data: Any) -> None:
        """An outcome or a change of it; of a contact of the same name unless another is named."""
        self.contact(
            "outcome_changed", moment, data.pop("interaction", f"of-{outcome}"), outcome=outcome, kind=kind, **data
        )

    def signed_in(self, agent: str, start: str, stop: str | None) -> None:
        """An agent signs in, and out unless ``stop`` is None."""
        self.say("agent.signed_in", start, agent=agent)
        if stop is not None:
            self.say("agent.signed_out", stop, agent=agent)


def fill(folder: Path, lines: Iterable[bytes], centre: str | None = None) -> Path:
    """A store of these lines; ``centre``: the text of its centre.yaml."""
    if centre is not None:
        apply_centre(StoreLayout(folder), centre.encode(), "centre.yaml")
    with FileProcessor(folder, ManualClock(NOW)) as processor:
        told = list(lines)
        processed = processor.process(told)
        assert (processed.stored, processed.rejected) == (len(set(told)), 0)
    return folder


def ask(store: Path, sql: str) -> list[Row]:
    """The rows of a query by column name."""
    with open_live(store) as con:
        cursor = con.execute(sql)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def one(store: Path, sql: str) -> Row:
    """The only row."""
    (row,) = ask(store, sql)
    return row


def part(row: Row, *names: str) -> tuple[Any, ...]:
    """Some columns of a row."""
    return tuple(row[name] for name in names)


def shuffled(lines: list[bytes], seed: int) -> list[bytes]:
    """The same events in another order, some of them twice."""
    random = Random(seed)
    again = [*lines, *random.sample(lines, len(lines) // 3)]
    random.shuffle(again)
    return again
