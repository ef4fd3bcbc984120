"""The topics, as ``schemas/topics.yaml`` describes them, and the partition of a key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from pipeline.contract.location import schemas_folder
from pipeline.errors import CallboardError

# No dots: in metric names Kafka cannot tell them from underscores.
TopicName = Annotated[str, Meta(pattern="^[a-zA-Z0-9_-]+$", max_length=200)]
Positive = Annotated[int, Meta(ge=1)]


class Topic(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One topic. ``key`` is what the record keys of its events are made of, joined by a slash.

    What a source says of itself lies with the agents, under ``client/source`` (``events.key_form`` has it by type).
    """

    name: TopicName
    description: str
    key: Literal["client/interaction", "client/agent"]
    partitions: Positive
    retention_ms: Positive
    max_message_bytes: Positive
    compression: Literal["none", "gzip", "snappy", "lz4", "zstd"]
    event_types: tuple[str, ...]
    #: The channels whose contacts lie here; none: not a topic of contacts.
    channels: tuple[str, ...] = ()


class _TopicsFile(Struct, frozen=True, forbid_unknown_fields=True):
    topics: tuple[Topic, ...]


def load_topics(path: Path) -> Mapping[str, Topic]:
    """Read a topics file: a read-only mapping from name to topic, in the order of the file.

    Raises:
        CallboardError: the file is missing or does not describe topics, or names a topic or a channel twice.
    """
    try:
        content = msgspec.yaml.decode(path.read_bytes(), type=_TopicsFile)
    except (OSError, msgspec.DecodeError) as error:
        raise CallboardError(f"cannot read the topics from {path}: {error}") from error
    topics = {topic.name: topic for topic in content.topics}
    if len(topics) < len(content.topics):
        raise CallboardError(f"{path} names a topic twice: keep one entry for each name")
    channels = [channel for topic in content.topics for channel in topic.channels]
    if len(set(channels)) < len(channels):
        raise CallboardError(f"{path} names a channel in two places: keep each channel in one topic")
    return MappingProxyType(topics)


#: Every topic by name.
TOPICS: Mapping[str, Topic] = load_topics(schemas_folder() / "topics.yaml")


#: The topics of contacts, and the one of agents.
INTERACTION_TOPICS = tuple(name for name, topic in TOPICS.items() if topic.key == "client/interaction")
AGENT_TOPIC = next(name for name, topic in TOPICS.items() if topic.key == "client/agent")
_BY_CHANNEL = {channel: name for name, topic in TOPICS.items() for channel in topic.channels}


def topic_of_channel(channel: str) -> str:
    """The topic of a contact's events. A channel that no topic names goes with the calls."""
    return _BY_CHANNEL.get(channel, INTERACTION_TOPICS[0])


def topic(name: str) -> Topic:
    """The topic of that name.

    Raises:
        CallboardError: there is none.
    """
    found = TOPICS.get(name)
    if found is None:
        raise CallboardError(f"there is no topic {name!r}: the topics are {', '.join(TOPICS)}")
    return found


def partition_for(key: bytes, partitions: int) -> int:
    """The partition (0 to ``partitions`` - 1) that every Kafka client's default partitioner gives to ``key``."""
    # Importing kafka takes a fifth of a second, and most commands read only the topics.
    from kafka.partitioner.default import murmur2  # noqa: PLC0415

    return int(murmur2(key) & 0x7FFFFFFF) % partitions
