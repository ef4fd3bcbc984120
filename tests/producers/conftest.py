"""What the producers' tests share: a CSV and a mapping made on the spot, and a broker with the topics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from pipeline.contract.topics import TOPICS
from pipeline.producers.adapters import AdapterRequest, Reading, adapter
from tests.support.broker import EmbeddedBroker

NOW = datetime(2026, 1, 1, tzinfo=UTC)

#: A small mapping and the header of its CSV; tests change parts of it.
MAPPING = """\
description: A small export
source: test/pbx
client: acme
interaction: "{call}"
queue: "{skill}"
agent: "{who}"
time:
  zone: Europe/Berlin
rows:
  - name: ignored
    when: {result: NO}
    events: none
  - name: lost
    when: {result: LOST}
    events:
      started: "{rang}"
      queued: "{rang}"
      abandoned: {after: queued, seconds: "{wait}"}
  - name: taken
    when: {result: OK}
    events:
      started: "{rang}"
      queued: "{rang}"
      answered: "{picked_up}"
      ended: "{over}"
"""
HEADER = "call,skill,who,result,rang,wait,picked_up,over\n"

ReadCsv = Callable[..., Reading]


@pytest.fixture
def read_csv(tmp_path: Path) -> ReadCsv:
    """Read rows below ``HEADER`` by ``mapping``, on 31 May 2025 unless told."""

    def read(rows: str, mapping: str = MAPPING, day: date | None = date(2025, 5, 31), header: str = HEADER) -> Reading:
        (tmp_path / "export.csv").write_text(header + rows)
        (tmp_path / "small.yaml").write_text(mapping)
        request = AdapterRequest(tmp_path / "export.csv", NOW, str(tmp_path / "small.yaml"), day)
        return adapter("csv").read(request)

    return read


@pytest.fixture(scope="module")
def kafka_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An embedded broker with callboard's topics, empty at the start of each module."""
    with EmbeddedBroker(tmp_path_factory.mktemp("broker")) as running:
        with closing(KafkaAdminClient(bootstrap_servers=running.bootstrap)) as admin:
            admin.create_topics([NewTopic(topic.name, topic.partitions, 1) for topic in TOPICS.values()])
        yield running.bootstrap
