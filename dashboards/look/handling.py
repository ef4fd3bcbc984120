"""The times of one contact in a queue, as columns that are the same in every table of contacts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboards.look import formats
from dashboards.look.cells import NONE
from dashboards.look.tables import Cell, Column
from dashboards.look.words import say

_TIMES = ("wait", "talk", "hold", "wrap")


def columns() -> tuple[Column, ...]:
    """Wait, talk, hold and wrap-up."""
    return Column(say("Wait")), Column(say("Talk")), Column(say("Hold")), Column(say("Wrap-up"))


def cells(row: Mapping[str, Any]) -> list[Cell]:
    """The cells of a row with ``wait_seconds``, ``talk_seconds``, ``hold_seconds`` and ``wrap_seconds``."""
    return [Cell(_lasted(row[f"{name}_seconds"])) for name in _TIMES]


def _lasted(seconds: formats.Number | None) -> str:
    return NONE if seconds is None else formats.duration(seconds)
