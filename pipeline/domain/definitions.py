"""The numbers and names that a definition needs: one place, with their units.

No threshold is counted into a fact. A cell keeps every exact wait, and what is "in time" or "short" is decided when it
is read, under the settings of the queue: those of the time of the queue entry, or those of a moment of the reader's
choice. What stands here holds for a queue whose settings say nothing else.
"""

from __future__ import annotations

#: Answered (or abandoned) within this many seconds counts as in time.
THRESHOLD_SECONDS = 20
#: Whether a wait of exactly the threshold is within it: ``<=`` (Asterisk, Wazo) or ``<`` (Connect, XCALLY).
THRESHOLD_INCLUSIVE = True
#: An abandon after at most this many seconds of waiting is a short abandon.
SHORT_ABANDON_SECONDS = 5
#: What may become of short abandons, in the order of the reference (d), (a), (b), (c): they are abandons like any
#: other; they are in neither side of abandonment and service level; they are left out of service level only; they were
#: never offered.
SHORT_ABANDON_BEHAVIOURS = ("counted", "excluded", "excluded_from_service_level", "not_offered")
SHORT_ABANDONS = "counted"
#: The named definitions of service level that a queue's settings may choose from. Their formulas are in the catalogue.
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
SERVICE_LEVEL = "abandons_negative"
#: Shares from 0 to 1.
SERVICE_LEVEL_TARGET = 0.8
ABANDONMENT_TARGET = 0.05

#: The outcome flag that makes a segment a sale.
SALE_FLAG = "sale"

#: An event that is older than the newest event of its partition by more than this is late: what it changes is a
#: correction, and is written down as one.
LATE_SECONDS = 60

MICROS = 1_000_000
MINUTE_US = 60 * MICROS
#: Amounts of money are whole ten-thousandths inside: sums are exact.
AMOUNT_SCALE = 10_000
