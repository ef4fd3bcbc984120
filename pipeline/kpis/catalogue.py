"""Loads the KPI catalogue: the one place where a number's formula, unit and source are written."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Literal

import msgspec
import yaml

from pipeline.kpis.areas import AREAS, area_text

Unit = Literal["count", "seconds", "ratio", "money", "state"]
UpIs = Literal["good", "bad", "neutral"]


class Kpi(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What measures and ratios have in common."""

    name: str
    title: str
    unit: Unit
    up_is: UpIs
    description: str
    source: str


class Measure(Kpi, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A count or sum that adds up over minutes, queues and partitions."""

    of: str
    how: Literal["sum", "max", "money"]

    @property
    def formula(self) -> str:
        """For people: how the rows of a period are put together."""
        return f"{'max' if self.how == 'max' else 'sum'}({self.name})"

    target: float | None = None


class Ratio(Kpi, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Computed when read: a ``formula`` over measures, or a ``percentile`` of the ended waits."""

    formula: str = ""
    percentile: float | None = None
    target: float | None = None

    def __post_init__(self) -> None:
        """Exactly one of formula and percentile is given."""
        if bool(self.formula) == (self.percentile is not None):
            raise ValueError(f"KPI {self.name}: give either a formula or a percentile")

    @property
    def inputs(self) -> list[str]:
        """The names that the formula uses."""
        return re.findall(r"[a-z_][a-z0-9_]*", self.formula)


class Reading(Kpi, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Read off at one moment, or said about the data itself; ``formula`` is for people."""

    formula: str
    target: float | None = None


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All KPIs."""

    measures: tuple[Measure, ...]
    ratios: tuple[Ratio, ...]
    agents: tuple[Ratio, ...]
    now: tuple[Reading, ...]
    data: tuple[Reading, ...]
    #: Beyond the queue: what the files of the areas define.
    areas: tuple[Reading, ...] = ()

    def __post_init__(self) -> None:
        """Names are unique and a formula uses measures only."""
        names = [kpi.name for kpi in self.all()]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"defined twice in the KPI catalogue: {', '.join(sorted(twice))}")
        known = {measure.name for measure in self.measures}
        for ratio in self.ratios:
            unknown = [name for name in ratio.inputs if name not in known]
            if unknown:
                raise ValueError(f"KPI {ratio.name} uses {', '.join(unknown)}, which is no measure of the catalogue")

    def all(self) -> list[Measure | Ratio | Reading]:
        """Every KPI in the order of the file."""
        return [*self.measures, *self.ratios, *self.agents, *self.now, *self.data, *self.areas]

    def __getitem__(self, name: str) -> Measure | Ratio | Reading:
        """The KPI of that name; ``KeyError`` if there is none."""
        for kpi in self.all():
            if kpi.name == name:
                return kpi
        raise KeyError(name)


@cache
def catalogue() -> Catalogue:
    """The catalogue that ships with callboard."""
    text = resources.files("pipeline.kpis").joinpath("catalogue.yaml").read_text(encoding="utf-8")
    areas = [entry for area in AREAS for entry in yaml.safe_load(area_text(area, "yaml"))]
    return msgspec.convert({**yaml.safe_load(text), "areas": areas}, Catalogue)
