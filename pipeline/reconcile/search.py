"""Which causes, together, make our numbers equal to theirs: the fewest, in the order of the list. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from pipeline.reconcile.measures import SERVICE_LEVEL
from pipeline.reconcile.numbers import Reported
from pipeline.reconcile.rule import Cause, Rule, under

#: What each row would say under a rule, its service level (True) or all else: place of the row -> measure -> number.
Recompute = Callable[[Rule, bool], Mapping[int, Mapping[str, Decimal | None]]]
#: A cell of the report: the place of its row, and its measure.
CellKey = tuple[int, str]

#: What was accepted for each cell, in the order in which it takes of the difference.
Accepted = Mapping[CellKey, tuple[Cause, ...]]

MOST_CAUSES = 3
#: So that no report takes hours; combinations come in their order, so what is left untried is the least likely.
MOST_TRIALS = 1_200
_ALTERNATIVES = 3
_LEAST_OF_A_PART = 2
_NUMBERS_PER_CAUSE = 2


@dataclass(frozen=True, slots=True)
class Found:
    """The causes, whether they explain every cell that was asked about, and others that would do as well."""

    causes: tuple[Cause, ...]
    complete: bool
    alternatives: tuple[tuple[Cause, ...], ...] = ()


class Search:
    """Tries causes on a set of cells, on top of those that are accepted already."""

    def __init__(self, recompute: Recompute, nothing: Mapping[str, Decimal | None]) -> None:
        """``nothing``: what is counted in a row of which nothing is known."""
        self._recompute = recompute
        self._nothing = nothing
        #: Whether a search gave up before all combinations were tried.
        self.cut_short = False

    def value(self, cell: CellKey, causes: tuple[Cause, ...]) -> Decimal | None:
        """Our number for a cell when these causes hold."""
        row, measure = cell
        numbers = self._recompute(under(causes, measure), measure == SERVICE_LEVEL)
        return numbers.get(row, self._nothing).get(measure)

    def find(
        self,
        cells: Mapping[CellKey, Reported],
        base: Accepted,
        causes: Sequence[Cause],
        most: int = MOST_CAUSES,
        whole: bool = False,
    ) -> Found | None:
        """The fewest further causes that make every cell equal; else those that make most of the open ones so.

        Part of the cells is enough only if not ``whole``, if it is more than half of the open ones and at least two,
        and if no cell that was equal becomes unequal. None: nothing is open, or nothing explains it.
        """
        before = self._equal(cells, base, ())
        still_open = cells.keys() - before
        if not still_open:
            return None
        # Enough causes explain anything by chance: each one more needs two more numbers that differ.
        most = min(most, 1 + (len(still_open) - 1) // _NUMBERS_PER_CAUSE)
        accepted = {id(cause): cause for cell in cells for cause in base[cell]}.values()
        usable = [cause for cause in causes if all(cause.fits_with(other) for other in accepted)]
        best: tuple[int, tuple[Cause, ...]] | None = None
        trials = 0
        lively = usable
        for size in range(1, most + 1):
            complete: list[tuple[Cause, ...]] = []
            effects: dict[tuple[Decimal | None, ...], Cause] = {}
            for combination in _combinations(lively, size):
                if trials >= MOST_TRIALS:
                    self.cut_short = True
                    break
                trials += 1
                after = self._equal(cells, base, combination)
                if len(after) == len(cells):
                    complete.append(combination)
                elif after >= before and (best is None or len(after) > best[0]):
                    best = len(after), combination
                if size == 1:
                    effects.setdefault(self._effect(cells, base, combination), combination[0])
            if complete:
                return Found(complete[0], True, tuple(complete[1 : 1 + _ALTERNATIVES]))
            if size == 1:
                # What changes nothing alone seldom does with others; the boundary does, beside another threshold.
                # Of those that change the same, such as two limits between which nobody gave up, the first is enough.
                effects.pop(self._effect(cells, base, ()), None)
                kept = {id(cause) for cause in effects.values()}
                lively = [cause for cause in usable if id(cause) in kept or "inclusive" in cause.change]
        if best is None or whole:
            return None
        gained = best[0] - len(before)
        if gained >= _LEAST_OF_A_PART and 2 * gained > len(still_open):
            return Found(best[1], False)
        return None

    def _equal(self, cells: Mapping[CellKey, Reported], base: Accepted, more: tuple[Cause, ...]) -> set[CellKey]:
        return {cell for cell, number in cells.items() if number.equals(self.value(cell, (*base[cell], *more)))}

    def _effect(self, cells: Iterable[CellKey], base: Accepted, more: tuple[Cause, ...]) -> tuple[Decimal | None, ...]:
        return tuple(self.value(cell, (*base[cell], *more)) for cell in cells)


def _combinations(causes: Sequence[Cause], size: int) -> Iterator[tuple[Cause, ...]]:
    for combination in combinations(causes, size):
        if all(one.fits_with(other) for one, other in combinations(combination, 2)):
            yield combination
