"""What viewers share is made once for the same answers, and anew for others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboards.data import shared as sharing
from dashboards.data.connection import Rows
from dashboards.data.shared import shared

_made: list[tuple[str, Rows]] = []


def _make(choice: str, rows: Rows) -> str:
    _made.append((choice, rows))
    return f"{choice} of {len(rows)}"


@pytest.fixture(autouse=True)
def _nothing_made() -> Iterator[None]:
    _made.clear()
    yield
    sharing.forget()


def test_the_same_answer_is_used_once_for_all() -> None:
    rows: Rows = ({"queue": "a"},)
    assert [shared(_make, ("x",), rows) for _ in range(3)] == ["x of 1"] * 3
    assert len(_made) == 1


def test_a_new_answer_is_read_although_it_is_equal() -> None:
    for _ in range(2):
        shared(_make, ("x",), tuple([{"queue": "a"}]))
    assert len(_made) == 2


def test_each_choice_has_its_own() -> None:
    rows: Rows = ()
    assert (shared(_make, ("x",), rows), shared(_make, ("y",), rows)) == ("x of 0", "y of 0")


def test_what_was_not_asked_for_lately_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "KEPT", 2)
    rows: Rows = ()
    for choice in ("a", "b", "a", "c", "a", "b"):
        shared(_make, (choice,), rows)
    assert [choice for choice, _ in _made] == ["a", "b", "c", "b"]
