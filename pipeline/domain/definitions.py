"""The numbers that a definition needs: one place, named, with their units.

They are constants of the catalogue's version 1, not settings: a count made under one threshold and a count made under
another must never meet in one sum. Thresholds per queue, with validity dates, come with centre.yaml.
"""

from __future__ import annotations

#: Answered (or abandoned) within this many seconds counts as within target. At exactly the threshold it counts.
TARGET_SECONDS = 20
#: An abandon after at most this many seconds of waiting is a short abandon.
SHORT_ABANDON_SECONDS = 5
#: The outcome flag that makes a segment a sale.
SALE_FLAG = "sale"

#: An event that is older than the newest event of its partition by more than this is late: what it changes is a
#: correction, and is written down as one.
LATE_SECONDS = 60

MICROS = 1_000_000
MINUTE_US = 60 * MICROS
#: Amounts of money are whole ten-thousandths inside: sums are exact.
AMOUNT_SCALE = 10_000
