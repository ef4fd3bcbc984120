"""The adapter ``schedule``: agents' planned activities from a CSV with one activity per row.

The same file under the same ``--date`` gives the same events, so it may be published again. A plan that changes is
published with a higher ``revision``, whole: of a schedule only the rows of its highest revision count.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import msgspec

from pipeline.contract.decode import decode
from pipeline.contract.events import Event
from pipeline.contract.rejects import Rejection
from pipeline.errors import CallboardError
from pipeline.producers.adapters.base import Adapter, AdapterRequest, Reading, RowProblem
from pipeline.producers.adapters.mapping import FileFormat
from pipeline.producers.adapters.table import TableRow, read_rows
from pipeline.producers.adapters.times import CellError, Start, TimeStyle

SOURCE = "callboard/schedule"
REQUIRED = ("client", "agent", "schedule", "activity", "starts_at", "ends_at")
OPTIONAL = ("revision", "paid", "planned_at")
_FORMAT = FileFormat()
_PAID: Mapping[str, bool] = {"": True, "true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_READ_AS = "planned activities"
_PROGRESS_EVERY_ROWS = 1000


def read_schedule(request: AdapterRequest) -> Reading:
    """Read a whole file into ``agent.scheduled`` events, in the order of (when the plan was made, row).

    Raises:
        CallboardError: no file, a wrong encoding, a column too few or unknown, an unknown zone, or nothing says when
            the plan was made.
    """
    if request.mapping is not None:
        raise CallboardError("leave --mapping out: the schedule adapter has columns of its own")
    events: list[Event] = []
    reading = Reading(events)
    try:
        with request.file.open(encoding=_FORMAT.encoding, newline="") as stream:
            _read_file(stream, request, reading, events)
    except OSError as error:
        raise CallboardError(f"cannot read {request.file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CallboardError(f"{request.file} is not text in UTF-8: save it as CSV in UTF-8") from None
    events.sort(key=lambda event: event.time)
    request.progress(reading.rows)
    return reading


def _read_file(stream: TextIO, request: AdapterRequest, reading: Reading, events: list[Event]) -> None:
    rows = read_rows(stream, request.file, _FORMAT)
    columns = _columns(rows, request)
    if request.date is None and "planned_at" not in columns:
        raise CallboardError(
            f"{request.file} does not say when the plan was made: give --date YYYY-MM-DD, or a column planned_at"
        )
    entries = _Entries(request)
    for row in rows:
        reading.rows += 1
        if reading.rows % _PROGRESS_EVERY_ROWS == 0:
            request.progress(reading.rows)
        try:
            if len(row.cells) != len(columns):
                raise CellError(f"{len(row.cells)} cells instead of {len(columns)}")
            events.append(entries.read({name: cell.strip() for name, cell in zip(columns, row.cells, strict=True)}))
            reading.read_as[_READ_AS] += 1
        except CellError as error:
            reading.problems.append(RowProblem(row.line, error.column, str(error)))


def _columns(rows: Iterator[TableRow], request: AdapterRequest) -> list[str]:
    """The header. A column that is not known is an error, for it may be an optional one with a typing mistake."""
    header = next(rows, None)
    names = [name.strip() for name in header.cells] if header else []
    for name in REQUIRED:
        if name not in names:
            raise CallboardError(f"{request.file} has no column {name}: a schedule has {', '.join(REQUIRED)}")
    for name in names:
        if name not in REQUIRED + OPTIONAL:
            near = difflib.get_close_matches(name, OPTIONAL, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it may have {', '.join(OPTIONAL)} besides; take it out"
            raise CallboardError(f"{request.file} has a column {name!r}, which a schedule does not have: {hint}")
        if names.count(name) > 1:
            raise CallboardError(f"{request.file} has two columns {name}: take one out")
    return names


class _Entries:
    """Reads the rows of one file, in order: it remembers the entries it has seen."""

    def __init__(self, request: AdapterRequest) -> None:
        self._now = request.now
        self._zone = _zone(request.zone)
        self._style = TimeStyle(self._zone or ZoneInfo("UTC"), "iso", timedelta(0))
        self._made_at = (
            None if request.date is None else datetime.combine(request.date, time(), self._zone or UTC).astimezone(UTC)
        )
        self._seen: dict[str, bytes] = {}

    def read(self, cells: Mapping[str, str]) -> Event:
        """The event of a row. Raises CellError when it cannot be read."""
        starts = self._moment(cells, "starts_at")
        ends = self._moment(cells, "ends_at", starts)
        if ends.moment <= starts.moment:
            raise CellError("not after starts_at", "ends_at")
        made_at = self._moment(cells, "planned_at").moment if cells.get("planned_at") else self._made_at
        if made_at is None:
            raise CellError("empty, and there is no --date", "planned_at")
        data: dict[str, Any] = {
            **{name: cells[name] for name in ("client", "agent", "schedule")},
            "revision": _revision(cells.get("revision", "")),
            "activity": "_".join(cells["activity"].lower().replace("-", " ").split()),
            "starts_at": starts.moment,
            "ends_at": ends.moment,
            "paid": _paid(cells.get("paid", "")),
        }
        return self._event(data, made_at)

    def _moment(self, cells: Mapping[str, str], column: str, start: Start | None = None) -> Start:
        try:
            read = self._style.moment(cells[column], None, start)
            if self._zone is None and datetime.fromisoformat(cells[column]).tzinfo is None:
                raise CellError("a local time: say in which zone with --zone, such as Europe/Berlin")
        except CellError as error:
            raise CellError(str(error), column) from None
        except OverflowError:
            raise CellError("a time that no calendar has", column) from None
        return read

    def _event(self, data: Mapping[str, Any], made_at: datetime) -> Event:
        key = [data[name] for name in ("client", "agent", "schedule", "revision", "activity", "starts_at")]
        identity = hashlib.blake2b(msgspec.json.encode(key), digest_size=16).hexdigest()
        document = msgspec.json.encode(
            {
                "specversion": "1.0",
                "id": identity,
                "source": SOURCE,
                "type": "agent.scheduled.v1",
                "time": made_at,
                "datacontenttype": "application/json",
                "data": data,
            }
        )
        if self._seen.setdefault(identity, document) != document:
            raise CellError("an earlier row plans the same activity from the same time, but otherwise", "starts_at")
        event = decode(document, self._now)
        if isinstance(event, Rejection):
            member = event.detail.rpartition("`$.data.")[2].rstrip("`")
            column = member if member in data else "planned_at" if "time" in event.detail else ""
            raise CellError(f"not valid: {event.detail}", column)
        return event


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return None if name is None else ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise CallboardError(f"no time zone is named {name!r}: give an IANA name such as Europe/Berlin") from None


def _revision(text: str) -> int:
    if text and not (text.isascii() and text.isdigit() and len(text) <= len("1000000000")):
        raise CellError("not a whole number from 0", "revision")
    return int(text or 0)


def _paid(text: str) -> bool:
    try:
        return _PAID[text.lower()]
    except KeyError:
        raise CellError("neither true nor false", "paid") from None


ADAPTER = Adapter(
    name="schedule",
    description="Agents' planned activities, one per row: " + ", ".join(REQUIRED) + ".",
    example="callboard publish schedule week.csv --zone Europe/Berlin --date 2026-11-01",
    read=read_schedule,
)
