"""What others read of the alerts: the open ones, those that are over, what was delivered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.alerts.state import FILE, AlertState

_HISTORY_ROWS = 500
_OPEN = (
    "SELECT * FROM alerts WHERE cleared_at IS NULL "
    "ORDER BY severity = 'serious' DESC, acknowledged_at IS NOT NULL, raised_at, id"
)
_ALL = "SELECT * FROM alerts ORDER BY raised_at DESC, id LIMIT :rows"
_DELIVERIES = "SELECT * FROM deliveries WHERE alert = :alert ORDER BY made_at, key"


def open_now(folder: Path) -> list[dict[str, Any]]:
    """The open alerts: serious before warnings, those that nobody has taken on first, then the oldest."""
    return _rows(folder, _OPEN)


def history(folder: Path, rows: int = _HISTORY_ROWS) -> list[dict[str, Any]]:
    """The newest alerts, open or over, the newest first."""
    return _rows(folder, _ALL, rows=rows)


def deliveries(folder: Path, alert: str) -> list[dict[str, Any]]:
    """Whom an alert was told, and whether they took it."""
    return _rows(folder, _DELIVERIES, alert=alert)


def _rows(folder: Path, sql: str, **values: Any) -> list[dict[str, Any]]:
    if not (folder / FILE).is_file():
        return []
    state = AlertState(folder)
    try:
        return [dict(row) for row in state.rows(sql, values)]
    finally:
        state.close()
