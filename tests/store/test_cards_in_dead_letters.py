"""Of the number of a payment card no dead letter keeps more than the last four digits, whatever it was refused for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.clock import ManualClock
from pipeline.store.batch_rows import Record
from pipeline.store.dead_letters import find_letters
from pipeline.store.layout import StoreLayout
from pipeline.store.partition import PartitionStore
from pipeline.store.process import FileProcessor
from pipeline.store.reader import run_query
from pipeline.store.verify import verify
from tests.strategies import NOW, example, line

CARD = "4111 1111 1111 1111"
MASKED = b"**** **** **** 1111"
WITH_CARD = {
    "card_number": line(example(data_interaction=CARD)),
    "undecodable": b"\xff\xfe paid with " + CARD.encode(),
    "schema": line(example(data_channel="Voice", subject=CARD)),
    "unknown_type": line(example(type="payment.made.v1", subject=CARD)),
    "implausible_time": line(example(time="1970-01-01T00:00:00Z", subject=CARD)),
    "too_large": line(example(padding="x" * 300_000, subject=CARD)),
}


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Path]:
    with FileProcessor(tmp_path, ManualClock(NOW)) as processor:
        done = processor.process([*WITH_CARD.values(), line(example())])
    assert (done.rejected, done.stored) == (len(WITH_CARD), 1)
    yield tmp_path


def test_every_dead_letter_is_masked_and_as_long_as_it_was(stored: Path) -> None:
    letters = {letter.reason: letter for letter in find_letters(stored)}
    assert set(letters) == set(WITH_CARD)
    for reason, sent in WITH_CARD.items():
        letter = letters[reason]
        assert letter.value == sent.replace(CARD.encode(), MASKED), reason
        assert letter.size_bytes == len(sent)


def test_the_store_is_in_order_and_the_reason_is_known_to_verify(stored: Path) -> None:
    report = verify(stored)
    assert report.ok, report


def test_the_key_of_a_refused_record_is_masked_too(tmp_path: Path) -> None:
    with PartitionStore(StoreLayout(tmp_path), "calls", 0) as store:
        store.begin_epoch("log")
        store.apply([Record(0, b"acme/" + CARD.encode(), b"not an event"), Record(1, None, None)], NOW)
        rows = store.cursor().execute('SELECT key, value FROM rejects ORDER BY "offset"').fetchall()
    assert rows == [(b"acme/" + MASKED, b"not an event"), (None, None)]


def test_what_the_worker_stores_of_the_others_is_untouched(stored: Path) -> None:
    assert run_query(stored, "SELECT raw FROM events")[1] == [(line(example()).decode(),)]
