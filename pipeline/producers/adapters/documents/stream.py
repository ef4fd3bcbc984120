"""JSON documents one after another, however they were put together: lines, arrays, or end to end without a break."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

#: What may stand between two documents: white space, and what holds an array together.
_BETWEEN = re.compile(rb"[\s,\[\]\xef\xbb\xbf]*")
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)
_NEXT_LINE = re.compile(rb"\n(?=[{\[])")
_MOMENT = re.compile(rb'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d))"')


@dataclass(frozen=True, slots=True)
class Document:
    """One record. ``value`` is None where it could not be read; what it said is then nowhere."""

    value: dict[str, Any] | None
    #: The line on which it begins, from 1.
    line: int = 1
    #: A hash of its text, which tells it from others that cannot be read.
    mark: str = ""
    #: The first time of day that stands in it.
    moment: datetime | None = None


@dataclass(slots=True)
class Documents:
    """Takes documents out of bytes. ``at`` is the place after the last one, ``line`` the line there."""

    at: int = 0
    line: int = 1

    def take(self, data: bytes, last: bool) -> Iterator[Document]:
        """The documents from ``at`` on. Unless ``last``, one whose end is not in ``data`` is left for the next time.

        After one that cannot be read it goes on at the next line that begins a document, or behind its last brace.
        """
        finder = _Finder(data, last)
        while True:
            start = _after(_BETWEEN, data, self.at)
            found = None if start == len(data) else finder.one(start)
            self._move(data, start)
            if found is None:
                return
            value, end = found
            document = self._document(data[start:end], value)
            self._move(data, end)
            yield document

    def _document(self, text: bytes, value: dict[str, Any] | None) -> Document:
        if value is not None:
            return Document(value, self.line)
        return Document(None, self.line, hashlib.blake2b(text, digest_size=16).hexdigest(), first_moment(text))

    def _move(self, data: bytes, to: int) -> None:
        self.line += data.count(b"\n", self.at, to)
        self.at = to


def first_moment(text: bytes) -> datetime | None:
    """The first moment that stands in a JSON text as a string with a zone."""
    found = _MOMENT.search(text)
    try:
        return None if found is None else datetime.fromisoformat(found[1].decode())
    except ValueError:
        return None


@dataclass(slots=True)
class _Finder:
    """Finds where documents end. What it learns of a line it remembers: a file may be a single one of many millions."""

    data: bytes
    last: bool
    #: Up to here the lines are known to be more, or less, than one document each.
    _no_line_until: int = 0
    #: The next line that begins a document, as last looked for, and from where.
    _limit: int = -1

    def one(self, start: int) -> tuple[dict[str, Any] | None, int] | None:
        """The document at ``start`` and its end; None: its end has not come yet."""
        return self._line(start) or self._braces(start)

    def _line(self, start: int) -> tuple[dict[str, Any], int] | None:
        if start < self._no_line_until:
            return None
        line_end = self.data.find(b"\n", start)
        if line_end < 0 and not self.last:
            return None
        stop = line_end if line_end >= 0 else len(self.data)
        line = self.data[start:stop].rstrip(b" \t\r,")
        value = _decoded(line)
        if value is None:
            self._no_line_until = stop
            return None
        return value, start + len(line)

    def _braces(self, start: int) -> tuple[dict[str, Any] | None, int] | None:
        if self._limit <= start:
            following = _NEXT_LINE.search(self.data, start)
            self._limit = following.start() if following else len(self.data)
        end = _closing(self.data, start, self._limit)
        if end is not None:
            return _decoded(self.data[start:end]), end
        if self._limit < len(self.data) or self.last:
            return None, self._limit
        return None


def _closing(data: bytes, start: int, limit: int) -> int | None:
    """The place behind the brace that closes the one at ``start``."""
    if data[start : start + 1] != b"{":
        return None
    depth = 0
    for token in _TOKENS.finditer(data, start, limit):
        if token[0] in {b"{", b"["}:
            depth += 1
        elif token[0] in {b"}", b"]"}:
            depth -= 1
            if depth == 0:
                return token.end()
    return None


def _decoded(text: bytes) -> dict[str, Any] | None:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _after(pattern: re.Pattern[bytes], data: bytes, at: int) -> int:
    found = pattern.match(data, at)
    return found.end() if found else at
