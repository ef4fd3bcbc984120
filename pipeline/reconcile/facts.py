"""The store's side: the passes that a report is about, counted under any rule, and what the store is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from pipeline.errors import CallboardError
from pipeline.kpis.settings import BEHAVIOUR, DEFINITION, INCLUSIVE, SHORT_US, THRESHOLD_US, join_settings, minute_of
from pipeline.reconcile.dead_letters import completed, said_by
from pipeline.reconcile.measures import COUNTED, FORMULAS, SERVICE_LEVEL
from pipeline.reconcile.report import Report, Window
from pipeline.reconcile.rule import Rule
from pipeline.reconcile.sql import names_of, recompute_sql
from pipeline.store.reader import open_live

Numbers = dict[str, Decimal | None]

#: A call may be counted in another period than the one in which it came, a day and a zone away.
_MARGIN = timedelta(days=2)
#: Which pass of its contact one is, is known for contacts that last no longer.
_LONGEST_CONTACT = timedelta(days=35)
_LETTERS_AT_ONCE = 1_000
#: What is counted where there is nothing: counts are 0, and there is no average of nothing.
NOTHING: Numbers = {
    **{name: None if name == "longest_wait_seconds" else Decimal(0) for name in COUNTED},
    **dict.fromkeys([*FORMULAS, SERVICE_LEVEL]),
}
_COLUMNS = (
    "client, interaction, segment, queue, queued_at, offered_at, answered_at, abandoned_at, left_at, wait_ended_at, "
    "handle_ended_at, ended_at, transferred_at, left_reason, outcome, wait_us, talk_us, hold_us, wrap_us, holds, "
    "alerts, declines"
)
_KNOWN = f"""
CREATE TEMP TABLE known AS
SELECT {_COLUMNS}, NULL::BOOLEAN AS with_letters
FROM segment_rows
WHERE list_contains($clients, client) AND segment <> ''
  AND (queued_at IS NULL OR (queued_at >= $since AND queued_at < $until))
"""
_OF_CONTACT = "PARTITION BY client, interaction, with_letters"
_ENTRIES = f"""
CREATE TEMP TABLE entries AS
SELECT * EXCLUDE (alerts, declines)
FROM (
  SELECT segments.*, {THRESHOLD_US} AS threshold_us, {INCLUSIVE} AS inclusive, {SHORT_US} AS short_us,
    {BEHAVIOUR} AS behaviour, {DEFINITION} AS definition,
    offered_at IS NOT NULL AND alerts > declines AS ringing,
    greatest(0, epoch_us(offered_at) - epoch_us(queued_at)) AS alert_wait_us,
    greatest(0, epoch_us(answered_at) - epoch_us(offered_at)) AS ring_us,
    greatest(0, epoch_us(wait_ended_at) - epoch_us(contacts.began_at)) AS contact_wait_us,
    row_number() OVER ({_OF_CONTACT} ORDER BY queued_at, segment) AS pass_no,
    row_number() OVER ({_OF_CONTACT} ORDER BY queued_at DESC, segment DESC) - 1 AS passes_after,
    row_number() OVER ({_OF_CONTACT}, segments.queue ORDER BY queued_at, segment) AS pass_in_queue
  FROM known segments {join_settings("segments", minute_of("segments.queued_at"))}
    LEFT JOIN (SELECT client, interaction, min(first_event_at) AS began_at FROM segment_rows
      WHERE list_contains($clients, client) GROUP BY ALL) contacts
      ON contacts.client = segments.client AND contacts.interaction = segments.interaction
  WHERE queued_at IS NOT NULL AND segments.queue IS NOT NULL)
WHERE queued_at >= $since AND queued_at < $until
""".replace("PARTITION BY client, interaction", "PARTITION BY segments.client, segments.interaction")


_ZONES = """
SELECT 'UTC', 'UTC'
UNION ALL (SELECT DISTINCT time_zone, concat(time_zone, ', the client''s zone') FROM centre_clients
  WHERE list_contains($clients, client) ORDER BY ALL)
UNION ALL (SELECT DISTINCT time_zone, concat(time_zone, ', a queue''s zone') FROM centre_queues
  WHERE list_contains($clients, client) ORDER BY ALL)
UNION ALL (SELECT DISTINCT time_zone, concat(time_zone, ', a site''s zone') FROM centre_sites ORDER BY ALL)
"""


@dataclass(frozen=True, slots=True)
class Hole:
    """A span in which the store is known to lack records of a client."""

    client: str
    start_at: datetime | None
    stop_at: datetime
    text: str


class Facts:
    """A connection on the published store, with the passes of the report's clients and its periods beside it."""

    def __init__(self, con: duckdb.DuckDBPyConnection, report: Report) -> None:
        """Read what the report is about. Nothing of the store is changed: the tables are this connection's own."""
        self._con = con
        self._report = report
        self.clients = sorted({row.client for row in report.rows})
        since = min(row.window.start_at for row in report.rows) - _MARGIN
        until = max(row.window.stop_at for row in report.rows) + _MARGIN
        con.execute(
            _KNOWN, {"clients": self.clients, "since": since - _LONGEST_CONTACT, "until": until + _LONGEST_CONTACT}
        )
        self.letters = self._add_letters()
        con.execute(_ENTRIES, {"clients": self.clients, "since": since, "until": until})
        self.zones = self._zones()
        self.holes = self._holes(since, until)
        con.execute(
            "CREATE TEMP TABLE windows (row_no INTEGER, zone VARCHAR, client VARCHAR, queue VARCHAR, "
            "start_at TIMESTAMPTZ, stop_at TIMESTAMPTZ)"
        )
        self._add_windows("", [(n, row.client, row.queue, row.window) for n, row in enumerate(report.rows)], None)
        for zone, _ in self.zones:
            rows = [(n, row.client, row.queue, row.window) for n, row in enumerate(report.rows)]
            self._add_windows(zone, rows, ZoneInfo(zone))
        self.recompute = cache(self._recompute)

    def _recompute(self, rule: Rule, levels: bool) -> dict[int, Numbers]:
        """What each row of the report (by its place) would say under a rule; ratios from 0 to 1."""
        query, parameters = recompute_sql(rule, levels)
        names = names_of(levels)
        found = self._con.execute(query, parameters).fetchall()
        return {row[0]: dict(zip(names, map(_decimal, row[1:]), strict=True)) for row in found}

    def passes(self, client: str, queue: str, start_at: datetime, stop_at: datetime) -> int:
        """How many passes entered a queue from ``start_at`` until before ``stop_at``."""
        return self._one(
            "SELECT count(*) FROM entries WHERE client = $client AND queue = $queue AND queued_at >= $start "
            "AND queued_at < $stop AND with_letters IS NOT true",
            {"client": client, "queue": queue, "start": start_at, "stop": stop_at},
        )

    def unended(self, client: str, queue: str, window: Window) -> int:
        """How many passes of a period have no end in the store."""
        return self._one(
            "SELECT count(*) FROM entries WHERE client = $client AND queue = $queue AND queued_at >= $start "
            "AND queued_at < $stop AND outcome = 'waiting' AND with_letters IS NOT true",
            {"client": client, "queue": queue, "start": window.start_at, "stop": window.stop_at},
        )

    def silent(self, client: str, window: Window) -> bool:
        """Whether the store has not a single event of the client's contacts in the period."""
        return not self._one(
            "SELECT count(*) FROM event_rows WHERE client = $client AND interaction IS NOT NULL AND time >= $start "
            "AND time < $stop",
            {"client": client, "start": window.start_at, "stop": window.stop_at},
        )

    def queues(self, client: str) -> list[str]:
        """The queues of a client in which the store has anything, or which its centre describes."""
        rows = self._con.execute(
            "SELECT DISTINCT queue FROM segment_rows WHERE client = $client AND queue IS NOT NULL "
            "UNION SELECT queue FROM centre_queues WHERE client = $client ORDER BY queue",
            {"client": client},
        ).fetchall()
        return [row[0] for row in rows]

    def _one(self, query: str, parameters: dict[str, Any]) -> int:
        row = self._con.execute(query, parameters).fetchone()
        return int(row[0]) if row else 0

    def _add_windows(self, key: str, rows: Iterable[tuple[int, str, str, Window]], zone: ZoneInfo | None) -> None:
        bounds = [
            (number, client, queue, *((window.start_at, window.stop_at) if zone is None else window.on(zone)))
            for number, client, queue, window in rows
        ]
        columns = [list(column) for column in zip(*bounds, strict=True)]
        self._con.execute(
            "INSERT INTO windows SELECT unnest($number), $zone, unnest($client), unnest($queue), unnest($start), "
            "unnest($stop)",
            dict(zip(("number", "client", "queue", "start", "stop"), columns, strict=True)) | {"zone": key},
        )

    def _zones(self) -> list[tuple[str, str]]:
        """Zones whose days a report may mean, and whose they are; not the one that its mapping names."""
        rows = self._con.execute(_ZONES, {"clients": self.clients}).fetchall()
        zones: dict[str, str] = {}
        for zone, whose in rows:
            if zone is not None and zone != self._report.zone.key:
                zones.setdefault(zone, whose)
        return [*zones.items(), *self._offsets([self._report.zone.key, *zones])]

    def _offsets(self, named: list[str]) -> Iterator[tuple[str, str]]:
        """Fixed offsets from UTC, in whole hours, that are none of these zones' at the beginning of the report."""
        window = self._report.rows[0].window
        known = {window.on(ZoneInfo(zone)) for zone in named}
        for hours in sorted(range(-12, 15), key=abs):
            zone = f"Etc/GMT{-hours:+d}"  # the sign of these names is the other way round
            if window.on(ZoneInfo(zone)) not in known:
                yield zone, f"UTC{hours:+03d}:00"

    def _holes(self, since: datetime, until: datetime) -> list[Hole]:
        rows = self._con.execute(
            "SELECT client, lost_from, time, source, name FROM source_notices WHERE kind = 'gap' "
            "AND list_contains($clients, client) AND time >= $since AND coalesce(lost_from, time) < $until "
            "ORDER BY time",
            {"clients": self.clients, "since": since, "until": until},
        ).fetchall()
        return [
            Hole(client, start, stop, f"{source} noted a gap ({name})") for client, start, stop, source, name in rows
        ]

    def _letters(self) -> Iterator[bytes | None]:
        """The refused records, some at a time: there may be many."""
        cursor = self._con.execute("SELECT value FROM rejects_rows ORDER BY received_at")
        while rows := cursor.fetchmany(_LETTERS_AT_ONCE):
            yield from (row[0] for row in rows)

    def _add_letters(self) -> int:
        """Beside the passes as they are: the contacts of refused records as these would have made them."""
        letters = {key: said for key, said in said_by(self._letters()).items() if key[0] in self.clients}
        if not letters:
            return 0
        contacts = dict(zip(("c", "i"), map(list, zip(*{key[:2] for key in letters}, strict=True)), strict=True))
        concerned = "(client, interaction) IN (SELECT (unnest($c), unnest($i)))"
        cursor = self._con.execute(f"FROM known WHERE {concerned}", contacts)
        names = [column[0] for column in cursor.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        stored = {(row["client"], row["interaction"], row["segment"]): row for row in rows}
        completed_rows = []
        for key in stored.keys() | letters.keys():
            empty = dict.fromkeys(names) | dict(zip(("client", "interaction", "segment"), key, strict=True))
            empty |= {"holds": 0, "alerts": 0, "declines": 0}
            row = stored.get(key)
            said = letters.get(key)
            made = completed(row or empty, said) if said else dict(row or empty)
            completed_rows.append([made.get(name) if name != "with_letters" else True for name in names])
        self._con.execute(f"UPDATE known SET with_letters = false WHERE {concerned}", contacts)
        marks = ", ".join("?" * len(names))
        self._con.executemany(f"INSERT INTO known VALUES ({marks})", completed_rows)
        return len(letters)


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


@contextmanager
def facts_of(store: Path, report: Report) -> Iterator[Facts]:
    """The facts of the published store for a report.

    Raises:
        CallboardError: nothing is published, or the store was made by another version.
    """
    con = open_live(store)
    try:
        yield Facts(con, report)
    except duckdb.CatalogException as error:
        raise CallboardError(
            f"the store lacks what reconcile needs ({str(error).splitlines()[0]}): "
            "publish it anew with this callboard ('callboard process', or start the worker)"
        ) from None
    finally:
        con.close()
