"""What queries with totals of their own share: which rows are totals, sums of counts, and the catalogue's formulas.

Macros answer for each queue, campaign or bot. A query adds up their counts for each client and for all (``level``), and
applies the formulas to the sums: a ratio is never added up.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.kpis.catalogue import Definition, Measure, catalogue
from pipeline.kpis.measures import quotient_sql

#: The values of ``level`` in the rows of totals; a row of a single thing has the name of that kind of thing.
OF_ALL, OF_CLIENT = "all", "client"


def levels(*keys: str) -> str:
    """``level`` and the keys, for ``sets`` of the same keys: ``keys[0]`` is the client, the others name the thing.

    A thing may be NULL (a dial without a campaign), so that a key says nothing of whether the row is a total.
    """
    grouped = ", ".join(keys)
    bare = 2 ** len(keys) - 1
    whens = f"WHEN {bare} THEN '{OF_ALL}' WHEN {bare // 2} THEN '{OF_CLIENT}'"
    return f"CASE grouping({grouped}) {whens} ELSE '{keys[1]}' END AS level, {grouped}"


def sets(*keys: str) -> str:
    """The grouping: by all keys, by the client, and in all."""
    return f"GROUP BY GROUPING SETS (({', '.join(keys)}), ({keys[0]}), ())"


def sums(names: Iterable[str]) -> str:
    """Sums of counts, as whole numbers."""
    return ", ".join(f"sum({name})::BIGINT AS {name}" for name in names)


def exact_sums(names: Iterable[str]) -> str:
    """Sums of seconds and of money, as exact decimals."""
    return ", ".join(f"sum({name}) AS {name}" for name in names)


def formulas(*names: str) -> str:
    """KPIs of the catalogue over the columns of a row, each under its own name."""
    return ", ".join(f"{_formula(name)} AS {name}" for name in names)


def _formula(name: str) -> str:
    kpi = catalogue()[name]
    if isinstance(kpi, Measure | Definition):
        raise ValueError(f"{name} is counted, not computed")
    return quotient_sql(kpi.formula)
