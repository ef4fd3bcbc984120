"""Whoever names a wrong file, folder, client or centre is told in one line what is wrong, and nothing is made up."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.errors import CallboardError
from pipeline.producers.adapters import LiveRequest, adapter
from pipeline.producers.adapters.freeswitch.records import Garbled
from pipeline.producers.adapters.freeswitch.wire import stream_records
from pipeline.producers.growing_file import GrowingFile
from tests.e2e.command import callboard
from tests.producers.test_every_adapter import FIXTURES, MORE, options_of

#: No adapter can make anything of it.
_LETTER = "Dear all,\n\nplease find the call records attached.\n"
#: These want a mapping, a table of a certain name, or columns, and say so before they read a row.
_REFUSE = {"csv", "schedule", "vicidial"}


def refused(*arguments: object) -> CallboardError:
    """What a command says that ends with an error: in one line, as ``main`` prints it."""
    done = CliRunner().invoke(app, [str(each) for each in arguments])
    assert isinstance(done.exception, CallboardError), done.output
    assert done.stdout == ""
    assert "\n" not in str(done.exception)
    return done.exception


@pytest.mark.parametrize("name", sorted(FIXTURES))
def test_a_file_of_another_kind_makes_no_event_and_no_success(name: str, tmp_path: Path) -> None:
    letter, out = tmp_path / "letter", tmp_path / "events.jsonl"
    letter.write_text(_LETTER)
    error = refused("publish", name, letter, *options_of(name), *MORE.get(name, []), "--to", out)
    assert error.exit_code == (2 if name in _REFUSE else 1)
    assert ("is this the right file?" in str(error)) == (name not in _REFUSE)
    assert not out.exists() or out.stat().st_size == 0


def test_an_empty_file_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "capture").touch()
    done = callboard("publish", "ami", "capture", "--client", "acme", "--to", "-", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert "0 rows; 0 events written to -" in done.stderr


@pytest.mark.parametrize("name", ["ami", "queue-log"])
def test_a_damaged_compressed_file_is_told(name: str, tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"".join(b"%d|c|q|NONE|ENTERQUEUE||1|1\n" % n for n in range(9_999))))
    packed[40:80] = b"\xff" * 40
    (tmp_path / "log.gz").write_bytes(packed)
    done = callboard("publish", name, "log.gz", "--client", "acme", "--to", "-", cwd=tmp_path)
    assert done.returncode == 2
    assert "cannot read log.gz: not a whole gzip file" in done.stderr
    followed = callboard("publish", name, "log.gz", "--client", "acme", "--to", "-", "--follow", cwd=tmp_path)
    assert followed.returncode == 2
    assert "not a whole gzip file" in followed.stderr


def test_a_part_of_a_log_that_is_just_being_compressed_does_not_end_the_follower(tmp_path: Path) -> None:
    """gzip writes the packed file beside the plain one, which it takes away when it is done."""
    log = tmp_path / "queue_log"
    log.write_text("".join(f"line {n}\n" for n in range(100)))
    reader = GrowingFile(log, None)
    try:
        assert len(reader.poll(0)) == 100
        log.rename(tmp_path / "queue_log.1")
        (tmp_path / "queue_log.1.gz").write_bytes(gzip.compress((tmp_path / "queue_log.1").read_bytes())[:30])
        log.write_text("line 100\n")
        found = [line for _ in range(4) for line in reader.poll(0)]
    finally:
        reader.close()
    assert found == ["line 100"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("publish", "connect-ctr", "."), "holds no files: name the folder"),
        (("publish", "twilio", "x.json", "--client", "AC1=acme,AC2=zenith"), "does not tell clients apart"),
        (("listen", "freeswitch", "tcp://127.0.0.1:1", "--client", "a=b"), "does not tell clients apart"),
        (("publish", "connect-ctr", "x", "--client", "a=b=c"), "give a name, or ID=name,ID=name"),
        (("publish", "freeswitch", "missing"), "there is no such file"),
    ],
)
def test_what_cannot_be_published_is_told(
    arguments: tuple[str, ...], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    error = refused(*arguments, "--to", "-")
    assert error.exit_code == 2
    assert says in str(error)


def test_a_captured_stream_of_freeswitch_cannot_be_followed(tmp_path: Path) -> None:
    (tmp_path / "events.txt").touch()
    done = callboard("publish", "freeswitch", "events.txt", "--follow", "--to", "-", cwd=tmp_path)
    assert done.returncode == 2
    assert "leave --follow out" in done.stderr


def test_a_centre_that_is_not_valid_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "centre.yaml").write_text("nonsense: 1\nmore: 2\n")
    (tmp_path / "queue_log").touch()
    done = callboard("publish", "queue-log", "queue_log", "--centre", "centre.yaml", "--to", "-", cwd=tmp_path)
    assert done.returncode == 2
    assert "centre.yaml:1" in done.stderr
    assert "callboard centre check centre.yaml" in done.stderr


def test_webhooks_that_nobody_described_say_what_to_write(tmp_path: Path) -> None:
    done = callboard("webhooks", cwd=tmp_path)
    assert done.returncode == 2
    assert "there is no webhooks.yaml" in done.stderr
    assert "callboard webhooks --help" in done.stderr
    assert callboard("webhooks", "--port", "99999", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize("name", ["chatwoot", "intercom", "twilio", "zendesk"])
def test_what_has_no_time_is_not_said_to_have_been_at_some_time(name: str) -> None:
    hook = adapter(name).hook
    assert hook is not None
    assert list(hook.converter(LiveRequest("")).convert(None)) == []


def test_half_an_event_of_freeswitch_is_not_believed() -> None:
    """A time that is cut off is another time, and what follows CC-Action may take an answer back."""
    whole = "Event-Name: CUSTOM\nCC-Action: bridge-agent-start\nEvent-Date-Timestamp: 1772442000000000\n"
    assert list(stream_records([*whole.splitlines(keepends=True), "\n"]))[0][1] != Garbled(1, "cut")
    assert list(stream_records((whole + "\n" + whole[:-10]).splitlines(keepends=True)))[1] == (5, Garbled(5, "cut"))
