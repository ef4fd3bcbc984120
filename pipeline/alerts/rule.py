"""What a rule says, made by form, by SQL or in alerts.yaml: one model for all three. Pure."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from pipeline.alerts.measures import MEASURES, Measure, Per, Unit
from pipeline.centre.vocabulary import hint

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
Comparison = Literal[">", ">=", "<", "<="]

#: A rule that holds for longer than this is a report.
_MOST_SECONDS = 86_400
_MOST_WINDOW_MINUTES = 1_440


class Severity(StrEnum):
    """How urgent an alert is."""

    WARNING = "warning"
    SERIOUS = "serious"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Escalation(_Part):
    """Who else is told when nobody has acknowledged the alert in time."""

    after_minutes: int = Field(ge=1, le=1_440)
    tell: tuple[Name, ...] = Field(min_length=1)


class Rule(_Part):
    """One rule. A breach is a value for which ``value comparison threshold`` holds."""

    title: Text
    measure: str | None = None
    sql: Annotated[str, StringConstraints(min_length=1, max_length=10_000, strip_whitespace=True)] | None = None
    #: Of an SQL rule's values; a measure has its own.
    unit: Unit = "count"
    per: Per = "queue"
    client: Text | None = None
    #: One line, queue or campaign, by ``per``; left out: each.
    subject: Text | None = None
    window_minutes: int = Field(30, ge=1, le=_MOST_WINDOW_MINUTES)
    comparison: Comparison
    threshold: float = Field(allow_inf_nan=False)
    #: The value has to come back to this before the alert may clear; left out: to the threshold.
    clear_threshold: float | None = Field(None, allow_inf_nan=False)
    #: Hold-down: how long a breach has to last before the alert is raised, and how long it has to be over.
    raise_after_seconds: int = Field(0, ge=0, le=_MOST_SECONDS)
    clear_after_seconds: int = Field(0, ge=0, le=_MOST_SECONDS)
    severity: Severity = Severity.WARNING
    tell: tuple[Name, ...] = ()
    escalate: Escalation | None = None
    enabled: bool = True

    @model_validator(mode="before")
    @classmethod
    def _whole_unless_said(cls, data: Any) -> Any:
        """Without ``per`` a measure is of the first thing that it can be of."""
        if isinstance(data, dict) and "per" not in data:
            known = MEASURES.get(str(data.get("measure")))
            return {**data, "per": known.per[0] if known else "queue"}
        return data

    @model_validator(mode="after")
    def _fits_together(self) -> Rule:
        if (self.measure is None) == (self.sql is None):
            raise _wrong("give either 'measure' or 'sql'")
        if self.measure is not None:
            if self.measure not in MEASURES:
                raise _wrong(f"there is no measure '{self.measure}'; {hint(self.measure, MEASURES)}")
            if self.per not in MEASURES[self.measure].per:
                raise _wrong(
                    f"{self.measure} is not known per {self.per}; {hint(self.per, MEASURES[self.measure].per)}"
                )
        elif self.client is not None or self.subject is not None:
            raise _wrong("'client' and 'subject' are for measures: an SQL rule says in its text what it looks at")
        if self.subject is not None and self.per in ("whole", "client"):
            raise _wrong(f"'subject' names one line, queue or campaign; with per: {self.per} leave it out")
        if self.client is not None and self.per == "whole":
            raise _wrong("'per: whole' is all clients together; with 'client' write per: client")
        clear = self.clear_threshold
        if clear is not None and (clear > self.threshold if self.is_upper else clear < self.threshold):
            side = "below" if self.is_upper else "above"
            raise _wrong(f"clear_threshold {clear:g} is no way back: it must lie at or {side} the threshold")
        return self

    @property
    def is_upper(self) -> bool:
        """Whether rising is what is bad."""
        return self.comparison in (">", ">=")

    @property
    def clears_at(self) -> float:
        """The value from which on an alert may clear."""
        return self.threshold if self.clear_threshold is None else self.clear_threshold

    @property
    def known_measure(self) -> Measure | None:
        """The measure of a rule made by form."""
        return None if self.measure is None else MEASURES[self.measure]

    @property
    def unit_of_value(self) -> Unit:
        """Of the value and the thresholds."""
        return self.unit if self.measure is None else MEASURES[self.measure].unit

    @property
    def has_past(self) -> bool:
        """Whether it can be tried on the past."""
        return self.measure is None or MEASURES[self.measure].has_past

    @property
    def revision(self) -> str:
        """Changes with whatever decides about a breach: what was watched under another revision says nothing now."""
        deciding = self.model_dump_json(exclude={"title", "severity", "tell", "escalate", "enabled"})
        return hashlib.sha256(deciding.encode()).hexdigest()[:16]


class Webhook(_Part):
    """An address that alerts are posted to. Its signing key is the setting ``alert_webhook_key``."""

    webhook: Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$")]


class Email(_Part):
    """Addresses that alerts are mailed to; how is in the settings ``smtp_...``."""

    email: tuple[Annotated[str, StringConstraints(pattern=r"^[^@\s,]+@[^@\s,]+$")], ...] = Field(min_length=1)


class RulesFile(_Part):
    """alerts.yaml."""

    version: Literal["1"]
    targets: dict[Name, Webhook | Email] = Field(default_factory=dict)
    rules: dict[Name, Rule] = Field(default_factory=dict)


def _wrong(message: str) -> PydanticCustomError:
    return PydanticCustomError("centre", "{message}", {"message": message})
