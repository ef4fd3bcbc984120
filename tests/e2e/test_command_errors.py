"""Each command used wrongly: the right exit code, and on standard error one line that says what to do."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.store.layout import StoreLayout
from pipeline.store.partition import PartitionStore
from tests.e2e.command import callboard, environment, succeed
from tests.e2e.conftest import StartWorker
from tests.e2e.published import ALL_PARTITIONS
from tests.support.broker import Broker
from tests.support.ports import free_port

COULD_NOT_RUN, CHECK_FAILED = 2, 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> Path:
    """A working directory with an event file, a small store, and things that are not what a command wants."""
    made = tmp_path_factory.mktemp("commands")
    (made / "day.jsonl").write_bytes(b"\n".join(lines[:200]) + b"\n")
    succeed("process", "day.jsonl", "--store", "store", cwd=made)
    (made / "calls_2026-03-02.csv").write_text("a,b\n1,2\n")
    (made / "a-file").write_text("")
    (made / "centre.yaml").write_text("version: 1\n")
    (made / "broken.yaml").write_text(": : :\n")
    (made / "list.yaml").write_text("- store\n")
    (made / "typo.yaml").write_text("stroe: here\n")
    return made


NOBODY = "127.0.0.1:1"
CSV = ("publish", "csv", "calls_2026-03-02.csv")
REPLAY = ("dead-letters", "replay")
#: The command line -> what the error's line must say, and the environment if there is one.
WRONG: dict[str, tuple[str, dict[str, str]]] = {
    "query 'FROM meta' --store nowhere": ("nowhere holds no published store .*start 'callboard worker'", {}),
    "query 'SELEC 1' --store store": ("the query failed: Parser Error: syntax error", {}),
    "query 'FROM nope' --store store": ("the query failed: Catalog Error: Table with name nope does not exist", {}),
    "query 'CREATE TABLE x(i INT)' --store store": ("the store can only be asked", {}),
    "query \"COPY meta TO 'x.csv'\" --store store": ("the store can only be asked", {}),
    "query 'FROM meta; FROM meta' --store store": ("the store can only be asked", {}),
    "query \"FROM read_text('a-file')\" --store store": ("the query failed: Permission Error", {}),
    "verify --store nowhere": ("no published store in nowhere", {}),
    "process nofile.jsonl --store new": ("cannot read nofile.jsonl: No such file", {}),
    "process day.jsonl --store a-file": ("a-file/partitions: Not a directory", {}),
    "publish csv nofile.csv --mapping bank-day --to x": ("cannot read nofile.csv: No such file", {}),
    "publish xml day.jsonl --to x": ("no adapter is named 'xml': choose one of .*csv", {}),
    f"{' '.join(CSV)} --to x": ("the csv adapter needs --mapping", {}),
    f"{' '.join(CSV)} --mapping bank-night --to x": ("no mapping is named 'bank-night': choose one of bank-day", {}),
    f"{' '.join(CSV)} --mapping bank-day --to x": ("column", {}),
    f"{' '.join(CSV)} --mapping bank-day --bootstrap-servers {NOBODY}": (
        f"no answer from the broker at {NOBODY} .*start one with 'callboard broker'",
        {},
    ),
    f"simulate --hours 0.1 --bootstrap-servers {NOBODY}": (f"no answer from the broker at {NOBODY}", {}),
    "simulate --hours -1 --to x": ("hours is -1.0: give more than 0", {}),
    "simulate --hours 1 --start yesterday --to x": ("'yesterday' is no start: give now, -2h", {}),
    "simulate --hours 1 --to nowhere/x": ("cannot write nowhere/x: No such file", {}),
    "worker --bootstrap-servers kafka.example:9092": ("'plaintext-local' is for loopback only.*set security to", {}),
    "dead-letters list --store nowhere": ("nowhere holds no published store", {}),
    "dead-letters show calls --store store": ("'calls' is no dead letter's id: 'callboard dead-letters list'", {}),
    "dead-letters show calls-0-1-99999 --store store": ("there is no dead letter calls-0-1-99999", {}),
    f"{' '.join(REPLAY)} --store store": ("say what to replay: IDs, --reason, or --file", {}),
    f"{' '.join(REPLAY)} --file no.json --store store": ("cannot read no.json: No such file", {}),
    f"{' '.join(REPLAY)} --file day.jsonl --bootstrap-servers {NOBODY}": (f"no answer from the broker at {NOBODY}", {}),
    "centre check nofile.yaml": ("cannot read nofile.yaml: No such file", {}),
    "centre apply nofile.yaml --store store": ("cannot read nofile.yaml: No such file", {}),
    "centre apply centre.yaml --store a-file": ("a-file/centre: Not a directory", {}),
    "centre show --store nowhere": ("nowhere has no centre.yaml, .*'callboard centre apply FILE --store nowhere'", {}),
    "centre show --store store --at yesterday": ("'yesterday' is no moment: give a time with its offset, like", {}),
    "centre show --store store --at 2026-07-01T00:00:00": ("'2026-07-01T00:00:00' is no moment", {}),
    "contract check --folder store": ("store is no checkout of callboard", {}),
    "query 'FROM meta'": (
        r"setting batch_max_events: Input should be a valid integer.*Looked in: option --batch-max-events \(not given\)"
        r", environment CALLBOARD_BATCH_MAX_EVENTS \(set\), file callboard.yaml \(not found\)",
        {"CALLBOARD_BATCH_MAX_EVENTS": "many"},
    ),
    "worker --reject-limit -3": (r"setting reject_limit: .*option --reject-limit \(given\)", {}),
    "verify": ("the settings file broken.yaml is no YAML of names and values", {"CALLBOARD_CONFIG": "broken.yaml"}),
    "doctor": ("the settings file list.yaml is no YAML of names and values", {"CALLBOARD_CONFIG": "list.yaml"}),
    "dead-letters list": (r"setting stroe: .*file typo.yaml \(found\)", {"CALLBOARD_CONFIG": "typo.yaml"}),
    "process day.jsonl": (
        "there is no settings file no.yaml, which CALLBOARD_CONFIG names",
        {"CALLBOARD_CONFIG": "no.yaml"},
    ),
}


@pytest.fixture
def signals_stay() -> Iterator[None]:
    """A command that runs until it is told to stop takes the signals that tell it."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals_stay")
@pytest.mark.parametrize("command", WRONG)
def test_a_wrong_use_is_one_line_that_says_what_to_do(
    folder: Path, command: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """By the command's own entry, in this process: the start of an interpreter for each would be most of the time."""
    says, settings = WRONG[command]
    for name in os.environ.keys() - environment().keys():
        monkeypatch.delenv(name)
    for name, value in environment(**settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["callboard", *shlex.split(command)])
    monkeypatch.chdir(folder)
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capfd.readouterr()
    assert ended.value.code == COULD_NOT_RUN, printed.err
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert line.startswith("error: ")
    assert re.search(says, line), line


def test_the_installed_command_ends_with_the_same_line_and_code(folder: Path) -> None:
    done = callboard("verify", "--store", "nowhere", cwd=folder)
    assert (done.returncode, done.stdout) == (COULD_NOT_RUN, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: there is no published store in nowhere")


@pytest.mark.parametrize(
    "arguments", [["frobnicate"], ["query"], ["worker", "--nonsense"], ["simulate", "--hours", "x"]]
)
def test_an_unknown_command_or_option_names_it(folder: Path, arguments: list[str]) -> None:
    done = callboard(*arguments, cwd=folder)
    assert done.returncode == COULD_NOT_RUN
    assert "Usage: callboard" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_check_that_fails_is_exit_code_1(folder: Path) -> None:
    stale = callboard("doctor", "--store", "store", "--max-age-seconds", "0.001", cwd=folder)
    assert stale.returncode == CHECK_FAILED
    assert "is a worker up?" in stale.stdout
    everything = callboard("doctor", "--store", "nowhere", "--bootstrap-servers", NOBODY, cwd=folder)
    assert everything.returncode == CHECK_FAILED
    assert f"no answer from the broker at {NOBODY}" in everything.stdout
    row = callboard(
        "publish",
        "csv",
        "one-bad.csv",
        "--mapping",
        one_bad_row(folder),
        *("--date", "2026-03-02"),
        "--to",
        "x",
        cwd=folder,
    )
    assert row.returncode == CHECK_FAILED
    assert "1 of 2 rows could not be read (the others were published)" in row.stderr


def one_bad_row(folder: Path) -> str:
    (folder / "one-bad.csv").write_text("call,skill,rang\n1,sales,10:00:00\n2,sales,noon\n")
    (folder / "small.yaml").write_text(
        "description: A small export\nsource: test/pbx\nclient: acme\ninteraction: '{call}'\nqueue: '{skill}'\n"
        "time:\n  zone: UTC\nrows:\n  - name: rang\n    events:\n      started: '{rang}'\n"
    )
    return "small.yaml"


def test_a_store_that_another_process_owns(folder: Path) -> None:
    with PartitionStore(StoreLayout(folder / "store"), "calls", 0):
        done = callboard("process", "day.jsonl", "--store", "store", cwd=folder)
    assert done.returncode == COULD_NOT_RUN
    (line,) = done.stderr.splitlines()
    assert re.fullmatch(
        r"error: calls-0 is owned by another worker \(pid \d+\); it can be opened when that one ends", line
    )
    succeed("process", "day.jsonl", "--store", "store", cwd=folder)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def test_a_port_in_use(folder: Path, taken_port: int) -> None:
    for command in (("broker", "--port"), ("demo", "--port", free_port(), "--broker-port")):
        done = callboard(*command, taken_port, cwd=folder)
        assert done.returncode == COULD_NOT_RUN
        assert done.stderr.splitlines()[-1] == (
            f"error: port {taken_port} is in use: stop what listens there, or choose another with --port"
        )
    board = callboard("dashboard", "--store", "store", "--port", taken_port, cwd=folder)
    assert board.returncode == COULD_NOT_RUN
    assert board.stderr.startswith(f"error: port {taken_port} is in use: ")


@pytest.mark.broker
def test_process_on_the_store_of_a_worker(
    embedded_broker: Broker, start_worker: StartWorker, store: Path, folder: Path
) -> None:
    worker = start_worker(embedded_broker.bootstrap)
    worker.wait_for_partitions(ALL_PARTITIONS)
    done = callboard("process", folder / "day.jsonl", "--store", store, cwd=folder)
    assert done.returncode == COULD_NOT_RUN
    (line,) = done.stderr.splitlines()
    assert line.endswith(f"is owned by another worker (pid {worker.pid}); it can be opened when that one ends")
    assert worker.terminate()[0] == 0
