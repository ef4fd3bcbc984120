"""The heartbeat files of the workers: ``DIR/health/WORKER.json``, touched by each turn of a worker's loop."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_MAX_BYTES = 64_000


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A worker, when its loop last turned, and the plain values that it says about itself."""

    worker: str
    turned_at: datetime
    says: tuple[tuple[str, str], ...] = ()


def heartbeats(folder: Path) -> tuple[Heartbeat, ...]:
    """All heartbeats of a store's folder, by name; none if there is no such folder."""
    found = []
    for path in sorted((folder / "health").glob("*.json")):
        try:
            turned_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            with path.open("rb") as file:
                content = file.read(_MAX_BYTES)
        except OSError:
            continue  # a worker that stops takes its file away
        found.append(Heartbeat(path.stem, turned_at, _plain_values(content)))
    return tuple(found)


def _plain_values(content: bytes) -> tuple[tuple[str, str], ...]:
    try:
        document: Any = json.loads(content)
    except ValueError:
        return ()
    if not isinstance(document, dict):
        return ()
    # When it turned is told by the file's own time.
    plain = {name: value for name, value in document.items() if name != "turned_at"}
    lists = {name: ", ".join(map(str, value)) or "none" for name, value in plain.items() if isinstance(value, list)}
    return tuple(
        (name, lists.get(name, _short(value)))
        for name, value in plain.items()
        if name in lists or isinstance(value, str | int | float)
    )


def _short(value: str | float) -> str:
    # Seconds are measured to the microsecond; nobody reads more of them than this.
    return str(round(value, 2)) if isinstance(value, float) else str(value)
