"""Asks a store when a rule was breached: one query for any span, read-only, locked down, and not for ever."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipeline.alerts.machine import Run
from pipeline.alerts.rule import Rule
from pipeline.alerts.series import series_sql
from pipeline.alerts.statement import PARAMETERS, checked
from pipeline.errors import CallboardError
from pipeline.store.layout import StoreLayout
from pipeline.store.reader import open_live

MINUTE = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Subject:
    """What an alert is about: (None, None) is the whole store, (client, None) a client."""

    client: str | None
    name: str | None


def minute_of(moment: datetime) -> int:
    """The number of a moment's minute, since 1970."""
    return (moment - _EPOCH) // MINUTE


def moment_of(minute: int) -> datetime:
    """The begin of a minute."""
    return _EPOCH + minute * MINUTE


def breaches_sql(series: str, rule: Rule) -> str:
    """SQL for the runs of minutes that are not good, of a rule whose values ``series`` gives. Gaps and islands."""
    better = "<=" if rule.is_upper else ">="
    clear = f"value {better} {rule.clears_at!r}::DOUBLE"
    return f"""
SELECT client, subject, kind, min(minute) AS first_minute, list(value ORDER BY minute) AS run_values
FROM (
  SELECT *, minute - row_number() OVER (PARTITION BY client, subject, kind ORDER BY minute) AS island
  FROM (
    SELECT epoch_us(moment) // 60000000 AS minute, client, subject, value,
      CASE WHEN value {rule.comparison} {rule.threshold!r}::DOUBLE THEN 'breach' WHEN {clear} THEN 'good'
        ELSE 'between' END AS kind
    FROM ({series}) WHERE value IS NOT NULL AND moment >= $start::TIMESTAMPTZ AND moment < $stop::TIMESTAMPTZ)
  WHERE kind <> 'good')
GROUP BY client, subject, kind, island ORDER BY client, subject, first_minute
"""  # noqa: S608 - thresholds are numbers, the comparison is of a closed list, the series is checked


class StoreQuestions:
    """A connection to a store that follows its publications. For one thread at a time."""

    def __init__(self, folder: Path) -> None:
        """Nothing is opened yet."""
        self.folder = folder
        self._live = StoreLayout(folder).live
        self._con: duckdb.DuckDBPyConnection | None = None
        self._version: tuple[int, int] | None = None

    def follow(self) -> bool:
        """Open what is published now; false: nothing is.

        Raises:
            CallboardError: it cannot be opened.
        """
        try:
            status = self._live.stat()
        except FileNotFoundError:
            self.close()
            return False
        version = (status.st_ino, status.st_mtime_ns)
        if self._con is None or version != self._version:
            self.close()
            try:
                self._con = open_live(self.folder)
            except duckdb.Error as error:
                raise CallboardError(f"the store in {self.folder} cannot be read: {_line(error)}") from None
            self._version = version
        return True

    def close(self) -> None:
        """Let the store go."""
        if self._con is not None:
            self._con.close()
        self._con, self._version = None, None

    def published_at(self) -> datetime:
        """When what is read was published."""
        ((moment,),) = self._fetch("SELECT published_at FROM meta", {})
        return moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment))

    def covered_to(self) -> datetime:
        """Up to when the store knows what happened: its publication, or where a worker is behind, what that has read.

        While a worker catches up on hours, the store is published each second and knows nothing of now: without this,
        every rule is judged on a past half known, and "no events arrive" is raised while thousands do. That a worker
        stays behind is for rules of ``lag`` and ``data_age_seconds``, which are judged by the clock.
        """
        ((behind_us,),) = self._fetch(
            "SELECT epoch_us(min(coalesce(watermark, $never))) FROM offsets WHERE lag > 0", {"never": _EPOCH}
        )
        published = self.published_at()
        return published if behind_us is None else min(published, _EPOCH + timedelta(microseconds=behind_us))

    def known_from(self) -> datetime | None:
        """When the first contact of the store was heard of."""
        ((us,),) = self._fetch("SELECT epoch_us(min(first_event_at)) FROM segment_rows", {})
        return None if us is None else _EPOCH + timedelta(microseconds=us)

    def series_of(self, rule: Rule) -> str:
        """The SQL of a rule's values: moment, client, subject, value.

        Raises:
            CallboardError: an SQL rule's text cannot be used.
        """
        if rule.measure is not None:
            return series_sql(rule.measure)
        sql = checked(self._open(), rule.sql or "")
        unknown = sorted(_parameters(sql) - PARAMETERS)
        if unknown:
            raise CallboardError(f"the rule's SQL names ${unknown[0]}: it may use $start and $stop")
        example = {name: datetime(2000, 1, 1, tzinfo=UTC) for name in _parameters(sql)}
        try:
            described = self._open().execute(f"DESCRIBE {sql}", example or None).fetchall()
        except duckdb.Error as error:
            raise CallboardError(f"the rule's SQL does not work: {_line(error)}") from None
        columns = {str(row[0]) for row in described}
        if not {"moment", "value"} <= columns:
            raise CallboardError(
                "the rule's SQL must give the columns moment and value; also client and subject, if it has any"
            )
        named = [
            f"{name}::VARCHAR AS {name}" if name in columns else f"NULL::VARCHAR AS {name}"
            for name in ("client", "subject")
        ]
        return (
            f"SELECT date_trunc('minute', moment::TIMESTAMPTZ) AS moment, {', '.join(named)}, value::DOUBLE AS value "  # noqa: S608
            f"FROM (\n{sql}\n)"
        )

    def runs(self, rule: Rule, start: int, stop: int) -> dict[Subject, list[Run]]:
        """The minutes of [start, stop) that are not good, by subject.

        Raises:
            CallboardError: the rule's SQL is wrong, or took too long.
        """
        series = self.series_of(rule)
        found: dict[Subject, list[Run]] = {}
        for client, name, kind, first, values in self._fetch(breaches_sql(series, rule), values_of(rule, start, stop)):
            runs = found.setdefault(Subject(client, name), [])
            if runs and first <= runs[-1].last:
                raise CallboardError("the rule's SQL gives a minute twice for one subject: group it")
            runs.append(Run(kind, first, tuple(map(float, values))))
        return found

    def values_before(self, rule: Rule, subject: Subject, stop: int, minutes: int) -> list[tuple[datetime, float]]:
        """The values of the ``minutes`` before minute ``stop``: the evidence of an alert."""
        sql = (
            f"SELECT moment, value FROM ({self.series_of(rule)}) WHERE client IS NOT DISTINCT FROM $of_client "  # noqa: S608
            "AND subject IS NOT DISTINCT FROM $of_subject AND value IS NOT NULL "
            "AND moment >= $start::TIMESTAMPTZ AND moment < $stop::TIMESTAMPTZ ORDER BY moment"
        )
        values = {**values_of(rule, stop - minutes, stop), "of_client": subject.client, "of_subject": subject.name}
        return [(at, float(value)) for at, value in self._fetch(sql, values)]

    def site_of(self, subject: Subject) -> str | None:
        """The site of a queue, if the subject is one whose site is known."""
        sql = (
            "SELECT any_value(site) FROM centre_queues WHERE client = $client AND queue = $queue "
            "HAVING count(DISTINCT site) = 1"
        )
        rows = self._fetch(sql, {"client": subject.client, "queue": subject.name})
        return str(rows[0][0]) if rows and rows[0][0] is not None else None

    def _open(self) -> duckdb.DuckDBPyConnection:
        if self._con is None:
            raise CallboardError(f"{self.folder} holds no published store: start 'callboard worker'")
        return self._con

    def _fetch(self, sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        con, named = self._open(), _parameters(sql)
        timer = threading.Timer(PATIENCE_SECONDS, con.interrupt)
        timer.start()
        try:
            return con.execute(sql, {name: value for name, value in values.items() if name in named} or None).fetchall()
        except duckdb.InterruptException:
            raise CallboardError(f"the rule took longer than {PATIENCE_SECONDS:.0f} s: make it simpler") from None
        except duckdb.Error as error:
            raise CallboardError(f"the rule's query failed: {_line(error)}") from None
        finally:
            timer.cancel()


def values_of(rule: Rule, start: int, stop: int) -> dict[str, Any]:
    """The values of the parameters of a rule's series for the minutes in [start, stop)."""
    return {
        "start": moment_of(start),
        "stop": moment_of(stop),
        "per": rule.per,
        "client": rule.client,
        "subject": rule.subject,
        "window_minutes": rule.window_minutes,
    }


def written_out(sql: str, values: Mapping[str, Any]) -> str:
    """A text with its parameters as literals, for ``callboard query``; for showing only."""

    def literal(value: Any) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, datetime):
            return f"TIMESTAMPTZ '{value.isoformat()}'"
        return str(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"

    return re.sub(r"\$([a-z_]+)", lambda found: literal(values[found[1]]) if found[1] in values else found[0], sql)


def _parameters(sql: str) -> set[str]:
    return set(re.findall(r"\$([a-z_]+)", sql))


def _line(error: Exception) -> str:
    return " ".join((str(error).splitlines() or [type(error).__name__])[0].split())
