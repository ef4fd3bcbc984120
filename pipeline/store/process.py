"""Event files to a store without a broker, by the code that the worker runs.

Each line takes the topic and partition that a producer would have sent it to, and the next offset there. So a file
that is published through a broker and the same file processed here give the same tables, offsets included.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.clock import Clock
from pipeline.contract.decode import decode
from pipeline.contract.events import record_key
from pipeline.contract.rejects import Rejection
from pipeline.contract.topics import TOPICS, partition_for
from pipeline.store.batch_rows import Record
from pipeline.store.layout import StoreLayout
from pipeline.store.live import publish_live
from pipeline.store.owner import DEFAULT_HOT_DAYS, PartitionOwner
from pipeline.store.partition import DEFAULT_REJECT_LIMIT

BATCH_EVENTS = 5_000
#: The log that lines of files belong to: adding another file goes on where the last one ended.
FILE_LOG_ID = "files"
#: Where a line goes that names no topic: it will be refused, and refusals are kept by partition as well.
_UNROUTABLE = ("calls", 0)


@dataclass(slots=True)
class Processed:
    """What became of the lines."""

    lines: int = 0
    stored: int = 0
    duplicates: int = 0
    rejected: int = 0


class FileProcessor:
    """Owns all partitions of a store while it is open."""

    def __init__(
        self, folder: Path, clock: Clock, reject_limit: int = DEFAULT_REJECT_LIMIT, hot_days: int = DEFAULT_HOT_DAYS
    ) -> None:
        """Open (or create) the store in ``folder``. Raises ``StoreBusyError`` if a worker owns it."""
        self._layout = StoreLayout(folder)
        self._clock = clock
        self._background = ThreadPoolExecutor(max_workers=1)
        self._owners: dict[tuple[str, int], PartitionOwner] = {}
        try:
            for topic in TOPICS.values():
                for partition in range(topic.partitions):
                    owner = PartitionOwner(
                        self._layout, topic.name, partition, self._background, reject_limit, hot_days
                    )
                    self._owners[topic.name, partition] = owner
                    if owner.store.position.log_id != FILE_LOG_ID:
                        owner.store.begin_epoch(FILE_LOG_ID)
        except BaseException:
            self._close()
            raise

    def __enter__(self) -> Self:
        """The processor itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Let the store go."""
        self._close()

    def _close(self) -> None:
        for owner in self._owners.values():
            owner.close()
        self._background.shutdown()

    def process(self, lines: Iterable[bytes], progress: Callable[[int], None] | None = None) -> Processed:
        """Store the lines and publish; ``progress`` is told how many lines were done."""
        before = self._totals()
        count = 0
        pending: list[bytes] = []
        for line in lines:
            # An empty line is a record without a value, and refused like one: nothing is dropped silently.
            pending.append(line.rstrip(b"\r\n"))
            if len(pending) >= BATCH_EVENTS:
                count += self._apply(pending)
                pending = []
                if progress:
                    progress(count)
        count += self._apply(pending)
        if progress:
            progress(count)
        self.publish()
        after = self._totals()
        return Processed(count, *(now - was for now, was in zip(after, before, strict=True)))

    def publish(self) -> None:
        """Publish all partitions."""
        now = self._clock.now()
        for owner in self._owners.values():
            owner.publish(now)
        for owner in self._owners.values():
            owner.settle(now)
        publish_live(self._layout, now)

    def _totals(self) -> tuple[int, int, int]:
        positions = [owner.store.position for owner in self._owners.values()]
        return (
            sum(p.stored for p in positions),
            sum(p.duplicates for p in positions),
            sum(p.rejected for p in positions),
        )

    def _apply(self, values: list[bytes]) -> int:
        now = self._clock.now()
        routed: dict[tuple[str, int], list[Record]] = defaultdict(list)
        for value in values:
            event = decode(value, now)
            if isinstance(event, Rejection):
                key, where = None, _UNROUTABLE
            else:
                key = record_key(event)
                where = event.topic, partition_for(key, TOPICS[event.topic].partitions)
            records = routed[where]
            records.append(Record(self._owners[where].store.position.next_offset + len(records), key, value))
        for where, records in routed.items():
            self._owners[where].apply(records, now)
        return len(values)
