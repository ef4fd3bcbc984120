"""The floor: what a plain script with confluent-kafka and DuckDB does, and no more.

It reads batches, parses them with ``from_json``, inserts the events, upserts segments, recomputes the minutes it
touched and moves the offsets, all in one transaction a batch. It checks nothing, knows no duplicates and no bad
events, merges no ties, keeps no agents' states, writes no corrections, publishes once, at the end, and has no group:
whatever a worker does beyond that shows as the difference.

``python -m tests.bench.floor BOOTSTRAP FOLDER EVENTS``: prints ``ready``, waits for a line, then reads from the start.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pyarrow as pa
from confluent_kafka import Consumer, TopicPartition

from pipeline.contract.events import DETAIL_EVENTS, type_name
from pipeline.contract.topics import TOPICS
from tests.bench.plan import BATCH_EVENTS

_TABLES = """
CREATE TABLE events (topic VARCHAR, part INTEGER, pos BIGINT, source VARCHAR, id VARCHAR, type VARCHAR,
  time TIMESTAMPTZ, client VARCHAR, interaction VARCHAR, segment VARCHAR, queue VARCHAR, agent VARCHAR, raw VARCHAR);
CREATE TABLE segments (client VARCHAR, interaction VARCHAR, segment VARCHAR, channel VARCHAR, direction VARCHAR,
  queue VARCHAR, agent VARCHAR, queued_at TIMESTAMPTZ, answered_at TIMESTAMPTZ, abandoned_at TIMESTAMPTZ,
  ended_at TIMESTAMPTZ, wrapped_up_at TIMESTAMPTZ, alerts INTEGER, holds INTEGER, amount DECIMAL(18, 4),
  PRIMARY KEY (client, interaction, segment));
CREATE TABLE minutes (client VARCHAR, queue VARCHAR, channel VARCHAR, direction VARCHAR, minute TIMESTAMPTZ,
  offered BIGINT, answered BIGINT, abandoned BIGINT, in_target BIGINT, wait_us HUGEINT, handle_us HUGEINT,
  wrap_us HUGEINT, revenue DECIMAL(38, 4));
CREATE TABLE offsets (topic VARCHAR, part INTEGER, next BIGINT, PRIMARY KEY (topic, part));
"""
_SHAPE = (
    '{"source":"VARCHAR","id":"VARCHAR","type":"VARCHAR","time":"TIMESTAMPTZ","data":{"client":"VARCHAR",'
    '"interaction":"VARCHAR","segment":"VARCHAR","channel":"VARCHAR","direction":"VARCHAR","queue":"VARCHAR",'
    '"agent":"VARCHAR","amount":"DECIMAL(18,4)"}}'
)
_PARSE = f"""
CREATE OR REPLACE TEMP TABLE parsed AS
SELECT topic, part, pos, e.source, e.id, e.type, e.time, e.data.client, e.data.interaction, e.data.segment,
  e.data.channel, e.data.direction, e.data.queue, e.data.agent, e.data.amount, raw
FROM (SELECT topic, part, pos, raw, from_json(raw, '{_SHAPE}') AS e FROM batch)
"""
_EVENTS = """
INSERT INTO events SELECT topic, part, pos, source, id, type, time, client, interaction, segment, queue, agent, raw
FROM parsed
"""
_DETAILS = ", ".join(f"'{type_name(cls)}'" for cls in DETAIL_EVENTS)
_SEGMENTS = f"""
INSERT INTO segments AS s
SELECT client, interaction, segment, any_value(channel), any_value(direction), any_value(queue),
  max(agent) FILTER (type = 'interaction.answered.v1'), min(time) FILTER (type = 'interaction.queued.v1'),
  min(time) FILTER (type = 'interaction.answered.v1'), min(time) FILTER (type = 'interaction.abandoned.v1'),
  max(time) FILTER (type = 'interaction.ended.v1'), max(time) FILTER (type = 'interaction.wrapped_up.v1'),
  count(*) FILTER (type = 'interaction.offered.v1'), count(*) FILTER (type = 'interaction.held.v1'), max(amount)
FROM parsed WHERE segment IS NOT NULL AND type NOT IN ({_DETAILS}) GROUP BY client, interaction, segment
ON CONFLICT DO UPDATE SET queue = coalesce(s.queue, excluded.queue), agent = coalesce(excluded.agent, s.agent),
  queued_at = least(s.queued_at, excluded.queued_at), answered_at = least(s.answered_at, excluded.answered_at),
  abandoned_at = least(s.abandoned_at, excluded.abandoned_at), ended_at = greatest(s.ended_at, excluded.ended_at),
  wrapped_up_at = greatest(s.wrapped_up_at, excluded.wrapped_up_at), alerts = s.alerts + excluded.alerts,
  holds = s.holds + excluded.holds, amount = coalesce(excluded.amount, s.amount)
"""
_TOUCHED = """
CREATE OR REPLACE TEMP TABLE touched AS
SELECT DISTINCT s.client, s.queue, date_trunc('minute', s.queued_at) AS minute FROM segments s
SEMI JOIN parsed p ON p.client = s.client AND p.interaction = s.interaction AND p.segment = s.segment
WHERE s.queued_at IS NOT NULL
"""
_MINUTES = """
DELETE FROM minutes m USING touched t WHERE m.client = t.client AND m.queue = t.queue AND m.minute = t.minute;
INSERT INTO minutes
SELECT s.client, s.queue, s.channel, s.direction, t.minute, count(*), count(answered_at),
  count(*) FILTER (answered_at IS NULL AND abandoned_at IS NOT NULL),
  count(*) FILTER (answered_at - queued_at <= INTERVAL 20 SECOND),
  sum(epoch_us(coalesce(answered_at, abandoned_at)) - epoch_us(queued_at)),
  sum(epoch_us(ended_at) - epoch_us(answered_at)), sum(epoch_us(wrapped_up_at) - epoch_us(ended_at)), sum(amount)
FROM segments s JOIN touched t
  ON s.client = t.client AND s.queue = t.queue AND date_trunc('minute', s.queued_at) = t.minute
GROUP BY ALL
"""
_OFFSETS = """
INSERT INTO offsets SELECT topic, part, max(pos) + 1 FROM parsed GROUP BY topic, part
ON CONFLICT DO UPDATE SET next = excluded.next
"""
_STEPS = (_PARSE, _EVENTS, _SEGMENTS, _TOUCHED, _MINUTES, _OFFSETS)


def main(bootstrap: str, folder: Path, events: int) -> None:
    """Read ``events`` events and publish."""
    folder.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect(str(folder / "floor.duckdb"), config={"threads": 1})
    con.execute(_TABLES)
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "floor", "enable.auto.commit": False})
    print("ready", flush=True)
    sys.stdin.readline()
    consumer.assign([TopicPartition(t.name, p, 0) for t in TOPICS.values() for p in range(t.partitions)])
    done = 0
    while done < events:
        messages = consumer.consume(BATCH_EVENTS, timeout=0.1)
        if not messages:
            continue
        batch = pa.table(
            {
                "topic": [m.topic() for m in messages],
                "part": [m.partition() for m in messages],
                "pos": [m.offset() for m in messages],
                "raw": pa.array([m.value() for m in messages], pa.binary()).cast(pa.string()),
            }
        )
        con.register("batch", batch)
        con.execute("BEGIN")
        for step in _STEPS:
            con.execute(step)
        con.execute("COMMIT")
        con.unregister("batch")
        done += len(messages)
    consumer.close()
    _publish(con, folder)
    con.close()
    sys.stdin.readline()  # until its clocks have been read


def _publish(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    live = folder / "live.duckdb.tmp"
    con.execute(f"ATTACH '{live}' AS live")
    for table in ("events", "segments", "minutes"):
        file = folder / f"{table}.parquet"
        con.execute(f"COPY {table} TO '{file}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)")
        con.execute(f"CREATE VIEW live.{table} AS FROM read_parquet('{file}')")
    con.execute("CREATE TABLE live.meta AS SELECT count(*) AS stored FROM events")
    con.execute("DETACH live")
    live.rename(folder / "live.duckdb")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
