"""Making a kafka-python producer, and what that client does not do by itself."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaConfigurationError, KafkaError, KafkaTimeoutError
from kafka.net.compat import KafkaNetClient

from pipeline.producers.kafka_errors import no_broker, not_published, unusable_settings


def connect_producer(settings: Mapping[str, Any]) -> Any:
    """A kafka-python producer with these settings, ``bootstrap_servers`` and ``allow_auto_create_topics`` among them.

    Raises CallboardError, and then leaves nothing open.
    """
    clients: list[Any] = []

    def client(**configs: Any) -> Any:
        made = KafkaNetClient(**configs)
        clients.append(made)
        # kafka-python 3.0.12 does not pass this setting on, and a misspelt topic would be made.
        made.cluster.config["allow_auto_create_topics"] = configs["allow_auto_create_topics"]
        return made

    try:
        return KafkaProducer(**settings, kafka_client=client)
    except KafkaError as error:
        for made in clients:
            made.close()
        if isinstance(error, KafkaConfigurationError):
            raise unusable_settings(error) from None
        raise (
            no_broker(settings["bootstrap_servers"])
            if isinstance(error, KafkaTimeoutError)
            else not_published(error, settings["bootstrap_servers"])
        ) from None
    except (ValueError, TypeError) as error:
        raise unusable_settings(error) from None


def close_producer(producer: Any, timeout_seconds: float) -> None:
    """Close a producer; what cannot be delivered within the time is given up, and nothing of it is sent later."""
    try:
        producer.close(timeout=timeout_seconds)
    except KafkaTimeoutError:
        # kafka-python 3.0.12 leaves its sender running then, and that would go on sending when the broker comes back.
        sender = producer._sender  # noqa: SLF001  there is no other way to stop it
        sender.force_close()
        sender.join(timeout_seconds)
        with suppress(KafkaTimeoutError):
            producer.close(timeout=0)
