"""The owner of one partition: its store and its publisher, as one thing that takes batches."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, Future
from datetime import datetime

from pipeline.store.batch_rows import Record
from pipeline.store.chunks import Merged
from pipeline.store.layout import StoreLayout
from pipeline.store.partition import DEFAULT_REJECT_LIMIT, PartitionStore
from pipeline.store.publisher import NewBase, PartitionPublisher
from pipeline.store.seen import Seen

#: Days that stay in DuckDB before they are sealed.
DEFAULT_HOT_DAYS = 2


class PartitionOwner:
    """Applies batches and publishes. One thread at a time calls it; base files are written on ``background``."""

    def __init__(
        self,
        layout: StoreLayout,
        topic: str,
        partition: int,
        background: Executor,
        reject_limit: int = DEFAULT_REJECT_LIMIT,
        hot_days: int = DEFAULT_HOT_DAYS,
        seen: Seen | None = None,
    ) -> None:
        """Open the partition's store and take up its publishing."""
        self.topic, self.partition = topic, partition
        self.store = PartitionStore(layout, topic, partition, reject_limit, seen)
        try:
            self.publisher = PartitionPublisher(self.store)
        except BaseException:
            self.store.close()
            raise
        self._background = background
        self._hot_days = hot_days
        #: Files being written in the background: one job at a time.
        self._writing: Future[NewBase | Merged] | None = None
        #: Whether something was committed that is not published yet.
        self.unpublished = True

    @property
    def name(self) -> str:
        """For messages: ``calls-0``."""
        return f"{self.topic}-{self.partition}"

    def apply(self, records: Sequence[Record], now: datetime) -> None:
        """Commit a batch."""
        self.publisher.note(self.store.apply(records, now))
        self.unpublished = True

    def publish(self, now: datetime) -> None:
        """Publish what is committed; start or finish the writing of larger files."""
        if self._writing is None:
            self._seal()
            self._write_larger()
        elif self._writing.done():
            written = self._writing.result()
            self._writing = None
            if isinstance(written, Merged):
                self.publisher.retire(self.store.adopt(written))
            else:
                self.publisher.adopt(written)
                self.store.drop_superseded()
        self.publisher.publish(now)
        self.unpublished = False

    def _write_larger(self) -> None:
        if self.publisher.wants_rebase:
            self._writing = self._background.submit(self.publisher.write_base, self.store.cursor())
        elif chunks := self.store.chunks.to_merge():
            self._writing = self._background.submit(self.store.chunks.merged, chunks)

    def _seal(self) -> None:
        """Seal past days, once when a day has become past; rows must not be in a base file and in a sealed one."""
        before = {name: list(files) for name, files in self.store.sealed.items()}
        retired = self.store.seal(self._hot_days)
        if self.store.sealed != before:
            self.publisher.adopt(self.publisher.write_base(self.store.cursor()))
            self.publisher.take_up_growing()
            self.publisher.retire(retired)

    def close(self) -> None:
        """Let the file go. What is committed is safe; what is not published is published by the next owner."""
        if self._writing is not None:
            self._writing.cancel()
            if not self._writing.cancelled():
                self._writing.exception()  # its files, if any, are strays that the next owner removes
        self.store.close()
