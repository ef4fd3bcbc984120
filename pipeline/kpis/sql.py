"""The catalogue as SQL: the views and macros of ``live.duckdb``.

Everything here works on relations that the store publishes: ``segment_rows``, ``cell_rows`` and ``span_rows``, each
holding the current version of every row, and the settings ``centre_queues`` and ``centre_agents``. Facts hold no
threshold: ``rated_cells`` applies the settings when the cells are read, and all periods are made of it.
"""

from __future__ import annotations

from pipeline.kpis.as_of import as_of_statements
from pipeline.kpis.dimensions import WINDOW, dimension_statements
from pipeline.kpis.local_time import local_statements
from pipeline.kpis.measures import select_kpis
from pipeline.kpis.now import now_statements
from pipeline.kpis.service_levels import service_level_macro, service_levels_as_of_macro, service_levels_macro
from pipeline.kpis.settings import rated_cells_macro
from pipeline.kpis.waits import wait_histogram_view, wait_statements

_PLACE = "client, queue, channel, direction"
#: View name, its time column, and the expression that gives it from the minute.
PERIODS = (
    ("kpi_minute", "minute", "minute"),
    ("kpi_15min", "quarter", "time_bucket(INTERVAL 15 MINUTE, minute)"),
    ("kpi_hour", "hour", "time_bucket(INTERVAL 1 HOUR, minute)"),
    ("kpi_day", "day", "time_bucket(INTERVAL 1 DAY, minute)"),
)


def kpi_statements() -> list[str]:
    """The KPI views and macros, in the order in which they can be created."""
    periods = [
        f"CREATE VIEW {view} AS {select_kpis(f'{_PLACE}, {expression} AS {column}', 'rated_cells(NULL)')}"
        for view, column, expression in PERIODS
    ]
    between = "CREATE MACRO kpi_between(start, stop, definitions_at := NULL) AS TABLE " + select_kpis(
        _PLACE, "rated_cells(definitions_at)", WINDOW
    )
    return [
        *wait_statements(),
        wait_histogram_view(),
        rated_cells_macro(),
        *periods,
        between,
        *as_of_statements(),
        *dimension_statements(),
        *local_statements(),
        service_level_macro(),
        service_levels_macro(),
        service_levels_as_of_macro(),
        *now_statements(),
    ]
