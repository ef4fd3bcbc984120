"""A mapping made ready for reading: templates parsed, references checked, every column it needs known.

What cannot work is found here, before the first row, and is named by its path in the mapping file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.producers.adapters.mapping import (
    EVENT_ORDER,
    CellTest,
    CsvMapping,
    DateFrom,
    EventName,
    Moment,
    RowRule,
    Value,
    When,
)
from pipeline.producers.adapters.template import ROW_DATE, Template, parse_template
from pipeline.producers.adapters.times import CellError, TimeStyle, parse_date, parse_number, time_of_day

NEEDS_AGENT: frozenset[EventName] = frozenset({"offered", "declined", "answered"})

Row = Mapping[str, str]


class MappingError(ValueError):
    """A member of the mapping is wrong: where, and what to write instead."""

    def __init__(self, path: str, what: str) -> None:
        """``path`` such as ``rows[1].events.answered``."""
        super().__init__(f"{path}: {what}" if path else what)


@dataclass(frozen=True, slots=True)
class PlannedValue:
    """A value of the mapping; ``label`` names its columns in reports."""

    template: Template
    translations: Mapping[str, str] | None
    otherwise: str | None

    def of(self, row: Row) -> str:
        """The text for a row, empty if it has none. Raises CellError for a word without translation."""
        text = self.template.fill(row)
        if self.translations is None:
            return text
        translated = self.translations.get(text, self.otherwise)
        if translated is None:
            raise CellError("the mapping's `values` has no word for this cell, and no `otherwise`", self.template.label)
        return translated


@dataclass(frozen=True, slots=True)
class PlannedMoment:
    """When one event happened; exactly one of ``at`` and ``after`` is set."""

    event: EventName
    at: Template | None
    after: EventName | None
    seconds: Template | None
    optional: bool


@dataclass(frozen=True, slots=True)
class PlannedRule:
    """A rule: its conditions and its events, each after those its time is counted from."""

    name: str
    conditions: tuple[tuple[str, Callable[[str], bool]], ...]
    moments: tuple[PlannedMoment, ...]

    def fits(self, row: Row) -> bool:
        """Whether every condition holds."""
        return all(holds(row[column]) for column, holds in self.conditions)


@dataclass(frozen=True, slots=True)
class PlannedDate:
    """Where the date comes from: columns of the row, or the file's name, or neither (--date)."""

    template: Template | None
    file_name: re.Pattern[str] | None
    format: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything the reader of rows needs. ``columns`` maps each needed column to the member that names it."""

    mapping: CsvMapping
    style: TimeStyle
    date: PlannedDate
    values: Mapping[str, PlannedValue]
    flags: tuple[tuple[str, PlannedRule], ...]
    rules: tuple[PlannedRule, ...]
    columns: Mapping[str, str]


def make_plan(mapping: CsvMapping) -> Plan:
    """Check a mapping and make it ready. Raises MappingError."""
    return _Planner(mapping).plan()


class _Planner:
    """Collects the columns while it walks through the mapping."""

    def __init__(self, mapping: CsvMapping) -> None:
        self._mapping = mapping
        self._columns: dict[str, str] = {}

    def plan(self) -> Plan:
        mapping = self._mapping
        style = self._style()
        when_dated = self._date(style)
        values = self._values()
        flags = tuple(
            (flag, PlannedRule(flag, self._conditions(when, f"details.flags.{flag}"), ()))
            for flag, when in mapping.details.flags.items()
        )
        if not mapping.rows:
            raise MappingError("rows", "give at least one rule")
        rules = tuple(self._rule(rule, f"rows[{number}]") for number, rule in enumerate(mapping.rows))
        return Plan(mapping, style, when_dated, values, flags, rules, self._columns)

    def _template(self, text: str, path: str) -> Template:
        try:
            template = parse_template(text)
        except ValueError as error:
            raise MappingError(path, str(error)) from None
        for name in template.names:
            if name == ROW_DATE and self._mapping.time.format != "time_of_day":
                raise MappingError(path, "{@date} goes with `time.format: time_of_day` only; name the column instead")
            if name != ROW_DATE:
                self._columns.setdefault(name, path)
        return template

    def _style(self) -> TimeStyle:
        time = self._mapping.time
        try:
            zone = ZoneInfo(time.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise MappingError("time.zone", f"no time zone {time.zone!r}; write one like Europe/Berlin") from None
        if time.format not in ("time_of_day", "iso", "epoch_seconds") and "%" not in time.format:
            raise MappingError(
                "time.format", "write time_of_day, iso, epoch_seconds or a strptime pattern such as '%d.%m.%Y %H:%M:%S'"
            )
        try:
            day_starts_at = time_of_day(time.day_starts_at)
        except CellError:
            raise MappingError("time.day_starts_at", "write a time of day such as 06:00") from None
        return TimeStyle(zone, time.format, day_starts_at, self._mapping.file.decimal_mark)

    def _date(self, style: TimeStyle) -> PlannedDate:
        spec = self._mapping.time.date
        if spec is None:
            return PlannedDate(None, None, DateFrom().format)
        if not style.needs_date:
            raise MappingError("time.date", "the times of this `time.format` have their own date; leave `date` out")
        if (spec.text is None) == (spec.file_name is None):
            raise MappingError("time.date", "give either `text` or `file_name`")
        _check_date_format(spec.format)
        if spec.text is not None:
            return PlannedDate(self._template(spec.text, "time.date.text"), None, spec.format)
        try:
            pattern = re.compile(spec.file_name or "")
        except re.error as error:
            raise MappingError("time.date.file_name", f"not a regular expression: {error}") from None
        if pattern.groups != 1:
            raise MappingError("time.date.file_name", "put exactly one group ( ) around the date")
        return PlannedDate(None, pattern, spec.format)

    def _values(self) -> dict[str, PlannedValue]:
        mapping, details = self._mapping, self._mapping.details
        given: dict[str, Value | None] = {
            name: getattr(mapping, name)
            for name in ("source", "client", "channel", "direction", "interaction", "segment", "queue", "agent")
        }
        given |= {f"details.{name}": getattr(details, name) for name in details.__struct_fields__ if name != "flags"}
        return {path: self._value(value, path) for path, value in given.items() if value is not None}

    def _value(self, value: Value, path: str) -> PlannedValue:
        if isinstance(value, str):
            return PlannedValue(self._template(value, path), None, None)
        return PlannedValue(self._template(value.text, f"{path}.text"), value.values, value.otherwise)

    def _conditions(self, when: When, path: str) -> tuple[tuple[str, Callable[[str], bool]], ...]:
        for column in when:
            self._columns.setdefault(column, f"{path}.{column}")
        mark = self._mapping.file.decimal_mark
        return tuple((column, _condition(wanted, mark)) for column, wanted in when.items())

    def _rule(self, rule: RowRule, path: str) -> PlannedRule:
        conditions = self._conditions(rule.when, f"{path}.when")
        if rule.events == "none":
            return PlannedRule(rule.name, conditions, ())
        moments: dict[EventName, PlannedMoment] = {}
        for event in EVENT_ORDER:
            when = getattr(rule.events, event)
            if when is not None:
                moments[event] = self._moment(event, when, f"{path}.events.{event}")
        if not moments:
            raise MappingError(f"{path}.events", "name at least one event, or write `none` to leave such rows out")
        self._check_needs(moments, path)
        return PlannedRule(rule.name, conditions, _in_order(moments, path))

    def _moment(self, event: EventName, when: str | Moment, path: str) -> PlannedMoment:
        moment = Moment(at=when) if isinstance(when, str) else when
        if (moment.at is None) == (moment.after is None):
            raise MappingError(path, "give either `at` (a time in the row) or `after` (another event)")
        if moment.seconds is not None and moment.after is None:
            raise MappingError(f"{path}.seconds", "goes with `after` only")
        at = None if moment.at is None else self._template(moment.at, path)
        if at is not None and not at.names:
            raise MappingError(path, 'name the column that has the time in braces, such as "{start}"')
        seconds = None if moment.seconds is None else self._template(moment.seconds, f"{path}.seconds")
        return PlannedMoment(event, at, moment.after, seconds, moment.optional)

    def _check_needs(self, moments: Mapping[EventName, PlannedMoment], path: str) -> None:
        mapping = self._mapping
        for event in moments:
            member = None
            if event == "queued" and mapping.queue is None:
                member = "queue"
            elif event in NEEDS_AGENT and mapping.agent is None:
                member = "agent"
            elif event == "left_queue" and mapping.details.left_reason is None:
                member = "details.left_reason"
            if member is not None:
                raise MappingError(f"{path}.events.{event}", f"needs the mapping's `{member}`, which is not given")


def _check_date_format(pattern: str) -> None:
    sample = date(2001, 12, 31)
    try:
        if parse_date(sample.strftime(pattern), pattern) == sample:
            return
    except CellError:
        pass
    raise MappingError("time.date.format", "write a strptime pattern of a whole date, such as '%d/%m/%Y'")


def _in_order(moments: Mapping[EventName, PlannedMoment], path: str) -> tuple[PlannedMoment, ...]:
    """Events with a time of their own first, then each after the one it is counted from."""
    ordered = [moment for moment in moments.values() if moment.after is None]
    waiting = [moment for moment in moments.values() if moment.after is not None]
    for moment in waiting:
        if moment.after not in moments:
            raise MappingError(f"{path}.events.{moment.event}.after", f"this rule has no event `{moment.after}`")
    while waiting:
        placed = {moment.event for moment in ordered}
        ready = [moment for moment in waiting if moment.after in placed]
        if not ready:
            names = ", ".join(moment.event for moment in waiting)
            raise MappingError(f"{path}.events", f"{names} wait for each other: give one of them a time in the row")
        ordered += ready
        waiting = [moment for moment in waiting if moment not in ready]
    return tuple(ordered)


def _condition(wanted: str | list[str] | CellTest, decimal_mark: str) -> Callable[[str], bool]:
    if isinstance(wanted, str):
        return lambda cell: cell == wanted
    if isinstance(wanted, list):
        return lambda cell: cell in wanted
    return lambda cell: _passes(wanted, cell, decimal_mark)


def _passes(test: CellTest, cell: str, decimal_mark: str) -> bool:
    unwanted = [test.is_not] if isinstance(test.is_not, str) else test.is_not or []
    if cell in unwanted or (test.empty is not None and test.empty != (not cell)):
        return False
    if test.over is None and test.under is None:
        return True
    try:
        number = parse_number(cell, decimal_mark)
    except CellError:
        return False
    return (test.over is None or number > test.over) and (test.under is None or number < test.under)
