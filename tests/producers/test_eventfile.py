"""Event files: whole or not at all, every line accounted for."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.contract.events import Event
from pipeline.errors import CallboardError
from pipeline.producers.eventfile import read_events, read_values, write_events, write_values
from tests.producers.conftest import NOW, ReadCsv


@pytest.fixture
def events(read_csv: ReadCsv) -> list[Event]:
    return read_csv("1,Vermögen,,LOST,10:00:00,10,,\n").events


def test_what_is_written_is_read(events: list[Event], tmp_path: Path) -> None:
    file = tmp_path / "day.jsonl"
    assert write_events(file, events) == 3
    assert list(read_events(file, NOW)) == events


def test_a_file_that_fails_half_way_is_not_there_and_the_old_one_is(events: list[Event], tmp_path: Path) -> None:
    def failing() -> Iterator[Event]:
        yield events[0]
        raise RuntimeError("half way")

    file = tmp_path / "day.jsonl"
    file.write_text("old")
    with pytest.raises(RuntimeError):
        write_events(file, failing())
    assert file.read_text() == "old"
    assert os.listdir(tmp_path).count("day.jsonl") == 1
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".part")]


def test_others_may_read_the_file_as_the_umask_says(events: list[Event], tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write_events(tmp_path / "day.jsonl", events)
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "day.jsonl").stat().st_mode) == 0o640


def test_a_dash_is_the_standard_streams(events: list[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    output = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr("sys.stdout", output)
    assert write_events("-", events) == 3
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(output.buffer.getvalue())))  # type: ignore[attr-defined]
    assert list(read_events("-", NOW)) == events


def test_every_line_is_a_value_whatever_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    values = [b"{}", b"", b"\xff\x00", b"nothing at the end"]
    assert write_values(file, values) == 4
    assert list(read_values(file)) == list(enumerate(values, start=1))
    file.write_bytes(b"a\r\nb")
    assert list(read_values(file)) == [(1, b"a"), (2, b"b")]


def test_a_value_with_a_line_break_cannot_stand_in_a_file(tmp_path: Path) -> None:
    with pytest.raises(CallboardError, match="record 2 has a line break"):
        write_values(tmp_path / "bad.jsonl", [b"{}", b"{\n}"])
    assert not (tmp_path / "bad.jsonl").exists()


def test_a_line_that_is_no_event_is_named(events: list[Event], tmp_path: Path) -> None:
    file = tmp_path / "day.jsonl"
    write_events(file, events)
    with file.open("ab") as stream:
        stream.write(b'{"secret": 1}\n')
    with pytest.raises(CallboardError, match="line 4 is not an event") as caught:
        list(read_events(file, NOW))
    assert "secret" not in str(caught.value)


def test_a_place_that_cannot_be_written_or_read_is_named(events: list[Event], tmp_path: Path) -> None:
    missing = tmp_path / "nowhere" / "day.jsonl"
    with pytest.raises(CallboardError, match="cannot write .*nowhere"):
        write_events(missing, events)
    with pytest.raises(CallboardError, match="cannot read .*nowhere"):
        list(read_values(missing))
