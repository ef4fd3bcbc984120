"""Two sets of rows compared, each difference in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Any, NamedTuple, Protocol

from .model import grouped

#: A report that is longer helps nobody.
MOST_DIFFERENCES = 20
#: Ratios are published as doubles.
RATIO_TOLERANCE = Fraction(1, 10**9)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Row = dict[str, Any]


class Cursor(Protocol):
    """What a query gives back."""

    @property
    def description(self) -> Any:
        """One sequence per column, its name first."""

    def fetchall(self) -> list[Any]:
        """All rows."""


class Connection(Protocol):
    """A DuckDB connection, of which no more is used than this."""

    def execute(self, query: str) -> Cursor:
        """Run one SQL statement."""


class Difference(NamedTuple):
    """One value that is not as expected."""

    view: str
    key: tuple[Any, ...]
    column: str
    expected: Any
    got: Any

    def __str__(self) -> str:
        """One line naming view, key, column, and both values."""
        key = ", ".join(_shown(value) for value in self.key)
        return f"{self.view} [{key}] {self.column}: expected {_shown(self.expected)}, got {_shown(self.got)}"


def in_words(differences: list[Difference]) -> list[str]:
    """The first 20 differences as lines, and a line for how many more there are."""
    lines = [str(difference) for difference in differences[:MOST_DIFFERENCES]]
    if len(differences) > MOST_DIFFERENCES:
        lines.append(f"... and {len(differences) - MOST_DIFFERENCES} more differences")
    return lines


def read_rows(connection: Connection, query: str, times: Collection[str] = ()) -> list[Row]:
    """The rows of ``query`` as dictionaries; columns in ``times`` hold microseconds since 1970 and become UTC times."""
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
    for row in rows:
        for name in times:
            if row[name] is not None:
                row[name] = EPOCH + timedelta(microseconds=row[name])
    return rows


def compare_rows(
    view: str, key: tuple[str, ...], expected: Iterable[Row], got: Iterable[Row], ratios: Collection[str] = ()
) -> list[Difference]:
    """All differences between two sets of rows known by ``key``, over the columns of the expected rows.

    Numbers are compared exactly, whatever their type; only the columns ``ratios`` may differ by 1e-9. Several rows may
    share a key: they are then compared in a fixed order.
    """

    def key_of(row: Row) -> tuple[Any, ...]:
        return tuple(_comparable(row[name]) for name in key)

    expected_by_key, got_by_key = grouped(expected, key_of), grouped(got, key_of)
    differences = []
    for row_key in sorted({*expected_by_key, *got_by_key}, key=repr):
        wanted = sorted(expected_by_key.get(row_key, []), key=_sorting_key)
        found = sorted(got_by_key.get(row_key, []), key=_sorting_key)
        if len(wanted) != len(found):
            differences.append(Difference(view, row_key, "(number of rows)", len(wanted), len(found)))
            continue
        for one, other in zip(wanted, found, strict=True):
            differences += [
                Difference(view, row_key, column, one[column], other[column])
                for column in one
                if not _same(one[column], other[column], column in ratios)
            ]
    return differences


def _sorting_key(row: Row) -> str:
    return repr(sorted((name, repr(_comparable(value))) for name, value in row.items()))


def _comparable(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float | Decimal | Fraction):
        return Fraction(value) if isfinite(value) else str(value)
    if isinstance(value, list | tuple):
        return tuple(_comparable(item) for item in value)
    return value


def _same(expected: Any, got: Any, is_ratio: bool) -> bool:
    one, other = _comparable(expected), _comparable(got)
    if is_ratio and isinstance(one, Fraction) and isinstance(other, Fraction):
        return abs(one - other) <= RATIO_TOLERANCE
    return bool(one == other)


def _shown(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Fraction):
        return str(value.numerator) if value.denominator == 1 else str(float(value))
    if isinstance(value, Decimal) and value.is_finite():
        return f"{value.normalize():f}"
    if isinstance(value, str):
        return repr(value)
    return str(value)
