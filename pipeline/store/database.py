"""The process's one DuckDB instance; each partition's file is attached to it under a name of its own.

An instance for each file would give each its own buffer pool, so that a worker's memory would grow with its
partitions, and starting one takes longer than a small commit.
"""

from __future__ import annotations

from functools import cache
from itertools import count
from pathlib import Path
from threading import Lock

import duckdb

from pipeline.errors import CallboardError
from pipeline.store.parquet import quoted
from pipeline.store.spill import spill_folder

#: What holds for the whole process; read when the first file is opened.
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    # One thread: the owner works partition by partition, and the second core is the broker's and the reader's.
    "threads": 1,
    "memory_limit": "64MB",
    # What is not checkpointed lies in memory, and so does one block of each of the hundred columns of a partition:
    # with DuckDB's 256 KB blocks 50 MB for a partition of ten rows.
    "checkpoint_threshold": "16MB",
    "default_block_size": "16384",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_numbers = count(1)
_making = Lock()


class StoreBusyError(CallboardError):
    """Another process owns the partition's file."""


@cache
def _instance() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={**CONFIG, "temp_directory": str(spill_folder())})


def connection() -> duckdb.DuckDBPyConnection:
    """A connection of its own to the process's instance, in UTC; the caller closes it."""
    with _making:
        con = _instance().cursor()
    con.execute("SET TimeZone = 'UTC'")
    return con


class AttachedFile:
    """A partition's file, opened read-write; the lock that DuckDB takes makes this process its only owner."""

    def __init__(self, file: Path) -> None:
        """Open the file, creating it if needed. Raises ``StoreBusyError`` if somebody has it open."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self._name = f"file_{next(_numbers)}"
        self._con = connection()
        try:
            self._con.execute(f"ATTACH {quoted(str(file))} AS {self._name}")
        except duckdb.Error as error:
            self._con.close()
            if "lock" in str(error) or "already attached" in str(error):
                owner = _owner(str(error))
                raise StoreBusyError(
                    f"{file.stem} is owned by another worker ({owner}); it can be opened when that one ends"
                ) from error
            if isinstance(error, duckdb.IOException):
                raise CallboardError(f"cannot open {file}: {error}") from error
            raise
        self._con.execute(f"USE {self._name}")

    @property
    def con(self) -> duckdb.DuckDBPyConnection:
        """The owner's connection."""
        return self._con

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A second connection to the same file, for reading in another thread."""
        con = connection()
        con.execute(f"USE {self._name}")
        return con

    def close(self) -> None:
        """Let the file go; what is not committed is lost, as it must be."""
        self._con.close()
        con = connection()
        con.execute(f"DETACH {self._name}")
        con.close()


def _owner(message: str) -> str:
    at = message.find("PID ")
    return "pid " + message[at + 4 :].split(")", maxsplit=1)[0] if at >= 0 else "this process"
