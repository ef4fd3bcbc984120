"""What the page of the alerts says: alerts, rules and back-tests in words and cells. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from dashboards.data.alerts import KeptRule, Watch
from dashboards.look import formats
from dashboards.look.tables import Cell, Column
from dashboards.look.words import mark, plural, say
from pipeline.alerts.back_test import BackTest, PastAlert
from pipeline.alerts.measures import MEASURES, Unit
from pipeline.alerts.rule import Rule

Row = Mapping[str, Any]
#: What people are told of.
EVENTS = {"raised": mark("raised"), "escalated": mark("escalated"), "cleared": mark("cleared")}
SEVERITIES = {"serious": ("◆", mark("serious")), "warning": ("▲", mark("warning"))}
PER = {
    "whole": mark("all clients together"),
    "client": mark("each client"),
    "line": mark("each line of business"),
    "queue": mark("each queue"),
    "campaign": mark("each campaign"),
}
_OPERATORS = {
    ">": mark("above {value}"),
    ">=": mark("at or above {value}"),
    "<": mark("below {value}"),
    "<=": mark("at or below {value}"),
}

OPEN_COLUMNS = (
    Column(mark("Severity"), "left"),
    Column(mark("Alert"), "left wrap"),
    Column(mark("Value")),
    Column(mark("Limit")),
    Column(mark("Open for")),
    Column(mark("Acknowledged"), "left wrap"),
)
PAST_COLUMNS = (
    Column(mark("Severity"), "left"),
    Column(mark("Alert"), "left wrap"),
    Column(mark("Worst")),
    Column(mark("Limit")),
    Column(mark("Raised")),
    Column(mark("Open for")),
    Column(mark("Over"), "left"),
    Column(mark("Acknowledged"), "left wrap"),
)
RULE_COLUMNS = (
    Column(mark("Rule"), "left"),
    Column(mark("When"), "left wrap"),
    Column(mark("Severity"), "left"),
    Column(mark("Tells"), "left"),
    Column(mark("Source"), "left"),
    Column(mark("State"), "left"),
)
TRIED_COLUMNS = (
    Column(mark("Raised"), "left"),
    Column(mark("Where"), "left"),
    Column(mark("Open for")),
    Column(mark("Worst")),
)


def said(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Headings in the viewer's language."""
    return tuple(Column(say(column.title), column.classes) for column in columns)


def value_text(value: float, unit: str) -> str:
    """A value in its unit."""
    if unit == "ratio":
        return formats.percent(value)
    return formats.duration(value) if unit == "seconds" else formats.count(value)


def limit_text(comparison: str, threshold: float, unit: str) -> str:
    """``above 2:00``."""
    return say(_OPERATORS[comparison], value=value_text(threshold, unit))


def where(client: str | None, subject: str | None) -> str:
    """What an alert is about."""
    return ", ".join(part for part in (client, subject) if part is not None) or say("all clients")


def severity_cell(severity: str) -> Cell:
    """Sign and word, coloured."""
    sign, word = SEVERITIES[severity]
    return Cell(f"{sign} {say(word)}", severity)


def label(row: Row) -> str:
    """An alert in a list to choose from."""
    sign, _ = SEVERITIES[row["severity"]]
    return f"{sign} {row['title']} · {where(row['client'], row['subject'])}"


def open_rows(rows: Iterable[Row], now: datetime) -> list[list[Cell]]:
    """The cells of the open alerts."""
    return [
        [
            severity_cell(row["severity"]),
            _title(row),
            Cell(value_text(row["value"], row["unit"]), "strong", below=_worst(row)),
            Cell(limit_text(row["comparison"], row["threshold"], row["unit"]), "muted"),
            Cell(formats.duration((now - _at(row["raised_at"])).total_seconds())),
            acknowledged_cell(row),
        ]
        for row in rows
    ]


def past_rows(rows: Iterable[Row], now: datetime, zone: tzinfo) -> list[list[Cell]]:
    """The cells of the history."""
    return [
        [
            severity_cell(row["severity"]),
            _title(row),
            Cell(value_text(row["peak"], row["unit"])),
            Cell(limit_text(row["comparison"], row["threshold"], row["unit"]), "muted"),
            Cell(formats.stamp(_at(row["raised_at"]), zone)),
            Cell(formats.duration((_end(row, now) - _at(row["raised_at"])).total_seconds())),
            Cell(_over(row)),
            acknowledged_cell(row),
        ]
        for row in rows
    ]


def _title(row: Row) -> Cell:
    place = where(row["client"], row["subject"])
    return Cell(row["title"], below=f"{place} · {say('escalated')}" if row["escalated_at"] else place)


def _worst(row: Row) -> str:
    return say("worst {value}", value=value_text(row["peak"], row["unit"]))


def _over(row: Row) -> str:
    if row["cleared_at"] is None:
        return say("open")
    return say("rule is off") if row["cleared_because"] == "rule is off" else say("over")


def acknowledged_cell(row: Row) -> Cell:
    """By whom, with the note."""
    if row["acknowledged_by"] is None:
        return Cell(say("nobody yet") if row["cleared_at"] is None else say("nobody"), "muted")
    return Cell(row["acknowledged_by"], below=row["note"] or "")


def _end(row: Row, now: datetime) -> datetime:
    return now if row["cleared_at"] is None else _at(row["cleared_at"])


def evidence(row: Row) -> list[tuple[datetime, float]]:
    """The values of the minutes before an alert was raised."""
    return [(_at(moment), float(value)) for moment, value in json.loads(row["evidence"])]


def rule_words(rule: Rule) -> str:
    """A rule as a sentence."""
    measure = rule.known_measure
    unit: Unit = rule.unit_of_value
    what = say("The value of its SQL") if measure is None else say(measure.title)
    parts = [f"{what} {limit_text(rule.comparison, rule.threshold, unit)}"]
    if measure is not None and measure.rolls:
        parts.append(say("over {minutes} minutes", minutes=rule.window_minutes))
    if rule.raise_after_seconds:
        parts.append(say("for {time}", time=formats.duration(rule.raise_after_seconds)))
    if measure is not None:
        parts.append(where(rule.client, rule.subject) if rule.client or rule.subject else say(PER[rule.per]))
    if rule.clear_threshold is not None:
        parts.append(say("back at {value}", value=value_text(rule.clear_threshold, unit)))
    if rule.clear_after_seconds:
        parts.append(say("clears after {time}", time=formats.duration(rule.clear_after_seconds)))
    return "; ".join(parts)


def rule_rows(rules: Iterable[KeptRule]) -> list[list[Cell]]:
    """The cells of the rules."""
    return [
        [
            Cell(kept.name, below=kept.rule.title),
            Cell(rule_words(kept.rule)),
            severity_cell(kept.rule.severity.value),
            Cell(", ".join(kept.rule.tell) or say("the board only"), below=_escalates(kept.rule)),
            Cell("alerts.yaml" if kept.source == "file" else kept.changed_by or say("the board")),
            _state(kept),
        ]
        for kept in rules
    ]


def _escalates(rule: Rule) -> str:
    if rule.escalate is None:
        return ""
    return say("after {minutes} min: {names}", minutes=rule.escalate.after_minutes, names=", ".join(rule.escalate.tell))


def _state(kept: KeptRule) -> Cell:
    if not kept.rule.enabled:
        return Cell(say("off"), "muted")
    return (
        Cell(say("on")) if kept.problem is None else Cell(f"▲ {say('cannot be judged')}", "warning", below=kept.problem)
    )


def tried_words(result: BackTest) -> str:
    """A back-test in one sentence."""
    days = (result.stop - result.start).days
    if not result.alerts:
        return say("In the last {days} days this rule would not have told once.", days=days)
    return say(
        "In the last {days} days this rule would have told {times}; open for {open} in all.",
        days=days, times=formats.plural(len(result.alerts), "time"), open=formats.age(result.open_seconds),
    )  # fmt: skip


def known_words(result: BackTest, zone: tzinfo) -> str:
    """From when on the store knows anything, if that is later than the begin of what was asked; else empty."""
    if result.known_from is None or result.known_from <= result.start:
        return ""
    return say("The store knows this time from {moment} on.", moment=formats.stamp(result.known_from, zone))


def unwatched(watch: Watch, zone: tzinfo) -> str:
    """Why an alert that ought to be raised is perhaps not."""
    if not watch.rules:
        return say("Nobody watches: no rule is in force here. Start with: callboard alerts run")
    if watch.judged_to is None:
        return say("Nobody watches: the rules were never judged. Start with: callboard alerts run")
    return say(
        "Nobody watches: the rules were last judged of {moment}. Is callboard alerts run down?",
        moment=formats.stamp(watch.judged_to, zone),
    )


def nothing_open(watch: Watch, now: datetime, as_of: datetime | None) -> str:
    """What stands where no alert is open. That all is well is for who looks to say."""
    if as_of is not None:
        return say("No alert was open then.")
    if not watch.is_kept(now):
        return say("No alert is known to be open.")
    return plural(watch.rules, "No alert is open; {number} rule watches.", "No alert is open; {number} rules watch.")


def tried_rows(alerts: Sequence[PastAlert], stop: datetime, unit: str, zone: tzinfo) -> list[list[Cell]]:
    """The cells of what a rule would have told."""
    return [
        [
            Cell(formats.stamp(alert.raised_at, zone)),
            Cell(where(alert.subject.client, alert.subject.name)),
            Cell(formats.duration(alert.seconds(stop)), below="" if alert.cleared_at else say("still open")),
            Cell(value_text(alert.peak, unit)),
        ]
        for alert in alerts
    ]


def measure_titles() -> dict[str, str]:
    """Measures by name, with the title that a person chooses by."""
    return {name: measure.title for name, measure in MEASURES.items()}


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
