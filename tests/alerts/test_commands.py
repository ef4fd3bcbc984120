"""The commands of the alerts as their own processes: what they print, and what they say when something is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.alerts.asking import StoreQuestions
from pipeline.alerts.evaluate import Evaluator
from pipeline.alerts.rule import Rule
from pipeline.alerts.state import AlertState
from tests.alerts.stores import START, published
from tests.e2e.command import environment
from tests.support.calls import call

RULES = """version: 1
rules:
  many:
    title: Many wait
    measure: waiting
    comparison: ">="
    threshold: 2
"""


def command(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline.cli", "alerts", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, check=False, timeout=60, env=environment(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = [*call(1, START, abandoned_after_seconds=600), *call(2, START, abandoned_after_seconds=600)]
    folder = published(tmp_path_factory.mktemp("store"), lines, START + timedelta(hours=1))
    (folder / "alerts.yaml").write_text(RULES)
    rules = {"many": Rule(title="Many wait", measure="waiting", comparison=">=", threshold=2)}
    state, questions = AlertState(folder), StoreQuestions(folder)
    for minutes in (-1, 5):
        Evaluator(state, questions).turn(rules, START + timedelta(minutes=minutes))
    questions.close()
    state.close()
    return folder


def test_a_file_is_checked_tried_and_its_alerts_are_listed_and_taken_on(store: Path) -> None:
    assert "alerts.yaml is right: 1 rules" in command("check", "alerts.yaml", "--store", ".", cwd=store).stderr
    tried = json.loads(command("back-test", "alerts.yaml", "--store", ".", "--json", cwd=store).stdout)
    assert [(alert["client"], alert["subject"], alert["peak"]) for alert in tried[0]["alerts"]] == [
        ("acme", "sales", 2)
    ]
    assert tried[0]["open_seconds"] == 600
    (row,) = json.loads(command("list", "--store", ".", "--json", cwd=store).stdout)
    assert (row["title"], row["value"]) == ("Many wait", 2)
    assert "acme, sales" in command("list", "--store", ".", cwd=store).stdout
    assert (
        command("ack", row["id"], "--name", "Dana", "--note", "chat helps", "--store", ".", cwd=store).returncode == 0
    )
    assert "Dana: chat helps" in command("list", "--store", ".", cwd=store).stdout
    again = command("ack", row["id"], "--name", "Kim", "--store", ".", cwd=store)
    assert (again.returncode, "Dana has acknowledged this alert already" in again.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("check", "nothing.yaml"), "cannot read nothing.yaml: No such file or directory"),
        (("run", "--rules", "nothing.yaml", "--store", "."), "cannot read nothing.yaml"),
        (("back-test", "alerts.yaml", "--rule", "none", "--store", "."), "alerts.yaml has no rule none: it has many"),
        (("back-test", "alerts.yaml", "--store", "elsewhere"), "elsewhere holds no published store"),
        (("ack", "x", "--name", "Kim", "--store", "elsewhere"), "holds no alerts: start 'callboard alerts run'"),
        (("ack", "x", "--name", " ", "--store", "."), "an acknowledgement has a name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(store: Path, arguments: tuple[str, ...], expected: str) -> None:
    done = command(*arguments, cwd=store)
    assert done.returncode != 0
    assert expected in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_there_is_one_evaluator_for_a_folder(store: Path) -> None:
    from pipeline.alerts.service import only_one

    with only_one(store):
        done = command("run", "--store", ".", "--no-deliver", cwd=store)
    assert done.returncode == 2
    assert "there may be one only" in " ".join(done.stderr.split())
