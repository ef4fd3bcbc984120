"""The bytes of a file, of a file that was compressed when it was rotated, or of standard input."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from pipeline.errors import CallboardError
from pipeline.producers.eventfile import STANDARD_STREAM

_GZIP = b"\x1f\x8b"


def check_there(file: Path) -> None:
    """Raise CallboardError if there is no such file."""
    if str(file) != STANDARD_STREAM and not file.is_file():
        raise CallboardError(f"cannot read {file}: there is no such file")


@contextmanager
def opened(file: Path) -> Iterator[io.BufferedReader]:
    """Its bytes, uncompressed. Raises CallboardError when it cannot be read, also while it is read."""
    try:
        with sys.stdin.buffer if str(file) == STANDARD_STREAM else file.open("rb") as plain:
            is_packed = isinstance(plain, io.BufferedReader) and plain.peek(len(_GZIP))[: len(_GZIP)] == _GZIP
            with gzip.open(plain) if is_packed else plain as stream:
                yield cast(io.BufferedReader, stream)
    except (OSError, EOFError, zlib.error) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise CallboardError(f"cannot read {file}: {why or 'not a whole gzip file'}") from None
