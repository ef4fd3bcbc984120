"""The calendars of a centre: which business hours hold for a queue, and where in time they are known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pipeline.centre.hours import Calendar
from pipeline.centre.model import Centre
from pipeline.centre.vocabulary import ALWAYS

#: How far from today business hours are laid out as intervals for SQL.
DAYS_BEFORE, DAYS_AFTER = 400, 60

_ROUND_THE_CLOCK = Calendar(ALWAYS, ZoneInfo("UTC"))


def queue_calendar(centre: Centre, client: str, queue: str) -> Calendar:
    """The business hours of a queue: its own, else its site's, else always. KeyError if there is no such queue."""
    described = centre.queues[client][queue]
    site = centre.sites[described.site] if described.site is not None else None
    hours = described.hours or (site.hours if site else ALWAYS)
    if hours == ALWAYS:
        return _ROUND_THE_CLOCK
    zone = centre.queue_zone(client, queue)
    holidays = site.holidays if site else None
    return Calendar(
        " ".join(filter(None, (hours, zone.key, holidays))),
        zone,
        centre.hours[hours].week(),
        {holiday.date: holiday.hours for holiday in (centre.holidays[holidays] if holidays is not None else ())},
    )


def window(now: datetime) -> tuple[datetime, datetime]:
    """From when until when intervals are laid out, as seen from an aware moment: whole UTC days."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=DAYS_BEFORE), today + timedelta(days=DAYS_AFTER)
