"""KPIs beyond the queue, by area: for each a file of SQL (views and macros) and a file of definitions.

``areas/NAME.sql`` is run when ``live.duckdb`` is made, in the order of ``AREAS``; ``areas/NAME.yaml`` lists its KPIs
for the catalogue. A KPI is added there and nowhere else.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from pipeline.centre import definitions as standard

#: A later area may build on an earlier one.
AREAS: tuple[str, ...] = (
    "unfinished",
    "outcomes",
    "outbound",
    "sales",
    "collections",
    "satisfaction",
    "schedule",
    "agents",
    "transfers",
    "contacts",
    "bots",
    "conversations",
    "concurrency",
    "resolution",
    "backlog",
    "callbacks",
    "reports",
)
#: What the SQL takes where centre.yaml says nothing, or before its first date.
_DEFAULTS = {
    "default_connect_within_us": round(standard.CONNECT_WITHIN_SECONDS * 1_000_000),
    "default_drop_rate_limit": f"{standard.DROP_RATE_LIMIT}::DECIMAL(9,6)",
    "default_promise_grace_days": standard.PROMISE_GRACE_DAYS,
    "default_repeat_contact_days": standard.REPEAT_CONTACT_DAYS,
    "default_aged_after_seconds": round(standard.AGED_AFTER_SECONDS),
}
_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)


@cache
def area_statements() -> tuple[str, ...]:
    """The defaults as macros, then the statements of all areas in order.

    These end with a semicolon at the end of a line; ``--`` begins a comment.
    """
    defaults = (f"CREATE MACRO {name}() AS {value}" for name, value in _DEFAULTS.items())
    return *defaults, *(
        statement.strip()
        for area in AREAS
        for statement in re.split(r";\s*$", _COMMENT.sub("", area_text(area, "sql")), flags=re.MULTILINE)
        if statement.strip()
    )


def area_text(area: str, kind: str) -> str:
    """The text of an area's file; ``kind``: sql or yaml."""
    return resources.files("pipeline.kpis").joinpath("areas", f"{area}.{kind}").read_text(encoding="utf-8")
