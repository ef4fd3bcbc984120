"""Kafka: the embedded broker, batches through Faust, ownership of partitions."""
