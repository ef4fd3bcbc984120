"""A captured event stream of a FreeSWITCH as a file."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.contract.events import Event
from pipeline.errors import CallboardError
from pipeline.producers.adapters.base import AdapterRequest, Reading, RowProblem
from pipeline.producers.adapters.freeswitch.converter import FreeSwitchConverter
from pipeline.producers.adapters.freeswitch.names import Names
from pipeline.producers.adapters.freeswitch.records import Garbled
from pipeline.producers.adapters.freeswitch.wire import stream_records

_PROGRESS_EVERY_ROWS = 1000
_WHAT = {"json": "not JSON", "headers": "no event: it has no Event-Name", "cut": "cut off: no empty line follows it"}


def read_freeswitch(request: AdapterRequest) -> Reading:
    """The events of a captured stream, made while they are read.

    Raises:
        CallboardError: the file cannot be read.
    """
    reading = Reading()
    if not request.file.is_file():
        raise CallboardError(f"cannot read {request.file}: there is no such file")
    reading.events = _events(request, reading)
    return reading


def _events(request: AdapterRequest, reading: Reading) -> Iterator[Event]:
    converter = FreeSwitchConverter(Names(request.client), request.door, request.source, request.states)
    try:
        with request.file.open(encoding="utf-8", errors="replace") as stream:
            for line, record in stream_records(stream):
                reading.rows += 1
                if isinstance(record, Garbled):
                    reading.problems.append(RowProblem(line, "", _WHAT[record.what]))
                else:
                    reading.read_as[converter.read_as(record)] += 1
                yield from converter.convert(record)
                if reading.rows % _PROGRESS_EVERY_ROWS == 0:
                    request.progress(reading.rows)
        if not reading.rows and request.file.stat().st_size:
            reading.rows = 1
            reading.problems.append(RowProblem(1, "", "the file has no event of FreeSWITCH: capture it anew"))
    except OSError as error:
        raise CallboardError(f"cannot read {request.file}: {error.strerror}") from None
    request.progress(reading.rows)
