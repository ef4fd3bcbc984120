"""The board's connection follows the published store and can do nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from dashboards.data.connection import StoreConnection
from pipeline.store import chunks
from pipeline.store.layout import READ_FOLDERS
from tests.dashboards.conftest import NOW, publish
from tests.dashboards.reading import reading
from tests.support.calls import call


@pytest.fixture
def connection(centre_store: Path) -> Iterator[StoreConnection]:
    with reading(centre_store) as connection:
        yield connection


def test_it_reads_views_over_parquet_and_macros(connection: StoreConnection) -> None:
    assert connection.rows("SELECT count(*) AS n FROM segments", {})[0]["n"] > 100
    assert connection.rows("FROM queue_now(as_of := $at)", {"at": NOW})


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_text('{store}/publish.lock')",
        "ATTACH '{store}/partitions/calls-0.duckdb' AS owned (READ_ONLY)",
        "COPY (SELECT 1) TO '{store}/live.csv'",
        "CREATE TABLE live.t (a INTEGER)",
        "DELETE FROM live.meta",
        "SET threads = 8",
        "SET enable_external_access = true",
        "INSTALL httpfs",
    ],
)
def test_everything_else_is_refused(connection: StoreConnection, centre_store: Path, sql: str) -> None:
    with pytest.raises(duckdb.Error):
        connection.rows(sql.format(store=centre_store), {})


def test_a_swapped_file_is_seen_and_an_unchanged_one_is_not_opened_again(tmp_path: Path) -> None:
    connection = StoreConnection(publish(tmp_path / "store", call(1, NOW)))
    count = "SELECT count(*) AS n FROM segments"
    try:
        assert connection.follow()
        assert not connection.follow()
        assert connection.rows(count, {})[0]["n"] == 1
        publish(tmp_path / "store", call(2, NOW))
        assert connection.follow()
        assert connection.rows(count, {})[0]["n"] == 2
    finally:
        connection.close()


def test_a_store_reached_by_a_link_works(centre_store: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(centre_store)
    connection = StoreConnection(link)
    try:
        connection.follow()
        assert connection.rows("SELECT count(*) AS n FROM segments", {})[0]["n"] > 100
    finally:
        connection.close()


def test_it_reads_published_files_chunks_and_sealed_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks came to the store when the board's connection knew only of published files and sealed days."""
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 3)
    lines = [event for n in range(4) for event in call(n, NOW - timedelta(days=n), answered_after_seconds=5)]
    publish(tmp_path, sorted(lines, reverse=True))
    publish(tmp_path, call(9, NOW))
    assert all(any((tmp_path / folder).rglob("*.parquet")) for folder in READ_FOLDERS)
    connection = StoreConnection(tmp_path)
    try:
        connection.follow()
        assert connection.rows("SELECT count(*) AS n FROM events", {})[0]["n"] == len(lines) + 1
        assert connection.rows("SELECT count(*) AS n FROM segments", {})[0]["n"] == 5
    finally:
        connection.close()


def test_a_store_that_was_made_anew_is_followed(tmp_path: Path) -> None:
    store = tmp_path / "store"
    connection = StoreConnection(publish(store, call(1, NOW)))
    try:
        connection.follow()
        shutil.rmtree(store)
        assert not connection.exists()
        with pytest.raises(OSError, match=r"live\.duckdb"):
            connection.follow()
        publish(store, [*call(7, NOW), *call(8, NOW)])
        connection.follow()
        assert connection.rows("SELECT count(*) AS n FROM segments", {})[0]["n"] == 2
    finally:
        connection.close()


def test_nothing_stays_in_memory_of_the_files_of_publications_that_are_over(tmp_path: Path) -> None:
    """DuckDB kept what it had read of each file: the board grew by 10 MB a minute."""
    connection = StoreConnection(publish(tmp_path / "store", call(1, NOW)))
    try:
        connection.follow()
        for number in range(2, 6):
            publish(tmp_path / "store", call(number, NOW))
            connection.follow()
            assert (
                connection.rows("SELECT sum(wait_us) AS waits, count(*) AS n FROM segment_rows", {})[0]["n"] == number
            )
        (kept,) = connection.rows(
            "SELECT sum(memory_usage_bytes) AS bytes FROM duckdb_memory() WHERE tag = 'EXTERNAL_FILE_CACHE'", {}
        )
        assert not kept["bytes"]
    finally:
        connection.close()
