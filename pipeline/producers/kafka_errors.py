"""What a person can do about an error of the Kafka client. Keys and values are never part of a message."""

from __future__ import annotations

from kafka.errors import (
    AuthorizationError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    UnknownTopicOrPartitionError,
)

from pipeline.errors import CallboardError

_AGAIN = "publishing again is safe, repeated events are counted once"


def no_broker(servers: object) -> CallboardError:
    """Nothing answers at the addresses given."""
    return CallboardError(
        f"no Kafka broker answers at {servers}: start one with `callboard broker`, "
        "or set KAFKA_BOOTSTRAP_SERVERS to the one you have"
    )


def unusable_settings(error: Exception) -> CallboardError:
    """The client does not take the settings."""
    return CallboardError(f"the Kafka settings cannot be used: {error}")


def not_published(error: Exception, servers: object, topic: str = "") -> CallboardError:
    """A record was not acknowledged; ``topic`` is empty where it is not known."""
    if isinstance(error, MessageSizeTooLargeError):
        reason = "a record is larger than the topic's max.message.bytes or a request may be"
    elif isinstance(error, UnknownTopicOrPartitionError):
        reason = "the topic does not exist, `callboard doctor` says how to create it"
    elif isinstance(error, AuthorizationError):
        reason = "this user may not write there, ask for the WRITE permission on the topic"
    elif isinstance(error, KafkaTimeoutError):
        reason = (
            f"no answer in time from {servers}. Check with `callboard doctor` that the broker is up and has the topic; "
            f"{_AGAIN}"
        )
    else:
        reason = f"Kafka says {type(error).__name__}; {_AGAIN}"
    return CallboardError(f"not everything could be published{f' to the topic {topic}' if topic else ''}: {reason}")
