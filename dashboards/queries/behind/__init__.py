"""The rows behind the numbers of the tiles: what each contact, span or other thing adds to a number.

Where a macro of the store gives single rows they are its rows. Elsewhere the conditions are those by which the store
makes its numbers, said once more of single rows: a test holds that both come to the same. A module for each area.
"""

from __future__ import annotations

from dashboards.queries.behind import dialled, digital, people, queues, sold, surveyed

QUERIES = (
    *queues.QUERIES, *people.QUERIES, *sold.QUERIES, *dialled.QUERIES, *surveyed.QUERIES, *digital.QUERIES,
)  # fmt: skip
