"""One open log file, plain or compressed by gzip, and how far it was read."""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import re
import zlib
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

#: So much of its beginning tells a file from others: several lines, each with a time.
HEAD_BYTES = 256
_MOST_LINES = 2_000


@dataclass(frozen=True, slots=True)
class Cut:
    """What a log is cut into: pieces that end with what ``end`` matches, and are of no more than ``most_bytes``."""

    end: re.Pattern[bytes]
    most_bytes: int
    #: Characters that are left out where they stand at the end of a piece.
    leaves_out: str


#: Most logs have a record on each line.
LINES = Cut(re.compile(rb"\n"), 1 << 18, "\r\n")


class LogFile:
    """Reads lines that are ended; ``offset`` is after the last of them, in bytes of the text."""

    def __init__(self, path: Path, offset: int = 0, cut: Cut = LINES) -> None:
        """Open it. Raises OSError. For another ``cut``, "line" below means a piece of that."""
        self._cut = cut
        self._is_plain = path.suffix != ".gz"
        self._stream = path.open("rb") if self._is_plain else cast(BinaryIO, gzip.open(path))
        self.inode = os.fstat(self._stream.fileno()).st_ino
        self.go_to(offset)

    def __enter__(self) -> Self:
        """The file itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close it."""
        self._stream.close()

    def go_to(self, offset: int) -> None:
        """Read on from there. What is before counts as read."""
        self.offset = offset
        #: The first bytes of what was read: as long as the file begins so, it is the same file.
        self.head = self._at(0, min(offset, HEAD_BYTES))

    def lines(self) -> list[str]:
        """The next lines, at most so many; none if no line was ended."""
        block = self._at(self.offset, self._cut.most_bytes)
        lines, end = [], 0
        for found in islice(self._cut.end.finditer(block), _MOST_LINES):
            lines.append(block[end : found.end()])
            end = found.end()
        if not lines and len(block) == self._cut.most_bytes:
            # Longer than any line may be: it is given in pieces, which nobody can read, and what follows is read.
            lines, end = [block], len(block)
        self._read(end, block)
        return [line.decode(errors="replace").rstrip(self._cut.leaves_out) for line in lines]

    def unfinished_line(self) -> list[str]:
        """What stands after the last line end, once nobody will end it; nothing if there is none."""
        block = self._at(self.offset, self._cut.most_bytes)
        self._read(len(block), block)
        return [block.decode(errors="replace")] if block else []

    def was_cut(self) -> bool:
        """Whether it is shorter than what was read of it, or begins otherwise now."""
        return self._is_plain and (self._size() < self.offset or self._at(0, len(self.head)) != self.head)

    def holds(self, known: int, digest: str, offset: int) -> bool:
        """Whether its first ``known`` bytes have the digest, and it is at least ``offset`` long."""
        return digest_of(self._at(0, known)) == digest and (not self._is_plain or self._size() >= offset)

    def first_bytes(self) -> bytes:
        """The beginning, read or not."""
        return self._at(0, HEAD_BYTES)

    def modified_ns(self) -> int:
        """When it was last written to."""
        return os.fstat(self._stream.fileno()).st_mtime_ns

    def _size(self) -> int:
        return os.fstat(self._stream.fileno()).st_size

    def _at(self, offset: int, length: int) -> bytes:
        try:
            self._stream.seek(offset)
            return self._stream.read(length)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise OSError(errno.EIO, "not a whole gzip file") from None

    def _read(self, length: int, block: bytes) -> None:
        if self.offset < HEAD_BYTES:
            self.head = (self.head + block[:length])[:HEAD_BYTES]
        self.offset += length


def digest_of(head: bytes) -> str:
    """What of a file's beginning is kept in a checkpoint: not the bytes themselves, which may be somebody's number."""
    return hashlib.blake2b(head, digest_size=16).hexdigest()
