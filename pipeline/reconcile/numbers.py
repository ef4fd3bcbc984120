"""How a report writes its numbers, and when one of ours is equal to one of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pipeline.producers.adapters.times import CellError, parse_number

_SIXTY = 60
#: Quotients are computed as doubles; far below any digit that a report shows.
_NOISE = Decimal("1e-9")


@dataclass(frozen=True, slots=True)
class Reported:
    """A number of the report: in the measure's own unit (ratios from 0 to 1), and how far the real one may be from it.

    ``below`` and ``above``: the real number is at least ``value - below`` and at most ``value + above``.
    """

    value: Decimal
    below: Decimal
    above: Decimal

    def equals(self, ours: Decimal | None) -> bool:
        """Whether our number is this one, within the report's own rounding."""
        return ours is not None and self.value - self.below - _NOISE <= ours <= self.value + self.above + _NOISE


@dataclass(frozen=True, slots=True)
class Written:
    """How the cells of one column are written."""

    kind: Literal["number", "duration", "percent"]
    decimal_mark: str
    rounding: Literal["nearest", "down"]

    def read(self, text: str, exact: bool) -> Reported:
        """The number in a cell; ``exact``: a count, which nobody rounds. Raises CellError."""
        if self.kind == "duration" and ":" in text:
            value = step = Decimal(1)
            value = _clock(text)
        else:
            plain = text.removesuffix("%").strip() if self.kind == "percent" else text
            value = parse_number(plain, self.decimal_mark)
            exponent = value.as_tuple().exponent
            step = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
            if self.kind == "percent":
                value, step = value / 100, step / 100
        if value < 0:
            raise CellError("a negative number")
        if exact:
            if value != value.to_integral_value():
                raise CellError("a count that is not whole")
            return Reported(value, Decimal(0), Decimal(0))
        if self.rounding == "down":
            return Reported(value, Decimal(0), step)
        return Reported(value, step / 2, step / 2)


def _clock(text: str) -> Decimal:
    """[H:]MM:SS as seconds; more than 59 minutes may stand first. Raises CellError."""
    parts = text.split(":")
    if not 2 <= len(parts) <= 3 or not all(part.isascii() and part.isdigit() for part in parts):  # noqa: PLR2004
        raise CellError("not a number of seconds and not [H:]MM:SS")
    numbers = [int(part) for part in parts]
    if any(number >= _SIXTY for number in numbers[1:]):
        raise CellError("not a number of seconds and not [H:]MM:SS")
    seconds = 0
    for number in numbers:
        seconds = seconds * _SIXTY + number
    return Decimal(seconds)
