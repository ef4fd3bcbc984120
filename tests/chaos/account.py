"""The account at the end of a run: every record of the broker's logs, and every KPI, against what was published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
from kafka import KafkaConsumer, TopicPartition

from pipeline.contract.topics import TOPICS
from pipeline.simulate.truth import COUNTS, SUMS
from pipeline.store.details import DETAIL_KINDS

_EXAMPLES = 3
_EMPTY_POLLS = 20
_CELL_KEY = ("client", "queue", "channel", "direction", "minute")
_CELL_VALUES = (*COUNTS, *SUMS, "longest_wait_seconds", "revenue", "currency")
_SAME_VIEWS = {
    "events": "source, id, type, time, client, interaction, segment, queue, agent, raw",
    "segments": "*",
    "interactions": "*",
    "agent_spans": "*",
    **{table.name: '* EXCLUDE ("partition", epoch, "offset")' for table in DETAIL_KINDS.values()},
    "kpi_minute": "*",
    "kpi_hour": "*",
    "kpi_day": "*",
    "wait_histogram": "*",
    "rejects": "reason, detail, value, size_bytes",
    "duplicates": "source, id, conflicting",
}


class Check(NamedTuple):
    """One promise."""

    name: str
    ok: bool
    detail: str


Ends = dict[tuple[str, int], int]


def acknowledged(file: Path) -> Ends:
    """How many records each partition has acknowledged to the producer: where its log must end.

    The broker itself is not asked: the embedded one gives the beginning of its last batch as the end.
    """
    return {(topic, partition): number for topic, partition, number in json.loads(file.read_text())}


def read_log(servers: str, ends: Ends) -> pa.Table:
    """All records that the broker holds, also beyond ``ends``: topic, partition, offset, value."""
    columns: dict[str, list[Any]] = {name: [] for name in ("topic", "partition", "offset", "value")}
    with closing(KafkaConsumer(bootstrap_servers=servers, max_partition_fetch_bytes=8 << 20)) as consumer:
        partitions = [TopicPartition(t.name, p) for t in TOPICS.values() for p in range(t.partitions)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        empty = 0
        while empty < _EMPTY_POLLS:
            fetched = consumer.poll(timeout_ms=500, max_records=5_000)
            empty = 0 if fetched else empty + 1
            if not fetched and all(consumer.position(tp) >= ends.get((tp.topic, tp.partition), 0) for tp in partitions):
                break
            for tp, records in fetched.items():
                for record in records:
                    for name, value in zip(columns, (tp.topic, tp.partition, record.offset, record.value), strict=True):
                        columns[name].append(value)
    kinds = (pa.string(), pa.int32(), pa.int64(), pa.binary())
    return pa.table({name: pa.array(values, kind) for (name, values), kind in zip(columns.items(), kinds, strict=True)})


class Books:
    """The published store and the broker's log, side by side in one DuckDB connection."""

    def __init__(self, store: Path, log: pa.Table) -> None:
        """Attach the store; ``log`` as ``read_log`` gives it."""
        self.con = duckdb.connect()
        self.con.execute("SET TimeZone = 'UTC'")
        self.con.execute(f"ATTACH '{store / 'live.duckdb'}' AS live (READ_ONLY)")
        self.con.register("log_rows", log)
        self.con.execute("CREATE TABLE log AS FROM log_rows")
        self.con.execute(
            """
            CREATE TABLE kept AS
            SELECT topic, "partition", epoch, "offset", encode(raw) AS value, 'stored' AS became FROM live.events
            UNION ALL SELECT topic, "partition", epoch, "offset", value, 'dead letter' FROM live.rejects
            UNION ALL SELECT topic, "partition", epoch, "offset", NULL, 'duplicate' FROM live.duplicates
            """
        )

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.con.execute(sql).fetchall()

    def none(self, name: str, sql: str) -> Check:
        """A promise that ``sql`` finds nothing."""
        found = self.rows(sql)
        shown = "; ".join(map(str, found[:_EXAMPLES]))
        return Check(name, not found, f"{len(found)} rows, such as {shown}" if found else "")

    def partitions(self) -> list[dict[str, Any]]:
        """Sent, and what became of it, per partition."""
        names = ("topic", "partition", "sent", "stored", "duplicates", "rejected", "missing")
        found = self.rows(
            """
            SELECT s.topic, s."partition", s.sent, coalesce(sum(o.stored), 0)::BIGINT,
              coalesce(sum(o.duplicates), 0)::BIGINT, coalesce(sum(o.rejected), 0)::BIGINT, s.missing
            FROM (
              SELECT topic, "partition", count(*) AS sent, count(*) FILTER (k.became IS NULL) AS missing
              FROM log LEFT JOIN (SELECT DISTINCT topic, "partition", "offset", became FROM kept) k
                USING (topic, "partition", "offset")
              GROUP BY ALL
            ) s LEFT JOIN live.offsets o ON o.topic = s.topic AND o."partition" = s."partition"
            GROUP BY ALL ORDER BY ALL
            """
        )
        return [dict(zip(names, row, strict=True)) for row in found]

    def offsets(self) -> Iterator[Check]:
        """No offset is missing, none is there twice, each has kept its bytes, and every partition adds up."""
        yield self.none("one log per partition", 'SELECT topic, "partition", epoch FROM live.offsets WHERE epoch <> 1')
        yield self.none(
            "no record is missing",
            'SELECT topic, "partition", "offset" FROM log ANTI JOIN kept USING (topic, "partition", "offset")',
        )
        yield self.none(
            "nothing is there that was not sent",
            'SELECT topic, "partition", "offset" FROM kept ANTI JOIN log USING (topic, "partition", "offset")',
        )
        yield self.none(
            "no record is there twice",
            'SELECT topic, "partition", "offset", list(became) FROM kept GROUP BY ALL HAVING count(*) > 1',
        )
        yield self.none(
            "no event is stored twice", "SELECT source, id FROM live.events GROUP BY ALL HAVING count(*) > 1"
        )
        yield self.none(
            "every record has kept its bytes, but for the digits of cards",
            """
            SELECT topic, "partition", "offset" FROM log JOIN kept k USING (topic, "partition", "offset")
              LEFT JOIN live.rejects r USING (topic, "partition", "offset")
            WHERE k.became <> 'duplicate' AND k.value IS DISTINCT FROM log.value
              AND NOT coalesce(r.reason = 'card_number' AND octet_length(k.value) = octet_length(log.value), false)
            """,
        )
        unequal = [p for p in self.partitions() if p["sent"] != p["stored"] + p["duplicates"] + p["rejected"]]
        shown = str(unequal[:_EXAMPLES]) if unequal else ""
        yield Check("sent = stored + duplicates + dead letters", not unequal, shown)
        yield self.none(
            "the counters equal the rows",
            """
            SELECT topic, "partition", stored, duplicates, rejected FROM live.offsets o
            WHERE (stored, duplicates, rejected) <> (
              SELECT (count(*) FILTER (became = 'stored'), count(*) FILTER (became = 'duplicate'),
                count(*) FILTER (became = 'dead letter'))
              FROM kept k WHERE k.topic = o.topic AND k."partition" = o."partition")
            """,
        )
        yield self.none("no lag is left", 'SELECT topic, "partition", lag FROM live.offsets WHERE lag <> 0')

    def acknowledged(self, told: Ends) -> Check:
        """The broker holds exactly what it has acknowledged to the producer."""
        held = {(topic, p): n for topic, p, n in self.rows('SELECT topic, "partition", count(*) FROM log GROUP BY ALL')}
        return Check("the log holds what was acknowledged", told == held, "" if told == held else f"{told} and {held}")

    def same_as(self, other: Path) -> Iterator[Check]:
        """Every fact and KPI equals that of another store."""
        self.con.execute(f"ATTACH '{other / 'live.duckdb'}' AS other (READ_ONLY)")
        for view, columns in _SAME_VIEWS.items():
            one, two = (f"SELECT {columns} FROM {name}.{view}" for name in ("live", "other"))
            yield self.none(
                f"{view} as by process",
                f"(FROM ({one}) EXCEPT ALL FROM ({two})) UNION ALL (FROM ({two}) EXCEPT ALL FROM ({one}))",
            )

    def manifest(self, truth: dict[str, Any]) -> Iterator[Check]:
        """Every KPI cell, outcome, agent and count equals the simulation's truth."""
        yield self._cells(truth["cells"])
        found = dict(self.rows("SELECT outcome, count(*) FROM live.interactions GROUP BY ALL"))
        yield _equal("interactions as in the manifest", truth["interactions"], found)
        yield _equal("agents as in the manifest", _agents_expected(truth["agents"]), self._agents())
        for topic, sent in truth["topics"].items():
            found = self._topic(topic)
            expected = {name: sent[name] for name in ("events", "duplicates", "bad")}
            expected["bad_by_reason"] = sent["bad_by_reason"]
            yield _equal(f"{topic} as in the manifest", expected, found)

    def _cells(self, cells: list[dict[str, Any]]) -> Check:
        listed = ", ".join(_CELL_VALUES)
        minute = "strftime(minute, '%Y-%m-%dT%H:%M:%SZ')"
        found = {
            row[:5]: tuple(map(_exact, row[5:]))
            for row in self.rows(f"SELECT client, queue, channel, direction, {minute}, {listed} FROM live.kpi_minute")
        }
        expected = {
            tuple(cell[n] for n in _CELL_KEY): tuple(_exact(cell[n]) for n in _CELL_VALUES)
            for cell in cells
            if cell["offered"]
        }
        return _equal("every KPI as in the manifest", expected, found)

    def _agents(self) -> dict[Any, Any]:
        rows = self.rows(
            """
            SELECT client, agent, count(*), any_value(state) FILTER (ended_at IS NULL),
              any_value(reason) FILTER (ended_at IS NULL)
            FROM live.agent_spans GROUP BY ALL
            """
        )
        agents: dict[Any, Any] = {(c, a): (spans, state, reason, {}) for c, a, spans, state, reason in rows}
        for client, agent, state, seconds in self.rows(
            "SELECT client, agent, state, sum(seconds) FROM live.agent_spans WHERE ended_at IS NOT NULL GROUP BY ALL"
        ):
            if seconds:
                agents[client, agent][3][state] = Decimal(seconds)
        return agents

    def _topic(self, topic: str) -> dict[str, Any]:
        ((events, duplicates, bad),) = self.con.execute(
            "SELECT sum(stored)::INT, sum(duplicates)::INT, sum(rejected)::INT FROM live.offsets WHERE topic = ?",
            [topic],
        ).fetchall()
        reasons = self.con.execute("SELECT reason, count(*) FROM live.rejects WHERE topic = ? GROUP BY ALL", [topic])
        return {"events": events, "duplicates": duplicates, "bad": bad, "bad_by_reason": dict(reasons.fetchall())}


def _agents_expected(agents: list[dict[str, Any]]) -> dict[Any, Any]:
    return {
        (a["client"], a["agent"]): (
            a["spans"],
            a["state"],
            a["reason"],
            {state: Decimal(seconds) for state, seconds in a["seconds"].items() if Decimal(seconds)},
        )
        for a in agents
    }


def _exact(value: Any) -> Any:
    """Numbers, and the manifest's decimal strings, as decimals; words and None as they are."""
    try:
        return value if value is None else Decimal(value)
    except ArithmeticError:
        return value


def _equal(name: str, expected: dict[Any, Any], found: dict[Any, Any]) -> Check:
    wrong = [key for key in {*expected, *found} if expected.get(key) != found.get(key)]
    shown = "; ".join(f"{key}: expected {expected.get(key)}, got {found.get(key)}" for key in wrong[:_EXAMPLES])
    return Check(name, not wrong, f"{len(wrong)} differ, such as {shown}" if wrong else "")
