"""What was revised, held against the store itself: it counts the highest revision of a segment, whatever came when."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.producers.pushed.recorded import Stored, documents, nearby, pushed, shuffled

pytestmark = pytest.mark.thorough

HERE = Path(__file__).parents[1]
STREAMS = {
    "twilio": HERE / "twilio" / "taskrouter.jsonl",
    "chatwoot": HERE / "chatwoot" / "webhooks.jsonl",
    "zendesk": HERE / "zendesk" / "ticket-events.jsonl",
    "intercom": HERE / "intercom" / "notifications.jsonl",
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", STREAMS)
def test_revisions_in_any_order_and_twice_are_one_store(name: str, seed: int, tmp_path: Path) -> None:
    """The source overtakes itself, so segments are revised; then Kafka's order is any, and half of it comes twice."""
    events = pushed(name, nearby(documents(STREAMS[name]), seed, places=8), restarts=seed)
    highest: dict[tuple[str, str], int] = {}
    for event in events:
        segment = getattr(event.data, "segment", None)
        if segment is not None and hasattr(event.data, "revision"):
            key = (event.data.interaction, segment)
            highest[key] = max(highest.get(key, 0), event.data.revision)
    assert max(highest.values()) > 0, "the stream has nothing revised"
    straight = Stored(tmp_path / "straight", events)
    mixed = Stored(tmp_path / "mixed", shuffled([*events, *events[::2]], seed))
    assert mixed.facts() == straight.facts()
    revisions = "SELECT interaction, segment, revision FROM segments WHERE segment IS NOT NULL ORDER BY ALL"
    assert mixed.rows(revisions) == [(*key, revision) for key, revision in sorted(highest.items())]
    assert mixed.differences() == straight.differences() == []
