"""A file that grows, line by line, over its rotation and over restarts.

A log is rotated by renaming it and beginning a new one, or by copying it and cutting it to nothing. Whichever it is,
the old file is read to its end before the new one, and a last line that is not yet ended waits for its end. A place is
known by the file's inode and by its first bytes, for inodes are used again and names move on.
"""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pipeline.errors import CallboardError
from pipeline.producers.log_file import LINES, Cut, LogFile, digest_of

_LOOK_AGAIN_SECONDS = 0.05
_PACKED = ".gz"
#: How logrotate and others name what they put aside: a number or a date after the name, compressed by gzip perhaps.
_PUT_ASIDE = re.compile(r"([._-]\d[\d._-]*|\.old)(\.gz)?")


@dataclass(frozen=True, slots=True)
class Gap:
    """Stands between two lines: what was written between them cannot be had any more."""

    name: str


class _Position(msgspec.Struct, frozen=True):
    """After the last line given: which file, how far, and the digest of its first ``known`` bytes."""

    inode: int
    offset: int
    known: int
    digest: str


class GrowingFile:
    """Gives the lines of a file as they come, as text without line ends, and ``Gap`` where lines are missing.

    Its older parts are looked for beside it, under its name and an ending (``queue_log.1``, ``queue_log-20261101.gz``).
    """

    def __init__(self, file: Path, position: bytes | None, cut: Cut = LINES) -> None:
        """Open it at the position of an earlier run, or at its beginning. ``cut`` says what a line is.

        Raises:
            CallboardError: it cannot be read, or is not there and never was.
        """
        self._path = file
        self._cut = cut
        self._gaps: list[str | Gap] = []
        self._log: LogFile | None = None
        try:
            if position is not None:
                self._resume(msgspec.json.decode(position, type=_Position))
            elif file.exists():
                self._log = self._open(file)
            else:
                raise CallboardError(f"there is no {file} to follow")
        except OSError as error:
            raise CallboardError(f"cannot read {file}: {error.strerror}") from None

    def poll(self, timeout_seconds: float) -> list[str | Gap]:
        """The next lines; none if no line was ended within the time. Raises CallboardError when it cannot be read."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            try:
                found = self._next()
            except OSError as error:
                raise CallboardError(f"cannot read {self._path}: {error.strerror}") from None
            if found or time.monotonic() >= deadline:
                return found
            time.sleep(_LOOK_AGAIN_SECONDS)

    def position(self) -> bytes:
        """The place after the last line given."""
        log = self._log
        if log is None:
            return msgspec.json.encode(_Position(0, 0, 0, digest_of(b"")))
        return msgspec.json.encode(_Position(log.inode, log.offset, len(log.head), digest_of(log.head)))

    def close(self) -> None:
        """Let the file go."""
        if self._log is not None:
            self._log.close()
            self._log = None

    def _open(self, path: Path, offset: int = 0) -> LogFile:
        return LogFile(path, offset, self._cut)

    def _next(self) -> list[str | Gap]:
        gaps, self._gaps = self._gaps, []
        if gaps:
            return gaps
        if self._log is None:
            # Between the two steps of a rotation there is no file.
            if self._path.exists():
                self._log = self._open(self._path)
            return []
        if self._log.was_cut():
            self._after_the_cut(self._log)
            return []
        return [*self._log.lines()] or self._turn_over(self._log)

    def _turn_over(self, log: LogFile) -> list[str | Gap]:
        """Go on with the next file when nothing more can come of this one: somebody writes to a newer one."""
        following = self._following(log)
        if following is None:
            return []
        # What was written between the last look at this file and the first at the newer one is read first.
        last_words: list[str | Gap] = [*log.lines()]
        if not last_words:
            last_words = [*log.unfinished_line()]
            log.close()
            self._log = self._open(following)
        return last_words

    def _following(self, log: LogFile) -> Path | None:
        """The file that was begun after this one was put aside, if there is something in it."""
        try:
            now = self._path.stat()
        except FileNotFoundError:
            return None
        if now.st_ino == log.inode:
            return None
        put_aside_at = log.modified_ns()
        for path in self._put_aside():
            found = path.stat()
            if found.st_mtime_ns > put_aside_at and found.st_ino != log.inode and not self._is_a_copy(path, log):
                return path
        return self._path if now.st_size > 0 else None

    def _is_a_copy(self, path: Path, log: LogFile) -> bool:
        """Whether somebody copied the file just read, or the one in use, under a name that a rotation gives."""
        if log.head and _begins_with(path, len(log.head), digest_of(log.head)):
            return True
        with LogFile(self._path) as current:
            head = current.first_bytes()
        return bool(head) and _begins_with(path, len(head), digest_of(head))

    def _after_the_cut(self, log: LogFile) -> None:
        """The file was copied and cut to nothing: go on in the copy, which has what was not read yet."""
        copy = self._find(len(log.head), digest_of(log.head), log.offset) if log.head else None
        log.close()
        if copy is None:
            self._log = self._open(self._path)
            if log.offset:
                self._gaps.append(Gap("file_cut"))
        else:
            self._log = self._open(copy, log.offset)

    def _resume(self, place: _Position) -> None:
        if self._path.exists():
            log = self._open(self._path)
            # By its beginning, also after a move to another disk; of nothing read, there is the inode alone.
            may_be = place.known > 0 or place.inode in {log.inode, 0}
            if may_be and log.holds(place.known, place.digest, place.offset):
                log.go_to(place.offset)
                self._log = log
                return
            log.close()
        older = self._find(place.known, place.digest, place.offset, None if place.known else place.inode)
        if older is not None:
            self._log = self._open(older, place.offset)
            return
        self._gaps.append(Gap("file_gone"))
        if self._path.exists():
            self._log = self._open(self._path)

    def _find(self, known: int, digest: str, offset: int, inode: int | None = None) -> Path | None:
        """The file put aside that begins with these bytes and is that long; of nothing known, the one of that inode."""
        for path in reversed(self._put_aside()):
            if inode is None or path.stat().st_ino == inode:
                with LogFile(path) as log:
                    if log.holds(known, digest, offset):
                        return path
        return None

    def _put_aside(self) -> list[Path]:
        """The older parts, by the time of their last line; of one that is just being compressed, what it is made of."""
        name = self._path.name
        there = {
            each.name: each
            for each in os.scandir(self._path.parent)
            if each.name.startswith(name) and _PUT_ASIDE.fullmatch(each.name, len(name)) and each.is_file()
        }
        found = [
            (each.stat().st_mtime_ns, each.path)
            for each in there.values()
            if not (each.name.endswith(_PACKED) and each.name.removesuffix(_PACKED) in there)
        ]
        return [Path(path) for _, path in sorted(found)]


def _begins_with(path: Path, length: int, digest: str) -> bool:
    with LogFile(path) as log:
        return log.holds(length, digest, 0)
