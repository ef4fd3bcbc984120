"""Every adapter by its recorded fixture and the options of its own example: publish, check, process and verify."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.markup import escape
from typer.testing import CliRunner, Result

from pipeline.cli import app
from pipeline.cli.adapter_list import adapter_list
from pipeline.producers.adapters import adapters
from tests.producers.test_schedule import HEADER, ROWS
from tests.support.ami import captured

pytestmark = pytest.mark.thorough

HERE = Path(__file__).parent
#: What the adapter of that name reads; None: it is made by ``fixture_of``.
FIXTURES: dict[str, Path | None] = {
    "ami": None,
    "chatwoot": HERE / "chatwoot" / "webhooks.jsonl",
    "cloudevents": None,
    "connect-agents": HERE / "connect" / "agent-events.json",
    "connect-contacts": HERE / "connect" / "contact-events.jsonl",
    "connect-ctr": HERE / "connect" / "ctr",
    "csv": HERE / "data" / "helpline.csv",
    "freeswitch": HERE / "freeswitch" / "stream.txt",
    "freeswitch-cdr": HERE / "freeswitch" / "cdr",
    "genesys-conversations": HERE / "genesys" / "details",
    "genesys-metrics": HERE / "genesys" / "metrics.jsonl",
    "intercom": HERE / "intercom" / "export",
    "queue-log": HERE / "asterisk" / "queue_log",
    "schedule": None,
    "twilio": HERE / "twilio" / "taskrouter.jsonl",
    "vicidial": HERE / "vicidial" / "export",
    "zendesk": HERE / "zendesk" / "ticket-events.jsonl",
    "zendesk-chat": HERE / "zendesk" / "ticket_chat_event.csv",
}
#: The fixture's own mapping, in place of the one that the example names.
MAPPINGS = {"bank-day": str(HERE / "data" / "helpline.yaml")}
#: What the fixture, which is dirty on purpose, needs besides.
MORE = {"vicidial": ["--zone", "America/New_York"]}


def run(*arguments: object, exit_codes: tuple[int, ...] = (0,)) -> Result:
    done = CliRunner().invoke(app, [str(each) for each in arguments])
    code = getattr(done.exception, "exit_code", done.exit_code)
    assert code in exit_codes, f"{arguments}: {done.output}{done.exception!r}"
    return done


def options_of(name: str) -> list[str]:
    """The options of the adapter's example, but for those that only a running source has."""
    given = shlex.split(adapters()[name].example)[4:]
    return [MAPPINGS.get(each, each) for each in given if each != "--follow"]


def fixture_of(name: str, folder: Path) -> Path:
    found = FIXTURES[name]
    if found is not None:
        return found
    file = folder / "fixture"
    if name == "schedule":
        file.write_text(HEADER + ROWS)
    elif name == "ami":
        file.write_text(captured(HERE / "asterisk" / "ami.txt"), newline="")
    else:
        stream = HERE / "twilio" / "taskrouter.jsonl"
        run("publish", "twilio", stream, "--client", "acme", "--to", file, exit_codes=(1,))
    return file


def write_events(name: str, folder: Path) -> Path:
    """The event file that the command writes. A row that cannot be read is exit code 1; the others are published."""
    events = folder / "events.jsonl"
    options = [*options_of(name), *MORE.get(name, [])]
    run("publish", name, fixture_of(name, folder), *options, "--to", events, exit_codes=(0, 1))
    return events


def test_no_adapter_is_left_out() -> None:
    assert set(FIXTURES) == set(adapters())


@pytest.mark.parametrize("name", FIXTURES)
def test_its_events_pass_check_and_its_store_verifies(name: str, tmp_path: Path) -> None:
    events = write_events(name, tmp_path)
    assert events.read_text().strip(), "it has no events"
    checked = json.loads(run("check", events, "--format", "json").stdout)
    assert (checked["findings"], checked["summary"]["refused"], checked["summary"]["warnings"]) == ([], 0, 0)
    assert checked["summary"]["lines"] == checked["summary"]["valid"] > 0
    store = tmp_path / "store"
    assert "0 dead letters" in run("process", events, "--store", store).output
    assert "every row equals what its events say" in run("verify", "--store", store).output


EXAMPLES = [
    (name, example) for name, each in adapters().items() for example in (each.example, each.live_example) if example
]


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_its_example_is_listed_and_is_a_command_with_these_options(name: str, example: str) -> None:
    found = adapters()[name]
    program, command, adapter, target, *_ = words = shlex.split(example)
    assert (program, adapter) == ("callboard", name)
    parser: Any = typer.main.get_command(app)
    with parser.commands[command].make_context(command, words[2:]) as context:  # raises for an option that is none
        assert str(context.params["url" if command == "listen" else "file"]) == target.rstrip("/")
    if command == "listen":
        assert "://" in target
        assert found.live is not None
    elif "--follow" in words:
        assert found.live is not None
    else:
        assert found.read is not None
    assert not target.endswith("/") or found.reads_folder
    assert escape(example) in adapter_list(live_only=command == "listen")


def test_the_help_lists_them_all() -> None:
    listed = " ".join(run("publish", "--help").output.split())
    assert all(f"{name}: " in listed for name in adapters())


@pytest.mark.parametrize("name", sorted(name for name, each in adapters().items() if each.read is not None))
def test_a_folder_is_read_or_refused_by_name(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    if adapters()[name].reads_folder:
        fixture = FIXTURES[name]
        assert fixture is not None
        if fixture.is_dir():
            folder = fixture
        else:
            shutil.copy(fixture, folder)
        events = tmp_path / "events.jsonl"
        run("publish", name, folder, *options_of(name), *MORE.get(name, []), "--to", events, exit_codes=(0, 1))
        assert events.stat().st_size > 0
    else:
        refused = CliRunner().invoke(app, ["publish", name, str(folder), "--to", "-"])
        assert str(refused.exception) == f"{folder} is a folder, and {name} reads a file: name one file of it"


@pytest.mark.parametrize(
    "name", sorted(name for name, each in adapters().items() if each.live is not None and not each.follows_folder)
)
def test_a_folder_that_cannot_be_followed_is_refused_by_name(name: str, tmp_path: Path) -> None:
    refused = CliRunner().invoke(app, ["publish", name, str(tmp_path), "--follow", "--client", "acme", "--to", "-"])
    assert f"{tmp_path} is a folder, and {name} follows a file that grows" in str(refused.exception)
