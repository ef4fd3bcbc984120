"""The queries of single interactions: search, the timeline of one of them, and callers who were never reached."""

from __future__ import annotations

from typing import get_type_hints

from msgspec.structs import fields

from dashboards.queries.behind.page import PAGE_ROWS
from dashboards.queries.places import CHOSEN_QUEUES, chosen
from dashboards.queries.scoped import Query, scoped
from pipeline.contract import events as contract
from pipeline.kpis.measures import money, seconds
from pipeline.kpis.settings import BEHAVIOUR, SHORT_US, join_settings, minute_of

#: Events of one interaction that are shown.
EVENT_ROWS = 400
CALLBACK_ROWS = 200
#: Contacts that were never in a queue, among the outcomes that can be searched for.
UNQUEUED = "unqueued"
OUTCOMES = ("answered", "abandoned", "left", "waiting", "not_queued", UNQUEUED)
#: What names a person, whatever a source writes into it, is shown by its end only.
SHORTENED = ("customer", "account", "lead")
_LAST_CHARACTERS = 5
_COLUMNS = frozenset({"client", "interaction", "channel", "direction", "segment", "queue", "agent", "revision"})


def _members() -> tuple[str, ...]:
    """Members of events' data that the contract names and that have no column of their own."""
    classes = [get_type_hints(event)["data"] for event in contract.INTERACTION_EVENTS]
    return tuple(sorted({field.name for cls in classes for field in fields(cls)} - _COLUMNS))


MEMBERS = _members()


def _short(column: str) -> str:
    return f"'…' || right({column}, {_LAST_CHARACTERS})"


_TIMES = ", ".join(f"{seconds(f'{name}_us')} AS {name}_seconds" for name in ("wait", "talk", "hold", "wrap"))
_SEGMENT = f"""client, interaction, segment, channel, direction, queue, agent, outcome, disposition, {_TIMES}"""
_KEY = "began_at, client, interaction, segment"
_BEGAN = "coalesce(queued_at, first_event_at)"

# A contact that was never in a queue is found by that, or by its name: every dial is one. Of somebody who sees some
# teams only it cannot be said (``$with_unqueued``).
_SEARCH = f"""
SELECT * FROM (
  SELECT {_BEGAN} AS began_at, {_SEGMENT} FROM {scoped("segment_rows", "contact")}
  WHERE segment <> '' AND coalesce($outcome, '') <> '{UNQUEUED}'
  UNION ALL BY NAME
  SELECT {_BEGAN} AS began_at, {_SEGMENT.replace("outcome,", f"'{UNQUEUED}' AS outcome,")}
  FROM (
    SELECT * FROM {scoped("segment_rows", "contact")} whole
    WHERE segment = '' AND $with_unqueued AND ($outcome = '{UNQUEUED}' OR $interaction IS NOT NULL)) alone
  ANTI JOIN (SELECT client, interaction FROM {scoped("segment_rows", "client")} WHERE segment <> '') passed
    USING (client, interaction))
WHERE began_at >= $start AND began_at <= $stop AND {chosen("client", "queue", "channel", "direction", "outcome")}
  AND ($disposition IS NULL OR disposition = $disposition)
  AND ($agent::VARCHAR IS NULL OR contains(lower(agent), lower($agent::VARCHAR)))
  AND ($interaction::VARCHAR IS NULL OR contains(lower(interaction), lower($interaction::VARCHAR)))
  AND ($before_at::TIMESTAMPTZ IS NULL OR
    ({_KEY}) < ($before_at::TIMESTAMPTZ, $before_client::VARCHAR, $before_key::VARCHAR, $before_part::VARCHAR))
ORDER BY {_KEY.replace(",", " DESC,")} DESC LIMIT {PAGE_ROWS + 1}
"""

_DISPOSITIONS = f"""
SELECT DISTINCT disposition FROM {scoped("segments", "contact")}
WHERE disposition IS NOT NULL AND queued_at >= $start AND queued_at <= $stop AND {chosen("client")}
ORDER BY disposition
"""

_OF_ONE = "client = $of_client AND interaction = $of_interaction"

_PASSES = f"""
SELECT {_BEGAN} AS began_at, {_SEGMENT}, queued_at, offered_at, answered_at, wait_ended_at, handle_ended_at,
  wrapped_up_at, ended_at, left_reason, transfer_kind, alerts, declines, flags, {money("amount")} AS amount, currency
FROM {scoped("segment_rows", "contact")}
WHERE {_OF_ONE} AND segment <> '' AND first_event_at <= $at
ORDER BY began_at, segment
"""

_PATHS = ", ".join(f"'$.data.{name}'" for name in MEMBERS)
_NAMES = ", ".join(f"'{name}'" for name in MEMBERS)
_IN_SHORT = ", ".join(f"'{name}'" for name in SHORTENED)

# Members that the contract names, and nothing else of what a source may have sent. Without its place in the log, which
# would say how much other clients' events there are.
_TIMELINE = f"""
SELECT time, type, channel, segment, queue, agent, revision, source, id,
  list_transform(list_filter(said, pair -> pair.value IS NOT NULL),
    pair -> {{'name': pair.name, 'value': CASE WHEN pair.name IN ({_IN_SHORT}) THEN {_short("pair.value")}
      ELSE pair.value END}}) AS said,
  things
FROM (
  SELECT *, json_extract_string(raw, '$.data.channel') AS channel, count(*) OVER () AS things,
    list_transform(list_zip([{_NAMES}], json_extract_string(raw, [{_PATHS}])),
      pair -> {{'name': pair[1], 'value': pair[2]}}) AS said
  FROM {scoped("events", "contact")} WHERE {_OF_ONE} AND time <= $at
  ORDER BY time, source, id LIMIT {EVENT_ROWS})
ORDER BY time, source, id
"""

_CORRECTED = f"""
SELECT noted_at, client, queue, minute, measure, before, after, late_by_seconds
FROM {scoped("corrections", "queue")}
WHERE (topic, "partition", epoch, "offset") IN (
  SELECT (said.topic, said."partition", said.epoch, said."offset")
  FROM {scoped("events", "contact")} said WHERE said.client = $of_client AND said.interaction = $of_interaction)
ORDER BY noted_at, queue, minute, measure LIMIT {EVENT_ROWS}
"""

_KNOWN = f"""
  SELECT client, interaction, arg_max(customer, (time, source, id)) AS customer
  FROM {scoped("descriptions", "client")} WHERE customer IS NOT NULL AND time <= $at GROUP BY ALL"""
_NOT_OFFERED = f"wait_us <= {SHORT_US} AND {BEHAVIOUR} = 'not_offered'"
_SETTINGS = join_settings("calls", minute_of("calls.queued_at")).replace(
    "centre_queues", scoped("centre_queues", "queue")
)

# Whom another team or another site has reached needs no call: so all of the client's contacts are asked.
_CALLBACKS = f"""
WITH known AS MATERIALIZED ({_KNOWN}),
reached AS MATERIALIZED (
  SELECT client, interaction, customer, reached_at FROM (
    SELECT client, interaction, answered_at AS reached_at FROM {scoped("segment_rows", "client")}
    WHERE answered_at >= $start AND answered_at <= $at
    UNION ALL
    SELECT client, interaction, reached_at FROM {scoped("callbacks", "client")}
    WHERE reached_at >= $start AND reached_at <= $at)
  LEFT JOIN known USING (client, interaction)),
of_customer AS (
  SELECT client, customer, max(reached_at) AS reached_at FROM reached WHERE customer IS NOT NULL GROUP BY ALL),
of_interaction AS (SELECT client, interaction, max(reached_at) AS reached_at FROM reached GROUP BY ALL),
lost AS (
  SELECT calls.client, calls.interaction, calls.queue, calls.channel, calls.abandoned_at, wait_us, known.customer
  FROM {scoped("segment_rows", "contact")} calls JOIN {CHOSEN_QUEUES} queues USING (client, queue)
    {_SETTINGS}
    LEFT JOIN known ON known.client = calls.client AND known.interaction = calls.interaction
  WHERE outcome = 'abandoned' AND direction = 'inbound' AND queued_at >= $start AND queued_at <= $stop
    AND abandoned_at <= $at AND NOT ({_NOT_OFFERED}))
SELECT client, {_short("max(customer)")} AS customer, min(abandoned_at) AS since, max(abandoned_at) AS latest_at,
  count(*) AS tries, arg_max(queue, abandoned_at) AS queue, arg_max(channel, abandoned_at) AS channel,
  arg_max(interaction, abandoned_at) AS interaction, {seconds("arg_max(wait_us, abandoned_at)")} AS wait_seconds,
  count(*) OVER () AS things
FROM (
  SELECT lost.*
  FROM lost LEFT JOIN of_customer ON of_customer.client = lost.client AND of_customer.customer = lost.customer
    LEFT JOIN of_interaction ON of_interaction.client = lost.client AND of_interaction.interaction = lost.interaction
  WHERE NOT coalesce(of_customer.reached_at > abandoned_at, false)
    AND NOT coalesce(of_interaction.reached_at > abandoned_at, false))
GROUP BY client, coalesce(customer, interaction), customer IS NULL
ORDER BY since, client, interaction LIMIT {CALLBACK_ROWS}
"""

SEARCH = Query("interaction_search", _SEARCH)
DISPOSITIONS = Query("interaction_dispositions", _DISPOSITIONS)
PASSES = Query("interaction_passes", _PASSES)
TIMELINE = Query("interaction_timeline", _TIMELINE)
CORRECTED = Query("interaction_corrections", _CORRECTED)
CALLBACKS = Query("interaction_callbacks", _CALLBACKS, every_seconds=10)

QUERIES = (SEARCH, DISPOSITIONS, PASSES, TIMELINE, CORRECTED, CALLBACKS)
