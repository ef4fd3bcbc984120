"""Retention has removed records that were not read: the worker stops with an instruction, and following it works."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient

from tests.e2e.conftest import StartWorker
from tests.e2e.published import ALL_PARTITIONS, assert_accounted, one, rows, totals, wait_for_records
from tests.e2e.topics import create_topics, end_offsets, send_lines
from tests.e2e.worker import SOON
from tests.support.kafka import ApacheKafka


def remove_before(kafka: ApacheKafka, partition: int, offset: int) -> None:
    """What retention does to an old part of a log."""
    with closing(KafkaAdminClient(bootstrap_servers=kafka.bootstrap)) as admin:
        admin.delete_records({TopicPartition("calls", partition): offset})


@pytest.mark.broker
@pytest.mark.kafka
def test_unread_offsets_that_retention_removed(
    apache_kafka: ApacheKafka, start_worker: StartWorker, store: Path, lines: list[bytes]
) -> None:
    create_topics(apache_kafka.bootstrap)
    some, more = lines[:1500], lines[1500:3000]
    first = start_worker(apache_kafka.bootstrap, **SOON)
    send_lines(apache_kafka.bootstrap, some)
    wait_for_records(store, len(some))
    assert first.terminate()[0] == 0
    of_partition = "FROM offsets WHERE topic = 'calls' AND \"partition\" = 2"
    read = end_offsets(apache_kafka.bootstrap)["calls", 2]

    send_lines(apache_kafka.bootstrap, more)
    gone = 7
    remove_before(apache_kafka, 2, read + gone)

    stopped = start_worker(apache_kafka.bootstrap, **SOON)
    assert stopped.wait_for_end() == 2, stopped.said
    (error,) = re.findall(r"^error: .*$", stopped.said, re.MULTILINE)
    assert error == (
        f"error: calls-2: the store needs offset {read} next, but the broker's retention has removed everything "
        f"before {read + gone}: {gone} records were never read. Restore them to the topic, or accept the loss by "
        f"starting the worker once with --accept-gap calls-2:{read + gone}"
    )
    assert "Traceback" not in stopped.said, stopped.said
    assert one(store, f"SELECT max(next_offset) {of_partition}") == (read,)

    wrong = start_worker(apache_kafka.bootstrap, "--accept-gap", f"calls-2:{read + gone - 1}", **SOON)
    assert wrong.wait_for_end() == 2, "another offset than the one named is not what was agreed to"

    told = error.partition("--accept-gap ")[2]
    going_on = start_worker(apache_kafka.bootstrap, "--accept-gap", told, **SOON)
    expected = len(some) + len(more) - gone
    wait_for_records(store, expected)
    assert totals(store) == (expected, 0, 0)
    assert f"calls-2: going on at {read + gone} as told; {gone} records were never read" in going_on.said
    assert rows(store, f"SELECT epoch, first_offset, next_offset {of_partition} ORDER BY epoch") == [
        (1, 0, read),
        (2, read + gone, end_offsets(apache_kafka.bootstrap)["calls", 2]),
    ]
    assert_accounted(store)
    assert going_on.terminate()[0] == 0

    without = start_worker(apache_kafka.bootstrap, **SOON)
    without.wait_for_partitions(ALL_PARTITIONS)
    assert without.terminate()[0] == 0, "once is enough"
