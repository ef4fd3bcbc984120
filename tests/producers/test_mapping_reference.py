"""The page about mappings names every member there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.producers.adapters import mapping
from pipeline.producers.adapters.mapping import EVENT_ORDER

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "csv-mapping.md").read_text()
PARTS = [part for part in vars(mapping).values() if isinstance(part, type) and issubclass(part, mapping.Part)]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_member_is_on_the_page(part: type[mapping.Part]) -> None:
    missing = [name for name in part.__struct_fields__ if f"`{name}`" not in PAGE and f"{name}:" not in PAGE]
    assert not missing


def test_every_event_is_on_the_page() -> None:
    assert not [event for event in EVENT_ORDER if f"`{event}`" not in PAGE]
