"""The alerts of the board: what a person may see of them, and what a person may do.

They are in alerts.sqlite, not in the store; what bounds a person to clients, sites and teams is applied here, to every
row that leaves this module.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dashboards.access.people import Person, Role
from dashboards.access.scope import Scope
from dashboards.saying import Saying
from pipeline.alerts import reading
from pipeline.alerts.asking import StoreQuestions, values_of, written_out
from pipeline.alerts.back_test import DAYS, BackTest, back_test
from pipeline.alerts.rule import Rule
from pipeline.alerts.state import FILE, AlertState, state_folder
from pipeline.errors import CallboardError
from pipeline.settings import load_settings

Row = Mapping[str, Any]
ACKNOWLEDGE = frozenset({Role.SUPERVISOR, Role.ADMIN})
EDIT = frozenset({Role.ADMIN})
#: Rules are judged each minute, of the minute that is over; later than this nobody seems to judge them.
LATE = timedelta(minutes=4)
#: One at a time: a long look into the past must not take every core from the boards.
_trying = threading.Lock()


@dataclass(frozen=True, slots=True)
class KeptRule:
    """A rule with where it comes from (``file`` or ``form``) and, if it cannot be judged, why."""

    name: str
    rule: Rule
    source: str
    changed_by: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class Watch:
    """Whether anybody looks: without, an empty list of alerts says nothing."""

    #: Rules that are in force; 0 also where alerts were never run on the store.
    rules: int
    #: The moment up to which the one that is furthest behind was judged; None: never.
    judged_to: datetime | None

    def is_kept(self, now: datetime) -> bool:
        """All rules are judged up to lately."""
        return bool(self.rules) and self.judged_to is not None and now - self.judged_to <= LATE


def watch(folder: Path) -> Watch:
    """How far the rules of a store are judged."""
    if not (_state(folder) / FILE).is_file():
        return Watch(0, None)
    state = AlertState(_state(folder))
    try:
        progress = state.progress()
        in_force = [name for name, (rule, _) in state.rules().items() if rule.enabled]
    finally:
        state.close()
    if not in_force or any(name not in progress for name in in_force):
        return Watch(len(in_force), None)
    minute = min(progress[name]["judged_to"] for name in in_force)
    return Watch(len(in_force), datetime.fromtimestamp(minute * 60, UTC))


def open_alerts(folder: Path, scope: Scope, as_of: datetime | None = None) -> list[Row]:
    """The open alerts of a store that a scope sees, the most urgent first; or those that were open at a moment."""
    if as_of is None:
        return [row for row in reading.open_now(_state(folder)) if sees(scope, row)]
    moment = as_of.isoformat()
    rows = [row for row in past_alerts(folder, scope, as_of) if row["cleared_at"] is None or row["cleared_at"] > moment]
    return sorted(rows, key=lambda row: (row["severity"] != "serious", row["acknowledged_at"] is not None))


def past_alerts(folder: Path, scope: Scope, as_of: datetime | None = None) -> list[Row]:
    """The newest alerts that a scope sees, open or over, the newest first; as they were known at a moment."""
    rows: list[Row] = [row for row in reading.history(_state(folder)) if sees(scope, row)]
    return rows if as_of is None else [_known(row, as_of) for row in rows if _at(row["raised_at"]) <= as_of]


def _known(row: Row, as_of: datetime) -> Row:
    """Without what happened later."""
    found = dict(row)
    for moment, others in (
        ("acknowledged_at", ("acknowledged_by", "note")), ("cleared_at", ("cleared_because",)), ("escalated_at", ()),
    ):  # fmt: skip
        if row[moment] is not None and _at(row[moment]) > as_of:
            found.update(dict.fromkeys((moment, *others)))
    return found


def sees(scope: Scope, row: Row) -> bool:
    """Whether a scope sees an alert: as ``dashboards.queries.scoped`` bounds the rows of queues, agents and clients."""
    if scope.is_everything:
        return True
    if row["client"] is None or (scope.clients is not None and row["client"] not in scope.clients):
        return False
    if scope.sites is not None and row["site"] not in scope.sites:
        return False
    # A sum over a client's agents says something of other teams; an SQL rule's may.
    return scope.teams is None or not (row["of_agents"] or row["measure"] is None)


def sees_evidence(person: Person, row: Row) -> bool:
    """An SQL rule is of the whole store: its text and what it found are for who may see all."""
    return row["measure"] is not None or (person.role is Role.ADMIN and person.scope.is_everything)


def deliveries(folder: Path, alert: str) -> list[Row]:
    """Whom an alert was told. For an alert that the person sees."""
    return [row for row in reading.deliveries(_state(folder), alert)]


def acknowledge(folder: Path, person: Person, name: str, alert: str, note: str, now: datetime) -> None:
    """Take an alert on, in a name.

    Raises:
        CallboardError: the person may not, the name is missing, or the alert is not there to be acknowledged.
    """
    if person.role not in ACKNOWLEDGE:
        raise CallboardError(Saying("Your role acknowledges no alerts: ask a supervisor."))
    if not name.strip():
        raise CallboardError(Saying("An acknowledgement has a name: write yours."))
    if alert not in {row["id"] for row in open_alerts(folder, person.scope)}:
        raise CallboardError(Saying("This alert is not open any more."))
    state = AlertState(_state(folder))
    try:
        state.acknowledge(alert, name.strip(), note.strip(), now)
    finally:
        state.close()


def rules(folder: Path, person: Person) -> list[KeptRule]:
    """The rules that a person sees: all, or those that are bound to the person's clients."""
    if not (_state(folder) / FILE).is_file():
        return []
    state = AlertState(_state(folder))
    try:
        progress = state.progress()
        found = [
            KeptRule(name, rule, row["source"], row["changed_by"], progress.get(name, {}).get("problem"))
            for name, (rule, row) in state.rules().items()
        ]
    finally:
        state.close()
    return [kept for kept in found if may_have(person.scope, kept.rule)]


def targets(folder: Path) -> list[str]:
    """The names of those whom a rule can tell."""
    if not (_state(folder) / FILE).is_file():
        return []
    state = AlertState(_state(folder))
    try:
        return [str(row["name"]) for row in state.rows("SELECT name FROM targets ORDER BY name")]
    finally:
        state.close()


def may_have(scope: Scope, rule: Rule) -> bool:
    """Whether a rule says nothing of what lies outside a scope. One that is not bound to a client is of all."""
    if scope.is_everything:
        return True
    bounded = scope.sites is not None or scope.teams is not None
    return not bounded and scope.clients is not None and rule.client in scope.clients


def keep_rule(folder: Path, person: Person, name: str, rule: Rule, now: datetime) -> None:
    """Keep a rule that was made or changed by form.

    Raises:
        CallboardError: the person may not, or the name is taken by a rule of the file or of somebody else's.
    """
    _check_may_edit(person, rule)
    state = AlertState(_state(folder))
    try:
        before = state.rules().get(name)
        if before is not None and not may_have(person.scope, before[0]):
            raise CallboardError(Saying("The name {name} is taken: choose another.", name=name))
        state.keep_rule(name, rule, person.name, now)
    finally:
        state.close()


def try_rule(folder: Path, person: Person, rule: Rule, stop: datetime | None = None, days: int = DAYS) -> BackTest:
    """How often a rule would have told in the days before ``stop`` (None: the last publication).

    Raises:
        CallboardError: the person may not, the measure has no past, or the rule's SQL cannot be used.
    """
    _check_may_see(person, rule)
    with _trying:
        questions = _questions(folder)
        try:
            published = questions.published_at()
            until = published if stop is None else min(stop, published)
            return back_test(questions, rule, until - timedelta(days=days), until)
        finally:
            questions.close()


def sql_of(folder: Path, person: Person, rule: Rule, start: int, stop: int) -> str:
    """The SQL of a rule's values for the minutes in [start, stop), as anybody can run it."""
    _check_may_see(person, rule)
    questions = _questions(folder)
    try:
        return written_out(questions.series_of(rule), values_of(rule, start, stop))
    finally:
        questions.close()


def _questions(folder: Path) -> StoreQuestions:
    questions = StoreQuestions(folder)
    if not questions.follow():
        raise CallboardError(f"{folder} holds no published store: start 'callboard worker'")
    return questions


def _check_may_see(person: Person, rule: Rule) -> None:
    if not may_have(person.scope, rule):
        raise CallboardError(Saying("This rule is of more than you may see: bind it to one of your clients."))
    if rule.sql is not None and not (person.role in EDIT and person.scope.is_everything):
        raise CallboardError(
            Saying("An SQL rule is of the whole store: only an admin who may see all of it can use one.")
        )


def _check_may_edit(person: Person, rule: Rule) -> None:
    if person.role not in EDIT:
        raise CallboardError(Saying("Your role changes no rules: ask an admin."))
    _check_may_see(person, rule)


def _state(folder: Path) -> Path:
    settings = load_settings(store=folder)
    return state_folder(settings)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
