"""The names and the defaults that the settings of a queue are made of."""

from __future__ import annotations

from pipeline.domain.definitions import SHORT_ABANDON_SECONDS, TARGET_SECONDS

#: The service-level definitions that a client's contract may name.
SERVICE_LEVEL_DEFINITIONS = (
    "abandons_negative",
    "abandons_ignored",
    "abandons_positive",
    "answered_only",
    "short_abandons_out",
    "short_abandons_positive",
    "with_callbacks",
    "switchable",
    "with_breakouts",
    "without_abandons",
    "parameterised",
    "empty_is_full",
    "rolling_30min",
)
#: What becomes of an abandon within the short-abandon limit.
SHORT_ABANDONS = ("counted", "excluded", "excluded_from_service_level", "not_offered")
#: Whether an answer at exactly the threshold is within it.
BOUNDARIES = ("inclusive", "exclusive")

THRESHOLD_SECONDS = float(TARGET_SECONDS)
SHORT_ABANDON_LIMIT_SECONDS = float(SHORT_ABANDON_SECONDS)
SERVICE_LEVEL_TARGET = 0.8
ABANDONMENT_TARGET = 0.05

#: A payment so many days after the promised date still keeps the promise.
PROMISE_GRACE_DAYS = 2
#: A contact of the same customer within so many days is a repeat contact.
REPEAT_CONTACT_DAYS = 7
#: An interaction without an end is aged, and left out by rule, so long after its last event: a day.
AGED_AFTER_SECONDS = 86_400.0

#: Drops may be this share of the calls that a person answered (FTC and FCC: 3 % in 30 days).
DROP_RATE_LIMIT = 0.03
#: A call that has no agent so long after the end of the greeting is a drop (FTC: 2 s).
CONNECT_WITHIN_SECONDS = 2.0
