"""Words and codes that people typed: what leads to somebody is none, whichever adapter reads it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.contract.events import encode
from pipeline.producers.adapters import AdapterRequest, adapter
from pipeline.producers.adapters.noticed import notice_name
from pipeline.producers.adapters.words import typed, word
from pipeline.producers.door import Door

LEADING = [
    "erika@example.org",
    "4111111111111111",
    "card 4111 1111 1111 1111",
    "+44 20 7946 0958",
    "call (0)20-7946/0958 back",
    "Local/442079460958",
    "2026-03-02, 20 7946 0958",
]
NOT_LEADING = {
    "Lunch": "lunch",
    "After-Call Work": "after_call_work",
    "error 404": "error_404",
    "line 123456": "line_123456",
    "2026-03-02": "n2026_03_02",
    "5c111000-7777-4000-8000-000000000001": "n5c111000_7777_4000_8000_000000000001",
}


@pytest.mark.parametrize("text", LEADING)
def test_what_leads_to_somebody_is_no_word_and_no_code(text: str) -> None:
    assert (word(text), typed(text), notice_name(text)) == (None, None, "hidden")


@pytest.mark.parametrize(("text", "expected"), NOT_LEADING.items())
def test_extensions_dates_and_identifiers_are_words(text: str, expected: str) -> None:
    assert (word(text), typed(text)) == (expected, text)


def test_an_outcome_that_is_a_number_is_left_out_and_the_wrap_up_is_not(tmp_path: Path) -> None:
    """CALLSTATUS took whatever was typed as the outcome."""
    lines = [
        "1772442060|1.1|support|NONE|ENTERQUEUE|||1",
        "1772442070|1.1|support|SIP/201|CONNECT|10|1.2|3",
        "1772442100|1.1|support|SIP/201|COMPLETECALLER|10|30|1",
        "1772442110|1.1|support|SIP/201|CALLSTATUS|+44 20 7946 0958",
    ]
    (tmp_path / "queue_log").write_text("\n".join(lines) + "\n")
    read = adapter("queue-log").read
    assert read is not None
    request = AdapterRequest(tmp_path / "queue_log", datetime(2026, 12, 1, tzinfo=UTC), client="acme", door=Door(None))
    last = encode(list(read(request).events)[-1]).decode()
    assert "wrapped_up" in last and "7946" not in last
