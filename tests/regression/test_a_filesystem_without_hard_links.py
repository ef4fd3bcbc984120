"""A new partition's file was put in place by a hard link only: no store could be made on FAT or on some mounts."""

from __future__ import annotations

import errno
import fcntl
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline import files
from pipeline.clock import ManualClock
from pipeline.errors import CallboardError
from pipeline.files import place_new
from pipeline.store.process import FileProcessor
from pipeline.store.reader import run_query
from tests.support.calls import call

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(params=[errno.EPERM, errno.ENOTSUP, errno.ENOSYS], ids=errno.errorcode.get)
def no_links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(_source: Path, target: Path) -> None:
        raise OSError(request.param, os.strerror(request.param), str(target))

    monkeypatch.setattr(os, "link", link)


@pytest.mark.usefixtures("no_links")
def test_a_store_is_made_and_opened_again(tmp_path: Path) -> None:
    for number in (1, 2):
        with FileProcessor(tmp_path, ManualClock(NOW)) as processor:
            assert processor.process(call(number, NOW, answered_after_seconds=5)).stored == 2
    assert run_query(tmp_path, "SELECT offered, answered FROM kpi_day")[1] == [(2, 2)]
    assert {path.name.rsplit(".", 1)[-1] for path in (tmp_path / "partitions").iterdir()} == {"duckdb", "lock"}


@pytest.mark.usefixtures("no_links")
def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    path, whole = tmp_path / "there", tmp_path / ".there.1"
    path.write_text("old")
    whole.write_text("new")
    place_new(whole, path)
    assert (path.read_text(), whole.exists()) == ("old", False)


@pytest.mark.usefixtures("no_links")
def test_of_many_at_once_one_makes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    renamed: list[str] = []
    rename = os.rename
    monkeypatch.setattr(os, "rename", lambda source, target: (renamed.append(str(source)), rename(source, target)))

    def make(number: int) -> None:
        whole = tmp_path / f".file.{number}"
        whole.write_text(str(number))
        place_new(whole, tmp_path / "file")

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(make, range(64)))
    (made,) = renamed
    assert made.endswith(f".{(tmp_path / 'file').read_text()}")
    assert {path.name for path in tmp_path.iterdir()} == {"file", ".file.lock"}


@pytest.mark.usefixtures("no_links")
def test_a_lock_that_is_never_let_go_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_PATIENCE_SECONDS", 0.1)
    whole = tmp_path / ".file.1"
    whole.write_text("new")
    with (tmp_path / ".file.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(CallboardError, match=r"another process has held \.file\.lock"):
            place_new(whole, tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == [".file.lock"]


def test_another_error_is_not_taken_for_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_source: Path, _target: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "link", full)
    whole = tmp_path / ".file.1"
    whole.write_text("new")
    with pytest.raises(OSError, match="No space left"):
        place_new(whole, tmp_path / "file")
    assert list(tmp_path.iterdir()) == []
