"""What must hold of a store besides its numbers: every record is accounted for exactly once."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from pipeline.store.verify_report import MAX_EXAMPLES, Check, shown_line


@dataclass(frozen=True)
class Rule:
    """``breaches`` is a query with one line of text per breach; ``notes`` likewise, of what is no breach.

    ``counted`` is what stands after FROM for the rows that the rule looks at.
    """

    name: str
    counted: str
    breaches: str
    notes: str = ""


#: Relations and macros that the rules use. ``taken``: each record and what became of it.
PREPARE = """
CREATE TEMP MACRO log_name(topic, part, epoch) AS concat(topic, '-', part, ' epoch ', epoch);
CREATE TEMP MACRO place(topic, part, epoch, place_no) AS
  concat(log_name(topic, part, epoch), ' offset ', place_no);
CREATE TEMP TABLE taken AS
SELECT topic, "partition", epoch, "offset", 'stored' AS what FROM live.events
UNION ALL SELECT topic, "partition", epoch, "offset", 'duplicates' FROM live.duplicates
UNION ALL SELECT topic, "partition", epoch, "offset", 'rejected' FROM live.rejects;
CREATE TEMP VIEW counted_logs AS
SELECT topic, "partition", epoch, count(*) FILTER (what = 'stored') AS stored,
  count(*) FILTER (what = 'duplicates') AS duplicates, count(*) FILTER (what = 'rejected') AS rejected
FROM taken GROUP BY ALL;
"""

IDENTITIES = Rule(
    "identities",
    "live.events",
    """
    SELECT concat('source ', source, ', id ', id, ': stored ', count(*), ' times')
    FROM live.events GROUP BY source, id HAVING count(*) > 1
    """,
)

EVENTS = Rule(
    "events",
    "parsed",
    """
    SELECT concat(place(topic, "partition", epoch, "offset"), ': ', array_to_string(wrong, '; '))
    FROM parsed WHERE len(wrong) > 0
    """,
)

_DUPLICATES = Rule(
    "duplicates",
    "live.duplicates",
    """
    SELECT concat(place(d.topic, d."partition", d.epoch, d."offset"), ': points at ',
      place(d.topic, d."partition", d.first_epoch, d.first_offset),
      CASE WHEN e.source IS NULL THEN ', where no event is stored'
        WHEN e.source <> d.source OR e.id <> d.id THEN ', an event with another source or id'
        ELSE ', which did not come before' END)
    FROM live.duplicates d LEFT JOIN live.events e
      ON e.topic = d.topic AND e."partition" = d."partition" AND e.epoch = d.first_epoch AND e."offset" = d.first_offset
    WHERE NOT coalesce(e.source = d.source AND e.id = d.id AND (e.epoch, e."offset") < (d.epoch, d."offset"), false)
    """,
)

_POSITIONS = Rule(
    "positions",
    "taken",
    """
    SELECT concat(place(topic, "partition", epoch, "offset"), ': taken ', count(*), ' times (',
      array_to_string(list_sort(list(what)), ', '), ')')
    FROM taken GROUP BY topic, "partition", epoch, "offset" HAVING count(*) > 1
    UNION ALL
    SELECT concat(place(t.topic, t."partition", t.epoch, t."offset"), ': outside of what the offsets say was read')
    FROM taken t ANTI JOIN live.offsets o ON o.topic = t.topic AND o."partition" = t."partition" AND o.epoch = t.epoch
      AND t."offset" >= o.first_offset AND t."offset" < o.next_offset
    """,
)

_OFFSETS = Rule(
    "offsets",
    "live.offsets",
    """
    WITH newest AS (
      SELECT o.topic, o."partition", o.epoch, max(e.time) AS watermark
      FROM live.offsets o LEFT JOIN (
          SELECT topic, "partition", epoch, max(time) AS time FROM live.events GROUP BY ALL) e
        ON e.topic = o.topic AND e."partition" = o."partition" AND e.epoch <= o.epoch
      GROUP BY ALL),
    pairs AS (
      SELECT log_name(topic, "partition", epoch) AS name, o, c, n
      FROM live.offsets o FULL JOIN counted_logs c USING (topic, "partition", epoch)
        LEFT JOIN newest n USING (topic, "partition", epoch))
    SELECT concat(name, ': ', unnest(list_filter([
      CASE WHEN o.topic IS NULL THEN 'its records are stored, but it has no offsets' END,
      unlike('stored', coalesce(c.stored, 0), coalesce(o.stored, 0)),
      unlike('duplicates', coalesce(c.duplicates, 0), coalesce(o.duplicates, 0)),
      unlike('rejected', coalesce(c.rejected, 0), coalesce(o.rejected, 0)),
      unlike('watermark', n.watermark, o.watermark),
      unlike('lag', o.log_end_offset - o.next_offset, o.lag),
      CASE WHEN o.next_offset - o.first_offset < o.stored + o.duplicates + o.rejected THEN
        concat(o.next_offset - o.first_offset, ' offsets were read, but ', o.stored + o.duplicates + o.rejected,
          ' records are accounted for') END], line -> line IS NOT NULL)))
    FROM pairs
    UNION ALL
    SELECT concat(log_name(topic, "partition", epoch), ': ', count(*), ' rows of offsets') FROM live.offsets
    GROUP BY topic, "partition", epoch HAVING count(*) > 1
    """,
    """
    SELECT concat(log_name(topic, "partition", epoch), ': ',
      next_offset - first_offset - stored - duplicates - rejected,
      ' of the offsets ', first_offset, ' to ', next_offset - 1, ' hold no record')
    FROM live.offsets WHERE next_offset - first_offset > stored + duplicates + rejected
    """,
)

_REJECTS = Rule(
    "rejects",
    "live.rejects",
    """
    SELECT concat(place(topic, "partition", epoch, "offset"), ': ', CASE
      WHEN reason IS NULL OR reason NOT IN (
          'undecodable', 'schema', 'unknown_type', 'implausible_time', 'too_large', 'card_number')
        THEN concat('the reason ', coalesce(reason, 'NULL'), ' is not in the closed list')
      ELSE concat(size_bytes, ' bytes, but the reason is ', reason) END)
    FROM live.rejects
    WHERE coalesce(reason NOT IN (
          'undecodable', 'schema', 'unknown_type', 'implausible_time', 'too_large', 'card_number'), true)
      OR coalesce((reason = 'too_large') <> (size_bytes > 262144), true)
    """,
)

# A correction's minute may have become empty by later events. Then some segment must have been queued in it whose
# events name that queue, channel and direction.
_CORRECTIONS = Rule(
    "corrections",
    "live.corrections",
    """
    WITH elsewhere AS (
      SELECT DISTINCT client, queue, channel, direction, minute FROM live.corrections
      ANTI JOIN (
          SELECT client, queue, channel, direction, period AS minute
          FROM expected_kpis(period_start(queued_us, 60000000)))
        USING (client, queue, channel, direction, minute)),
    once AS (
      SELECT DISTINCT w.client, w.queue, w.channel, w.direction, w.minute
      FROM elsewhere w
        JOIN parsed q ON q.client = w.client AND q.kind = 'queued'
          AND moment(q.time_us - q.time_us % 60000000) = w.minute
        SEMI JOIN parsed n ON n.client = q.client AND n.interaction = q.interaction AND n.segment = q.segment
          AND n.queue = w.queue AND NOT n.is_detail
        SEMI JOIN parsed d ON d.client = q.client AND d.interaction = q.interaction AND d.segment = q.segment
          AND d.channel = w.channel AND d.direction = w.direction AND NOT d.is_detail),
    unknown AS (
      FROM elsewhere ANTI JOIN once USING (client, queue, channel, direction, minute)),
    judged AS (
      SELECT c.*, u.client IS NOT NULL AS no_minute, e."offset" IS NULL AS no_event,
        m.column_name IS NULL AS no_measure
      FROM live.corrections c
        LEFT JOIN unknown u USING (client, queue, channel, direction, minute)
        LEFT JOIN (SELECT topic, "partition", epoch, "offset" FROM live.events) e
          USING (topic, "partition", epoch, "offset")
        LEFT JOIN (SELECT column_name FROM (DESCRIBE live.kpi_minute)) m ON m.column_name = c.measure)
    SELECT concat(place(topic, "partition", epoch, "offset"), ' on ', measure, ' of client ', client, ', queue ', queue,
      ', minute ', minute, ': ', CASE WHEN no_minute THEN 'nothing was ever queued there in that minute'
        WHEN no_event THEN 'no event is stored at that offset' WHEN no_measure THEN 'there is no such measure'
        WHEN before IS NOT DISTINCT FROM after THEN 'it changes nothing' ELSE 'it was not late' END)
    FROM judged
    WHERE no_minute OR no_event OR no_measure OR before IS NOT DISTINCT FROM after
      OR NOT coalesce(late_by_seconds > 0, false)
    """,
)

_META = Rule(
    "meta",
    "live.meta",
    """
    WITH sums AS (
      SELECT coalesce(sum(stored), 0) AS stored, coalesce(sum(duplicates), 0) AS duplicates,
        coalesce(sum(rejected), 0) AS rejected, (SELECT count(*) FROM live.corrections) AS corrections,
        coalesce(sum(lag), 0) AS lag, min(watermark) AS watermark
      FROM live.offsets)
    SELECT unnest(list_filter([
      unlike('stored', s.stored, m.stored), unlike('duplicates', s.duplicates, m.duplicates),
      unlike('rejected', s.rejected, m.rejected), unlike('corrections', s.corrections, m.corrections),
      unlike('lag', s.lag, m.lag), unlike('watermark', s.watermark, m.watermark)], line -> line IS NOT NULL))
    FROM live.meta m, sums s
    UNION ALL SELECT concat(count(*), ' rows instead of one') FROM live.meta HAVING count(*) <> 1
    """,
)

_WAIT_HISTOGRAM = Rule(
    "wait_histogram",
    "bucketed",
    """
    WITH published AS (
      SELECT client, queue, channel, direction, minute, outcome, bucket, sum(n) AS n FROM live.wait_histogram
      GROUP BY ALL),
    waits AS (SELECT client, queue, channel, direction, minute, outcome, sum(n) AS n FROM published GROUP BY ALL)
    SELECT concat('client ', client, ', queue ', queue, ', channel ', channel, ', direction ', direction, ', minute ',
      minute, ', outcome ', outcome, ', bucket ', bucket, ': expected ', coalesce(n_least, 0),
      CASE WHEN n_most > n_least THEN concat(' to ', n_most) END, ', got ', coalesce(n, 0))
    FROM published FULL JOIN expected_buckets USING (client, queue, channel, direction, minute, outcome, bucket)
    WHERE coalesce(n, 0) < coalesce(n_least, 0) OR coalesce(n, 0) > coalesce(n_most, 0)
    UNION ALL
    SELECT concat('client ', client, ', queue ', queue, ', channel ', channel, ', direction ', direction, ', minute ',
      minute, ', outcome ', outcome, ': expected ', coalesce(e.n, 0), ' ended waits, got ', coalesce(w.n, 0))
    FROM waits w FULL JOIN expected_waits e USING (client, queue, channel, direction, minute, outcome)
    WHERE e.n IS DISTINCT FROM w.n
    """,
)

#: In the order in which they are reported, after the views.
RULES = (_WAIT_HISTOGRAM, _DUPLICATES, _POSITIONS, _OFFSETS, _REJECTS, _CORRECTIONS, _META)


def hold(con: duckdb.DuckDBPyConnection, rule: Rule) -> Check:
    """Whether a rule holds; each breach is one difference."""
    (rows,) = con.execute(f"SELECT count(*) FROM {rule.counted}").fetchone() or (0,)  # noqa: S608
    con.execute(f"CREATE OR REPLACE TEMP TABLE breaches(line) AS {rule.breaches}")
    (breaches,) = con.execute("SELECT count(*) FROM breaches").fetchone() or (0,)
    examples = con.execute(f"SELECT line FROM breaches ORDER BY line LIMIT {MAX_EXAMPLES}").fetchall()  # noqa: S608
    notes = con.execute(rule.notes).fetchall() if rule.notes else []
    return Check(
        rule.name, rows, breaches, [shown_line(line) for (line,) in examples], [shown_line(n) for (n,) in notes]
    )
