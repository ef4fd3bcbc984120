"""A second export, unlike the bank's, read by a mapping alone: a night in which the clocks go back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.contract.events import (
    InteractionEnded,
    InteractionLeftQueue,
    InteractionQueued,
    InteractionTransferred,
    InteractionWrappedUp,
)
from pipeline.producers.adapters import AdapterRequest, Reading, adapter
from tests.producers.conftest import NOW

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def reading() -> Reading:
    return adapter("csv").read(AdapterRequest(DATA / "helpline.csv", NOW, str(DATA / "helpline.yaml")))


def at(day: int, hour: int, minute: int, second: int = 0, microsecond: int = 0) -> datetime:
    return datetime(2024, 11, day, hour, minute, second, microsecond, tzinfo=UTC)


def test_every_row_is_accounted_for(reading: Reading) -> None:
    assert reading.problems == []
    assert reading.read_as == {"taken": 3, "given up": 1, "left the queue": 1, "test call": 1}


def test_the_times_of_a_night_in_which_the_clocks_go_back(reading: Reading) -> None:
    by_id = {event.id: event.time for event in reading.events}
    assert by_id["c1/a/queued"] == at(3, 4, 59, 50)
    assert by_id["c1/a/answered"] == at(3, 5, 0, 10)
    assert by_id["c1/b/answered"] == at(3, 5, 5, 2, 500_000)
    # An hour in the queue is an hour, whatever the clock on the wall says meanwhile.
    assert (by_id["c2/a/abandoned"] - by_id["c2/a/queued"]).total_seconds() == 3600
    # Answered at 1:50 in summer time, over at 1:10 in winter time: twenty minutes.
    assert by_id["c3/a/queued"] == at(3, 6, 50)
    assert by_id["c3/a/ended"] == at(3, 7, 10)
    # 6:30 is the morning of the business day itself, not of the day after.
    assert by_id["c4/a/queued"] == at(2, 11, 30)


def test_legs_are_segments_of_one_interaction(reading: Reading) -> None:
    queued = [event.data for event in reading.events if isinstance(event, InteractionQueued)]
    assert [(data.interaction, data.segment, data.queue) for data in queued if data.interaction == "c1"] == [
        ("c1", "a", "billing"),
        ("c1", "b", "sales"),
    ]
    assert {data.client for data in queued} == {"acme", "zeta"}
    assert {data.interaction: data.direction for data in queued}["c3"] == "outbound"


def test_an_optional_event_is_there_where_its_cell_is(reading: Reading) -> None:
    transfers = [event.data for event in reading.events if isinstance(event, InteractionTransferred)]
    assert [(data.segment, data.kind, data.to_queue, data.agent) for data in transfers] == [
        ("a", "warm", "sales", "a-7")
    ]


def test_outcomes_amounts_and_reasons(reading: Reading) -> None:
    wrapped_up = {event.id: event.data for event in reading.events if isinstance(event, InteractionWrappedUp)}
    assert set(wrapped_up) == {"c1/a/wrapped_up", "c1/b/wrapped_up"}
    sold = wrapped_up["c1/b/wrapped_up"]
    assert (sold.disposition, sold.amount, sold.currency) == ("SOLD", "1249.90", "USD")
    assert sold.flags == ("sale", "long_notes")
    assert wrapped_up["c1/a/wrapped_up"].flags == ()
    left = [event.data for event in reading.events if isinstance(event, InteractionLeftQueue)]
    assert [data.reason for data in left] == ["timeout"]
    ended = [event.data for event in reading.events if isinstance(event, InteractionEnded)]
    assert sorted((data.interaction, data.segment) for data in ended if data.segment is None) == [("c2", None)]
