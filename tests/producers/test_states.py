"""What a centre's own names of agents' states mean: given by the command, and refused where nobody would hear it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.errors import CallboardError
from pipeline.producers.adapters.states import read_states
from pipeline.producers.webhooks.config import SourceConfig

HERE = Path(__file__).parent


def states(to: Path, *arguments: str) -> set[tuple[str, str | None]]:
    """State and reason of every event about an agent that a command wrote; signed out is a state here."""
    done = CliRunner().invoke(app, ["publish", *arguments, "--client", "acme", "--to", str(to)])
    assert done.exception is None or isinstance(done.exception, CallboardError | SystemExit), done.exception
    found = [json.loads(line) for line in to.read_text().splitlines()]
    return {
        (event["data"].get("state", event["type"].split(".")[1]), event["data"].get("reason"))
        for event in found
        if event["type"].startswith("agent.")
    }


def test_twilios_activities(tmp_path: Path) -> None:
    stream = str(HERE / "twilio" / "taskrouter.jsonl")
    plain = states(tmp_path / "plain", "twilio", stream)
    assert ("unavailable", "coaching") in plain
    told = states(tmp_path / "told", "twilio", stream, "--state", "Coaching=wrap_up", "--state", "Lunch=signed_out")
    assert ("wrap_up", "coaching") in told
    assert not told & {("unavailable", "coaching"), ("break", "lunch")}


def test_the_statuses_of_amazon_connect(tmp_path: Path) -> None:
    stream = str(HERE / "connect" / "agent-events.json")
    plain = states(tmp_path / "plain", "connect-agents", stream)
    breaks = {reason for state, reason in plain if state == "break"}
    assert breaks
    name = str(next(iter(breaks))).replace("_", " ")
    told = states(tmp_path / "told", "connect-agents", stream, "--state", f"{name.title()}=unavailable")
    assert told == {("unavailable", reason) if state == "break" else (state, reason) for state, reason in plain}
    out = states(tmp_path / "out", "connect-agents", stream, "--state", f"{name}=signed_out")
    assert "break" not in {state for state, _ in out}
    assert "signed_out" in {state for state, _ in out}


def test_freeswitchs_break(tmp_path: Path) -> None:
    stream = str(HERE / "freeswitch" / "stream.txt")
    assert ("break", "on_break") in states(tmp_path / "plain", "freeswitch", stream)
    told = states(tmp_path / "told", "freeswitch", stream, "--state", "On Break=unavailable")
    assert ("unavailable", "on_break") in told
    assert "break" not in {state for state, _ in told}
    out = states(tmp_path / "out", "freeswitch", stream, "--state", "on break=signed_out")
    assert "break" not in {state for state, _ in out}


@pytest.mark.parametrize("said", [["Coaching"], ["=break"], ["Coaching=resting"], ["A b=break", "a-B=available"]])
def test_what_is_not_understood_is_told(said: list[str]) -> None:
    with pytest.raises(CallboardError, match="--state"):
        read_states(said)
    assert read_states(["a=b=break"]) == {"a=b": "break"}


def test_an_adapter_without_such_names_refuses_them() -> None:
    arguments = ["zendesk", str(HERE / "zendesk" / "ticket-events.jsonl"), "--state", "Coaching=break", "--to", "-"]
    done = CliRunner().invoke(app, ["publish", *arguments])
    assert isinstance(done.exception, CallboardError)
    assert str(done.exception) == "leave --state out: zendesk knows no names of agents' states"
    source = {"name": "main", "secret_env": "X", "adapter": "zendesk", "states": {"Coaching": "break"}}
    with pytest.raises(ValidationError, match="states: this adapter knows no names"):
        SourceConfig.model_validate(source)
