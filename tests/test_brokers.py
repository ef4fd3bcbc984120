"""The two brokers of the tests are real ones: records go through, and a restart keeps the log, or visibly does not."""

from __future__ import annotations

import os
from contextlib import closing

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from tests.support.broker import Broker

TOPIC = TopicPartition("calls", 0)


def create_topic(broker: Broker) -> None:
    with closing(KafkaAdminClient(bootstrap_servers=broker.bootstrap)) as admin:
        admin.create_topics([NewTopic(name=TOPIC.topic, num_partitions=1, replication_factor=1)])


def produce(broker: Broker, values: list[bytes]) -> None:
    with closing(KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")) as producer:
        for value in values:
            producer.send(TOPIC.topic, key=b"a", value=value).get(timeout=20)


def consume(broker: Broker, expected: int) -> list[bytes]:
    """What the partition holds, as soon as it is ``expected`` records, or after ten empty polls."""
    with closing(KafkaConsumer(bootstrap_servers=broker.bootstrap)) as consumer:
        consumer.assign([TOPIC])
        consumer.seek_to_beginning(TOPIC)
        found: list[bytes] = []
        for _ in range(10):
            for records in consumer.poll(timeout_ms=1_000).values():
                found.extend(record.value for record in records)
            if len(found) >= expected:
                break
        return found


def cluster_id(broker: Broker) -> str:
    with closing(KafkaAdminClient(bootstrap_servers=broker.bootstrap)) as admin:
        return str(admin.describe_cluster()["cluster_id"])


def test_records_come_back_in_order(broker: Broker) -> None:
    values = [b"%d" % number for number in range(50)]
    create_topic(broker)
    produce(broker, values)
    assert consume(broker, len(values)) == values


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_a_restart_keeps_the_log_or_makes_a_new_cluster(broker: Broker, kill: bool) -> None:
    create_topic(broker)
    produce(broker, [b"before"])
    port, pid, cluster = broker.port, broker.pid, cluster_id(broker)

    broker.restart(kill=kill)

    assert broker.port == port
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    if broker.keeps_log:
        assert cluster_id(broker) == cluster
        produce(broker, [b"after"])
        assert consume(broker, 2) == [b"before", b"after"]
    else:
        assert cluster_id(broker) != cluster
        create_topic(broker)
        produce(broker, [b"after"])
        assert consume(broker, 1) == [b"after"]


def test_a_broker_does_not_start_on_a_port_in_use(broker: Broker) -> None:
    twin = type(broker)(broker.data_dir.with_name("twin"), port=broker.port)
    with pytest.raises(RuntimeError, match="in use"):
        twin.start()
