"""Looks for canaries in everything a store, a log or a page can be read as."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from pipeline.store.reader import open_live


def found_in_text(where: str, text: str, needles: Iterable[str]) -> list[str]:
    """Which needles stand in a text, each with where."""
    return [f"{needle!r} in {where}" for needle in needles if needle in text]


def found_in_files(folder: Path, needles: Iterable[str]) -> list[str]:
    """In the bytes of every file under a folder, those of compressed ones and of JSON's escapes undone too."""
    needles = list(needles)
    found = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = file.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        for encoding in ("utf-8", "utf-16-le"):
            found += found_in_text(str(file), content.decode(encoding, errors="replace"), needles)
    return found


def found_in_tables(store: Path, needles: Iterable[str], but: frozenset[str] = frozenset()) -> tuple[list[str], int]:
    """In every row of every table and Parquet file of a store; ``but``: columns as table.column. Also how many cells.

    DuckDB and Parquet compress and cut texts up, so their bytes alone prove nothing.
    """
    needles = list(needles)
    found, cells = [], 0
    for where, text in _cells(store, but):
        cells += 1
        found += found_in_text(where, text, needles)
    return found, cells


def _cells(store: Path, but: frozenset[str]) -> Iterator[tuple[str, str]]:
    for file in sorted((store / "partitions").glob("*.duckdb")):
        with duckdb.connect(str(file), read_only=True) as con:
            yield from _rows_of(con, file.name, but)
    with duckdb.connect() as con:
        for file in sorted(store.rglob("*.parquet")):
            con.execute("CREATE OR REPLACE VIEW parquet AS SELECT * FROM read_parquet(?)".replace("?", f"'{file}'"))
            names = {f"parquet.{column.partition('.')[2]}" for column in but if column.startswith("rejects.")}
            yield from _rows(con, "parquet", file.name, frozenset(names))
    live = open_live(store)
    try:
        yield from _rows_of(live, "live.duckdb", but)
    finally:
        live.close()


def _rows_of(con: duckdb.DuckDBPyConnection, where: str, but: frozenset[str]) -> Iterator[tuple[str, str]]:
    names = con.execute(
        "SELECT DISTINCT table_name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', "
        "'information_schema')"
    ).fetchall()
    for (name,) in names:
        yield from _rows(con, name, where, but)


def _rows(con: duckdb.DuckDBPyConnection, name: str, where: str, but: frozenset[str]) -> Iterator[tuple[str, str]]:
    cursor = con.execute(f'FROM "{name}"')
    columns = [column[0] for column in cursor.description or []]
    while row := cursor.fetchone():
        for column, value in zip(columns, row, strict=True):
            if value is not None and f"{name}.{column}" not in but:
                text = value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)
                yield f"{where}, {name}.{column}", text
