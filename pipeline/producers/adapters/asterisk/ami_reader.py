"""The manager interface: a running Asterisk, and a captured stream of one as a file, also while it grows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.contract.events import Event
from pipeline.producers.adapters.asterisk.ami import AmiConverter
from pipeline.producers.adapters.asterisk.ami_capture import PROBLEMS, AmiCapture
from pipeline.producers.adapters.asterisk.ami_client import AmiReader
from pipeline.producers.adapters.asterisk.ami_parts import WITH_A_TIME, pieces
from pipeline.producers.adapters.asterisk.opened import check_there, opened
from pipeline.producers.adapters.base import AdapterRequest, Live, LiveRequest, Reading, RowProblem
from pipeline.producers.growing_file import GrowingFile


def read_ami(request: AdapterRequest) -> Reading:
    """Read a captured stream whole. The events are made while they are read from the answer.

    Raises:
        CallboardError: no file, or nothing says whose contacts these are.
    """
    capture = AmiCapture(request.source, request.client, request.centre, request.door)
    reading = Reading()
    check_there(request.file)
    reading.events = _events(request, capture, reading)
    return reading


def follow_ami(request: LiveRequest) -> Live:
    """Connect to a running Asterisk, or follow a captured stream that grows.

    Raises:
        CallboardError: it cannot be had, or nothing says whose calls it has.
    """
    if "://" in request.target:
        converter = AmiConverter(request.source, request.client, request.centre, request.door)
        return Live(AmiReader(request), converter)
    capture = AmiCapture(request.source, request.client, request.centre, request.door)
    return Live(GrowingFile(Path(request.target), request.position, WITH_A_TIME), capture)


def _events(request: AdapterRequest, capture: AmiCapture, reading: Reading) -> Iterator[Event]:
    line = 1
    with opened(request.file) as stream:
        for piece in pieces(stream):
            yield from capture.convert(piece)
            reading.read_as += capture.read_as
            reading.problems += [RowProblem(line + place, "", PROBLEMS[name]) for place, name in capture.problems]
            reading.rows += capture.read_as.total() + len(capture.problems)
            line += piece.count("\n")
            request.progress(reading.rows)
