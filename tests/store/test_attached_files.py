"""One DuckDB instance for a process, a file of it for each partition, one owner for each file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.store import live
from pipeline.store.database import AttachedFile, StoreBusyError
from pipeline.store.layout import StoreLayout


def test_a_file_has_one_owner_in_a_process_too(tmp_path: Path) -> None:
    first = AttachedFile(tmp_path / "calls-0.duckdb")
    with pytest.raises(StoreBusyError, match="calls-0 is owned by another worker"):
        AttachedFile(tmp_path / "calls-0.duckdb")
    first.close()
    AttachedFile(tmp_path / "calls-0.duckdb").close()


def test_files_of_one_name_in_two_folders_do_not_meet(tmp_path: Path) -> None:
    ours, theirs = (AttachedFile(tmp_path / name / "calls-0.duckdb") for name in ("ours", "theirs"))
    ours.con.execute("CREATE TABLE t AS SELECT 1 AS x")
    theirs.con.execute("CREATE TABLE t AS SELECT 2 AS x")
    beside = ours.cursor()
    assert beside.execute("FROM t").fetchall() == [(1,)]
    beside.close()
    ours.close()
    assert theirs.con.execute("FROM t").fetchall() == [(2,)]
    theirs.close()


def test_what_is_committed_is_there_for_the_next_owner_and_what_is_not_is_gone(tmp_path: Path) -> None:
    owner = AttachedFile(tmp_path / "calls-0.duckdb")
    owner.con.execute("CREATE TABLE t AS SELECT 1 AS x")
    owner.con.execute("BEGIN")
    owner.con.execute("INSERT INTO t VALUES (2)")
    owner.close()
    following = AttachedFile(tmp_path / "calls-0.duckdb")
    assert following.con.execute("FROM t").fetchall() == [(1,)]
    following.close()


def test_a_publication_that_failed_does_not_stand_in_the_way_of_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout, now = StoreLayout(tmp_path), datetime(2026, 3, 2, tzinfo=UTC)
    with monkeypatch.context() as broken:
        broken.setattr(live, "small_tables", _fail)
        with pytest.raises(OSError, match="no space left"):
            live.publish_live(layout, now)
    live.publish_live(layout, now)
    assert layout.live.is_file()


def _fail(*_: object) -> None:
    raise OSError("no space left")
