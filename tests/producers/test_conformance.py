"""``callboard check``: the verdict is the contract's, and each finding says where, what and how to mend it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.contract.decode import decode
from pipeline.contract.rejects import Rejection
from pipeline.producers.conformance import Conformance, Finding
from tests.contract.corpus import ACCEPTED_FILES, EXAMPLES
from tests.contract.corpus import NOW as CORPUS_NOW
from tests.strategies import BAD_LINES, NOW, example, line, without

REJECTED = EXAMPLES / "rejected"
REFUSED = [entry["file"] for entry in yaml.safe_load((REJECTED / "index.yaml").read_text())["rejected"]]


def findings(*lines: bytes, now: datetime = NOW) -> list[Finding]:
    return list(Conformance().check(enumerate(lines, start=1), now))


@pytest.mark.parametrize("path", ACCEPTED_FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_good_event_gives_nothing_to_say(path: Path) -> None:
    assert findings(path.read_bytes().strip(), now=CORPUS_NOW) == []


@pytest.mark.parametrize("file", REFUSED)
def test_every_refusal_is_explained_under_the_contracts_reason(file: str) -> None:
    raw = (REJECTED / file).read_bytes()
    raw = raw.removesuffix(b"\n") if file.endswith(".json") else raw
    refused = decode(raw, CORPUS_NOW)
    assert isinstance(refused, Rejection)
    found = findings(raw, now=CORPUS_NOW)
    assert found
    for finding in found:
        assert (finding.severity, finding.reason) == ("error", refused.reason)
        assert finding.path.startswith("$")
        assert finding.problem
        assert finding.mend


@pytest.mark.parametrize("name", BAD_LINES)
def test_every_bad_line_is_refused_for_its_reason_and_found_at_its_member(name: str) -> None:
    value, reason = BAD_LINES[name]
    found = findings(value)
    assert {finding.reason for finding in found} == {reason}
    assert all(finding.mend for finding in found)
    refused = decode(value, NOW)
    assert isinstance(refused, Rejection)
    if reason == "schema" and " - at `$." in refused.detail:
        place = refused.detail.rpartition(" - at `")[2].split("[")[0].rstrip("`")
        assert any(finding.path.startswith(place) for finding in found), found


@pytest.mark.parametrize(
    ("changes", "path", "mend"),
    [
        ({"time": "2026-03-29T01:00:00"}, "$.time", "write 2026-03-29T01:00:00Z if it is UTC"),
        ({"time": "2026-03-29 01:00:00.5"}, "$.time", "write 2026-03-29T01:00:00.5Z if it is UTC"),
        ({"time": 1774746000}, "$.time", "write 2026-03-29T01:00:00Z"),
        ({"time": 1774746000000}, "$.time", "write 2026-03-29T01:00:00Z"),
        ({"time": "2026-03-29"}, "$.time", "write RFC 3339"),
        ({"time": "2026-03-29T13:00:00Z"}, "$.time", "local time that was written with a Z"),
        ({"time": "2027-03-29T13:00:00Z"}, "$.time", "is the clock of its system right"),
        ({"type": "interaction.queud.v1"}, "$.type", "did you mean interaction.queued.v1?"),
        ({"type": "Interaction.Queued.v1"}, "$.type", "did you mean interaction.queued.v1?"),
        ({"type": "interaction.queued"}, "$.type", "did you mean interaction.queued.v1?"),
        ({"data_direction": "INBOUND"}, "$.data.direction", "did you mean inbound?"),
        ({"data_direction": "xyz"}, "$.data.direction", "write inbound or outbound or internal"),
        ({"data_channel": "Voice"}, "$.data.channel", "small letters, digits and underscores"),
        ({"data_interaction": 7}, "$.data.interaction", "in quotes"),
        ({"data_queue": None}, "$.data.queue", "say what it is"),
        ({"data_queue": ""}, "$.data.queue", "name the thing"),
        ({"data_queue": "x" * 201}, "$.data.queue", "at most 200"),
        ({"data_queue": "a\nb"}, "$.data.queue", "take it out"),
        ({"data_revision": "2"}, "$.data.revision", "without quotes"),
        ({"data_revision": 2.0}, "$.data.revision", "without a decimal point"),
        ({"specversion": "0.3"}, "$.specversion", "write 1.0"),
        ({"data": "{}"}, "$.data", "as an object, not as text"),
    ],
)
def test_how_to_mend_it(changes: dict[str, Any], path: str, mend: str) -> None:
    (finding,) = findings(line(example(**changes)))
    assert finding.path == path
    assert mend in finding.mend


@pytest.mark.parametrize(
    ("changes", "path", "mend"),
    [
        ({"data_amount": 19.9}, "$.data.amount", '"19.90"'),
        ({"data_amount": "19,90"}, "$.data.amount", "decimal point"),
        ({"data_currency": "eur"}, "$.data.currency", "capital letters"),
        ({"data_flags": "sale"}, "$.data.flags", "an array"),
        ({"data_flags": None}, "$.data.flags", "leave it out"),
    ],
)
def test_how_to_mend_a_wrap_up(changes: dict[str, Any], path: str, mend: str) -> None:
    wrong = findings(line(example("interaction.wrapped_up.v1", **changes)))
    assert path in {finding.path for finding in wrong}
    assert mend in "".join(finding.mend for finding in wrong) or "say what it is" in wrong[0].mend


def test_all_that_is_wrong_with_a_line_is_said_at_once() -> None:
    wrong = without(example(data_segement="1", data_direction="in", time="2026-03-29T01:00:00"), "data_segment", "id")
    assert {(finding.path, finding.line) for finding in findings(line(wrong))} == {
        ("$.id", 1), ("$.time", 1), ("$.data.segment", 1), ("$.data.direction", 1),
    }  # fmt: skip


def test_what_is_allowed_and_hardly_meant_is_a_warning() -> None:
    said = example("interaction.ended.v1", data_endedBy="agent", data_own_member=1, Subject="x", traceparent="00-1")
    found = findings(line(said))
    assert {(finding.severity, finding.path, finding.mend) for finding in found} == {
        ("warning", "$.data.endedBy", "did you mean ended_by?"),
        ("warning", "$.Subject", "did you mean subject?"),
    }
    (phone,) = findings(line(example(data_interaction="call +1 202 555 0123")))
    assert (phone.severity, phone.path) == ("warning", "$.data.interaction")


def test_one_identity_for_two_events_is_an_error_and_a_repetition_is_not() -> None:
    first, spaced = example(id="1"), json.dumps(dict(reversed(example(id="1").items())), indent=None).encode()
    conformance = Conformance()
    lines = [line(first), spaced, line(example(id="1", data_queue="other")), line(example(id="2"))]
    (finding,) = conformance.check(enumerate(lines, start=1), NOW)
    assert (finding.line, finding.reason, finding.path) == (3, "conflict", "$.id")
    assert "line 1" in finding.problem
    assert (conformance.lines, conformance.valid, conformance.repeated, conformance.conflicting) == (4, 4, 2, 1)
    assert not conformance.ok


def test_no_value_is_repeated() -> None:
    canary = "Erika Mustermann"
    for name in example()["data"]:
        for wrong in (canary + "\n", {canary: canary}, [canary]):
            for finding in findings(line(example(**{f"data_{name}": wrong}))):
                assert "Erika" not in str(finding)
    (card,) = findings(line(example(**{"4111 1111 1111 1111": canary})))
    assert card.path == "$.**** **** **** 1111"


def test_the_command(tmp_path: Path) -> None:
    good = line(example(time=datetime.now(UTC).isoformat()))
    bad = line(example(time="2026-03-29T01:00:00"))
    (tmp_path / "good.jsonl").write_bytes(good + b"\n")
    runner = CliRunner()
    done = runner.invoke(app, ["check", str(tmp_path / "good.jsonl")])
    assert (done.exit_code, done.stdout) == (0, "")
    assert "1 lines: 1 valid" in done.stderr
    done = runner.invoke(app, ["check", "-", "--format", "json"], input=good + b"\n" + bad + b"\n" + bad)
    assert type(done.exception).__name__ == "CheckFailedError"
    report = json.loads(done.stdout)
    assert report["summary"]["refused"] == 2
    assert [(f["line"], f["path"], f["reason"]) for f in report["findings"]] == [
        (2, "$.time", "schema"), (3, "$.time", "schema"),
    ]  # fmt: skip
    done = runner.invoke(app, ["check", "-", "--limit", "1"], input=bad + b"\n" + bad)
    assert done.stdout.count("line 1: error (schema) at $.time") == 1
    assert "line 2" not in done.stdout
    assert "1 more findings are not shown" in done.stderr
