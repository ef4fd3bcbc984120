"""A KPI cell: the counts and sums of the segments queued in one minute of one queue."""

from __future__ import annotations

from msgspec import Struct

from pipeline.domain.contribution import MEASURES, CellKey, Contribution

#: What a 64-bit column holds. Only nonsense exceeds it, and nonsense must not stop a partition: it counts as unknown.
_LARGEST_STORED = 2**63 - 1


class Cell(Struct, kw_only=True, array_like=True):
    """Counts, exact waits and amounts. Removing what was added leaves no trace, so corrections are exact."""

    client: str
    queue: str
    channel: str
    direction: str
    minute_us: int
    counts: list[int]
    #: outcome -> wait in microseconds -> number of segments. Exact, so that a maximum can be taken back.
    waits: dict[str, dict[int, int]]
    #: currency -> [segments with an amount, sum of amounts in ten-thousandths].
    amounts: dict[str, list[int]]
    entity_no: int = 0


def new_cell(key: CellKey, entity_no: int) -> Cell:
    """An empty cell."""
    client, queue, channel, direction, minute_us = key
    return Cell(
        client=client,
        queue=queue,
        channel=channel,
        direction=direction,
        minute_us=minute_us,
        counts=[0] * len(MEASURES),
        waits={},
        amounts={},
        entity_no=entity_no,
    )


def add(cell: Cell, part: Contribution, sign: int) -> None:
    """Put a contribution in (``sign`` 1) or take it out (-1)."""
    cell.counts = [have + sign * more for have, more in zip(cell.counts, part.counts, strict=True)]
    if part.wait_us is not None:
        waits = cell.waits.setdefault(part.outcome, {})
        number = waits.get(part.wait_us, 0) + sign
        if number:
            waits[part.wait_us] = number
        else:
            del waits[part.wait_us]
    if part.amount is not None:
        entry = cell.amounts.setdefault(part.currency, [0, 0])
        entry[0] += sign
        entry[1] += sign * part.amount
        if not entry[0]:
            del cell.amounts[part.currency]


def longest_wait_us(cell: Cell) -> int | None:
    """The longest ended wait of the cell, or ``None``."""
    return max((max(waits) for waits in cell.waits.values() if waits), default=None)


def revenue(cell: Cell) -> tuple[int | None, str | None]:
    """Sum of amounts in ten-thousandths and its currency; no sum over several currencies, which would mean nothing."""
    if not cell.amounts:
        return 0, None
    if len(cell.amounts) > 1:
        return None, None
    ((currency, (_, amount)),) = cell.amounts.items()
    if abs(amount) > _LARGEST_STORED:
        return None, None
    return amount, currency or None
