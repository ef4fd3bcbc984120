"""The reader of the latency: after each swap of ``live.duckdb``, which events does the view ``events`` give?

``python -m tests.bench.reader FOLDER OUTPUT`` until it gets a line on its standard input; then it writes its sightings.
The query is an ordinary one on the public view; its own time counts, because only then the reader has its answer.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import msgspec

from tests.bench.watch import POLL_SECONDS, LiveFile

#: How far back newly readable events are looked for. An event that takes longer is found in the end, by the last query.
RECENT_SECONDS = 20


class Sighting(msgspec.Struct, array_like=True):
    """What one reading gave: per topic and partition the newest readable offset."""

    asked_seconds: float
    seen_seconds: float
    newest: list[tuple[str, int, int]]


def main(folder: Path, output: Path) -> None:
    """Read until told to stop."""
    stop = threading.Event()

    def wait_to_be_told() -> None:
        sys.stdin.readline()
        stop.set()

    threading.Thread(target=wait_to_be_told, daemon=True).start()
    live = LiveFile(folder)
    sightings: list[Sighting] = []
    print("ready", flush=True)
    while not stop.is_set():
        if live.has_changed():
            asked = time.monotonic()
            rows = live.ask(
                'SELECT topic, "partition", max("offset") FROM events '
                f"WHERE time > now() - INTERVAL {RECENT_SECONDS} SECOND GROUP BY ALL"
            )
            sightings.append(Sighting(asked, time.monotonic(), rows))
        time.sleep(POLL_SECONDS)
    output.write_bytes(msgspec.json.encode(sightings))
    print("done", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
