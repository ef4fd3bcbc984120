"""Events appended to a file as they come: what a live source writes to with ``--to``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from pipeline.contract.events import Event, encode
from pipeline.errors import CallboardError
from pipeline.producers.eventfile import STANDARD_STREAM

_NEWLINE = b"\n"
_BLOCK_BYTES = 1 << 16


class FileSink:
    """Appends JSON lines to a file, or writes them to standard output for ``-``.

    A file may be appended to by one run after another. A run that was killed may have left half a line, which is cut
    off first: its event was not remembered as written, so it comes again.
    """

    def __init__(self, target: str) -> None:
        """Open it. Raises CallboardError when it cannot be written."""
        self._target = target
        self._stream: BinaryIO = sys.stdout.buffer if target == STANDARD_STREAM else _opened(Path(target))

    def __enter__(self) -> Self:
        """The sink itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file; what was not flushed may be lost, and comes again."""
        if self._target != STANDARD_STREAM:
            self._stream.close()

    def publish(self, event: Event) -> None:
        """Write an event."""
        try:
            self._stream.write(encode(event) + _NEWLINE)
        except OSError as error:
            raise self._failed(error) from None

    def flush(self) -> None:
        """Everything written is in the file, also after a power cut."""
        try:
            self._stream.flush()
            if self._target != STANDARD_STREAM and Path(self._target).is_file():
                os.fsync(self._stream.fileno())
        except OSError as error:
            raise self._failed(error) from None

    def _failed(self, error: OSError) -> CallboardError:
        if isinstance(error, BrokenPipeError):
            return CallboardError("the reader of standard output left")
        return CallboardError(f"cannot write {self._target}: {error.strerror}")


def _opened(file: Path) -> BinaryIO:
    try:
        if file.is_file():
            _cut_half_a_line(file)
        return file.open("ab")
    except OSError as error:
        raise CallboardError(f"cannot write {file}: {error.strerror}") from None


def _cut_half_a_line(file: Path) -> None:
    with file.open("r+b") as stream:
        end = stream.seek(0, os.SEEK_END)
        whole = end
        while whole:
            start = max(0, whole - _BLOCK_BYTES)
            stream.seek(start)
            newline = stream.read(whole - start).rfind(_NEWLINE)
            if newline >= 0:
                whole = start + newline + 1
                break
            whole = start
        if whole < end:
            stream.truncate(whole)
