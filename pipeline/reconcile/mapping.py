"""The shape of a report's mapping, and the mapping made ready: which column says what, and how it is written.

``mappings/queue-day.yaml`` is a complete example with comments.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.centre.vocabulary import hint
from pipeline.errors import CallboardError
from pipeline.producers.adapters.mapping import FileFormat, Part, Translated, Value
from pipeline.producers.adapters.mapping_document import mapping_text, names_in, parse_mapping
from pipeline.producers.adapters.plan import MappingError, PlannedValue
from pipeline.producers.adapters.template import Template, parse_template
from pipeline.reconcile.measures import COUNTS, MEASURES, RATIOS
from pipeline.reconcile.numbers import Written

_DAY_MINUTES = 1440


class Period(Part, frozen=True, kw_only=True):
    """The time that a row is about, on the report's clocks (``zone``).

    ``starts``: its beginning, such as ``"{Date}"`` or ``"{Date} {Interval}"``, written as ``format`` (a strptime
    pattern) says. ``minutes``: its length; a whole day where it is left out, also one of 23 or 25 hours.
    """

    starts: str
    format: str = "%Y-%m-%d"
    minutes: int = _DAY_MINUTES


class Column(Part, frozen=True, kw_only=True):
    """A column with a measure.

    ``written``: ``number``, ``duration`` (a number of seconds or [H:]MM:SS) or ``percent`` (with or without a sign);
    left out, it follows from the measure. ``rounding``: how the report rounds to the digits it shows.
    """

    column: str
    written: Literal["number", "duration", "percent"] | None = None
    rounding: Literal["nearest", "down"] = "nearest"


class ReportMapping(Part, frozen=True, kw_only=True):
    """A whole mapping file. ``measures``: a KPI of the catalogue (or ``service_level``) to its column."""

    description: str
    client: Value
    queue: Value
    zone: str
    period: Period
    measures: dict[str, str | Column]
    file: FileFormat = FileFormat()
    #: Cells that say "no number"; an empty one always does.
    nothing: tuple[str, ...] = ("-", "n/a")


@dataclass(frozen=True, slots=True)
class ReportPlan:
    """The mapping checked and parsed. ``columns`` maps each needed column to the member that names it."""

    mapping: ReportMapping
    zone: ZoneInfo
    client: PlannedValue
    queue: PlannedValue
    starts: Template
    measures: dict[str, tuple[str, Written]]
    columns: dict[str, str]


def bundled_reports() -> list[str]:
    """The names of the report mappings that come with callboard."""
    return names_in(_bundle())


def load_report_mapping(name_or_file: str, client: str | None, zone: str | None) -> ReportPlan:
    """Load a mapping by name or path. ``client`` and ``zone`` outweigh what it says.

    Raises:
        CallboardError: there is no such mapping, or it is wrong; the message names the file and the member.
    """
    label, content = mapping_text(name_or_file, _bundle())
    try:
        return _plan(parse_mapping(content, ReportMapping, "description, client, queue"), client, zone)
    except MappingError as error:
        raise CallboardError(f"{label}: {error}") from None


def _bundle() -> Any:
    return files("pipeline.reconcile").joinpath("mappings")


def _plan(mapping: ReportMapping, client: str | None, zone: str | None) -> ReportPlan:
    columns: dict[str, str] = {}

    def template(text: str, path: str) -> Template:
        try:
            parsed = parse_template(text)
        except ValueError as error:
            raise MappingError(path, str(error)) from None
        for name in parsed.names:
            columns.setdefault(name, path)
        return parsed

    def value(given: Value, path: str) -> PlannedValue:
        if isinstance(given, Translated):
            return PlannedValue(template(given.text, f"{path}.text"), given.values, given.otherwise)
        return PlannedValue(template(given, path), None, None)

    if not 1 <= mapping.period.minutes <= _DAY_MINUTES or _DAY_MINUTES % mapping.period.minutes:
        raise MappingError("period.minutes", "write how many minutes a row is about; a day must be whole rows")
    if "%" not in mapping.period.format:
        raise MappingError("period.format", "write a strptime pattern such as '%d.%m.%Y %H:%M'")
    starts = template(mapping.period.starts, "period.starts")
    if not starts.names:
        raise MappingError("period.starts", 'name the column in braces, such as "{Date}"')
    if not mapping.measures:
        raise MappingError("measures", "name at least one, such as `offered: Calls`")
    measures = {}
    for name, given in mapping.measures.items():
        if name not in MEASURES:
            raise MappingError(f"measures.{name}", f"no such measure; {hint(name, MEASURES)}")
        column = Column(column=given) if isinstance(given, str) else given
        columns.setdefault(column.column, f"measures.{name}")
        written = column.written or ("number" if name in COUNTS else "percent" if name in RATIOS else "duration")
        measures[name] = (column.column, Written(written, mapping.file.decimal_mark, column.rounding))
    return ReportPlan(
        mapping,
        _zone(zone or mapping.zone),
        PlannedValue(parse_template(client), None, None) if client else value(mapping.client, "client"),
        value(mapping.queue, "queue"),
        starts,
        measures,
        columns,
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise MappingError("zone", f"no time zone {name!r}; write one like Europe/Berlin") from None
