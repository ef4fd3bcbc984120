"""What the history page reads out of its answers: periods, rows with what they were before, and differences in words.

Pure. A period is between two moments; its clocks are those of one zone. The period to compare with lies whole days of
that zone earlier, so that a Monday stands beside a Monday also in the week in which the clocks change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from dashboards.data.asking import Filters
from dashboards.queries.history import AGENT_GROUPINGS
from pipeline.kpis.catalogue import Ratio, catalogue
from pipeline.kpis.dimensions import agent_kpis

Row = Mapping[str, Any]
#: Which bucket of its period, counted so that two periods of the same length have the same.
Place = tuple[Any, ...]

PRESETS = ("today", "yesterday", "7days", "28days", "month", "last_month", "custom")
COMPARISONS = ("week", "before", "none")
#: What a viewer sees who chose no numbers.
NUMBERS = (
    "offered", "answered", "abandoned", "service_level_abandons_negative", "abandonment_rate", "asa_seconds",
    "wait_p90_seconds", "aht_seconds", "sales_per_answered",
)  # fmt: skip
_OF_AGENTS = ("answered", "asa_seconds", "aht_seconds", "average_hold_seconds", "transfer_rate", "sales_per_answered")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A period of time, ``stop`` not included, by the clocks of ``zone``."""

    start: datetime
    stop: datetime
    zone: ZoneInfo

    def earlier(self, days: int) -> Span:
        """The same hours by the clocks of the zone, so many days before."""
        return Span(_earlier(self.start, self.zone, days), _earlier(self.stop, self.zone, days), self.zone)

    @property
    def days(self) -> int:
        """How many days it touches at most: a whole number that is not shorter than it."""
        length = _wall(self.stop, self.zone)[0] - _wall(self.start, self.zone)[0]
        return max(1, -(-length // _DAY))


@dataclass(frozen=True, slots=True)
class Choice:
    """What the viewer chose. ``definitions_at`` None: every minute under the settings of its own time."""

    span: Span
    grain: str
    grouping: str
    numbers: tuple[str, ...]
    compare: str
    filters: Filters
    definitions_at: datetime | None = None
    as_of: datetime | None = None

    @property
    def of_agents(self) -> bool:
        """Grouped by who answered, so only numbers of answered segments can be said."""
        return self.grouping in AGENT_GROUPINGS

    @property
    def whole(self) -> Choice:
        """The same without time and groups: one row."""
        return replace(self, grain="whole", grouping="all")

    @property
    def compared(self) -> Span | None:
        """The period to compare with."""
        days = {"none": 0, "week": 7, "before": self.span.days}[self.compare]
        return self.span.earlier(days) if days else None


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table. ``before``: the same place of the period compared with; empty if there was nothing.

    ``corrections``: by measure, what it changed by after it had first been counted.
    """

    bucket: datetime
    client: str | None
    part: str | None
    values: Row
    before: Row = field(default_factory=dict)
    corrections: Mapping[str, Any] = field(default_factory=dict)


def available(grouping: str) -> tuple[str, ...]:
    """The names of the numbers that a grouping has, in the catalogue's order."""
    if grouping in AGENT_GROUPINGS:
        return agent_kpis()
    known = catalogue()
    return tuple(kpi.name for kpi in (*known.measures, *known.ratios))


def default_numbers(grouping: str) -> tuple[str, ...]:
    """What is shown when nothing was chosen."""
    return _OF_AGENTS if grouping in AGENT_GROUPINGS else NUMBERS


def span_of(preset: str, at: datetime, zone: ZoneInfo) -> Span:
    """The period of a preset up to the minute of ``at``; days begin at midnight of the zone.

    Raises:
        ValueError: there is no such preset.
    """
    stop = at.replace(second=0, microsecond=0)
    today = at.astimezone(zone).date()
    month = today.replace(day=1)
    starts = {
        "today": today,
        "yesterday": today - _DAY,
        "7days": today - 6 * _DAY,
        "28days": today - 27 * _DAY,
        "month": month,
        "last_month": (month - _DAY).replace(day=1),
    }
    if preset not in starts:
        raise ValueError(f"there is no period {preset!r}")
    ends = {"yesterday": midnight(today, zone), "last_month": midnight(month, zone)}
    return Span(midnight(starts[preset], zone), ends.get(preset, stop), zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which a day begins, in UTC."""
    return moment_of(datetime.combine(day, time()), zone)


def moment_of(wall: datetime, zone: tzinfo) -> datetime:
    """The moment of a clock's reading, in UTC: the first of the two when the clocks are set back."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _wall(moment: datetime, zone: ZoneInfo) -> tuple[datetime, int]:
    local = moment.astimezone(zone)
    return local.replace(tzinfo=None, fold=0), local.fold


def _earlier(moment: datetime, zone: ZoneInfo, days: int) -> datetime:
    return moment_of(_wall(moment, zone)[0] - days * _DAY, zone)


def place_of(bucket: datetime, span: Span, grain: str) -> Place:
    """Where a bucket stands in its period: the clock's distance from the start, or the number of the week or month."""
    wall, fold = _wall(bucket, span.zone)
    start, _ = _wall(span.start, span.zone)
    if grain == "month":
        return ((wall.year - start.year) * 12 + wall.month - start.month,)
    if grain == "week":
        return ((_monday(wall) - _monday(start)).days // 7,)
    if grain == "day":
        return ((wall.date() - start.date()).days,)
    return wall - start, fold


def _monday(wall: datetime) -> date:
    return wall.date() - timedelta(days=wall.weekday())


def bucket_at(place: Place, span: Span, grain: str) -> datetime:
    """The bucket of a period that stands at a place: what ``place_of`` gives, the other way."""
    start, _ = _wall(span.start, span.zone)
    if grain == "month":
        months = start.year * 12 + start.month - 1 + place[0]
        return max(midnight(date(months // 12, months % 12 + 1, 1), span.zone), span.start)
    if grain == "week":
        return max(midnight(_monday(start) + 7 * place[0] * _DAY, span.zone), span.start)
    if grain == "day":
        return max(midnight(start.date() + place[0] * _DAY, span.zone), span.start)
    distance: timedelta = place[0]
    return (start + distance).replace(tzinfo=span.zone, fold=place[1]).astimezone(UTC)


def lines_of(
    choice: Choice, now: Iterable[Row], before: Iterable[Row] = (), corrections: Iterable[Row] = ()
) -> list[Line]:
    """The rows by bucket, client and part; one without values if only the period compared with has it."""
    span, compared, grain = choice.span, choice.compared, choice.grain
    changed: dict[Place, dict[str, Any]] = {}
    for row in corrections:
        changed.setdefault((row["bucket"], row["client"], row["part"]), {})[row["measure"]] = row["change"]
    then = {}
    if compared is not None:
        then = {(bucket_at(place_of(r["bucket"], compared, grain), span, grain), r["client"], r["part"]): r
                for r in before}  # fmt: skip
    values = {(row["bucket"], row["client"], row["part"]): row for row in now}
    keys = sorted({*values, *then}, key=lambda key: (key[0], key[1] or "", key[2] is None, key[2] or ""))
    return [Line(*key, values.get(key, {}), then.get(key, {}), changed.get(key, {})) for key in keys]


def change_of(name: str, line: Line) -> Any:
    """The number now less the number before; None if either is missing."""
    now, then = line.values.get(name), line.before.get(name)
    if now is None or then is None:
        return None
    if name == "revenue" and line.values.get("currency") != line.before.get("currency"):
        return None
    return now - then


def corrected(line: Line, numbers: Sequence[str]) -> list[tuple[str, Any, Any]]:
    """What of the numbers shown was corrected: (measure, what it was first, what it is now), by the catalogue's order.

    The first value is None where the settings leave contacts out: a correction is of the cell, which knows no settings.
    """
    known = catalogue()
    inputs: dict[str, None] = {}
    for name in numbers:
        kpi = known[name]
        inputs.update(dict.fromkeys(kpi.inputs if isinstance(kpi, Ratio) else [name]))
    found = []
    for measure in inputs:
        change, now = line.corrections.get(measure), line.values.get(measure)
        if change and now is not None:
            found.append((measure, None if line.values.get("short_not_offered") else now - change, now))
    return found
