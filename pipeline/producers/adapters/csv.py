"""The adapter ``csv``: any call-record CSV, by a mapping."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from datetime import date
from typing import TextIO

from pipeline.contract.events import Event
from pipeline.errors import CallboardError
from pipeline.producers.adapters.base import Adapter, AdapterRequest, Reading, RowProblem
from pipeline.producers.adapters.mapping_file import bundled_mappings, load_mapping
from pipeline.producers.adapters.plan import Plan
from pipeline.producers.adapters.rows import RowReader
from pipeline.producers.adapters.table import TableRow, read_rows
from pipeline.producers.adapters.times import CellError, parse_date

_PROGRESS_EVERY_ROWS = 1000


def read_csv(request: AdapterRequest) -> Reading:
    """Read a whole file into events, sorted by (time, row, life of a contact). The events are held in memory.

    A row that cannot be read is a problem in the result, with its line and column, and makes no event.

    Raises:
        CallboardError: no mapping, no file, a wrong encoding, a column that is not there, a date too few or too many.
    """
    if request.mapping is None:
        names = ", ".join(bundled_mappings())
        raise CallboardError(f"the csv adapter needs --mapping: the path of a YAML file, or one of {names}")
    if request.zone is not None:
        raise CallboardError("leave --zone out: the csv adapter takes the zone from the mapping (`time.zone`)")
    plan = load_mapping(request.mapping)
    reader = RowReader(plan, _file_date(plan, request), request.now)
    events: list[Event] = []
    reading = Reading(events)
    try:
        with request.file.open(encoding=plan.mapping.file.encoding, newline="") as stream:
            _read_rows(stream, request, plan, reader, reading, events)
    except OSError as error:
        raise CallboardError(f"cannot read {request.file}: {error.strerror}") from None
    except (UnicodeDecodeError, LookupError):
        encoding = plan.mapping.file.encoding
        raise CallboardError(f"{request.file} is not text in {encoding}: set `file.encoding` in the mapping") from None
    # The sort is stable: events of one moment stay in the order of the rows and of a contact's life.
    events.sort(key=lambda event: event.time)
    request.progress(reading.rows)
    return reading


def _read_rows(
    stream: TextIO, request: AdapterRequest, plan: Plan, reader: RowReader, reading: Reading, events: list[Event]
) -> None:
    rows = read_rows(stream, request.file, plan.mapping.file)
    columns = plan.mapping.file.columns or _header(rows, request)
    _check_columns(columns, plan, request)
    for row in rows:
        reading.rows += 1
        if reading.rows % _PROGRESS_EVERY_ROWS == 0:
            request.progress(reading.rows)
        if len(row.cells) != len(columns):
            what = f"{len(row.cells)} cells instead of {len(columns)}"
            reading.problems.append(RowProblem(row.line, "", what))
            continue
        try:
            read = reader.read({name: cell.strip() for name, cell in zip(columns, row.cells, strict=True)})
        except CellError as error:
            reading.problems.append(RowProblem(row.line, error.column, str(error)))
        else:
            reading.read_as[read.rule] += 1
            events.extend(read.events)


def _header(rows: Iterator[TableRow], request: AdapterRequest) -> list[str]:
    header = next(rows, None)
    if header is None:
        raise CallboardError(f"{request.file} has no header line: give `file.columns` in the mapping if that is right")
    return [name.strip() for name in header.cells]


def _check_columns(columns: list[str], plan: Plan, request: AdapterRequest) -> None:
    for name, path in plan.columns.items():
        if name not in columns:
            near = difflib.get_close_matches(name, columns, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(columns)}"
            raise CallboardError(
                f"{request.file} has no column {name!r}, which the mapping {request.mapping} names at `{path}`: {hint}"
            )
        if columns.count(name) > 1:
            raise CallboardError(f"{request.file} has two columns {name!r}: name them apart with `file.columns`")


def _file_date(plan: Plan, request: AdapterRequest) -> date | None:
    """The date of the file's times of day; None where every row has its own."""
    if not plan.style.needs_date or plan.date.template is not None:
        if request.date is not None:
            raise CallboardError(f"leave --date out: with the mapping {request.mapping} every row has its own date")
        return None
    if request.date is not None:
        return request.date
    if plan.date.file_name is None:
        raise CallboardError(f"{request.file} has times of day only: say of which day with --date YYYY-MM-DD")
    match = plan.date.file_name.search(request.file.name)
    try:
        if match is not None:
            return parse_date(match[1], plan.date.format)
    except CellError:
        pass
    if not request.file.exists():
        raise CallboardError(f"cannot read {request.file}: No such file or directory")
    raise CallboardError(f"the file name {request.file.name} has no date that fits the mapping: give --date YYYY-MM-DD")


ADAPTER = Adapter(
    name="csv",
    description="Any call-record CSV, one row per call or leg, by a YAML mapping.",
    example="callboard publish csv bank_1999-08-01.csv --mapping bank-day",
    read=read_csv,
)
