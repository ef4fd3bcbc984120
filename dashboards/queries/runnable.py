"""The text of a question as anybody can run it: with every parameter written out. For showing and copying only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dashboards.data.asking import Ask


def runnable_sql(question: Ask, at: datetime, columns: Sequence[str] = (), row: Sequence[tuple[str, Any]] = ()) -> str:
    """The SQL of a question at the moment ``at``, for ``callboard query``.

    ``columns`` and ``row`` narrow it to the numbers that a tile shows: (column, value) pairs, None for NULL.
    """
    values = {**question.bound(at), **question.scope.parameters()}
    text = question.query.sql(question.scope)
    text = re.sub(r"\$([a-z_]+)", lambda name: literal(values[name[1]]), text)
    if not columns and not row:
        return text
    condition = " AND ".join(f"{name} IS NOT DISTINCT FROM {literal(value)}" for name, value in row) or "true"
    return f"SELECT {', '.join(columns) or '*'} FROM (\n{text}\n) WHERE {condition}"


def literal(value: Any) -> str:
    """A value as SQL says it.

    Raises:
        TypeError: SQL has no way to say it that we know.
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, datetime):
        return f"TIMESTAMPTZ '{value.isoformat()}'"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    raise TypeError(f"no SQL literal for {type(value).__name__}")
