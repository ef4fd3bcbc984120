"""KPIs beyond the queue, by area: for each a file of SQL (views and macros) and a file of definitions.

``areas/NAME.sql`` is run when ``live.duckdb`` is made, in the order of ``AREAS``; ``areas/NAME.yaml`` lists its KPIs
for the catalogue. A KPI is added there and nowhere else.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

#: A later area may build on an earlier one.
AREAS: tuple[str, ...] = (
    "outcomes",
    "outbound",
    "sales",
    "collections",
    "satisfaction",
    "unfinished",
    "schedule",
    "agents",
    "segments_detail",
    "contacts",
    "bots",
    "conversations",
    "concurrency",
    "resolution",
    "backlog",
    "callbacks",
    "reports",
)
_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)


@cache
def area_statements() -> tuple[str, ...]:
    """The statements of all areas in order. They end with a semicolon at the end of a line; ``--`` begins a comment."""
    return tuple(
        statement.strip()
        for area in AREAS
        for statement in re.split(r";\s*$", _COMMENT.sub("", area_text(area, "sql")), flags=re.MULTILINE)
        if statement.strip()
    )


def area_text(area: str, kind: str) -> str:
    """The text of an area's file; ``kind``: sql or yaml."""
    return resources.files("pipeline.kpis").joinpath("areas", f"{area}.{kind}").read_text(encoding="utf-8")
