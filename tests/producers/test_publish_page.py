"""The example of the page for integrators runs as it stands, and what the page says of others is true."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from kafka import KafkaConsumer, TopicPartition

from pipeline.clock import SystemClock
from pipeline.contract.topics import TOPICS, partition_for
from pipeline.producers.conformance import Conformance
from pipeline.producers.spool import MAX_BYTES
from pipeline.store.process import FileProcessor
from pipeline.store.reader import run_query

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/publish-from-your-system.md").read_text()


@pytest.mark.broker
def test_the_example_runs_and_its_call_is_in_the_store(kafka_servers: str, tmp_path: Path) -> None:
    (example,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert len(example.splitlines()) <= 15
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CALLBOARD_", "KAFKA_"))}
    environment |= {"KAFKA_BOOTSTRAP_SERVERS": kafka_servers, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", example], cwd=tmp_path, env=environment, check=True, timeout=60)
    values = []
    with closing(KafkaConsumer(bootstrap_servers=kafka_servers)) as consumer:
        consumer.assign([TopicPartition(t.name, p) for t in TOPICS.values() for p in range(t.partitions)])
        consumer.seek_to_beginning()
        while len(values) < 6 and (polled := consumer.poll(timeout_ms=5000)):
            values += [record.value for records in polled.values() for record in records]
    with FileProcessor(tmp_path / "store", SystemClock()) as processor:
        done = processor.process(values)
    assert (done.stored, done.rejected) == (6, 0)
    columns = "interaction, queue, agent, answered_at IS NOT NULL, amount::VARCHAR, currency"
    rows = run_query(tmp_path / "store", f"SELECT {columns} FROM segments")[1]
    assert rows == [("call-4711", "sales", "a-17", True, "19.9000", "EUR")]
    states = run_query(tmp_path / "store", "SELECT state FROM agent_spans ORDER BY started_at")[1]
    assert states == [("available",), ("on_contact",)]
    assert (tmp_path / "events.spool").is_file()


def test_the_keys_lie_in_the_partitions_that_the_page_names() -> None:
    table = re.findall(r"^\| `(.+?)` \| (\d) \|$", PAGE, re.MULTILINE)
    assert len(table) == 3
    for key, partition in table:
        assert partition_for(key.encode(), 4) == int(partition)
    assert "1 GiB" in PAGE
    assert MAX_BYTES == 2**30


def test_the_findings_are_those_of_the_page() -> None:
    head = (
        '{"specversion":"1.0","source":"a","id":"%s","type":"%s","time":"%s","data":{"client":"c","interaction":"%s",'
    )
    rest = '"channel":"voice","direction":"inbound","queue":"q"%s}}'
    moment = "2026-03-02T10:00:00Z"
    lines = [
        head % ("1", "interaction.queued.v1", "2026-11-22T10:00:00", "i") + rest % ',"segement":"1"',
        head % ("2", "interaction.queud.v1", moment, "i") + rest % "",
        head % ("2", "interaction.started.v1", moment, "i") + rest % "",
        head % ("2", "interaction.started.v1", moment, "+44 20 7946 0123") + rest % "",
    ]
    found = Conformance().check(enumerate((line.encode() for line in lines), start=1), datetime.now(UTC))
    said = [str(finding) for finding in found]
    for shown in re.findall(r"^    (line \d: .+)$", PAGE, re.MULTILINE):
        kind, _, what = shown.removesuffix("...").partition(" at ")
        kind = re.sub(r"line \d", "", kind)
        what = re.sub(r"line \d", "line", what)
        assert any(kind in each and what in re.sub(r"line \d", "line", each) for each in said), shown
