"""One assigned partition: what was fetched and waits to be committed, and whether it is what the store expects next."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Executor

from faust.types import TP

from pipeline.errors import CallboardError
from pipeline.settings import Settings
from pipeline.store.batch_rows import Record
from pipeline.store.database import StoreBusyError
from pipeline.store.layout import StoreLayout
from pipeline.store.owner import PartitionOwner
from pipeline.store.seen import Seen
from pipeline.transport.batches import Delivery
from pipeline.transport.log import BrokerUnavailableError, LogProbe

log = logging.getLogger(__name__)

#: Most bytes of event values in one transaction: a few oversized events must not take the memory of thousands.
_MAX_BATCH_BYTES = 32 * 1024 * 1024


class LogRemadeError(CallboardError):
    """The topic was made anew while it was read; reading starts again with the new log."""


class RetentionError(CallboardError):
    """Retention has removed records that were not read yet."""


class PartitionReader:
    """Deliveries come in by ``add`` (event loop) and go out by ``next_batch`` (engine's thread)."""

    def __init__(self, tp: TP, owner: PartitionOwner) -> None:
        """``owner`` is open and belongs to the log that is being read."""
        self.tp = tp
        self.owner = owner
        self.waiting = 0
        self.waiting_since = 0.0
        self.log_end_offset = owner.store.position.next_offset
        #: When the last delivery came, on the monotonic clock.
        self.delivered_at = float("-inf")
        #: Records between what is committed and what came next are missing: reading must go back.
        self.must_seek = False
        self._deliveries: deque[Delivery] = deque()

    @property
    def next_offset(self) -> int:
        """The offset that the store expects next."""
        return self.owner.store.position.next_offset

    def add(self, delivery: Delivery, now_seconds: float) -> None:
        """Queue a delivery."""
        if not self.waiting:
            self.waiting_since = now_seconds
        self.delivered_at = now_seconds
        self._deliveries.append(delivery)
        self.waiting += len(delivery.records)
        self.log_end_offset = max(self.log_end_offset, delivery.high_water)

    def forget_waiting(self) -> None:
        """Drop what is queued, before a seek: the records will be fetched again."""
        self._deliveries.clear()
        self.waiting = 0

    def check_log(self, topic_ids: Mapping[str, str]) -> None:
        """Make sure that what was fetched belongs to the log that the store's offsets belong to.

        ``topic_ids`` must have been asked for after the fetch: a log's identity never comes back, so records of a new
        log can then not pass for records of the old one.
        """
        if topic_ids.get(self.tp.topic) != self.owner.store.position.log_id:
            raise LogRemadeError(f"{self.owner.name}: the topic was made anew; reading the new log from its start")

    def next_batch(self, max_events: int, probe: LogProbe) -> list[Record]:
        """The next records in order, at most ``max_events``. Sets ``must_seek`` if the ones after them are missing."""
        expected = self.next_offset
        batch: list[Record] = []
        size = 0
        while self._deliveries and len(batch) < max_events and size < _MAX_BATCH_BYTES:
            delivery = self._deliveries.popleft()
            records = delivery.records
            if records[0].offset < expected:  # fetched again after a seek
                records = [record for record in records if record.offset >= expected]
            if records and records[0].offset > expected and not self._is_hole(expected, records[0].offset, probe):
                self.forget_waiting()
                self.must_seek = True
                return batch
            room = max_events - len(batch)
            if len(records) > room:
                self._deliveries.appendleft(Delivery(self.tp.topic, self.tp.partition, records[room:]))
                records = records[:room]
            if records:
                batch.extend(records)
                size += sum(len(record.value or b"") for record in records)
                expected = records[-1].offset + 1
        self.waiting = sum(len(delivery.records) for delivery in self._deliveries)
        return batch

    def _is_hole(self, expected: int, found: int, probe: LogProbe) -> bool:
        """Whether the log itself has nothing between two offsets (compaction, transactions): the broker decides."""
        first = probe.bounds(self.tp.topic, self.tp.partition).first
        if first > expected:
            raise retention_error(self.owner.name, expected, first)
        following = probe.next_record_offset(self.tp.topic, self.tp.partition, expected)
        if following is None:
            raise BrokerUnavailableError(f"{self.owner.name}: the broker did not give the record at {expected}")
        return following >= found


def retention_error(name: str, expected: int, first: int) -> RetentionError:
    """What a person can do about records that are gone."""
    return RetentionError(
        f"{name}: the store needs offset {expected} next, but the broker's retention has removed everything before "
        f"{first}: {first - expected} records were never read. Restore them to the topic, or accept the loss by "
        f"starting the worker once with --accept-gap {name}:{first}"
    )


def open_reader(
    layout: StoreLayout,
    tp: TP,
    topic_ids: Mapping[str, str],
    probe: LogProbe,
    background: Executor,
    settings: Settings,
    seen: Seen | None = None,
) -> PartitionReader | None:
    """Open an assigned partition, ``None`` if another worker still holds it."""
    log_id = topic_ids.get(tp.topic)
    if log_id is None:
        raise BrokerUnavailableError(f"topic {tp.topic} is not on the broker (yet)")
    try:
        owner = PartitionOwner(
            layout, tp.topic, tp.partition, background, settings.reject_limit, settings.hot_days, seen
        )
    except StoreBusyError:
        return None
    try:
        _settle_log(owner, tp, log_id, probe, settings)
    except BaseException:
        owner.close()
        raise
    return PartitionReader(tp, owner)


def _settle_log(owner: PartitionOwner, tp: TP, log_id: str, probe: LogProbe, settings: Settings) -> None:
    position = owner.store.position
    bounds = probe.bounds(tp.topic, tp.partition)
    if position.log_id != log_id:
        if position.log_id:
            log.warning("%s: this is not the log that was read before; a new epoch starts", owner.name)
        owner.store.begin_epoch(log_id, bounds.first)
    elif bounds.end < position.next_offset and not _holds_record(probe, tp, position.next_offset - 1):
        raise CallboardError(
            f"{owner.name}: the store has read up to offset {position.next_offset}, but the log ends at {bounds.end}. "
            "The broker has lost acknowledged records (or the store is of another broker): restore the log"
        )
    elif bounds.first > position.next_offset:
        if f"{owner.name}:{bounds.first}" not in settings.accept_gaps:
            raise retention_error(owner.name, position.next_offset, bounds.first)
        log.warning("%s: going on at %s as told; %s records were never read", owner.name, bounds.first,
                    bounds.first - position.next_offset)  # fmt: skip
        owner.store.begin_epoch(log_id, bounds.first)


def _holds_record(probe: LogProbe, tp: TP, offset: int) -> bool:
    """Whether the log holds this record, as a fetch shows it.

    The embedded broker gives the beginning of its last batch as the end of the log: only the records themselves tell.
    """
    found = probe.next_record_offset(tp.topic, tp.partition, offset)
    return found is not None and found >= offset
