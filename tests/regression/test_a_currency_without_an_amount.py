"""A wrap-up that named a currency and no amount gave its interaction that currency, beside another segment's money."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pipeline.clock import ManualClock
from pipeline.store.process import FileProcessor
from pipeline.store.reader import run_query
from tests.strategies import example, line

NOW = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)


def test_the_currency_of_an_interaction_is_that_of_its_money(tmp_path: Path) -> None:
    wrap_up = "interaction.wrapped_up.v1"
    lines = [
        line(example(wrap_up, id="1", data_amount="19.90", data_currency="EUR")),
        line(example(wrap_up, id="2", data_segment="2", data_currency="USD")),
    ]
    with FileProcessor(tmp_path, ManualClock(NOW)) as processor:
        processor.process(lines)
    _, rows = run_query(tmp_path, "SELECT revenue::VARCHAR, currency FROM interactions")
    assert rows == [("19.9000", "EUR")]
