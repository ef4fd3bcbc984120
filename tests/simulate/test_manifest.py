"""The manifest against the oracle, which reads the events and shares no code with the simulation."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.contract.events import (
    DETAIL_EVENTS,
    Event,
    InteractionAnswered,
    InteractionQueued,
    InteractionWrappedUp,
    encode,
)
from pipeline.errors import CallboardError
from pipeline.simulate.centre import Centre
from pipeline.simulate.manifest import Manifest
from pipeline.simulate.simulation import simulate
from pipeline.simulate.truth import COUNTS, SUMS
from tests import oracle

Run = tuple[list[Event], Manifest]
MEASURES = (*COUNTS, *SUMS, "longest_wait_seconds", "revenue", "currency")


def exact(value: Any) -> Any:
    """Decimal strings of the manifest as decimals; numbers, words and None as they are."""
    try:
        return Decimal(value) if isinstance(value, str) else value
    except ArithmeticError:
        return value


def assert_agrees_with_oracle(document: dict[str, Any], events: list[Event]) -> None:
    # Details change no segment and no agent's state: tests/simulate/test_lines.py holds them to their own truth.
    lives = (encode(event) for event in events if not isinstance(event, DETAIL_EVENTS))
    facts = oracle.facts(lives, datetime(2027, 1, 1, tzinfo=UTC))
    assert not facts.rejected

    def key_of(cell: dict[str, Any]) -> tuple[Any, ...]:
        place = tuple(cell[name] for name in ("client", "queue", "channel", "direction"))
        return (*place, datetime.fromisoformat(cell["minute"]))

    expected = {tuple(key): {name: getattr(cell, name) for name in MEASURES} for key, cell in facts.kpi_minute.items()}
    assert {key_of(c): {name: exact(c[name]) for name in MEASURES} for c in document["cells"]} == expected
    assert document["interactions"] == Counter(i.outcome for i in facts.interactions.values())

    seconds: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    spans: Counter[tuple[str, str]] = Counter()
    open_state: dict[tuple[str, str], tuple[str, str | None, datetime]] = {}
    for span in facts.agent_spans:
        agent = (span.client, span.agent)
        spans[agent] += 1
        if span.ended_at is None:
            open_state[agent] = (span.state, span.reason, span.started_at)
        else:
            seconds[agent][span.state] += span.seconds
    for agent_truth in document["agents"]:
        agent = (agent_truth["client"], agent_truth["agent"])
        assert {state: Decimal(s) for state, s in agent_truth["seconds"].items()} == seconds[agent]
        assert agent_truth["spans"] == spans.pop(agent)
        since = agent_truth["since"] and datetime.fromisoformat(agent_truth["since"])
        expected_state = open_state.get(agent, (None, None, None))
        assert (agent_truth["state"], since) == (expected_state[0], expected_state[2])
        assert expected_state[0] is None or agent_truth["reason"] == expected_state[1]
    assert not spans


@pytest.mark.parametrize("name", ["busy_run", "demo_run"])
def test_whole_runs_agree_with_the_oracle(name: str, request: pytest.FixtureRequest) -> None:
    events, manifest = request.getfixturevalue(name)
    assert_agrees_with_oracle(manifest.document(), events)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**9), taken=st.integers(1, 2_000))
def test_the_truth_holds_wherever_the_reader_stops(busy_centre: Centre, start: datetime, seed: int, taken: int) -> None:
    manifest = Manifest()
    # An hour before the back office opens until after it closed: all of the exits are in reach.
    stream = simulate(busy_centre, seed, start + timedelta(minutes=taken % 90), 3, manifest)
    events = list(islice(stream, taken))
    assert_agrees_with_oracle(manifest.document(), events)


def test_plain_counts_of_the_events(busy_run: Run) -> None:
    events, manifest = busy_run
    document = manifest.document()
    totals = document["totals"]
    assert totals["offered"] == sum(isinstance(event, InteractionQueued) for event in events)
    answered = [event.data.queue for event in events if isinstance(event, InteractionAnswered)]
    # Supervisors take contacts without a queue: no queue has answered them.
    assert totals["answered"] == len(answered) - answered.count(None) < len(answered)
    sold: Counter[str] = Counter()
    for event in events:
        if isinstance(event, InteractionWrappedUp) and "sale" in event.data.flags:
            sold[str(event.data.currency)] += Decimal(str(event.data.amount))  # type: ignore[assignment]
    assert {currency: Decimal(amount) for currency, amount in totals["revenue"].items()} == dict(sold)
    assert sum(document["events"].values()) == len(events)
    assert document["last_event_at"] == events[-1].time.isoformat().replace("+00:00", "Z")


def test_it_is_written_as_json_with_exact_decimals(busy_run: Run, tmp_path: Path) -> None:
    _, manifest = busy_run
    path = tmp_path / "manifest.json"
    manifest.write(path)
    assert json.loads(path.read_text(encoding="utf-8"), parse_float=pytest.fail) == (manifest.document())


def test_a_manifest_that_cannot_be_written_says_where(busy_run: Run, tmp_path: Path) -> None:
    with pytest.raises(CallboardError, match="missing/manifest.json"):
        busy_run[1].write(tmp_path / "missing" / "manifest.json")
