"""The queries of the floor: who waits, whether the target is met, what came of a period, who is free.

Each answers for one choice of queues, by every grouping at once (``dashboards.queries.places``). Ratios are never added
up: their formulas come from the KPI catalogue and are applied to summed counts.
"""

from __future__ import annotations

from dashboards.queries.places import CHOSEN_AGENTS, CHOSEN_QUEUES, QUEUES, SETTLED, grouped, groupings, place_of
from dashboards.queries.scoped import Query, scoped
from pipeline.kpis.catalogue import Ratio, catalogue
from pipeline.kpis.measures import ratio_sql, select_kpis
from pipeline.kpis.settings import INCLUSIVE, THRESHOLD_US, join_settings, limit_us, minute_of

#: Definitions of service level that a viewer may choose from. The first is each queue's own.
DEFINITIONS = ("contract", "abandons_negative", "abandons_ignored", "abandons_positive", "answered_only")
#: Minutes of the rolling service level.
ROLLING_MINUTES = 30
#: Hours in the charts.
COURSE_HOURS = 6
#: With what now is compared.
BEFORE_MINUTES = 60
LEFT_OUT_ROWS = 20
STATES = ("available", "on_contact", "wrap_up", "break")

_SHOWN = ("offered", "answered", "abandoned", "short_abandoned", "sales")
_RATIOS = ("abandonment_rate", "sales_per_answered", "asa_seconds")
_DESCRIBED = scoped("centre_queues", "queue")
_BEFORE = f"$at - INTERVAL {BEFORE_MINUTES} MINUTE"


def _ratio_of(name: str) -> Ratio:
    kpi = catalogue()[name]
    assert isinstance(kpi, Ratio)  # noqa: S101 - the names are ours
    return kpi


def _ratio(name: str) -> str:
    return f"{ratio_sql(_ratio_of(name))} AS {name}"


def _sums() -> str:
    """What is shown and what the ratios need, each once."""
    names = dict.fromkeys([*_SHOWN, *(name for ratio in _RATIOS for name in _ratio_of(ratio).inputs)])
    kinds = {name: "" if catalogue()[name].unit == "seconds" else "::BIGINT" for name in names}
    return ", ".join(f"sum({name}){kind} AS {name}" for name, kind in kinds.items())


def _waiting(moment: str) -> str:
    """What waits and talks, without what is left out by rule."""
    return f"""(
  SELECT client, queue, sum(waiting) AS waits, max(longest_wait_seconds) AS longest_wait_seconds,
    sum(in_progress) AS talks, sum(waiting_left_out) AS waiting_left_out
  FROM {scoped(f"queue_now_by_rule(as_of := {moment})", "queue")} GROUP BY client, queue)"""


# The macro has no row for a quiet queue: 0 waits there, but nothing can be said of one that never had traffic.
_WAITING_SUMS = """sum(CASE WHEN seen THEN coalesce(waits, 0) END)::BIGINT AS waiting,
  max(longest_wait_seconds) AS longest_wait_seconds,
  sum(CASE WHEN seen THEN coalesce(talks, 0) END)::BIGINT AS in_progress,
  coalesce(sum(waiting_left_out), 0)::BIGINT AS waiting_left_out,
  count(*) FILTER (waits > 0) AS queues_waiting, count(*) FILTER (seen) AS queues"""

# Read from the counts: in time of the decided, and of those that ended.
_ROLLING_SUMS = """sum(answered_in_time)::BIGINT AS answered_in_time, sum(decided)::BIGINT AS decided,
  sum(completed)::BIGINT AS completed, sum(waiting_past_threshold)::BIGINT AS waiting_past_threshold,
  sum(answered_in_time) / nullif(sum(decided), 0) AS service_level_with_expired,
  sum(answered_in_time) / nullif(sum(completed), 0) AS service_level_completed"""


def _rolling(moment: str) -> str:
    """The macro without those whom the rule leaves out: what never ended would count as waiting for ever.

    They are past their threshold by the settings of the minute in which they came, as in the macro.
    """
    limit = limit_us(THRESHOLD_US, INCLUSIVE)
    return f"""(
  SELECT client, queue, answered_in_time, completed, decided - coalesce(out, 0) AS decided,
    waiting_past_threshold - coalesce(out, 0) AS waiting_past_threshold
  FROM {scoped(f"service_level_now(as_of := {moment}, window_minutes := {ROLLING_MINUTES})", "queue")}
  LEFT JOIN (
    SELECT client, queue, count(*) AS out
    FROM (
      SELECT opened.client, opened.queue, open_us, {limit} AS limit_us
      FROM {scoped(f"open_contacts(as_of := {moment})", "queue")} opened
      {join_settings("opened", minute_of("opened.since")).replace("centre_queues", _DESCRIBED)}
      WHERE doing = 'waiting' AND left_out_by IS NOT NULL)
    WHERE open_us > limit_us GROUP BY ALL) left_out USING (client, queue))"""


# Rows of macros with no queue are totals of their own, over more than the chosen queues; the join leaves them out.
_LEVEL_SUMS = """sum(numerator)::BIGINT AS numerator, sum(denominator)::BIGINT AS denominator,
  sum(numerator) / nullif(sum(denominator), 0) AS service_level"""
# Of a past moment: as it stood then. Who waited is waiting, whatever became of it.
_SERVICE_LEVELS, _SERVICE_LEVELS_THEN = "service_levels($start, $stop)", "service_levels_as_of($start, $stop, $at)"


def _levels(macro: str) -> str:
    rows = f"""(
  SELECT client, queue, definition, numerator, denominator
  FROM {scoped(macro, "queue")} WHERE definition = $definition)"""
    return grouped(rows, _LEVEL_SUMS)


def _all_definitions(macro: str) -> str:
    return f"""
SELECT pace, definition, {_LEVEL_SUMS}
FROM {scoped(macro, "queue")} levels JOIN {CHOSEN_QUEUES} queues USING (client, queue)
GROUP BY ALL
"""


def _period(macro: str) -> str:
    counts = f"(SELECT * EXCLUDE (channel) FROM {scoped(macro, 'queue')})"
    return f"""
SELECT *, {", ".join(_ratio(name) for name in _RATIOS)}
FROM ({grouped(counts, _sums())})
"""


_HOUR_BEFORE = f"""
SELECT pace, waiting, service_level_with_expired
FROM ({grouped(_waiting(_BEFORE), _WAITING_SUMS, ("all",))})
  LEFT JOIN ({grouped(_rolling(_BEFORE), _ROLLING_SUMS, ("all",))}) USING (pace)
"""

_STATE_COUNTS = ", ".join(f"count(*) FILTER (state = '{state}') AS {state}" for state in STATES)
_BY_PERSON = ("all", "client", "site")
_BY_SKILL = ("queue", "line", "channel", "language", "skill")
_PEOPLE = scoped("centre_agents", "agent")

# An agent has a queue's skill, or several queues' of one line: counted once in each group.
_STAFF = f"""
WITH staff AS (
  SELECT client, agent, state, people.site, people.skills
  FROM (SELECT * FROM {scoped("agent_now_by_rule(as_of := $at)", "agent")} WHERE {CHOSEN_AGENTS}) now
    LEFT JOIN {_PEOPLE} people USING (client, agent)),
grouped AS (
  SELECT DISTINCT client, agent, state, dimension, NULL AS pace, {place_of(_BY_PERSON)}
  FROM staff CROSS JOIN {groupings(*_BY_PERSON)} kinds
  UNION ALL BY NAME
  SELECT DISTINCT client, agent, state, dimension, pace, {place_of(_BY_SKILL)}
  FROM (SELECT staff.client, agent, state, queue, line, channel, language, skill, pace
    FROM staff JOIN {CHOSEN_QUEUES} queues ON queues.client = staff.client AND list_contains(skills, skill)) able
    CROSS JOIN {groupings(*_BY_SKILL)} kinds)
SELECT dimension, place, of_client, pace, count(*) AS signed_in, {_STATE_COUNTS},
  count(*) FILTER (state NOT IN {STATES}) AS unavailable
FROM grouped GROUP BY ALL
"""

_OCCUPANCY = f"""
SELECT *, {_ratio("occupancy")}
FROM (
  SELECT count(*) AS agents, sum(on_contact_seconds) AS on_contact_seconds,
    sum(wrap_up_seconds) AS wrap_up_seconds, sum(available_seconds) AS available_seconds
  FROM {scoped("occupancy($start, $stop)", "agent")} WHERE {CHOSEN_AGENTS})
"""

_CLASSIC = {
    "abandons_negative": ("answered_in_target", "answered + abandoned_in_service_level"),
    "abandons_ignored": ("answered_in_target", "answered + abandoned_in_service_level - abandoned_in_target"),
    "abandons_positive": ("answered_in_target + abandoned_in_target", "answered + abandoned_in_service_level"),
    "answered_only": ("answered_in_target", "answered"),
}


def _term(place: int) -> str:
    whens = " ".join(f"WHEN '{name}' THEN {terms[place]}" for name, terms in _CLASSIC.items())
    own = "coalesce(settled.service_level, 'abandons_negative')"
    return f"CASE CASE $definition WHEN 'contract' THEN {own} ELSE $definition END {whens} END"


# A quarter in which a queue had a definition that its counts cannot give is left open rather than guessed.
def _course(quarters: str) -> str:
    return f"""
SELECT pace, quarter, sum(offered)::BIGINT AS offered, sum(answered)::BIGINT AS answered,
  sum(abandoned)::BIGINT AS abandoned,
  CASE WHEN bool_and(bottom IS NOT NULL) THEN sum(top) / nullif(sum(bottom), 0) END AS service_level
FROM (
  SELECT queues.pace, quarter, offered, answered, abandoned, {_term(0)} AS top, {_term(1)} AS bottom
  FROM (SELECT * FROM {quarters} WHERE quarter >= $start AND quarter < $stop) facts
    JOIN {CHOSEN_QUEUES} queues USING (client, queue)
    LEFT JOIN {SETTLED} settled USING (client, queue))
GROUP BY ALL ORDER BY quarter
"""


_QUARTERS = scoped("kpi_15min", "queue")
_QUARTERS_THEN = "({})".format(
    select_kpis(
        "client, queue, time_bucket(INTERVAL 15 MINUTE, minute) AS quarter",
        scoped("rated_cells_as_of($start, $stop, $at, NULL)", "queue"),
    )
)

# What is promised of each queue. NULL: its settings say nothing of it.
_CONTRACTS = f"""
SELECT queues.client, queues.queue, queues.channel, queues.line, queues.language, queues.skill, queues.site, pace,
  threshold_us * 0.000001::DECIMAL(7,6) AS threshold_seconds, service_level_target, abandonment_target
FROM {QUEUES} queues LEFT JOIN {SETTLED} settled USING (client, queue)
ORDER BY queues.client, queues.queue
"""

_LEFT_OUT = f"""
SELECT client, queue, interaction, left_out_by, since, last_event_at, open_seconds, count(*) OVER () AS things
FROM {scoped("unfinished(as_of := $at)", "contact")} JOIN {CHOSEN_QUEUES} queues USING (client, queue)
WHERE kind = 'contact' AND doing = 'waiting'
ORDER BY open_seconds DESC, client, interaction LIMIT {LEFT_OUT_ROWS}
"""

WAITING = Query("floor_waiting", grouped(_waiting("$at"), _WAITING_SUMS))
ROLLING = Query("floor_rolling", grouped(_rolling("$at"), _ROLLING_SUMS), every_seconds=2)
STAFF = Query("floor_staff", _STAFF, every_seconds=2)
PERIOD_AS_OF = Query("floor_period_as_of", _period("kpi_as_of($start, $stop, $at)"))
PERIOD = Query("floor_period", _period("kpi_between($start, $stop)"), every_seconds=3, past=PERIOD_AS_OF)
LEVELS_AS_OF = Query("floor_levels_as_of", _levels(_SERVICE_LEVELS_THEN))
LEVELS = Query("floor_levels", _levels(_SERVICE_LEVELS), every_seconds=5, past=LEVELS_AS_OF)
ALL_DEFINITIONS_AS_OF = Query("floor_definitions_as_of", _all_definitions(_SERVICE_LEVELS_THEN))
ALL_DEFINITIONS = Query(
    "floor_definitions", _all_definitions(_SERVICE_LEVELS), every_seconds=5, past=ALL_DEFINITIONS_AS_OF
)
OCCUPANCY = Query("floor_occupancy", _OCCUPANCY, every_seconds=5)
HOUR_BEFORE = Query("floor_hour_before", _HOUR_BEFORE, every_seconds=15)
COURSE_AS_OF = Query("floor_course_as_of", _course(_QUARTERS_THEN))
COURSE = Query("floor_course", _course(_QUARTERS), every_seconds=10, past=COURSE_AS_OF)
CONTRACTS = Query("floor_contracts", _CONTRACTS, every_seconds=15)
LEFT_OUT = Query("floor_left_out", _LEFT_OUT, every_seconds=15)

QUERIES = (
    WAITING, ROLLING, STAFF, PERIOD, PERIOD_AS_OF, LEVELS, LEVELS_AS_OF, ALL_DEFINITIONS, ALL_DEFINITIONS_AS_OF,
    OCCUPANCY, HOUR_BEFORE, COURSE, COURSE_AS_OF, CONTRACTS, LEFT_OUT,
)  # fmt: skip
