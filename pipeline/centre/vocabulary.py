"""The closed lists of centre.yaml, each in one place."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

#: Lines of business: what a queue or campaign is for decides which KPIs it has.
LINES = (
    "customer-service",
    "technical-support",
    "help-desk",
    "product-support",
    "inbound-sales",
    "outbound-sales",
    "collections",
    "surveys",
    "fund-raising",
    "chat",
    "messaging",
    "email",
    "letters",
    "back-office",
    "transcription",
)
#: As events have them in ``channel``.
CHANNELS = ("voice", "video", "chat", "messaging", "social", "sms", "email", "letter", "fax", "work_item")
#: What an outcome may mean. KPIs count flags, not codes: codes are the centre's own, flags mean the same everywhere.
FLAGS = (
    "sale",
    "upsell",
    "customer_contact",
    "right_party",
    "promise",
    "payment",
    "pledge",
    "resolved",
    "escalated",
    "survey_complete",
    "refused",
    "not_interested",
    "follow_up",
    "do_not_call",
    "human_answered",
    "machine",
    "unworkable",
)
#: Whose rule says how many dropped calls are too many.
DROP_RULES = ("none", "ftc", "ofcom")


#: The hours of a place that never closes, holidays included.
ALWAYS = "always"
#: In place of a client: holds for all of them.
EVERY_CLIENT = "*"

_LONGEST_LISTING = 20


def hint(given: str, known: Iterable[str]) -> str:
    """What to write instead of ``given``: the name that was probably meant, or else those that there are."""
    names = sorted(known)
    close = difflib.get_close_matches(given, names, n=1)
    if close:
        return f"did you mean '{close[0]}'?"
    if not names:
        return "none is defined"
    shown = ", ".join(names[:_LONGEST_LISTING])
    return f"choose one of {shown}{', ...' if len(names) > _LONGEST_LISTING else ''}"
