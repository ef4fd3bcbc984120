"""All viewers in one process: ``python -m tests.bench_boards.crowd ADDRESS VIEWERS SECONDS FILE [QUERY ...]``.

Prints ``watching`` when every viewer has its page. Viewers come one after another over some seconds, and take the
queries of the address (the filters they chose) in turn. What they saw is written to ``FILE``.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.bench_boards.viewer import Seen, Viewer

#: A page's first run is the most expensive one, and sixty people do not open it in one second.
COMING_SECONDS = 0.5


async def crowd(address: str, viewers: int, seconds: float, queries: Sequence[str]) -> list[Seen]:
    """What each of them saw; they look on for ``seconds`` after the last one has come."""
    until = time.monotonic() + viewers * COMING_SECONDS + seconds
    watching: list[asyncio.Task[Seen]] = []
    people = [Viewer(address, queries[number % len(queries)]) for number in range(viewers)]
    for person in people:
        watching.append(asyncio.create_task(person.watch(until)))
        # Not a divisor of the refresh interval, so that they do not all ask in one moment.
        await asyncio.sleep(COMING_SECONDS * 0.97)
    while not all(person.seen.first_run_seconds for person in people):
        for task in watching:
            if task.done():
                task.result()
        await asyncio.sleep(0.1)
    print(f"watching {time.monotonic()}", flush=True)
    return list(await asyncio.gather(*watching))


def main() -> None:
    """Watch, and write what was seen."""
    address, viewers, seconds, file, *queries = sys.argv[1:]
    seen = asyncio.run(crowd(address, int(viewers), float(seconds), queries or [""]))
    Path(file).write_bytes(msgspec.json.encode(seen))
    print("done", flush=True)


if __name__ == "__main__":
    main()
