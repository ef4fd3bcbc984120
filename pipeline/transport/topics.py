"""Creating the contract's topics on a broker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError, RetriableError, TopicAlreadyExistsError

from pipeline.contract.topics import TOPICS
from pipeline.errors import CallboardError
from pipeline.transport.log import BrokerUnavailableError, LogProbe


def ensure_topics(options: Mapping[str, Any], replication: int = 1) -> list[str]:
    """Create the topics that are missing; returns their names.

    Raises:
        BrokerUnavailableError: nothing answers; trying again later may help.
        CallboardError: the broker refuses, or has a topic with another number of partitions: the store keeps state by
            partition, and a key would change its place.
    """
    require_broker(options)
    admin = KafkaAdminClient(**options)
    try:
        there = {t["name"]: len(t["partitions"]) for t in admin.describe_topics() if not t["error_code"]}
        for topic in TOPICS.values():
            if topic.name in there and there[topic.name] != topic.partitions:
                raise CallboardError(
                    f"topic {topic.name} has {there[topic.name]} partitions, schemas/topics.yaml says "
                    f"{topic.partitions}: make them equal (a store belongs to one number of partitions)"
                )
        missing = [topic for topic in TOPICS.values() if topic.name not in there]
        for topic in missing:
            new = NewTopic(
                name=topic.name,
                num_partitions=topic.partitions,
                replication_factor=replication,
                topic_configs={
                    "retention.ms": str(topic.retention_ms),
                    "max.message.bytes": str(topic.max_message_bytes),
                },
            )
            try:
                admin.create_topics([new])
            except TopicAlreadyExistsError:
                continue  # another process was faster
        return [topic.name for topic in missing]
    except RetriableError as error:
        raise BrokerUnavailableError(f"cannot create the topics now ({type(error).__name__})") from error
    except KafkaError as error:
        raise CallboardError(f"cannot create the topics: {error}") from error
    finally:
        admin.close()


def require_broker(options: Mapping[str, Any]) -> None:
    """Fail soon if there is no broker: the clients themselves would try for up to half a minute.

    Raises:
        BrokerUnavailableError: nothing answers.
    """
    try:
        with LogProbe(options) as probe:
            probe.topic_ids()
    except BrokerUnavailableError as error:
        raise BrokerUnavailableError(
            f"{error}: start one with 'callboard broker', or set KAFKA_BOOTSTRAP_SERVERS to the one you have"
        ) from error
