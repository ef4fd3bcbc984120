"""Reads a source's own report: a CSV file with one row per queue and day, or per queue and interval."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pipeline.errors import CallboardError
from pipeline.producers.adapters.table import TableRow, read_rows
from pipeline.producers.adapters.times import CellError, Start, TimeStyle
from pipeline.reconcile.mapping import ReportPlan
from pipeline.reconcile.measures import COUNTS
from pipeline.reconcile.numbers import Reported

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """From ``start`` until before ``stop``, on wall clocks (``start``, ``stop`` naive) and in UTC on the report's."""

    start: datetime
    stop: datetime
    start_at: datetime
    stop_at: datetime

    def on(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The same wall clock in another zone, in UTC."""
        return self.start.replace(tzinfo=zone).astimezone(UTC), self.stop.replace(tzinfo=zone).astimezone(UTC)

    @property
    def text(self) -> str:
        """For people: a day, or a day and its interval."""
        if self.stop - self.start == _DAY and not (self.start.hour or self.start.minute):
            return f"{self.start:%Y-%m-%d}"
        return f"{self.start:%Y-%m-%d %H:%M}-{self.stop:%H:%M}"


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A row of the report. A measure without a number in its cell is not in ``numbers``."""

    line: int
    client: str
    queue: str
    window: Window
    numbers: dict[str, Reported]


@dataclass(slots=True)
class Report:
    """All rows, and the zone of their clocks."""

    file: Path
    zone: ZoneInfo
    rows: list[ReportRow] = field(default_factory=list)


def read_report(file: Path, plan: ReportPlan) -> Report:
    """Read the whole report.

    Raises:
        CallboardError: no such file, a column that is not there, a cell that cannot be read (its line and column are
            named), two rows about the same.
    """
    report = Report(file, plan.zone)
    layout = plan.mapping.file
    try:
        with file.open(encoding=layout.encoding, newline="") as stream:
            rows = read_rows(stream, file, layout)
            columns = layout.columns or _header(rows, file)
            _check_columns(columns, plan, file)
            report.rows.extend(_rows(rows, columns, plan, file))
    except OSError as error:
        raise CallboardError(f"cannot read {file}: {error.strerror}") from None
    except (UnicodeDecodeError, LookupError):
        raise CallboardError(f"{file} is not text in {layout.encoding}: set `file.encoding` in the mapping") from None
    if not report.rows:
        raise CallboardError(f"{file} has no rows")
    return report


def _rows(rows: Iterator[TableRow], columns: list[str], plan: ReportPlan, file: Path) -> Iterator[ReportRow]:
    seen: dict[tuple[str, str, datetime], int] = {}
    before: dict[tuple[str, str], Start] = {}
    for row in rows:
        where = f"{file}, line {row.line}"
        if len(row.cells) != len(columns):
            raise CallboardError(f"{where}: {len(row.cells)} cells instead of {len(columns)}")
        cells = {name: cell.strip() for name, cell in zip(columns, row.cells, strict=True)}
        try:
            place = plan.client.of(cells), plan.queue.of(cells)
            if not all(place):
                raise CellError("no client or no queue", plan.queue.template.label)
            start = _start(plan, cells, before.get(place))
        except CellError as error:
            named = f", column {error.column}" if error.column else ""
            raise CallboardError(f"{where}{named}: {error}") from None
        before[place] = start
        first = seen.setdefault((*place, start.moment), row.line)
        if first != row.line:
            raise CallboardError(f"{where}: a second row about the same queue and time as line {first}")
        yield ReportRow(row.line, *place, _window(plan, start), _numbers(plan, cells, where))


def _start(plan: ReportPlan, cells: dict[str, str], before: Start | None) -> Start:
    period = plan.mapping.period
    style = TimeStyle(plan.zone, period.format, timedelta(0))
    try:
        return style.moment(plan.starts.fill(cells), None, before)
    except CellError as error:
        raise CellError(str(error), plan.starts.label) from None


def _window(plan: ReportPlan, start: Start) -> Window:
    length = timedelta(minutes=plan.mapping.period.minutes)
    stop = start.local + length
    if length == _DAY:
        return Window(start.local, stop, start.moment, stop.replace(tzinfo=plan.zone).astimezone(UTC))
    return Window(start.local, stop, start.moment, start.moment + length)


def _numbers(plan: ReportPlan, cells: dict[str, str], where: str) -> dict[str, Reported]:
    numbers = {}
    for measure, (column, written) in plan.measures.items():
        text = cells[column]
        if not text or text in plan.mapping.nothing:
            continue
        try:
            numbers[measure] = written.read(text, measure in COUNTS)
        except CellError as error:
            raise CallboardError(
                f"{where}, column {column}: {error}; the mapping's `measures.{measure}` says how it is written"
            ) from None
    return numbers


def _header(rows: Iterator[TableRow], file: Path) -> list[str]:
    header = next(rows, None)
    if header is None:
        raise CallboardError(f"{file} has no header line: give `file.columns` in the mapping if that is right")
    return [name.strip() for name in header.cells]


def _check_columns(columns: list[str], plan: ReportPlan, file: Path) -> None:
    for name, path in plan.columns.items():
        if name not in columns:
            near = difflib.get_close_matches(name, columns, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(columns)}"
            raise CallboardError(f"{file} has no column {name!r}, which the mapping names at `{path}`: {hint}")
        if columns.count(name) > 1:
            raise CallboardError(f"{file} has two columns {name!r}: name them apart with `file.columns`")
