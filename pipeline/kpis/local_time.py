"""KPIs by the hour and the day of the queue's own clocks, right also when those are changed."""

from __future__ import annotations

_PLACE = ("client", "queue", "channel", "direction", "time_zone")

_WALL = "(minute AT TIME ZONE time_zone)"
_OFFSET_US = f"(epoch_us({_WALL}) - epoch_us(minute AT TIME ZONE 'UTC'))"
_MINUTES = f"(abs({_OFFSET_US}) // 60000000)"
#: Of cells with their ``time_zone``: when they were on the queue's own clocks.
LOCAL_COLUMNS = f"""{_WALL}::DATE AS local_day,
      minute - ({_WALL} - date_trunc('hour', {_WALL})) AS local_hour_start,
      concat(CASE WHEN {_OFFSET_US} < 0 THEN '-' ELSE '+' END, lpad(({_MINUTES} // 60)::VARCHAR, 2, '0'), ':',
        lpad(({_MINUTES} % 60)::VARCHAR, 2, '0')) AS utc_offset"""


def local_statements() -> list[str]:
    """The views ``kpi_local_hour`` and ``kpi_local_day``.

    An hour is known by its day, the moment at which it began and the offset then. So the hour that the clocks repeat
    is two rows, the hour that they leave out is none, and a day of 25 or 23 hours is one row.
    """
    return [_view("hour", "local_day", "local_hour_start", "utc_offset"), _view("day", "local_day")]


def _view(name: str, *columns: str) -> str:
    keys = ", ".join(f"'{column}': {column}" for column in (*_PLACE, *columns))
    return f"CREATE VIEW kpi_local_{name} AS FROM kpi_by({{{keys}}}, '-infinity', 'infinity')"
