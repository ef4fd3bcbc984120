"""VICIDIAL: outbound dials, inbound calls and agents, from exports of its log tables."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from zoneinfo import ZoneInfo

from pipeline.contract.events import Event
from pipeline.errors import CallboardError
from pipeline.producers.adapters.base import Adapter, AdapterRequest, Reading, RowProblem
from pipeline.producers.adapters.vicidial.clients import Clients
from pipeline.producers.adapters.vicidial.converter import VicidialConverter
from pipeline.producers.adapters.vicidial.tables import BrokenRow, rows_of

_PROGRESS_EVERY_ROWS = 1000


def read_vicidial(request: AdapterRequest) -> Reading:
    """The events of an export, sorted by time; they are held in memory.

    Raises:
        CallboardError: there is nothing to read, a file is not what its name says, or nobody says whose calls they are.
    """
    reading = Reading()
    # Sorted over all tables: who reads them as they come would see a day of agents before the first call.
    reading.events = sorted(_events(request, reading), key=attrgetter("time"))
    request.progress(reading.rows)
    return reading


def _events(request: AdapterRequest, reading: Reading) -> Iterator[Event]:
    clients = Clients(request.centre, request.client)
    converter = VicidialConverter(clients, request.centre, _zone(request.zone), request.door, request.source)
    for record in rows_of(request.file):
        reading.rows += 1
        if isinstance(record, BrokenRow):
            reading.problems.append(RowProblem(record.line, "", f"{record.table}: {record.what}"))
            yield from converter.broken(record)
            continue
        events, problem = converter.read(record)
        if problem is None:
            reading.read_as[record.table] += 1
        else:
            reading.problems.append(RowProblem(record.line, problem.column, f"{record.table}: {problem}"))
        yield from events
        if reading.rows % _PROGRESS_EVERY_ROWS == 0:
            request.progress(reading.rows)


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return None if name is None else ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise CallboardError(f"no time zone is named {name!r}: give an IANA name such as Europe/Berlin") from None


ADAPTERS = [
    Adapter(
        name="vicidial",
        description="VICIDIAL's log tables (outbound, inbound, agents): an export, or a folder of them.",
        example="callboard publish vicidial exports/ --client acme",
        read=read_vicidial,
        reads_folder=True,
    )
]
