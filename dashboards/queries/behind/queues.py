"""The rows behind the numbers of queues: the contacts that entered them, that wait in them, that were decided."""

from __future__ import annotations

from dashboards.queries.behind.page import entries, which
from dashboards.queries.floor import ROLLING_MINUTES
from dashboards.queries.places import CHOSEN_QUEUES
from dashboards.queries.scoped import Query, scoped
from pipeline.kpis.catalogue import catalogue
from pipeline.kpis.measures import money, seconds
from pipeline.kpis.settings import (
    BEHAVIOUR,
    DEFINITION,
    INCLUSIVE,
    SHORT_US,
    THRESHOLD_US,
    join_settings,
    limit_us,
    minute_of,
)

_DESCRIBED = scoped("centre_queues", "queue")
_LIVE_OUTCOMES = "outcome IN ('answered', 'abandoned', 'left')"
_KEPT = "outcome = 'abandoned' AND NOT unoffered"
_SERVICED = "outcome = 'abandoned' AND (behaviour = 'counted' OR NOT short)"

#: Measures of a period: which rows count in each, and what one of them adds.
MEASURES = {
    "offered": ("NOT unoffered", "1"),
    "answered": ("outcome = 'answered'", "1"),
    "abandoned": (_KEPT, "1"),
    "short_abandoned": ("short AND NOT unoffered", "1"),
    "short_excluded": ("short AND behaviour = 'excluded'", "1"),
    "short_not_offered": ("unoffered", "1"),
    **{
        f"left_{reason}": (f"outcome = 'left' AND left_reason = '{reason}'", "1")
        for reason in ("timeout", "key", "closed", "callback")
    },
    "abandoned_in_service_level": (_SERVICED, "1"),
    "answered_in_target": ("outcome = 'answered' AND in_time", "1"),
    "abandoned_in_target": (f"{_SERVICED} AND in_time", "1"),
    "wait_seconds_answered": ("outcome = 'answered'", seconds("wait_us")),
    "wait_seconds_abandoned": (_KEPT, seconds("wait_us")),
    "wait_seconds_left": ("outcome = 'left'", seconds("wait_us")),
    "handled": ("handle_ended_at IS NOT NULL", "1"),
    "talk_seconds": ("talk_us > 0", seconds("talk_us")),
    "hold_seconds": ("hold_us > 0", seconds("hold_us")),
    "wrap_seconds": ("wrap_us > 0", seconds("wrap_us")),
    "held": ("holds > 0", "1"),
    "alerts": ("alerts > 0", "alerts"),
    "declines": ("declines > 0", "declines"),
    "transferred": ("outcome = 'answered' AND transferred_at IS NOT NULL", "1"),
    "sales": ("list_contains(flags, 'sale')", "1"),
    "longest_wait_seconds": (f"{_LIVE_OUTCOMES} AND NOT unoffered", seconds("wait_us")),
    "revenue": ("amount IS NOT NULL", money("amount")),
    "waits": (f"{_LIVE_OUTCOMES} AND NOT unoffered", seconds("wait_us")),
}
#: Two sides of a definition of service level.
SIDES = ("numerator", "denominator")
#: Of the rolling service level.
ROLLING = {
    "answered_in_time": "completed AND in_time",
    "completed": "completed",
    "decided": "decided",
    "waiting_past_threshold": "waits_past",
}
#: Of this moment, without what is left out by rule.
OPEN = {doing: f"doing = '{doing}' AND left_out_by IS NULL" for doing in ("waiting", "in_progress")}


#: What is shown of a row: as it is known today, or as it was known at the moment of a period's numbers.
_KNOWN = ("queued_at", "channel", "direction", "queue", "agent", "outcome", "wait_us", "talk_us", "hold_us", "wrap_us")
_THEN = f"""known.queued_at AS began_at, known.channel, known.direction, known.queue, known.agent, known.outcome,
    CASE WHEN known.wrap_us IS NOT NULL THEN segments.disposition END AS disposition,
    {seconds("known.wait_us")} AS wait_seconds, {seconds("known.talk_us")} AS talk_seconds,
    {seconds("known.hold_us")} AS hold_seconds, {seconds("known.wrap_us")} AS wrap_seconds"""


def _judged(condition: str, source: str = "segment_rows") -> str:
    """The chosen queues' entries for which ``condition`` holds, under the settings of the minute of each."""
    limit = limit_us(THRESHOLD_US, INCLUSIVE)
    settings = join_settings("entries", minute_of("entries.queued_at")).replace("centre_queues", _DESCRIBED)
    return f"""
  SELECT entries.*, {BEHAVIOUR} AS behaviour, {DEFINITION} AS own, {limit} AS limit_us,
    wait_us <= {limit} AS in_time, wait_us < {THRESHOLD_US} AS in_less,
    coalesce(outcome = 'abandoned' AND wait_us <= {SHORT_US}, false) AS short,
    coalesce(outcome = 'abandoned' AND wait_us <= {SHORT_US}, false) AND {BEHAVIOUR} = 'not_offered' AS unoffered
  FROM {scoped(source, "queue")} entries JOIN {CHOSEN_QUEUES} queues USING (client, queue)
    {settings}
  WHERE ($pace IS NULL OR pace = $pace) AND {condition}"""


# As they stood at the moment that is shown, which may be past when somebody looks at the rows.
_CELLS = f"""
  SELECT client, interaction, segment, {", ".join(_KNOWN)},
    {which({name: value for name, (_, value) in MEASURES.items()})} AS value
  FROM ({_judged("true", "segments_as_of($start, $stop, $at)")})
  WHERE {which({name: condition for name, (condition, _) in MEASURES.items()})}"""


def _side(place: str) -> str:
    sides = {each.name: f"({getattr(each, place)})" for each in catalogue().definitions}
    return f"CASE definition {' '.join(f'WHEN {name!r} THEN {sql}' for name, sql in sides.items())} END"


def _levels() -> str:
    """What definitions count, by their terms; a row adds 1 to a side, or nothing."""
    terms = ", ".join(f"coalesce(({term.where})::INTEGER, 0) AS {term.name}" for term in catalogue().terms)
    late = [each.name for each in catalogue().definitions if each.period == "last_30_minutes"]
    source = "segments_as_of(least($start, $stop - INTERVAL 30 MINUTE), $stop, $at)"
    known = ", ".join(_KNOWN)
    return f"""
  SELECT client, interaction, segment, {known}, 1 AS value
  FROM (
    SELECT client, interaction, segment, {known}, definition, {terms}
    FROM (
      SELECT *, CASE $definition WHEN 'contract' THEN own ELSE $definition END AS definition,
        false AS include_flow_outs, false AS include_short_abandons, true AS include_abandons
      FROM ({_judged("true", source)}))
    WHERE NOT (short AND behaviour <> 'counted')
      AND queued_at >= CASE WHEN definition IN ({", ".join(map(repr, late))})
        THEN $stop - INTERVAL 30 MINUTE ELSE $start END)
  WHERE CASE $part WHEN 'numerator' THEN {_side("numerator")} WHEN 'denominator' THEN {_side("denominator")} END > 0"""


def _rolling() -> str:
    """As ``service_level_now``, without those who are left out by rule: they would wait for ever."""
    at, since = "epoch_us($at::TIMESTAMPTZ)", f"(epoch_us($at::TIMESTAMPTZ) - {ROLLING_MINUTES} * 60000000)"
    return f"""
  SELECT client, interaction, segment, 1 AS value
  FROM (
    SELECT * EXCLUDE (in_time), outcome = 'answered' AND ended_us < expires_us AS in_time,
      coalesce(outcome IN ('answered', 'abandoned') AND ended_us > {since}, false) AS completed,
      ended_us IS NULL AND expires_us <= {at} AS waits_past,
      coalesce(CASE WHEN expires_us <= {at} AND (ended_us IS NULL OR expires_us <= ended_us)
        THEN ended_us IS NULL OR expires_us > {since}
        ELSE outcome IN ('answered', 'abandoned') AND ended_us > {since} END, false) AS decided
    FROM (
      SELECT *, epoch_us(queued_at) + limit_us + 1 AS expires_us,
        CASE WHEN wait_ended_at <= $at THEN epoch_us(greatest(wait_ended_at, queued_at)) END AS ended_us
      FROM ({_judged("queued_at <= $at")}))
    WHERE (ended_us IS NULL OR NOT (short AND behaviour <> 'counted'))
      AND NOT (ended_us IS NULL AND (client, interaction, segment) IN (
        SELECT (left_out.client, left_out.interaction, left_out.segment)
        FROM {scoped("open_contacts(as_of := $at)", "queue")} left_out
        WHERE left_out.doing = 'waiting' AND left_out.left_out_by IS NOT NULL)))
  WHERE {which(ROLLING)}"""


_OPEN = f"""
  SELECT client, interaction, segment, {seconds("open_us")} AS value
  FROM {scoped("open_contacts(as_of := $at)", "queue")} opened JOIN {CHOSEN_QUEUES} queues USING (client, queue)
  WHERE ($pace IS NULL OR pace = $pace) AND {which(OPEN)}"""


CELL_ROWS = Query("behind_cells", entries(_CELLS, _THEN))
LEVEL_ROWS = Query("behind_levels", entries(_levels(), _THEN))
ROLLING_ROWS = Query("behind_rolling", entries(_rolling()))
OPEN_ROWS = Query("behind_open", entries(_OPEN))

QUERIES = (CELL_ROWS, LEVEL_ROWS, ROLLING_ROWS, OPEN_ROWS)
