"""An alert in plain words: for a mail and for a terminal. Moments in UTC. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

_MINUTE, _HOUR = 60, 3600
_OPERATORS = {">": "above", ">=": "at or above", "<": "below", "<=": "at or below"}


def number(value: float, unit: str) -> str:
    """``81.3 %``, ``2:05``, ``12``."""
    if unit == "ratio":
        return f"{value * 100:.1f} %"
    if unit == "seconds":
        minutes, seconds = divmod(int(value), _MINUTE)
        hours, minutes = divmod(minutes, _MINUTE)
        return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
    return f"{value:,.10g}"


def place(alert: Mapping[str, Any]) -> str:
    """What it is about."""
    parts = [str(alert[name]) for name in ("client", "subject") if alert.get(name) is not None]
    return ", ".join(parts) or "the whole centre"


def limit(alert: Mapping[str, Any]) -> str:
    """``above 2:00``."""
    return f"{_OPERATORS[alert['comparison']]} {number(alert['threshold'], alert['unit'])}"


def in_words(alert: Mapping[str, Any]) -> tuple[str, str]:
    """A subject and a text for a message as ``pipeline.alerts.evaluate.message`` makes it."""
    value, peak = number(alert["value"], alert["unit"]), number(alert["peak"], alert["unit"])
    head = {"raised": alert["severity"], "escalated": f"{alert['severity']}, nobody has acknowledged it"}
    subject = f"[{head.get(alert['event'], 'over')}] {alert['title']}: {place(alert)}"
    lines = [
        f"{alert['title']}: {place(alert)}",
        f"Value {value}, worst {peak}; the limit is {limit(alert)}.",
        f"Since {_utc(alert['since'])}, raised {_utc(alert['raised_at'])}.",
    ]
    if alert.get("cleared_at"):
        lines.append(f"Over since {_utc(alert['cleared_at'])} ({alert['cleared_because']}).")
    lines.append(f"Rule {alert['rule']}, alert {alert['alert']}.")
    return subject, "\n".join(lines) + "\n"


def _utc(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M} UTC"
