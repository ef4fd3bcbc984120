"""KPIs by the hour and the day of the queue's own clocks, right also when those are changed."""

from __future__ import annotations

from pipeline.kpis.measures import select_kpis
from pipeline.kpis.settings import join_settings

_PLACE = "client, queue, channel, direction, time_zone"


def local_statements() -> list[str]:
    """The views ``kpi_local_hour`` and ``kpi_local_day``.

    An hour is known by its day, the moment at which it began and the offset then. So the hour that the clocks repeat
    is two rows, the hour that they leave out is none, and a day of 25 or 23 hours is one row.
    """
    wall = "(minute AT TIME ZONE time_zone)"
    offset_us = f"(epoch_us({wall}) - epoch_us(minute AT TIME ZONE 'UTC'))"
    minutes = f"(abs({offset_us}) // 60000000)"
    offset = (
        f"concat(CASE WHEN {offset_us} < 0 THEN '-' ELSE '+' END, lpad(({minutes} // 60)::VARCHAR, 2, '0'), ':', "
        f"lpad(({minutes} % 60)::VARCHAR, 2, '0'))"
    )
    cells = f"""(
    SELECT *, {wall}::DATE AS local_day, {offset} AS utc_offset,
      minute - ({wall} - date_trunc('hour', {wall})) AS local_hour_start
    FROM (
      SELECT cells.*, coalesce(places.time_zone, 'UTC') AS time_zone
      FROM rated_cells(NULL) cells {join_settings("cells", "cells.minute", "places")}))"""
    return [
        f"CREATE VIEW kpi_local_hour AS {select_kpis(f'{_PLACE}, local_day, local_hour_start, utc_offset', cells)}",
        f"CREATE VIEW kpi_local_day AS {select_kpis(f'{_PLACE}, local_day', cells)}",
    ]
