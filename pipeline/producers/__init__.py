"""Producers: what brings events to Kafka or into event files."""
