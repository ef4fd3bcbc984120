"""A read-only, locked-down DuckDB connection to a published store.

Measured with DuckDB 1.5.5: with ``enable_external_access`` off, ATTACH and the views over ``read_parquet`` work for
what ``allowed_paths`` and ``allowed_directories`` name, and everything else is refused: other files, the partitions'
own files, extensions, and settings (``lock_configuration``). The folders of Parquet files could still be written by a
COPY, so only the fixed queries of ``dashboards.queries`` may ever run here, never SQL from outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from dashboards.queries.scoped import parameters_of
from pipeline.store.layout import READ_FOLDERS

Rows = tuple[Mapping[str, Any], ...]
_MEMORY_LIMIT = "1GB"


class StoreConnection:
    """Follows ``live.duckdb`` through its swaps. For one thread at a time."""

    def __init__(self, folder: Path) -> None:
        """``folder`` is absolute; nothing is opened yet."""
        self.live = folder / "live.duckdb"
        # Also under its real name: the store's files may name their folder either way.
        self._folders = sorted({str(folder), str(folder.resolve())})
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._attached: tuple[int, int] | None = None

    def exists(self) -> bool:
        """Whether a store was published."""
        return self.live.is_file()

    def follow(self) -> bool:
        """Attach the file that is current now; true if it is another than before.

        Raises:
            OSError: there is no file.
            duckdb.Error: it cannot be opened.
        """
        # Looked at before it is opened: a swap in between is seen the next time, never missed.
        status = self.live.stat()
        version = (status.st_ino, status.st_mtime_ns)
        if self._connection is not None and version == self._attached:
            return False
        con = self._connection or self._open()
        if self._attached is not None:
            # Not ATTACH OR REPLACE: that goes on serving the file that was replaced.
            con.execute("USE memory")
            con.execute("DETACH live")
            self._attached = None
        con.execute(f"ATTACH {_quoted(str(self.live))} AS live (READ_ONLY)")
        con.execute("USE live")
        self._attached = version
        return True

    def rows(self, sql: str, parameters: Mapping[str, Any]) -> Rows:
        """Run one of the fixed queries with those of the values that it names; TIMESTAMPTZ comes back aware, in UTC.

        Raises:
            OSError: the store was let go, or never opened: ``follow`` first.
            duckdb.Error: the query or the store's files are wrong.
        """
        if self._connection is None:
            # An error like any other of a store that cannot be read, so that no viewer sees more of it than of those.
            raise ConnectionError("the store is closed")
        named = parameters_of(sql)
        values = {name: list(v) if isinstance(v, tuple) else v for name, v in parameters.items() if name in named}
        result = self._connection.execute(sql, values or None)
        names = [column[0] for column in result.description or ()]
        return tuple(dict(zip(names, row, strict=True)) for row in result.fetchall())

    def interrupt(self) -> None:
        """Stop what runs, from another thread."""
        if self._connection is not None:
            self._connection.interrupt()

    def close(self) -> None:
        """Let the store go; ``follow`` opens it again."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._attached = None

    def _open(self) -> duckdb.DuckDBPyConnection:
        con = duckdb.connect(
            ":memory:",
            config={
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                # Each publication brings new files: what was read of the old ones stayed in memory, some 10 MB a minute
                # up to the limit, and looking it up made the queries slower.
                "enable_external_file_cache": False,
                "memory_limit": _MEMORY_LIMIT,
                "threads": 2,
            },
        )
        files = [f"{folder}/live.duckdb{suffix}" for folder in self._folders for suffix in ("", ".wal")]
        directories = [f"{folder}/{name}" for folder in self._folders for name in READ_FOLDERS]
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"SET allowed_paths = [{', '.join(map(_quoted, files))}]")
        con.execute(f"SET allowed_directories = [{', '.join(map(_quoted, directories))}]")
        con.execute("SET enable_external_access = false")
        con.execute("SET lock_configuration = true")
        self._connection = con
        return con


def _quoted(text: str) -> str:
    """An SQL string literal, for the store's own paths: ATTACH and SET take no parameter."""
    return "'" + text.replace("'", "''") + "'"
