"""A few outcomes, bots, conversations and items of each fate, of which a simulated centre has none at a moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.dashboards.conftest import NOW, publish
from tests.support.calls import call, line


def _ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def _contact(number: int, channel: str = "voice") -> dict[str, Any]:
    return {"client": "acme", "interaction": f"call-{number}", "channel": channel, "direction": "inbound"}


def _outcome(number: int, kind: str, *steps: tuple[float, str], **more: Any) -> Iterator[bytes]:
    """An outcome with its statuses, each so many days ago."""
    for days, status in steps:
        said = {**_contact(number), "queue": "sales", "outcome": f"o-{number}", "kind": kind, "status": status, **more}
        yield line("interaction.outcome_changed", f"o-{number}-{status}", _ago(days=days), said)


def _lines() -> Iterator[bytes]:
    money = {"amount": "50.00", "currency": "EUR"}
    days = {number: str((NOW - timedelta(days=number)).date()) for number in (1, 4)}
    yield from _outcome(11, "promise", (6, "made"), (4, "kept"), due_on=days[4], **money)
    yield from _outcome(12, "promise", (6, "made"), (3, "broken"), due_on=days[4], **money)
    yield from _outcome(13, "promise", (3, "made"), due_on=days[1], **money)
    yield from _outcome(14, "pledge", (6, "made"), (3, "fulfilled"), due_on=days[4], **money)
    yield from _outcome(15, "sale", (6, "made"), (3, "cancelled"), **money)
    yield from _outcome(16, "sale", (6, "made"), **money)
    yield from _outcome(17, "sale", (6, "made"), (3, "cancelled"), campaign="spring", **money)
    yield from _outcome(18, "sale", (6, "made"), campaign="spring", **money)
    yield from call(21, _ago(seconds=90), "talk", channel="chat")
    yield from call(22, _ago(seconds=40), "talk", channel="chat")
    for number, kind in ((31, "bot"), (32, "menu")):
        step = {"bot": "entrance", "kind": kind, "step": "1", "result": "continued"}
        yield line("interaction.menu_stepped", f"step-{number}", _ago(minutes=2), {**_contact(number), **step})
    # Closed on the day before it was due.
    yield from call(45, _ago(days=3), "letters", channel="email", answered_after_seconds=60, ended_after_seconds=600)
    due = {**_contact(45, "email"), "promised_at": _ago(days=2).isoformat()}
    yield line("interaction.described", "said-45", _ago(days=3), due)
    # Ten hours old each, promised for so many hours from now: late, due within the hour, and at risk for longer.
    for number, hours in ((41, -1.0), (42, 0.5), (43, 2.0), (44, 90.0)):
        yield from call(number, _ago(hours=10), "letters", channel="email")
        promised = {**_contact(number, "email"), "promised_at": (NOW + timedelta(hours=hours)).isoformat()}
        yield line("interaction.described", f"said-{number}", _ago(hours=9), promised)


def publish_work(folder: Path) -> Path:
    """Processed and published."""
    return publish(folder, list(_lines()))
