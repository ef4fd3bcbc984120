"""One cause each: a report counted independently by another rule, and the command must name the rule and the amount."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipeline.reconcile.compare import reconcile
from pipeline.reconcile.facts import facts_of
from pipeline.reconcile.findings import Result
from pipeline.reconcile.mapping import load_report_mapping
from pipeline.reconcile.report import read_report
from tests.areas.floor_events import stored
from tests.oracle import QueueSettings
from tests.reconcile.day import Pass, Rules, events, write
from tests.support.settings import settle

pytestmark = pytest.mark.thorough


def compare(store: Path, report: Path, zone: str | None = "Europe/Berlin", mapping: str = "queue-day") -> Result:
    read = read_report(report, load_report_mapping(mapping, None, zone))
    with facts_of(store, read) as facts:
        return reconcile(read, facts)


def kinds(result: Result) -> list[tuple[str, ...]]:
    return [tuple(cause.kind for cause in causes) for _, causes, _ in result.accepted]


def said(result: Result) -> str:
    return " / ".join(cause.text for _, causes, _ in result.accepted for cause in causes)


def outcome_of(reason: str, becomes: str) -> Rules:
    return Rules(outcome=lambda p: becomes if p.reason == reason else p.outcome)


def test_a_report_by_our_own_rule_is_equal(tmp_path: Path, day_store: Path, passes: list[Pass]) -> None:
    result = compare(day_store, write(tmp_path / "r.csv", passes))
    assert (len(result.findings), result.count("equal"), result.accepted) == (12, 12, [])


CASES = [
    ("time_zone", "UTC", Rules(zone=ZoneInfo("UTC"))),
    ("boundary", "answered or given up", Rules(at=lambda p: p.wait_ended_at)),
    ("boundary", "counted when it ended", Rules(at=lambda p: p.ended_at)),
    ("transfer_legs", "only the first pass", Rules(keep=lambda p: p.number == 1)),
    ("transfer_legs", "only the last pass", Rules(keep=lambda p: p.number == p.passes)),
    ("transfer_legs", "same queue again counts once", Rules(keep=lambda p: not p.again)),
    ("callbacks", "counts as abandoned", outcome_of("callback", "abandoned")),
    ("callbacks", "counts as answered", outcome_of("callback", "answered")),
    ("callbacks", "not counted at all", Rules(keep=lambda p: p.reason != "callback")),
    ("short_abandons", "not counted as calls", Rules(keep=lambda p: p.outcome != "abandoned" or (p.wait or 0) > 5)),
    ("short_abandons", "within 6 s", Rules(keep=lambda p: p.outcome != "abandoned" or (p.wait or 0) > 6)),
    (
        "short_abandons",
        "offered, but not abandoned",
        Rules(outcome=lambda p: "" if p.outcome == "abandoned" and (p.wait or 0) <= 5 else p.outcome),
    ),
    (
        "definition",
        "timed out and closed count as abandoned",
        Rules(outcome=lambda p: "abandoned" if p.reason in ("timeout", "closed") else p.outcome),
    ),
    (
        "definition",
        "hang-up while an agent was alerted is not an abandon",
        Rules(outcome=lambda p: "" if p.outcome == "abandoned" and p.alerted is not None else p.outcome),
    ),
    ("definition", "abandons_positive", Rules(positive=True)),
    ("boundary", "late (<)", Rules(in_time=lambda p: p.wait is not None and p.wait < 20)),
    ("definition", "the threshold is 30 s", Rules(in_time=lambda p: p.wait is not None and p.wait <= 30)),
    ("definition", "answers without a wait", Rules(in_asa=lambda p: p.wait != 0)),
    ("definition", "without wrap-up", Rules(handling=lambda p: p.talk + p.hold)),
    (
        "definition",
        "begins when the agent is alerted",
        Rules(handling=lambda p: p.talk + p.hold + p.wrap + p.wait - p.alerted),
    ),  # type: ignore[operator]
    ("missing_records", "without an end are not in", Rules(keep=lambda p: p.outcome != "waiting")),
    (
        "missing_records",
        "without an end are abandons",
        Rules(outcome=lambda p: "abandoned" if p.outcome == "waiting" else p.outcome),
    ),
]


@pytest.mark.parametrize(("kind", "words", "rules"), CASES, ids=[f"{kind}: {words}" for kind, words, _ in CASES])
def test_one_cause(tmp_path: Path, day_store: Path, passes: list[Pass], kind: str, words: str, rules: Rules) -> None:
    result = compare(day_store, write(tmp_path / "r.csv", passes, rules))
    assert result.count("explained") > 0
    assert result.count("unexplained") == 0
    assert kinds(result) == [(kind,)], said(result)
    assert words in said(result)
    for finding in result.findings:
        if finding.status == "explained" and finding.measure in ("offered", "answered", "abandoned"):
            # The one cause takes all of the difference, and both numbers stand beside it.
            assert [part.amount for part in finding.parts] == [finding.difference]
            assert finding.difference == finding.reported - finding.ours  # type: ignore[operator]


def test_two_causes_each_with_its_share(tmp_path: Path, day_store: Path, passes: list[Pass]) -> None:
    rules = replace(outcome_of("callback", "abandoned"), keep=lambda p: p.number == 1)
    result = compare(day_store, write(tmp_path / "r.csv", passes, rules))
    assert kinds(result) == [("transfer_legs", "callbacks")]
    assert result.ok
    (abandoned,) = [f for f in result.findings if f.queue == "sales" and f.measure == "abandoned"]
    (answered,) = [f for f in result.findings if f.queue == "sales" and f.measure == "answered"]
    of_day = [p for p in passes if p.queue == "sales" and p.queued_at.astimezone(rules.zone).day == 2]
    assert [(p.kind, p.amount) for p in abandoned.parts] == [("callbacks", sum(p.reason == "callback" for p in of_day))]
    assert [(p.kind, p.amount) for p in answered.parts] == [("transfer_legs", -sum(p.number == 2 for p in of_day))]


def test_causes_of_counts_and_of_service_level_together(tmp_path: Path, day_store: Path, passes: list[Pass]) -> None:
    rules = replace(outcome_of("callback", "abandoned"), zone=ZoneInfo("UTC"), positive=True)
    result = compare(day_store, write(tmp_path / "r.csv", passes, rules))
    assert kinds(result) == [("time_zone", "callbacks"), ("definition",)]
    assert result.ok


def test_percentages_are_equal_within_their_own_digits(tmp_path: Path, day_store: Path, passes: list[Pass]) -> None:
    assert compare(day_store, write(tmp_path / "whole.csv", passes, Rules(level_digits=0))).count("equal") == 12
    exact = write(tmp_path / "exact.csv", passes, Rules(level_digits=4))
    assert compare(day_store, exact).count("equal") == 12
    header, first, *rest = exact.read_text().splitlines()
    cells = first.split(",")
    # One in the last digit is a difference when there are four of them ...
    cells[-1] = f"{float(cells[-1][:-1]) + 0.0001:.4f}%"
    exact.write_text("\n".join([header, ",".join(cells), *rest]))
    result = compare(day_store, exact)
    (finding,) = [f for f in result.findings if f.status != "equal"]
    assert (finding.measure, finding.status, finding.parts) == ("service_level", "unexplained", ())
    assert abs(finding.unexplained) < Decimal("0.000002")


def test_what_no_cause_explains_is_said_to_be_unexplained(tmp_path: Path, day_store: Path, passes: list[Pass]) -> None:
    report = write(tmp_path / "r.csv", passes)
    header, first, *rest = report.read_text().splitlines()
    cells = first.split(",")
    cells[3] = str(int(cells[3]) + 1000)
    report.write_text("\n".join([header, ",".join(cells), *rest]))
    result = compare(day_store, report)
    (finding,) = [f for f in result.findings if f.status != "equal"]
    assert (finding.status, finding.parts, finding.unexplained) == ("unexplained", (), 1000)
    assert not result.ok


@pytest.mark.parametrize(
    ("known", "words"), [(True, "Europe/Berlin, a queue's zone"), (False, "the report's day is that of UTC+01:00")]
)
def test_whose_day_it_is(tmp_path: Path, day_store: Path, passes: list[Pass], known: bool, words: str) -> None:
    """The mapping says UTC, the report is of Berlin's day: the centre knows the zone, or else the offset is found."""
    store = day_store
    if known:
        store = stored(tmp_path / "store", events(passes))
        settle(store, QueueSettings(queue="sales", client="acme", time_zone="Europe/Berlin"))
    result = compare(store, write(tmp_path / "r.csv", passes), zone="UTC")
    assert kinds(result) == [("time_zone",)]
    assert words in said(result)
    assert result.ok


def test_one_queue_has_another_threshold(tmp_path: Path, day_store: Path, passes: list[Pass]) -> None:
    lines = write(tmp_path / "r.csv", passes).read_text().splitlines()
    other = write(tmp_path / "o.csv", passes, Rules(in_time=lambda p: p.wait is not None and p.wait <= 30))
    sales = next(n for n, line in enumerate(lines) if ",sales," in line)
    lines[sales] = other.read_text().splitlines()[sales]
    (tmp_path / "r.csv").write_text("\n".join(lines))
    result = compare(day_store, tmp_path / "r.csv")
    ((what, causes, _),) = result.accepted
    assert [cause.text for cause in causes] == ["the threshold is 30 s"]
    assert [(f.queue, f.measure) for f in result.findings if f.status == "explained"] == [("sales", "service_level")]


def test_a_rule_that_explains_most_leaves_the_rest_unexplained(
    tmp_path: Path, day_store: Path, passes: list[Pass]
) -> None:
    lines = write(tmp_path / "r.csv", passes, Rules(keep=lambda p: p.number == 1)).read_text().splitlines()
    cells = lines[1].split(",")
    cells[3] = str(int(cells[3]) - 2)
    (tmp_path / "r.csv").write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]))
    result = compare(day_store, tmp_path / "r.csv")
    assert ("transfer_legs",) in kinds(result)
    (left,) = [f for f in result.findings if f.status == "unexplained"]
    assert (left.measure, left.unexplained, [part.kind for part in left.parts]) == ("offered", -2, ["transfer_legs"])
    # What the cause takes and what stays is the whole of the difference.
    assert left.parts[0].amount + left.unexplained == left.difference


def test_two_numbers_are_too_few_for_two_causes(tmp_path: Path, day_store: Path, passes: list[Pass]) -> None:
    """Both causes are true here, and yet two numbers do not prove them: nothing is claimed."""
    rules = replace(outcome_of("callback", "abandoned"), keep=lambda p: p.number == 1)
    lines = write(tmp_path / "r.csv", passes, rules).read_text().splitlines()
    client, queue, day, offered, _, abandoned, *_ = lines[1].split(",")
    (tmp_path / "r.csv").write_text(f"{lines[0]}\n{client},{queue},{day},{offered},,{abandoned},,,\n")
    result = compare(day_store, tmp_path / "r.csv")
    assert [f.status for f in result.findings] == ["unexplained", "unexplained"]
    assert result.accepted == []
