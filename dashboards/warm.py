"""Imports what every page needs: two seconds that the first viewer of a server process would wait for."""

from __future__ import annotations

import importlib

#: The queries read the KPI catalogue and are checked for their scope; DuckDB and Streamlit import pandas at first use.
MODULES = (
    "pandas",
    "dashboards.queries.registry",
    "dashboards.access.pages",
    "dashboards.entrance",
    "dashboards.filters",
    "dashboards.look.charts",
    "dashboards.look.queue_table",
    "dashboards.look.tiles",
    "dashboards.timemachine",
)


def up() -> None:
    """Import them; again it costs nothing."""
    for name in MODULES:
        importlib.import_module(name)
