"""Many values decoded together: the same answers as one by one, whatever stands beside a value that is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.contract.decode import MAX_EVENT_BYTES, decode
from pipeline.contract.events import Event
from pipeline.contract.rejects import Rejection
from pipeline.domain.moments import to_micros
from pipeline.store.decode_batch import decode_batch, times_us
from tests.contract.corpus import ACCEPTED_FILES, NOW

GOOD = [path.read_bytes().strip() for path in ACCEPTED_FILES]
CARD = "4111111111111111"


def changed(change: Callable[[dict[str, Any]], Any], ascii_only: bool = True, **how: Any) -> bytes:
    """A good event with something about it changed."""
    document = json.loads(GOOD[0])
    change(document)
    return json.dumps(document, ensure_ascii=ascii_only, **how).encode()


def with_client(name: str) -> bytes:
    return changed(lambda event: event["data"].update(client=name), ascii_only=False)


REMARKABLE = {
    "no value": None,
    "empty": b"",
    "not JSON": b"{",
    "half of a character": GOOD[0][:-1] + b',"more":"\xc3',
    "the other half": b'\xbc"}',
    "not UTF-8 in a member that nobody reads": GOOD[0][:-1] + b',"more":"\xff"}',
    "too large": changed(lambda event: event.update(more="x" * MAX_EVENT_BYTES)),
    "of another type": changed(lambda event: event.update(type="interaction.sung.v1")),
    "long ago": changed(lambda event: event.update(time="1970-01-01T00:00:00Z")),
    "to come": changed(lambda event: event.update(time=(NOW + timedelta(days=1)).isoformat())),
    "a card": changed(lambda event: event.update(more=CARD)),
    "a card in groups": changed(lambda event: event.update(more="4111 1111 1111 1111")),
    "a card behind lines": changed(lambda event: event.update(more=CARD), indent=2),
    "a long number": changed(lambda event: event.update(more="4111111111111112")),
    "an escape": changed(lambda event: event["data"].update(client="é")),
    "an escaped control character": changed(lambda event: event["data"].update(client="a\tb")),
    "DEL": with_client("a\x7fb"),
    "a C1 control character": with_client("a\x85b"),
    "a separator of lines": with_client("a\u2028b"),
    "beyond ASCII": with_client("Zürich – 東京"),
    "a moment far away in a member that nobody reads": changed(lambda event: event.update(more="9999-12-31T23:59:59Z")),
    "a plan never due": json.dumps(
        {
            **{"specversion": "1.0", "type": "agent.scheduled.v1", "source": "wfm", "id": "far"},
            "time": (NOW - timedelta(days=1)).isoformat(),
            "data": {
                **{"client": "acme", "agent": "ann", "schedule": "s", "activity": "work"},
                **{"starts_at": "9999-12-31T23:00:00Z", "ends_at": "9999-12-31T23:59:59Z"},
            },
        }
    ).encode(),
}


def one_by_one(values: list[bytes | None]) -> list[Event | Rejection]:
    return [decode(value, NOW) for value in values]


@pytest.mark.parametrize("name", REMARKABLE)
def test_a_remarkable_value_among_good_ones(name: str) -> None:
    value = REMARKABLE[name]
    for values in ([value], [*GOOD, value, *GOOD], [value] * 200, [*GOOD * 20, value]):
        assert list(decode_batch(values, NOW)) == one_by_one(values)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from([*GOOD, *REMARKABLE.values()]), max_size=300))
def test_any_batch(values: list[bytes | None]) -> None:
    assert list(decode_batch(values, NOW)) == one_by_one(values)


def test_good_values_are_good() -> None:
    events = list(decode_batch(GOOD, NOW))
    assert not any(isinstance(event, Rejection) for event in events)
    good = [event for event in events if not isinstance(event, Rejection)]
    assert times_us(good) == [to_micros(event.time) for event in good]
    assert times_us([]) == []


def test_control_characters_are_refused_as_before() -> None:
    """By the schema, with the place and without the value."""
    for name in ("an escaped control character", "DEL", "a C1 control character", "a separator of lines"):
        refused = decode(REMARKABLE[name], NOW)
        assert isinstance(refused, Rejection)
        assert refused.reason == "schema"
        assert refused.detail.startswith("Expected `str` matching regex")
        assert refused.detail.endswith("- at `$.data.client`")
