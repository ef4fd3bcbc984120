"""The owner of one partition: its store and its publisher, as one thing that takes batches."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from datetime import datetime
from functools import partial

from pipeline.store.batch_rows import Record
from pipeline.store.chunks import Merged
from pipeline.store.every_table import GROWING
from pipeline.store.jobs import JOB_ERRORS, Job, PutOff
from pipeline.store.layout import StoreLayout
from pipeline.store.partition import DEFAULT_REJECT_LIMIT, PartitionStore
from pipeline.store.publisher import PartitionPublisher
from pipeline.store.seal import NotSealedError, Sealing
from pipeline.store.seen import Seen

#: Days that stay in DuckDB before they are sealed.
DEFAULT_HOT_DAYS = 2
#: How long one publication may go on deleting versions that are superseded.
_DROP_SECONDS = 0.1


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
        self._job: Job | None = None
        self._put_off = PutOff(self.name)
        self._dropping: Iterator[None] = iter(())
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
        if self._job is None:
            self._job = self._start()
        elif self._job.done():
            job, self._job = self._job, None
            self._finish(job)
        self._drop(_DROP_SECONDS)
        self.publisher.publish(now)
        self.unpublished = False

    def settle(self, now: datetime) -> None:
        """Wait until past days are sealed, and publish: for a caller that will not publish again for long."""
        while (self._job is not None and self._job.kind == "sealing") or self._sealing() is not None:
            if self._job is not None:
                self._job.wait()
            self.publish(now)
        self._drop(float("inf"))

    def _drop(self, seconds: float) -> None:
        """Go on deleting superseded versions, for about so long: nobody needs them gone at once."""
        until = time.monotonic() + seconds
        for _ in self._dropping:
            if time.monotonic() >= until:
                break

    def _sealing(self) -> Sealing | None:
        return self.store.sealing(self._hot_days) if self._put_off.may_try("sealing") else None

    def _start(self) -> Job | None:
        """The most urgent job there is, if any."""
        if (sealing := self._sealing()) is not None:
            self.store.write_waiting()
            self.publisher.take_up_growing()
            chunks = {table.name: self.store.chunks.of(table) for table in GROWING}
            return Job("sealing", self._background, partial(sealing.write, self.store.cursor(), chunks))
        if self.publisher.wants_rebase and self._put_off.may_try("base files"):
            return Job("base files", self._background, partial(self.publisher.write_base, self.store.cursor()))
        if self._put_off.may_try("merging") and (alike := self.store.chunks.to_merge()):
            return Job("merging", self._background, partial(self.store.chunks.merged, alike))
        return None

    def _finish(self, job: Job) -> None:
        try:
            written = job.result()
            if isinstance(written, Sealing):
                self._move_sealed(written)
        except JOB_ERRORS as error:
            # Nothing has changed and nothing is lost: commits go on, and the files are only larger or more meanwhile.
            self._put_off.failed(job.kind, error)
            return
        self._put_off.succeeded(job.kind)
        # From here on an error ends the owner: what is in memory may be ahead of the file.
        if isinstance(written, Merged):
            self.publisher.retire(self.store.adopt(written))
        elif isinstance(written, Sealing):
            self.publisher.retire(written.retired)
            self.publisher.adopt(written.base)
        else:
            self.publisher.adopt(written)
            self._dropping = self.store.drop_superseded()

    def _move_sealed(self, sealing: Sealing) -> None:
        try:
            self.store.adopt_sealing(sealing)
        except NotSealedError:
            sealing.discard()
            raise

    def close(self) -> None:
        """Let the file go. What is committed is safe; what is not published is published by the next owner."""
        if self._job is not None:
            self._job.abandon()  # its files, if any, are strays that the next owner removes
        self.store.close()
