"""A growing file over every kind of rotation, and over restarts: each line once, in order."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.errors import CallboardError
from pipeline.producers.growing_file import Gap, GrowingFile

_running: list[GrowingFile] = []


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "queue_log"
    while _running:
        _running.pop().close()


def follow(log: Path, position: bytes | None = None) -> GrowingFile:
    reader = GrowingFile(log, position)
    _running.append(reader)
    return reader


def append(file: Path, *lines: str, end: str = "\n") -> None:
    with file.open("a") as stream:
        stream.write("".join(f"{line}{end}" for line in lines))


def read(reader: GrowingFile) -> list[str | Gap]:
    """Everything there is now."""
    found: list[str | Gap] = []
    quiet = 0
    while quiet < 4:  # each step of a rotation takes a look of its own
        lines = reader.poll(0)
        found += lines
        quiet = 0 if lines else quiet + 1
    return found


def restarted(log: Path, reader: GrowingFile) -> GrowingFile:
    """A new process that knows the last position."""
    place = reader.position()
    reader.close()
    return follow(log, place)


def renamed(log: Path) -> None:
    log.rename(log.with_name("queue_log.1"))
    log.touch()


def copied_and_cut(log: Path) -> None:
    shutil.copy2(log, log.with_name("queue_log.1"))
    os.truncate(log, 0)


ROTATIONS = [renamed, copied_and_cut]


@pytest.mark.parametrize("rotate", ROTATIONS)
@pytest.mark.parametrize("restart", [False, True])
def test_a_rotated_file_is_read_to_its_end_before_the_new_one(
    log: Path, rotate: Callable[[Path], None], restart: bool
) -> None:
    append(log, "one", "two")
    reader = follow(log)
    assert read(reader) == ["one", "two"]
    append(log, "three")
    rotate(log)
    if restart:
        reader = restarted(log, reader)
    append(log, "four", "five")
    assert read(reader) == ["three", "four", "five"]
    append(log, "six")
    assert read(reader) == ["six"]
    assert read(restarted(log, reader)) == []


def test_a_new_file_that_outgrew_the_old_one_is_known_by_its_beginning(log: Path) -> None:
    append(log, "one")
    reader = follow(log)
    assert read(reader) == ["one"]
    copied_and_cut(log)
    append(log, "far longer than what was there", "two")
    assert read(reader) == ["far longer than what was there", "two"]


def test_a_line_waits_for_its_end(log: Path) -> None:
    append(log, "one")
    append(log, "tw", end="")
    reader = follow(log)
    assert read(reader) == ["one"]
    reader = restarted(log, reader)
    append(log, "o")
    assert read(reader) == ["two"]


def test_a_line_that_nobody_will_end_is_given_when_the_file_is_put_aside(log: Path) -> None:
    append(log, "one")
    append(log, "torn", end="")
    reader = follow(log)
    renamed(log)
    assert read(reader) == ["one"], "as long as the new file is empty, the old one may still be written to"
    append(log, "two")
    assert read(reader) == ["torn", "two"]


def test_between_rename_and_creation_there_is_no_file(log: Path) -> None:
    append(log, "one")
    reader = follow(log)
    assert read(reader) == ["one"]
    log.rename(log.with_name("queue_log.1"))
    append(log.with_name("queue_log.1"), "two")
    assert read(reader) == ["two"]
    reader = restarted(log, reader)
    assert read(reader) == []
    append(log, "three")
    assert read(reader) == ["three"]


def test_several_rotations_while_nobody_read_and_the_older_ones_compressed(log: Path) -> None:
    append(log, "one", "two")
    reader = follow(log)
    assert len(reader.poll(0)) == 2
    append(log, "three")
    for number, line in enumerate(["four", "five", "six"]):
        for older in range(number, 0, -1):
            name = log.with_name(f"queue_log.{older}")
            name.rename(log.with_name(f"queue_log.{older + 1}"))
        renamed(log)
        append(log, line)
    oldest = log.with_name("queue_log.3")
    with gzip.open(f"{oldest}.gz", "wb") as packed:
        packed.write(oldest.read_bytes())
    shutil.copystat(oldest, f"{oldest}.gz")
    oldest.unlink()
    assert read(restarted(log, reader)) == ["three", "four", "five", "six"]


def test_what_was_written_to_a_file_that_is_gone_is_a_gap(log: Path) -> None:
    append(log, "one")
    reader = follow(log)
    read(reader)
    place = reader.position()
    log.unlink()
    append(log, "later")
    assert read(follow(log, place)) == [Gap("file_gone"), "later"]
    log.unlink()
    waiting = follow(log, place)
    assert read(waiting) == [Gap("file_gone")]
    append(log, "later still")
    assert read(waiting) == ["later still"]


def test_a_file_that_was_emptied_by_hand_is_a_gap(log: Path) -> None:
    append(log, "one", "two")
    reader = follow(log)
    read(reader)
    os.truncate(log, 0)
    append(log, "three")
    assert read(reader) == [Gap("file_cut"), "three"]


@pytest.mark.parametrize("name", ["queue_log.bak", "queue_log_notes.txt", "queue_log.0", "queue_log-20260302.gz"])
def test_a_copy_that_somebody_made_is_not_read_again(log: Path, name: str) -> None:
    append(log, "one")
    reader = follow(log)
    assert read(reader) == ["one"]
    if name.endswith(".gz"):
        log.with_name(name).write_bytes(gzip.compress(log.read_bytes()))
    else:
        shutil.copy(log, log.with_name(name))
    renamed(log)
    append(log, "two")
    assert read(reader) == ["two"]


def test_many_lines_come_in_portions_and_any_of_them_is_a_place(log: Path) -> None:
    lines = [f"line {number}" for number in range(5_000)]
    append(log, *lines)
    reader = follow(log)
    found: list[str | Gap] = []
    while portion := reader.poll(0):
        assert len(portion) <= 2_000
        found += portion
        reader = restarted(log, reader)
    assert found == lines


def test_a_file_that_never_was_is_an_error(log: Path) -> None:
    with pytest.raises(CallboardError, match="there is no .*queue_log to follow"):
        follow(log)
