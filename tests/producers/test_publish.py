"""``callboard publish`` as a function: an adapter's file to Kafka or to an event file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline.clock import ManualClock
from pipeline.errors import CheckFailedError
from pipeline.producers.eventfile import read_events
from pipeline.producers.publish import PublishRequest, publish_file
from tests.producers.conftest import HEADER, MAPPING, NOW

ROWS = "1,s,,LOST,10:00:00,10,,\n2,s,a,OK,10:01:00,,10:06:00,10:06:00\n"


@pytest.fixture
def request_for_file(tmp_path: Path) -> PublishRequest:
    (tmp_path / "export.csv").write_text(HEADER + ROWS)
    (tmp_path / "small.yaml").write_text(MAPPING)
    return PublishRequest(
        "csv",
        tmp_path / "export.csv",
        mapping=str(tmp_path / "small.yaml"),
        date=date(2025, 5, 31),
        to=str(tmp_path / "events.jsonl"),
    )


def test_to_an_event_file_no_broker_is_needed(request_for_file: PublishRequest) -> None:
    steps: list[tuple[str, int, int | None]] = []
    clock = ManualClock(NOW)
    summary = publish_file(
        request_for_file, clock, {}, progress=lambda stage, done, total: steps.append((stage, done, total))
    )
    assert (summary.rows, summary.events, summary.problems, summary.acknowledged) == (2, 7, (), {})
    assert summary.read_as == {"lost": 1, "taken": 1}
    assert len(list(read_events(str(request_for_file.to), NOW))) == 7
    assert steps == [("reading", 2, None), ("publishing", 0, 7), ("publishing", 7, 7)]
    summary.check()


def test_the_speed_is_that_of_the_events(request_for_file: PublishRequest) -> None:
    clock = ManualClock(NOW)
    publish_file(replace(request_for_file, speed=60), clock, {})
    assert clock.now() - NOW == timedelta(seconds=6)


def test_unreadable_rows_are_in_the_summary(request_for_file: PublishRequest) -> None:
    request_for_file.file.write_text(HEADER + ROWS + "3,s,,LOST,soon,10,,\n" * 7)
    summary = publish_file(request_for_file, ManualClock(NOW), {})
    assert summary.events == 7
    with pytest.raises(CheckFailedError) as caught:
        summary.check()
    assert caught.value.exit_code == 1
    assert str(caught.value).startswith("7 of 9 rows could not be read (the others were published): line 4, rang: ")
    assert str(caught.value).endswith("and 2 more")


def test_all_rows_or_nothing(request_for_file: PublishRequest) -> None:
    request_for_file.file.write_text(HEADER + ROWS + "3,s,,LOST,soon,10,,\n")
    with pytest.raises(CheckFailedError, match="nothing was published"):
        publish_file(replace(request_for_file, all_rows=True), ManualClock(NOW), {})
    assert not Path(str(request_for_file.to)).exists()


@pytest.mark.broker
def test_to_kafka_every_event_is_acknowledged(request_for_file: PublishRequest, kafka_servers: str) -> None:
    summary = publish_file(replace(request_for_file, to=None), ManualClock(NOW), {"bootstrap_servers": kafka_servers})
    assert summary.events == 7 == sum(summary.acknowledged.values())
    assert {topic for topic, _ in summary.acknowledged} == {"calls"}
