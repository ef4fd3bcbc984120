"""Measures and ratios of the catalogue as SQL over cells. Seconds leave as exact decimals."""

from __future__ import annotations

from pipeline.kpis.catalogue import Catalogue, Measure, Ratio, catalogue
from pipeline.kpis.waits import WAITS

#: Rows in several currencies, or one that is mixed already, have no sum.
_MIXED_CURRENCIES = (
    "bool_or(amounts > 0 AND revenue IS NULL) OR count(DISTINCT coalesce(currency, '')) FILTER (amounts > 0) > 1"
)


def seconds(micros: str) -> str:
    """Exact decimal seconds of an integer number of microseconds."""
    return f"({micros} * 0.000001::DECIMAL(7,6))"


def money(units: str) -> str:
    """Exact decimal money of ten-thousandths."""
    return f"({units} * 0.0001::DECIMAL(5,4))"


def _measure(measure: Measure) -> str:
    if measure.how == "money":
        return f"CASE WHEN {_MIXED_CURRENCIES} THEN NULL ELSE sum({money('revenue')}) END AS {measure.name}"
    if measure.unit == "seconds":
        # Scaled before it is summed: the sum of decimals has 38 digits, so no number of calls can overflow it.
        return f"{measure.how}({seconds(measure.of)}) AS {measure.name}"
    return f"{measure.how}({measure.of})::BIGINT AS {measure.name}"


def ratio_sql(ratio: Ratio) -> str:
    """The expression of a ratio over the measures of one row; a division by nothing gives NULL."""
    if ratio.percentile is not None:
        return f"wait_percentile(waits_us, {ratio.percentile})"
    return quotient_sql(ratio.formula)


def quotient_sql(formula: str) -> str:
    """A formula of the catalogue over the columns of one row; a division by nothing gives NULL."""
    top, slash, bottom = formula.rpartition(" / ")
    return f"{top} / nullif({bottom}, 0)" if slash else formula


def _aggregates(cat: Catalogue) -> str:
    waits = ", ".join(f"flatten(list({name}))" for name in WAITS.values())
    return ",\n    ".join(
        [
            *(_measure(measure) for measure in cat.measures),
            f"CASE WHEN {_MIXED_CURRENCIES} THEN NULL ELSE max(currency) FILTER (amounts > 0) END AS currency",
            f"flatten([{waits}]) AS waits_us",
        ]
    )


def select_kpis(keys: str, source: str, where: str = "true") -> str:
    """All measures and ratios of the rated cells of ``source``, per ``keys`` (grouping expressions with names)."""
    cat = catalogue()
    ratios = ",\n  ".join(f"{ratio_sql(ratio)} AS {ratio.name}" for ratio in cat.ratios)
    return (
        f"SELECT * EXCLUDE (waits_us),\n  {ratios}\nFROM (\n  SELECT {keys},\n    {_aggregates(cat)}\n"
        f"  FROM {source} WHERE {where}\n  GROUP BY ALL)"
    )
