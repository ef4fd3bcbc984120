"""Following a source: the place is remembered after the events are safe, and what is asked wrongly is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from pipeline.clock import SystemClock
from pipeline.contract.events import Event
from pipeline.errors import CallboardError
from pipeline.producers.adapters import Live
from pipeline.producers.file_sink import FileSink
from pipeline.producers.listen import ListenRequest, default_checkpoint, listen
from pipeline.producers.live import Checkpoint, Followed, follow
from tests.e2e.command import callboard

LINES = [f"{1772442000 + second}|c{second}|q|NONE|ENTERQUEUE||1|1\n" for second in range(5)]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "queue_log"
    file.write_text("".join(LINES[:3]))
    return file


def request(log: Path, **other: object) -> ListenRequest:
    given = {"adapter": "queue-log", "target": str(log), "client": "acme", **other}
    return ListenRequest(**given)  # type: ignore[arg-type]


def a_while() -> Callable[[], bool]:
    """Not stopped before everything there is was read."""
    looks: Iterator[bool] = iter([False, False])
    return lambda: next(looks, True)


def calls(file: Path) -> list[str]:
    return [json.loads(line)["data"]["interaction"] for line in file.read_text().splitlines()]


def test_the_next_run_goes_on_where_the_last_one_was(log: Path, tmp_path: Path) -> None:
    events, place = tmp_path / "events.jsonl", tmp_path / "deep" / "place.json"
    one = request(log, to=str(events), checkpoint=place)
    assert listen(one, SystemClock(), {}, a_while()) == Followed(3, 3)
    with log.open("a") as stream:
        stream.write("".join(LINES[3:]))
    assert listen(one, SystemClock(), {}, a_while()) == Followed(2, 2)
    assert calls(events) == ["c0", "c1", "c2", "c3", "c4"]
    assert "ENTERQUEUE" not in place.read_text()


def test_without_a_checkpoint_it_begins_anew(log: Path, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    for _ in range(2):
        listen(request(log, to=str(events)), SystemClock(), {}, a_while())
    assert calls(events) == ["c0", "c1", "c2"] * 2


def test_half_a_line_that_a_killed_run_left_is_cut_off(tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    for torn, kept in ((b'{"a":1}\n{"b', b'{"a":1}\n'), (b"x" * 200_000, b""), (b"", b"")):
        events.write_bytes(torn)
        with FileSink(str(events)):
            pass
        assert events.read_bytes() == kept


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(CallboardError, match="cannot write"):
        FileSink(str(tmp_path / "no folder" / "events.jsonl"))


def test_a_place_is_not_remembered_before_the_events_are_safe(log: Path) -> None:
    class Away:
        def publish(self, event: Event) -> None:
            pass

        def flush(self) -> None:
            raise CallboardError("Kafka is away")

    from pipeline.producers.adapters import LiveRequest, adapter

    opener = adapter("queue-log").live
    assert opener is not None
    live: Live = opener(LiveRequest(str(log), client="acme"))
    remembered: list[bytes] = []
    with pytest.raises(CallboardError, match="away"):
        follow(live, Away(), lambda position, _state: remembered.append(position), lambda: False)
    live.reader.close()
    assert remembered == []


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"adapter": "schedule"}, "schedule cannot be followed"),
        ({"adapter": "nonsense"}, "no adapter is named 'nonsense'"),
        ({"target": "tcp://me:secret@pbx:5038", "adapter": "ami"}, "leave the password out of the URL"),
        ({"target": "tcp://pbx:5038"}, "queue-log follows a file on this machine"),
        ({"client": None}, "say whose contacts these are"),
        ({"zone": "Mars/Olympus"}, "no time zone is named"),
    ],
)
def test_what_cannot_be_listened_to(log: Path, other: dict[str, object], says: str) -> None:
    with pytest.raises(CallboardError, match=says) as error:
        listen(request(log, to="-", **other), SystemClock(), {}, lambda: True)
    assert "secret" not in str(error.value)


def test_a_checkpoint_of_another_source_or_another_version_is_refused(log: Path, tmp_path: Path) -> None:
    place = tmp_path / "place.json"
    one = request(log, to=str(tmp_path / "events.jsonl"), checkpoint=place)
    listen(one, SystemClock(), {}, a_while())
    other = tmp_path / "other_log"
    other.write_text("")
    with pytest.raises(CallboardError, match="give each source a checkpoint of its own"):
        listen(request(other, to="-", checkpoint=place), SystemClock(), {}, a_while())
    document = msgspec.json.decode(place.read_bytes())
    place.write_bytes(msgspec.json.encode({**document, "state": b'{"calls":[]}'}))
    with pytest.raises(CallboardError, match="of another version of callboard: delete it"):
        listen(one, SystemClock(), {}, a_while())


def test_two_do_not_follow_a_source_by_the_same_checkpoint(log: Path, tmp_path: Path) -> None:
    place = tmp_path / "place.json"
    one = request(log, to=str(tmp_path / "events.jsonl"), checkpoint=place)
    with Checkpoint(place).held(), pytest.raises(CallboardError, match="another callboard follows this source"):
        listen(one, SystemClock(), {}, a_while())
    assert listen(one, SystemClock(), {}, a_while()).records == 3


def test_each_source_has_a_checkpoint_of_its_own_from_whatever_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    whole = default_checkpoint(tmp_path, "queue-log", str(tmp_path / "queue_log"))
    assert default_checkpoint(tmp_path, "queue-log", "queue_log") == whole
    assert default_checkpoint(tmp_path, "queue-log", "other") != whole
    urls = ("tcp://pbx:5038", "tcp://somebody@pbx:5038", "tcp://pbx:5039")
    assert len({default_checkpoint(tmp_path, "ami", url) for url in urls}) == 2


def test_help_lists_the_adapters_with_an_example_each(tmp_path: Path) -> None:
    from pipeline.producers.adapters import adapters

    publish, listening = (callboard(name, "--help", cwd=tmp_path).stdout for name in ("publish", "listen"))
    for name, each in adapters().items():
        assert f"{name}: " in publish
        assert each.example in publish
        assert ((each.live_example or each.example) in listening) == (each.live is not None)
    assert "Adapters:" not in callboard("simulate", "--help", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("listen", "ami", "pbx"), "pbx is no URL"),
        (("listen", "ami", "tcp://pbx:5038", "--client", "acme", "--to", "-"), "CALLBOARD_SOURCE_PASSWORD"),
        (("publish", "queue-log", "queue_log", "--checkpoint", "x"), "--checkpoint goes with --follow"),
        (("publish", "queue-log", "queue_log", "--follow", "--speed", "2"), "leave --speed out"),
        (("publish", "queue-log", "missing", "--client", "acme", "--to", "-"), "there is no such file"),
        (("publish", "ami", "missing", "--client", "acme", "--to", "-"), "there is no such file"),
        (("publish", "ami", "missing", "--client", "acme", "--to", "-", "--follow"), "to follow"),
    ],
)
def test_a_command_that_cannot_be_done_says_so_in_one_line(log: Path, arguments: tuple[str, ...], says: str) -> None:
    done = callboard(*arguments, cwd=log.parent)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_log_from_standard_input_and_a_compressed_one_are_read_as_the_file_is(log: Path) -> None:
    import gzip

    packed = log.with_name("queue_log.1.gz")
    packed.write_bytes(gzip.compress(log.read_bytes()))
    options = ("--client", "acme", "--to", "-")
    whole = callboard("publish", "queue-log", log, *options, cwd=log.parent).stdout
    assert len(whole.splitlines()) == 3
    assert callboard("publish", "queue-log", packed, *options, cwd=log.parent).stdout == whole
    assert callboard("publish", "queue-log", "-", *options, cwd=log.parent, stdin=log.read_bytes()).stdout == whole
