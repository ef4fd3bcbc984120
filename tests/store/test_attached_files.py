"""One DuckDB instance for a process, a file of it for each partition, one owner for each file."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.store.database import AttachedFile, StoreBusyError


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
