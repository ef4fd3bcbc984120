"""One turn of the evaluator: judge the minutes that are new, raise, clear, escalate, and note what is to be told."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pipeline.alerts.asking import (
    StoreQuestions,
    Subject,
    breaches_sql,
    minute_of,
    moment_of,
    values_of,
    written_out,
)
from pipeline.alerts.machine import IDLE, Change, Hold, Run, Watch, advance
from pipeline.alerts.rule import Rule
from pipeline.alerts.state import AlertState, Row, stamp
from pipeline.errors import CallboardError

#: Minutes of values that an alert keeps as its evidence.
EVIDENCE_MINUTES = 30
#: After a longer stop the evaluator does not tell people of what was; it goes on from here.
CATCH_UP_MINUTES = 24 * 60
_LOG = logging.getLogger(__name__)


class Evaluator:
    """Judges a store's minutes by rules. What it remembers is in the state: it may be ended at any instruction."""

    def __init__(self, state: AlertState, questions: StoreQuestions) -> None:
        """Takes up where the state says."""
        self._state = state
        self._questions = questions

    def turn(self, rules: Mapping[str, Rule], now: datetime) -> int:
        """Judge what is new at ``now``; how many alerts were raised or cleared.

        A rule that cannot be judged is noted as its problem and does not hold up the others.
        """
        there = self._questions.follow()
        changed = self._end_those_without_rule(rules, now)
        if there:
            published = minute_of(min(self._questions.published_at(), now)) + 1
            covered = minute_of(min(self._questions.covered_to(), now)) + 1
            progress = self._state.progress()
            for name, rule in rules.items():
                # A moment that the store does not cover yet is not judged; its age is judged by the clock.
                until = covered if rule.has_past else minute_of(now) + 1
                before = progress.get(name)
                # A new rule begins with now: while a worker catches up, it would tell people of the past.
                begins_in_the_past = before is None and rule.has_past and covered < published - 1
                if rule.enabled and not begins_in_the_past:
                    changed += self._judge(name, rule, before, until, now)
        self._escalate(rules, now)
        return changed

    def _judge(self, name: str, rule: Rule, before: Row | None, until: int, now: datetime) -> int:
        start = until - 1 if before is None else max(before["judged_to"], until - CATCH_UP_MINUTES)
        if start >= until:
            return 0
        try:
            runs = self._questions.runs(rule, start, until)
            watches = self._state.watches(name)
            if before is not None and before["revision"] != rule.revision:
                watches = {subject: watch for subject, watch in watches.items() if watch.is_open}
            return self._apply(name, rule, watches, runs, start, until, now)
        except CallboardError as error:
            if before is None or before["problem"] != str(error):
                _LOG.warning("rule %s cannot be judged: %s", name, error)
            with self._state.transaction():
                self._state.note_progress(name, rule.revision, start, str(error))
            return 0

    def _apply(
        self, name: str, rule: Rule, watches: Mapping[Subject, Watch], runs: Mapping[Subject, list[Run]], start: int,
        until: int, now: datetime,
    ) -> int:  # fmt: skip
        hold = hold_of(rule)
        judged = {
            subject: advance(watches.get(subject, IDLE), runs.get(subject, ()), start, until, hold)
            for subject in {*watches, *runs}
        }
        # Asked before the transaction: the boards wait for it.
        raised = {
            (subject, change.minute): self._new_alert(name, rule, subject, change)
            for subject, (_, changes) in judged.items()
            for change in changes
            if change.kind == "raised"
        }
        count = 0
        with self._state.transaction():
            known = self._state.watches(name)
            for subject in known.keys() - judged.keys():
                self._state.keep_watch(name, subject, IDLE)
            for subject, (watch, changes) in judged.items():
                for change in changes:
                    count += 1
                    if change.kind == "raised":
                        self._raise(rule, raised[subject, change.minute], now)
                    else:
                        self._clear(name, rule, subject, change, now)
                self._state.keep_watch(name, subject, watch)
                if watch.is_open:
                    self._update(name, subject, watch)
            self._state.note_progress(name, rule.revision, until)
        return count

    def _new_alert(self, name: str, rule: Rule, subject: Subject, change: Change) -> Row:
        watch, stop = change.watch, change.minute + 1
        start = max((watch.since or change.minute), stop - EVIDENCE_MINUTES)
        sql = written_out(breaches_sql(self._questions.series_of(rule), rule), values_of(rule, start, stop)).strip()
        rows = self._questions.values_before(rule, subject, stop, EVIDENCE_MINUTES)
        measure = rule.known_measure
        identity = json.dumps([name, subject.client, subject.name, change.minute])
        return {
            "id": hashlib.sha256(identity.encode()).hexdigest()[:16], "rule": name, "title": rule.title,
            "severity": rule.severity.value, "measure": rule.measure, "unit": rule.unit_of_value,
            "comparison": rule.comparison, "threshold": rule.threshold,
            "of_agents": int(measure is not None and measure.of_agents), "per": rule.per, "client": subject.client,
            "subject": subject.name,
            "site": self._questions.site_of(subject) if rule.measure and rule.per == "queue" else None,
            "since": stamp(moment_of(watch.since or change.minute)), "raised_at": stamp(moment_of(change.minute)),
            "value": watch.value, "peak": watch.peak, "sql": sql,
            "evidence": json.dumps([[stamp(moment), value] for moment, value in rows]),
        }  # fmt: skip

    def _raise(self, rule: Rule, alert: Row, now: datetime) -> None:
        if self._state.add_alert(alert):
            self._owe(alert, "raised", rule.tell, now)

    def _clear(self, name: str, rule: Rule, subject: Subject, change: Change, now: datetime) -> None:
        alert = self._state.open_alert(name, subject)
        if alert is not None:
            self._update(name, subject, change.watch)
            self._close(alert, rule, moment_of(change.minute), "over", now)

    def _update(self, name: str, subject: Subject, watch: Watch) -> None:
        self._state.change(
            "UPDATE alerts SET value = :value, peak = :peak WHERE rule = :rule AND client IS :client "
            "AND subject IS :subject AND cleared_at IS NULL",
            {"value": watch.value, "peak": watch.peak, "rule": name, "client": subject.client, "subject": subject.name},
        )

    def _close(self, alert: Row, rule: Rule | None, at: datetime, because: str, now: datetime) -> None:
        self._state.change(
            "UPDATE alerts SET cleared_at = :at, cleared_because = :because WHERE id = :id",
            {"at": stamp(at), "because": because, "id": alert["id"]},
        )
        (closed,) = self._state.rows("SELECT * FROM alerts WHERE id = :id", {"id": alert["id"]})
        # Who was told that it is there is told that it is over.
        told = self._state.rows("SELECT DISTINCT target FROM deliveries WHERE alert = :id", {"id": alert["id"]})
        self._owe(closed, "cleared", [row["target"] for row in told], now)

    def _end_those_without_rule(self, rules: Mapping[str, Rule], now: datetime) -> int:
        """The alerts of a rule that is gone or switched off are over, for nobody looks after them any more."""
        live = {name for name, rule in rules.items() if rule.enabled}
        gone = sorted(self._state.progress().keys() - live)
        count = 0
        for name in gone:
            with self._state.transaction():
                for alert in self._state.rows(
                    "SELECT * FROM alerts WHERE rule = :rule AND cleared_at IS NULL", {"rule": name}
                ):
                    self._close(alert, None, now, "rule is off", now)
                    count += 1
                for table in ("watches", "progress"):
                    self._state.change(f"DELETE FROM {table} WHERE rule = :rule", {"rule": name})  # noqa: S608
        return count

    def _escalate(self, rules: Mapping[str, Rule], now: datetime) -> None:
        waiting = self._state.rows(
            "SELECT * FROM alerts WHERE cleared_at IS NULL AND acknowledged_at IS NULL AND escalated_at IS NULL"
        )
        for alert in waiting:
            rule = rules.get(alert["rule"])
            if rule is None or rule.escalate is None:
                continue
            due = datetime.fromisoformat(alert["raised_at"]) + timedelta(minutes=rule.escalate.after_minutes)
            if due <= now:
                with self._state.transaction():
                    # Somebody may have acknowledged it since.
                    changed = self._state.change(
                        "UPDATE alerts SET escalated_at = :now WHERE id = :id AND acknowledged_at IS NULL",
                        {"now": stamp(now), "id": alert["id"]},
                    )
                    if changed:
                        self._owe({**alert, "escalated_at": stamp(now)}, "escalated", rule.escalate.tell, now)

    def _owe(self, alert: Row, event: str, targets: Iterable[str], now: datetime) -> None:
        for target in targets:
            self._state.owe(alert["id"], event, target, message(alert, event), now)


def hold_of(rule: Rule) -> Hold:
    """A rule's hold-down."""
    return Hold.of_seconds(rule.raise_after_seconds, rule.clear_after_seconds, is_upper=rule.is_upper)


#: What a message has of its alert: nothing of a person.
_TOLD = (
    "rule", "title", "severity", "measure", "unit", "comparison", "threshold", "per", "client", "subject", "since",
    "raised_at", "value", "peak", "escalated_at", "cleared_at", "cleared_because",
)  # fmt: skip


def message(alert: Row, event: str) -> dict[str, Any]:
    """What is told: the alert as it is, without the names of people."""
    return {"version": 1, "alert": alert["id"], "event": event, **{name: alert.get(name) for name in _TOLD}}
