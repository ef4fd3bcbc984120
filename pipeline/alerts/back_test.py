"""How often a rule would have told, when, and for how long: one query over the span, and the machine that runs live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.alerts.asking import StoreQuestions, Subject, minute_of, moment_of
from pipeline.alerts.evaluate import hold_of
from pipeline.alerts.machine import IDLE, advance, spans
from pipeline.alerts.rule import Rule
from pipeline.errors import CallboardError

DAYS = 90


@dataclass(frozen=True, slots=True)
class PastAlert:
    """An alert that there would have been."""

    subject: Subject
    since: datetime
    raised_at: datetime
    #: None: it would still be open at the end.
    cleared_at: datetime | None
    peak: float

    def seconds(self, stop: datetime) -> float:
        """How long it was open, up to ``stop`` at most."""
        return ((self.cleared_at or stop) - self.raised_at).total_seconds()


@dataclass(frozen=True, slots=True)
class BackTest:
    """What a rule would have told in [start, stop), as the store knows that time today."""

    start: datetime
    stop: datetime
    #: In order of time.
    alerts: tuple[PastAlert, ...]
    #: From when on the store knows of contacts; None: of none.
    known_from: datetime | None = None

    @property
    def per_day(self) -> float:
        """Alerts per day of the span."""
        return len(self.alerts) / max((self.stop - self.start) / timedelta(days=1), 1e-9)

    @property
    def open_seconds(self) -> float:
        """The time for which they were open, added up."""
        return sum(alert.seconds(self.stop) for alert in self.alerts)


def back_test(questions: StoreQuestions, rule: Rule, start: datetime, stop: datetime) -> BackTest:
    """Try a rule on the past.

    Raises:
        CallboardError: the measure has no past, or the rule's SQL cannot be used.
    """
    if not rule.has_past:
        raise CallboardError(
            f"{rule.measure} has no past in the store, so it cannot be tried; silence_seconds says when no events came"
        )
    first, last = minute_of(start), minute_of(stop)
    if first >= last:
        raise CallboardError("a back-test needs a begin before its end")
    found = []
    for subject, runs in questions.runs(rule, first, last).items():
        watch, changes = advance(IDLE, runs, first, last, hold_of(rule))
        for raised, cleared in spans(changes, watch):
            peak = raised.watch.peak
            since = raised.watch.since
            found.append(
                PastAlert(
                    subject, moment_of(raised.minute if since is None else since), moment_of(raised.minute),
                    None if cleared is None else moment_of(cleared), 0.0 if peak is None else peak,
                )
            )  # fmt: skip
    found.sort(key=lambda alert: (alert.raised_at, alert.subject.client or "", alert.subject.name or ""))
    return BackTest(moment_of(first), moment_of(last), tuple(found), questions.known_from())
