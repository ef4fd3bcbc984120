"""``callboard centre``: checked, applied, shown, and in force while a worker runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.centre.parse import parse_centre
from tests.e2e.command import callboard, succeed
from tests.e2e.conftest import StartWorker
from tests.e2e.published import ALL_PARTITIONS, rows
from tests.e2e.worker import wait_until
from tests.support.broker import Broker

WRONG = """\
version: 1
clients: {acme: }
queues:
  acme:
    sales: {line: inbuond-sales, channel: voice, site: berlin}
"""
RIGHT = WRONG.replace("inbuond", "inbound").replace(", site: berlin", "")
THRESHOLDS = "SELECT queue, threshold_us / 1000000 FROM centre_queues"


def written(folder: Path, text: str) -> Path:
    path = folder / "centre.yaml"
    path.write_text(text)
    return path


def test_the_example_passes_its_own_check(tmp_path: Path) -> None:
    done = callboard("centre", "example", cwd=tmp_path)
    assert done.returncode == 0
    assert "# " in done.stdout
    file = written(tmp_path, done.stdout)
    assert len(parse_centre(file.read_bytes()).clients) == 2
    said = succeed("centre", "check", file, cwd=tmp_path)
    assert f"{file} is valid: 2 clients, 2 sites, 7 queues" in said
    assert "excluded_from_service_level" in said


@pytest.mark.parametrize("command", [["check"], ["apply", "--store", "store"]])
def test_a_wrong_file_says_each_line_and_changes_nothing(tmp_path: Path, command: list[str]) -> None:
    done = callboard("centre", command[0], written(tmp_path, WRONG).name, *command[1:], cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "centre.yaml:5: queues.acme.sales.site: there is no 'berlin' under sites; define it there (none is defined)",
        "centre.yaml:5: queues.acme.sales.line: 'inbuond-sales' is not known here; did you mean 'inbound-sales'?",
        "error: centre.yaml has 2 errors, the first in line 5",
    ]
    assert not (tmp_path / "store").exists()


def test_a_centre_can_be_applied_before_anything_is_published(tmp_path: Path) -> None:
    said = succeed("centre", "apply", written(tmp_path, RIGHT), "--store", "store", cwd=tmp_path)
    assert "version 0001-" in said
    assert not (tmp_path / "store" / "live.duckdb").exists()
    assert "was in force already" in succeed("centre", "apply", "centre.yaml", "--store", "store", cwd=tmp_path)
    (tmp_path / "day.jsonl").write_bytes(b"")
    succeed("process", "day.jsonl", "--store", "store", cwd=tmp_path)
    assert rows(tmp_path / "store", THRESHOLDS) == [("sales", 20)]


def test_show_says_when_the_stores_copy_is_broken_and_doctor_too(tmp_path: Path) -> None:
    succeed("centre", "apply", written(tmp_path, RIGHT), "--store", "store", cwd=tmp_path)
    (tmp_path / "store" / "centre.yaml").write_text(WRONG)
    shown = callboard("centre", "show", "--store", "store", cwd=tmp_path)
    assert shown.returncode == 1
    assert "inbound-sales" in shown.stdout
    assert "centre.yaml:5: queues.acme.sales.line: 'inbuond-sales' is not known here" in shown.stderr
    doctor = callboard("doctor", "--store", "store", cwd=tmp_path)
    assert "wrong centre: centre.yaml has 2 errors, the first in line 5; version 0001-" in doctor.stdout


@pytest.mark.broker
def test_a_worker_takes_up_a_new_centre_without_a_restart(
    embedded_broker: Broker, start_worker: StartWorker, store: Path, tmp_path: Path
) -> None:
    worker = start_worker(embedded_broker.bootstrap)
    worker.wait_for_partitions(ALL_PARTITIONS)
    wait_until((store / "live.duckdb").exists, lambda: "something published")
    assert rows(store, THRESHOLDS) == []
    for seconds in (30, 10):
        file = written(tmp_path, RIGHT.replace("voice}", f"voice, settings: [{{threshold_seconds: {seconds}}}]}}"))
        # Put there as 'apply' does, but without its own publication: it is the worker that must notice.
        temporary = store / ".centre.new"
        temporary.write_bytes(file.read_bytes())
        temporary.rename(store / "centre.yaml")
        wait_until(
            lambda expected=[("sales", seconds)]: rows(store, THRESHOLDS) == expected,  # type: ignore[misc]
            lambda: f"the new threshold published; it is {rows(store, THRESHOLDS)}",
        )
    (store / "centre.yaml").write_text(WRONG)
    worker.wait_for("stays in force")
    assert re.search("centre.yaml has 2 errors, the first in line 5: version 0002-[0-9a-f]{8} stays", worker.said)
    assert rows(store, THRESHOLDS) == [("sales", 10)]
    assert worker.terminate()[0] == 0
