"""Loads the KPI catalogue: the one place where a number's formula, unit and source are written."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any, Literal

import msgspec
import yaml

from pipeline.domain.definitions import SERVICE_LEVEL_DEFINITIONS
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
    #: The definition of service level that the formula was taken from.
    definition: str = ""
    target: float | None = None

    def __post_init__(self) -> None:
        """Exactly one of formula and percentile is given."""
        if bool(self.formula) == (self.percentile is not None):
            raise ValueError(f"KPI {self.name}: give either a formula or a percentile")

    @property
    def inputs(self) -> list[str]:
        """The names that the formula uses."""
        return _names(self.formula)


class Reading(Kpi, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Read off at one moment, or said about the data itself; ``formula`` is for people."""

    formula: str
    target: float | None = None


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What definitions of service level count: queued segments for which ``where`` holds."""

    name: str
    where: str
    description: str
    #: The measure of a period that counts the same.
    measure: str = ""


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A worked example: so many ``contacts`` of each kind give ``numerator / denominator``."""

    of: str
    contacts: dict[str, int]
    numerator: int
    denominator: int
    #: Where it is not the quotient.
    service_level: float | None = None

    @property
    def expected(self) -> float | None:
        """The service level from 0 to 1, or ``None``."""
        return self.numerator / self.denominator if self.denominator else self.service_level

    @property
    def in_words(self) -> str:
        """One line for people."""
        contacts = ", ".join(f"{number} {kind.replace('_', ' ')}" for kind, number in self.contacts.items())
        level = "no number" if self.expected is None else f"{self.expected:.1%}"
        return f"{self.of}: {contacts or 'nothing'}; {self.numerator} / {self.denominator} = {level}"


class Definition(Kpi, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A definition of service level: ``numerator`` and ``denominator`` are sums and differences of terms."""

    variant: str
    numerator: str
    denominator: str
    example: Example
    period: Literal["window", "last_30_minutes"] = "window"
    empty_is_full: bool = False
    target: float | None = None

    @property
    def formula(self) -> str:
        """The quotient, in terms."""
        return _quotient(self.numerator, self.denominator)

    @property
    def inputs(self) -> list[str]:
        """The terms that the formula uses."""
        return _names(f"{self.numerator} {self.denominator}")

    def formula_over(self, counts: dict[str, str]) -> str:
        """The quotient with other names for its terms."""
        top, bottom = (_NAME.sub(lambda m: counts[m[0]], part) for part in (self.numerator, self.denominator))
        return _quotient(top, bottom)


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All KPIs."""

    measures: tuple[Measure, ...]
    ratios: tuple[Ratio, ...]
    agents: tuple[Ratio, ...]
    now: tuple[Reading, ...]
    terms: tuple[Term, ...]
    definitions: tuple[Definition, ...]
    contract: Reading
    data: tuple[Reading, ...]
    #: Beyond the queue: what the files of the areas define.
    areas: tuple[Reading, ...] = ()

    def __post_init__(self) -> None:
        """Names are unique and a formula uses measures, or terms, only."""
        names = [kpi.name for kpi in self.all()]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"defined twice in the KPI catalogue: {', '.join(sorted(twice))}")
        known = {measure.name for measure in self.measures}
        terms = {term.name for term in self.terms}
        uses = {ratio.name: set(ratio.inputs) - known for ratio in self.ratios}
        uses |= {definition.name: set(definition.inputs) - terms for definition in self.definitions}
        for name, unknown in uses.items():
            if unknown:
                raise ValueError(f"KPI {name} uses {', '.join(sorted(unknown))}, which the catalogue does not define")
        if tuple(definition.name for definition in self.definitions) != SERVICE_LEVEL_DEFINITIONS:
            raise ValueError("the definitions of service level are not those of pipeline.domain.definitions")

    def all(self) -> list[Measure | Ratio | Definition | Reading]:
        """Every KPI in the order of the file."""
        found: list[Measure | Ratio | Definition | Reading] = [*self.measures, *self.ratios, *self.agents, *self.now]
        return [*found, *self.definitions, self.contract, *self.data, *self.areas]

    def __getitem__(self, name: str) -> Measure | Ratio | Definition | Reading:
        """The KPI of that name; ``KeyError`` if there is none."""
        for kpi in self.all():
            if kpi.name == name:
                return kpi
        raise KeyError(name)


_NAME = re.compile(r"[a-z_][a-z0-9_]*")


def _names(formula: str) -> list[str]:
    return _NAME.findall(formula)


def _quotient(top: str, bottom: str) -> str:
    return " / ".join(f"({part})" if " " in part else part for part in (top, bottom))


@cache
def catalogue() -> Catalogue:
    """The catalogue that ships with callboard."""
    text = resources.files("pipeline.kpis").joinpath("catalogue.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    _take_formulas(document)
    document["areas"] = [entry for area in AREAS for entry in yaml.safe_load(area_text(area, "yaml"))]
    return msgspec.convert(document, Catalogue)


def _take_formulas(document: dict[str, Any]) -> None:
    """Give the ratios that name a definition its formula, over measures: a formula is written once."""
    measures = {term["name"]: term["measure"] for term in document["terms"] if "measure" in term}
    definitions = {d["name"]: msgspec.convert(d, Definition) for d in document["definitions"]}
    for ratio in document["ratios"]:
        if "definition" in ratio:
            ratio["formula"] = definitions[ratio["definition"]].formula_over(measures)
