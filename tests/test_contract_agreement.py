"""Two readings of the contract, the pipeline's and the oracle's, agree on every line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.contract.decode import decode
from pipeline.contract.events import type_name
from pipeline.contract.rejects import Rejection
from tests import oracle, strategies


def pipeline_says(line: bytes) -> tuple[str, ...]:
    """The reason of a refusal, or what identifies the event and its moment."""
    event = decode(line, strategies.NOW)
    if isinstance(event, Rejection):
        return (event.reason.value,)
    return (type_name(type(event)), event.source, event.id, repr(event.time.timestamp()))


def oracle_says(line: bytes) -> tuple[str, ...]:
    event = oracle.classify(line, strategies.NOW)
    if isinstance(event, oracle.Rejected):
        return (event.reason,)
    return (event.type, event.source, event.id, repr(event.time.timestamp()))


@pytest.mark.parametrize("what", strategies.BAD_RECORDS)
def test_bad_lines(what: str) -> None:
    line, _ = strategies.BAD_RECORDS[what]
    assert pipeline_says(line) == oracle_says(line)


@settings(max_examples=60, deadline=None)
@given(strategies.logs())
def test_logs(lines: list[bytes]) -> None:
    for line in lines:
        assert pipeline_says(line) == oracle_says(line)


VALUES: st.SearchStrategy[object] = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from((1.0, 1.5, 1_000_000_001, "2026-02-29", "2026-03-29", "de-x", "made"))
    | st.sampled_from(("9999-12-31T23:59:59-10:00", "0001-01-01T00:00:00+10:00", "2026-03-29t01:00:00.12345678z"))
    | st.text(max_size=5)
    | st.just([])
    | st.just({})
)


@settings(max_examples=300, deadline=None)
@given(strategies.event_logs().filter(bool), st.data())
def test_events_with_one_member_spoiled_or_left_out(events: list[strategies.Json], data: st.DataObject) -> None:
    event = data.draw(st.sampled_from(events))
    target = data.draw(st.sampled_from((event, event["data"])))
    member = data.draw(st.sampled_from(sorted(target)))
    if data.draw(st.booleans()):
        del target[member]
    else:
        target[member] = data.draw(VALUES)
    line = strategies.line(event)
    assert pipeline_says(line) == oracle_says(line)
