"""The file that keeps events until Kafka has them: what ``append`` returned for is there after any crash.

SQLite with a write-ahead log that is synced at every commit. One process at a time has the file; its lock ends with
the process, however that ends. Not safe over a fork: open it in the process that uses it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import CallboardError

_LAYOUT_VERSION = 1
_APPLICATION_ID = 0x63627370  # "cbsp"
_MANY_PAGES = 1000


class SpoolBusyError(CallboardError):
    """Another process has the spool."""


class SpoolFullError(CallboardError):
    """There is no room in the spool, or on its disk: the event was not taken."""


class Waiting(NamedTuple):
    """A record that Kafka does not have yet. Records go out in the order of ``seq``."""

    seq: int
    topic: str
    key: bytes
    value: bytes


class SpoolFile:
    """Records in the order in which they were appended. Calls must not overlap: the owner has a lock."""

    def __init__(self, path: Path) -> None:
        """Open or create the file.

        Raises:
            SpoolBusyError: another process has it.
            CallboardError: it is no spool, or cannot be opened.
        """
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # What waits here leads to people: nobody else may read it.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise CallboardError(f"the spool {path} cannot be opened: {error.strerror}") from None
        self._con = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)
        try:
            with self._said():
                self._take()
                self._prepare()
                count, size, last = self._con.execute(
                    "SELECT count(*), coalesce(sum(length(key) + length(value)), 0), coalesce(max(seq), 0) FROM waiting"
                ).fetchone()
        except BaseException:
            self._con.close()
            raise
        self.records: int = count
        self.size_bytes: int = size
        self.last_seq: int = last

    def append(self, records: Sequence[tuple[str, bytes, bytes]]) -> int:
        """Keep (topic, key, value) records, all or none; returns the seq of the last one.

        They are on disk when this returns. Raises SpoolFullError when the disk is full.
        """
        rows = [(self.last_seq + number, *record) for number, record in enumerate(records, start=1)]
        with self._said(), self._transaction():
            self._con.executemany("INSERT INTO waiting VALUES (?, ?, ?, ?)", rows)
        self.records += len(rows)
        self.size_bytes += sum(len(key) + len(value) for _, key, value in records)
        self.last_seq += len(rows)
        return self.last_seq

    def after(self, seq: int, most: int, most_bytes: int) -> list[Waiting]:
        """The next records behind ``seq``, so many at most; the last of them may pass ``most_bytes``."""
        found: list[Waiting] = []
        with self._said():
            rows = self._con.execute("SELECT * FROM waiting WHERE seq > ? ORDER BY seq LIMIT ?", [seq, most])
            while most_bytes > 0 and (row := rows.fetchone()):
                found.append(Waiting(*row))
                most_bytes -= len(found[-1].value)
            rows.close()
        return found

    def delete_to(self, seq: int) -> None:
        """Forget the records up to ``seq``: Kafka has them."""
        with self._said(), self._transaction():
            count, size = self._con.execute(
                "SELECT count(*), coalesce(sum(length(key) + length(value)), 0) FROM waiting WHERE seq <= ?", [seq]
            ).fetchone()
            self._con.execute("DELETE FROM waiting WHERE seq <= ?", [seq])
        self.records -= count
        self.size_bytes -= size

    def close(self) -> None:
        """Let the file go."""
        self._con.close()

    def _take(self) -> None:
        self._con.execute("PRAGMA locking_mode = EXCLUSIVE")
        # The first transaction takes the lock, and only the end of the connection gives it back.
        self._con.execute("BEGIN EXCLUSIVE")
        self._con.execute("COMMIT")

    def _prepare(self) -> None:
        (version,) = self._con.execute("PRAGMA user_version").fetchone()
        (application,) = self._con.execute("PRAGMA application_id").fetchone()
        (tables,) = self._con.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if tables and (application, version) != (_APPLICATION_ID, _LAYOUT_VERSION):
            raise CallboardError(f"{self.path} is no spool of this version of callboard: give another file")
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "fullfsync = 1", "secure_delete = 1"):
            self._con.execute(f"PRAGMA {pragma}")
        self._con.execute(f"PRAGMA wal_autocheckpoint = {_MANY_PAGES}")
        if not tables:
            with self._transaction():
                self._con.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                self._con.execute(f"PRAGMA user_version = {_LAYOUT_VERSION}")
                self._con.execute(
                    "CREATE TABLE waiting "
                    "(seq INTEGER PRIMARY KEY, topic TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL)"
                )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._con.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._con.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # an error may have ended the transaction already
                self._con.execute("ROLLBACK")
            raise

    @contextmanager
    def _said(self) -> Iterator[None]:
        """SQLite's errors as what a person can do about them."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", None)
            if code == sqlite3.SQLITE_BUSY:
                raise SpoolBusyError(
                    f"the spool {self.path} is in use by another process: give each process a spool of its own"
                ) from None
            if code == sqlite3.SQLITE_FULL:
                raise SpoolFullError(f"the disk of the spool {self.path} is full: make room, then send again") from None
            raise CallboardError(f"the spool {self.path} cannot be used: {error}") from None
