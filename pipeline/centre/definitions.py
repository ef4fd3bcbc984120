"""The defaults of a centre's settings beyond those of its queues, which are in ``pipeline.domain.definitions``."""

from __future__ import annotations

#: Whether an answer at exactly the threshold is within it.
BOUNDARIES = ("inclusive", "exclusive")

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
