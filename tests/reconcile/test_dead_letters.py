"""What refused records add to a pass, and what they may not change."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.reconcile.dead_letters import completed, said_by

NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)
KEY = ("acme", "c1", "1")


def after(seconds: int) -> datetime:
    return NINE + timedelta(seconds=seconds)


def letter(kind: str, seconds: int, **data: Any) -> bytes:
    said = {"client": "acme", "interaction": "c1", "segment": "1", **data}
    return json.dumps({"type": f"interaction.{kind}.v1", "time": after(seconds).isoformat(), "data": said}).encode()


def test_a_whole_pass_from_its_letters() -> None:
    values = [
        letter("queued", 0, queue="sales"),
        letter("ended", 70),
        letter("ended", 60),
        letter("answered", 20),
        letter("answered", 10, agent="ann"),
        letter("wrapped_up", 90),
    ]
    row = completed({}, said_by(values)[KEY])
    assert (row["queue"], row["queued_at"], row["outcome"]) == ("sales", NINE, "answered")
    # The first answer and the last end, as in the store.
    assert (row["wait_us"], row["talk_us"], row["hold_us"], row["wrap_us"]) == (10_000_000, 60_000_000, 0, 20_000_000)


def test_what_the_store_knows_stays() -> None:
    stored = {
        "queued_at": NINE,
        "abandoned_at": after(9),
        "outcome": "abandoned",
        "wait_us": 9_000_000,
        "queue": "care",
    }
    row = completed(
        stored, said_by([letter("offered", 5), letter("queued", 3, queue="sales"), letter("abandoned", 7)])[KEY]
    )
    assert (row["outcome"], row["wait_us"], row["queue"], row["queued_at"]) == ("abandoned", 9_000_000, "care", NINE)
    assert row["offered_at"] == after(5)


def test_a_refused_answer_outweighs_an_abandon() -> None:
    stored = {"queued_at": NINE, "abandoned_at": after(9), "outcome": "abandoned", "wait_us": 9_000_000}
    row = completed(stored, said_by([letter("answered", 8)])[KEY])
    assert (row["outcome"], row["wait_us"], row["wait_ended_at"], row["handle_ended_at"]) == (
        "answered",
        8_000_000,
        after(8),
        None,
    )


def test_records_that_cannot_be_read_say_nothing() -> None:
    assert not said_by(
        [
            None,
            b"",
            b"\xff\xfe",
            b"[1]",
            b'{"type": "interaction.queued.v1"}',
            letter("queued", 0, segment=7),
            letter("queued", 0, client=""),
            letter("unheard_of", 0),
            letter("queued", 0).replace(b"+00:00", b""),
            letter("queued", 0).replace(b"2026", b"soon"),
        ]
    )
