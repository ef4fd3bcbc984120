"""What each number means: from the KPI catalogue in the store, so that the board says what the store computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dashboards.data.connection import Rows
from dashboards.data.shared import shared
from dashboards.look.words import say


@dataclass(frozen=True, slots=True)
class Definition:
    """One number. ``unit``: count, seconds, ratio, money or state."""

    name: str
    title: str
    unit: str
    formula: str
    description: str
    source: str
    higher_is_better: bool | None = None
    target: float | None = None

    @property
    def shown(self) -> str:
        """The title in the viewer's language."""
        return say(self.title)


def definitions(catalogue: Rows) -> Mapping[str, Definition]:
    """All definitions by name, of the rows of the store's ``kpi_catalogue``."""
    return shared(_definitions, (), catalogue)


def _definitions(catalogue: Rows) -> Mapping[str, Definition]:
    fields = ("name", "title", "unit", "formula", "description", "source", "higher_is_better", "target")
    stored = {row["name"]: Definition(**{field: row[field] for field in fields}) for row in catalogue}
    return MappingProxyType(stored)
