"""A worker that kills itself with SIGKILL at an exact point.

``python -m tests.chaos.saboteur POINT NTH SEED worker ...`` is the real command with one function wrapped; at its NTH
call the process is gone, without any clean-up. Kills from outside rarely hit the few milliseconds that matter, these
always do. It also writes base files, writes and merges chunks, and checkpoints far more often than a plain worker, so
that those moments come within seconds.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection
from itertools import count
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.store.chunks import Chunk, Chunks
    from pipeline.store.partition import Committed
    from pipeline.store.publisher import PartitionPublisher

#: Printed just before the end, so that the killer knows that the point was met.
MARK = "chaos: killed at"
_OFTEN_REBASE_ROWS = 300
_OFTEN_CHUNK_ROWS = 100
_OFTEN_MERGE_CHUNKS = 3
_OFTEN_CHECKPOINT = "2MB"

When = Literal["before", "during", "after"]


def _any_call(*_: Any, **__: Any) -> bool:
    return True


def _onto(ending: str) -> Callable[[Any, Path | str], bool]:
    """Of ``os.replace``: the calls whose destination ends so."""
    return lambda _, destination: str(destination).endswith(ending)


def _with_chunk(_: PartitionPublisher, committed: Committed) -> bool:
    """Of what follows a commit: the batch had a chunk."""
    return bool(committed.chunked)


def _merging(_: Chunks, old: Collection[Chunk], new: Collection[Chunk]) -> bool:
    """Of ``Chunks.replace``: merging, which keeps all rows."""
    return sum(chunk.rows for chunk in old) == sum(chunk.rows for chunk in new) > 0


def _sealing(_: Chunks, old: Collection[Chunk], new: Collection[Chunk]) -> bool:
    """Of ``Chunks.replace``: sealing, which takes rows out."""
    return sum(chunk.rows for chunk in old) > sum(chunk.rows for chunk in new)


class Point(NamedTuple):
    """Where to die: in, before or after a call of ``module:attribute``, counted from the start of the process."""

    #: What is going on there: flush, chunk, publish, base, seal, rebalance, start or stop.
    inside: str
    where: str
    when: When
    #: The call is drawn from 1 to this.
    most_calls: int
    #: For ``during``: the longest time from the beginning of the call, in seconds.
    within_seconds: float = 0.0
    #: Which calls count, by their arguments.
    counts: Callable[..., bool] = _any_call


POINTS: dict[str, Point] = {
    # inside the transaction of a batch (a flush)
    "transaction-before-offset": Point("flush", "pipeline.store.partition:PartitionStore._move_offset", "before", 20),
    "transaction-before-commit": Point("flush", "pipeline.store.partition:PartitionStore._move_offset", "after", 20),
    "transaction-any-moment": Point("flush", "pipeline.store.partition:PartitionStore._commit", "during", 20, 0.02),
    "transaction-committed": Point("flush", "pipeline.store.partition:PartitionStore._commit", "after", 20),
    # inside the writing of a batch's chunk, and the merging of chunks beside commits
    "chunk-half-written": Point("chunk", "pipeline.store.chunks:write_rows", "during", 12, 0.004),
    "chunk-not-registered": Point("chunk", "pipeline.store.chunks:write_rows", "after", 12),
    "chunk-before-commit": Point("chunk", "pipeline.store.chunks:Chunks.add", "after", 12),
    "chunk-committed": Point(
        "chunk", "pipeline.store.publisher:PartitionPublisher.note", "before", 8, counts=_with_chunk
    ),
    "chunks-half-merged": Point("chunk", "pipeline.store.chunks:Chunks.merged", "during", 3, 0.02),
    "chunks-merged": Point("chunk", "pipeline.store.chunks:Chunks.merged", "after", 3),
    "chunks-replaced-before-commit": Point(
        "chunk", "pipeline.store.chunks:Chunks.replace", "after", 3, counts=_merging
    ),
    "chunks-replaced": Point("chunk", "pipeline.store.partition:PartitionStore.adopt", "after", 3),
    # inside a publication
    "parquet-not-renamed": Point("publish", "os:replace", "before", 40, counts=_onto(".parquet")),
    "parquet-without-manifest": Point("publish", "os:replace", "after", 40, counts=_onto(".parquet")),
    "manifest-not-renamed": Point("publish", "os:replace", "before", 20, counts=_onto("manifest.json")),
    "manifest-without-live": Point("publish", "os:replace", "after", 20, counts=_onto("manifest.json")),
    "live-half-built": Point("publish", "pipeline.store.live:_build", "during", 8, 0.1),
    "live-not-renamed": Point("publish", "os:replace", "before", 8, counts=_onto("live.duckdb")),
    "live-just-renamed": Point("publish", "os:replace", "after", 8, counts=_onto("live.duckdb")),
    # inside the writing of base files, beside commits
    "base-half-written": Point("base", "pipeline.store.base:write_stream", "during", 5, 0.01),
    "base-between-files": Point("base", "pipeline.store.base:write_stream", "after", 5),
    "base-written": Point("base", "pipeline.store.publisher:PartitionPublisher.write_base", "after", 3),
    "base-adopted": Point("base", "pipeline.store.publisher:PartitionPublisher.adopt", "after", 3),
    # inside the sealing of past days
    "seal-any-moment": Point("seal", "pipeline.store.seal:Sealing.write", "during", 3, 0.1),
    "seal-between-tables": Point("seal", "pipeline.store.day_files:DayFiles.finish", "after", 6),
    "seal-old-versions-taken-out": Point("seal", "pipeline.store.seal:Sealing._take_old_versions_out", "after", 4),
    "seal-written": Point("seal", "pipeline.store.seal:Sealing.write", "after", 3),
    "seal-moved-before-commit": Point("seal", "pipeline.store.seal:Sealing.move", "after", 3),
    "seal-committed": Point("seal", "pipeline.store.partition:PartitionStore.adopt_sealing", "after", 3),
    "seal-chunks-half-written": Point("seal", "pipeline.store.seal:Sealing._seal_growing", "during", 4, 0.02),
    "seal-chunks-not-replaced": Point("seal", "pipeline.store.chunks:Chunks.replace", "before", 3, counts=_sealing),
    "seal-chunks-before-commit": Point("seal", "pipeline.store.chunks:Chunks.replace", "after", 3, counts=_sealing),
    # during a rebalance
    "takeover-file-open": Point("rebalance", "pipeline.store.owner:PartitionPublisher", "before", 3),
    "takeover-done": Point("rebalance", "pipeline.transport.engine:Engine._assign", "after", 2),
    "revoke-asked": Point("rebalance", "pipeline.transport.engine:Engine._release", "before", 3),
    "revoke-published": Point("rebalance", "pipeline.store.owner:PartitionOwner.close", "before", 2),
}
#: A new store's first moments; only for the first workers of a run.
FIRST_POINTS: dict[str, Point] = {
    "schema-half-made": Point("start", "pipeline.store.partition:open_file", "during", 4, 0.01),
    "epoch-just-begun": Point("start", "pipeline.store.partition:PartitionStore.begin_epoch", "after", 4),
}
#: For a worker that is asked to leave.
STOP_POINTS: dict[str, Point] = {
    "stop-asked": Point("stop", "pipeline.transport.engine:Engine.stop", "before", 1),
    "stop-any-moment": Point("stop", "pipeline.transport.engine:Engine.stop", "during", 1, 0.3),
}
ALL_POINTS = {**POINTS, **FIRST_POINTS, **STOP_POINTS}


def _die(name: str, nth: int) -> None:
    # Straight to the descriptor: nothing buffered may be needed, for nothing is flushed after this.
    os.write(2, f"{MARK} {name}, call {nth}\n".encode())
    os.kill(os.getpid(), signal.SIGKILL)


def arm(name: str, nth: int, rng: random.Random) -> None:
    """Wrap the point's function."""
    point = ALL_POINTS[name]
    owner, attribute = _resolve(point.where)
    original: Callable[..., Any] = getattr(owner, attribute)
    calls = count(1)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if not point.counts(*args, **kwargs):
            return original(*args, **kwargs)
        met = next(calls) == nth
        if met and point.when == "before":
            _die(name, nth)
        if met and point.when == "during":
            delay_seconds = rng.uniform(0, point.within_seconds)
            threading.Thread(target=lambda: (time.sleep(delay_seconds), _die(name, nth)), daemon=True).start()
        result = original(*args, **kwargs)
        if met and point.when == "after":
            _die(name, nth)
        return result

    setattr(owner, attribute, wrapped)


def _resolve(where: str) -> tuple[Any, str]:
    import importlib

    module, _, path = where.partition(":")
    owner: Any = importlib.import_module(module)
    *parents, attribute = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    return owner, attribute


def write_often() -> None:
    """Base files, chunks and checkpoints at a small size."""
    from pipeline.store import chunks, database, publisher

    publisher.REBASE_ROWS = _OFTEN_REBASE_ROWS
    chunks.CHUNK_ROWS, chunks.MERGE_CHUNKS = _OFTEN_CHUNK_ROWS, _OFTEN_MERGE_CHUNKS
    database.CONFIG["checkpoint_threshold"] = _OFTEN_CHECKPOINT


def main() -> None:
    """Arm and run the command."""
    name, nth, seed, *command = sys.argv[1:]
    write_often()
    arm(name, int(nth), random.Random(seed))
    sys.argv = ["callboard", *command]
    from pipeline.cli import main as run

    run()


if __name__ == "__main__":
    main()
