"""The queries of data health: what was read, refused, repeated and corrected, and what the sources said of themselves.

What is of no client (offsets, dead letters, repetitions) is of the whole store, and only shown to who may see it all.
"""

from __future__ import annotations

from dashboards.queries.scoped import Query, scoped

LATEST_ROWS = 15

_META = "SELECT published_at, generation, callboard_version, newest_event_at, corrections, lag FROM meta"

_CORRECTION_COUNT = f"SELECT count(*) AS corrections FROM {scoped('corrections', 'queue')}"

_PARTITIONS = """
SELECT topic, "partition", epoch, first_offset, next_offset, log_end_offset, lag, stored, duplicates, rejected,
  next_offset - first_offset AS consumed,
  next_offset - first_offset = stored + duplicates + rejected AS holds,
  watermark AS newest_event_at, published_at
FROM offsets
ORDER BY topic, "partition", epoch
"""

_DUPLICATES = """
SELECT count(*) AS duplicates, count(*) FILTER (conflicting) AS conflicting FROM duplicates
"""

_REJECT_REASONS = """
SELECT reason, count(*) AS rejected, max(received_at) AS latest_at FROM rejects
GROUP BY reason ORDER BY rejected DESC, reason
"""

# Neither key nor value: the board shows what is wrong with a record, never what is in it.
_REJECTS = f"""
SELECT received_at, reason, detail, topic, "partition", epoch, "offset", size_bytes
FROM rejects ORDER BY received_at DESC, topic, "partition", epoch DESC, "offset" DESC LIMIT {LATEST_ROWS}
"""

_CORRECTIONS = f"""
SELECT noted_at, client, queue, minute, measure, before, after, late_by_seconds
FROM {scoped("corrections", "queue")}
ORDER BY noted_at DESC, minute DESC, client, queue, measure, channel, direction, topic, "partition", epoch DESC,
  "offset" DESC
LIMIT {LATEST_ROWS}
"""


# Gaps first: what is unknown was left out, what is lost is lost. ``things`` counts what the limit leaves out as well.
_SOURCES = f"""
SELECT client, source, adapter, kind, name, records, gap_seconds, latest_at, count(*) OVER () AS things
FROM {scoped("source_health", "client")}
ORDER BY kind <> 'gap', latest_at DESC, client, source, adapter, kind, name LIMIT {LATEST_ROWS}
"""

META = Query("meta", _META, whole_store=True)
PARTITIONS = Query("partitions", _PARTITIONS, whole_store=True)
DUPLICATES = Query("duplicates", _DUPLICATES, whole_store=True)
REJECT_REASONS = Query("reject_reasons", _REJECT_REASONS, whole_store=True)
REJECTS = Query("rejects", _REJECTS, whole_store=True)
CORRECTION_COUNT = Query("correction_count", _CORRECTION_COUNT)
CORRECTIONS = Query("corrections", _CORRECTIONS, every_seconds=2)
SOURCES = Query("sources", _SOURCES, every_seconds=2)

QUERIES = (META, PARTITIONS, DUPLICATES, REJECT_REASONS, REJECTS, CORRECTION_COUNT, CORRECTIONS, SOURCES)
