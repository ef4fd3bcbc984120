"""The rows behind numbers of digital work: conversations, who holds how many, bots and menus, items that wait."""

from __future__ import annotations

from dashboards.queries.behind.page import entries, held_by, things, which
from dashboards.queries.bots import RECONTACT_DAYS
from dashboards.queries.conversations import LIVE
from dashboards.queries.places import chosen
from dashboards.queries.scoped import Query, scoped
from pipeline.kpis.measures import seconds

# As in queue_now_by_rule.
_WAITING_ROWS = f"""
  SELECT client, interaction, segment, {seconds("open_us")} AS value
  FROM {scoped("open_contacts(as_of := $at)", "queue")}
  WHERE queue IS NOT NULL AND doing = 'waiting' AND left_out_by IS NULL
    AND {LIVE} AND {chosen("client")} AND $part = 'waiting'"""

#: Of the turns of conversations: which count, and what one of them adds.
TURNS = {
    "conversations": ("turn = 0", "1"),
    "first_responses": ("first_response_seconds IS NOT NULL", "1"),
    "first_response_seconds": ("first_response_seconds IS NOT NULL", "first_response_seconds"),
    "agent_responses": ("agent_responses > 0", "agent_responses"),
    "agent_response_seconds": ("agent_responses > 0", "response_seconds"),
}
_TURN_ROWS = f"""
  SELECT began_at, client, interaction, turn::VARCHAR AS thing, queue, channel, agent,
    agent_responded_at AS until, {which({name: value for name, (_, value) in TURNS.items()})} AS value
  FROM {held_by(scoped("responses_between($start, $stop)", "queue"))}
  WHERE {LIVE} AND {which({name: condition for name, (condition, _) in TURNS.items()})}"""

# Time of one agent on one channel: contacts side by side are no rows of their own.
SLOTS = {
    "contact_seconds": "contact_seconds",
    "busy_seconds": "busy_seconds",
    "used_slot_seconds": "CASE WHEN available_slot_seconds IS NOT NULL THEN used_slot_seconds END",
    "available_slot_seconds": "available_slot_seconds",
}
_SLOT_ROWS = f"""
  SELECT $start::TIMESTAMPTZ AS began_at, client, agent || ' ' || channel AS thing, agent, channel,
    peak_concurrency::VARCHAR AS detail, {which(SLOTS)} AS value
  FROM {scoped("concurrency($start, $stop)", "agent")}
  WHERE {LIVE} AND {which(SLOTS)} IS NOT NULL"""

BOTS = {
    "bot_sessions": "true",
    "bot_open": "result = 'open'",
    "bot_contained": "result = 'contained'",
    "bot_handed_over": "result = 'handed_over'",
    "bot_abandoned": "result = 'abandoned'",
    "bot_contained_but_back": "result = 'contained' AND returned",
}
_RETURNS = scoped(f"bot_returns($start, $stop, recontact_days := {RECONTACT_DAYS})", "client")
_BOT_ROWS = f"""
  SELECT started_at AS began_at, client, interaction, bot AS thing, first_queue AS queue, agent, result AS state,
    concat_ws(', ', bot, intent) AS detail, last_step_at AS until, 1 AS value
  FROM {held_by(_RETURNS)}
  WHERE {which(BOTS)}"""

MENUS = {
    "menu_sessions": "true",
    "menu_open": "result = 'open'",
    "menu_contained": "result = 'contained'",
    "menu_abandoned": "result = 'abandoned'",
    "menu_seconds": "true",
}
_MENU_ROWS = f"""
  SELECT started_at AS began_at, client, interaction, bot AS thing, first_queue AS queue, agent, result AS state,
    concat_ws(', ', bot, last_step) AS detail, last_step_at AS until,
    CASE $part WHEN 'menu_seconds' THEN seconds_between(started_at, last_step_at) ELSE 1 END AS value
  FROM {held_by(scoped("step_sessions($start, $stop, 'menu')", "client"))}
  WHERE started_at >= $start AND started_at < $stop AND {which(MENUS)}"""

OPEN_ITEMS = {
    "open_items": "true",
    "oldest_item_seconds": "true",
    "open_past_promise": "used >= 1",
    "open_due_next_hour": "due_at > $at AND due_at <= $at::TIMESTAMPTZ + to_hours(1)",
    "open_at_risk": "used >= 0.75 AND used < 1",
}
_OPEN_ROWS = f"""
  SELECT received_at AS began_at, client, interaction, interaction AS thing, queue, channel, agent, due_at AS until,
    CASE $part WHEN 'oldest_item_seconds' THEN age_seconds ELSE 1 END AS value
  FROM {held_by(scoped("open_items(as_of := $at)", "queue"))}
  WHERE {which(OPEN_ITEMS)}"""

_WENT = "closed_at >= $start"
_FELL_DUE = "due_at >= $start AND due_at < $stop"
#: Of items as they were known at the end of the period.
CLEARED = {
    "items_closed": _WENT,
    "turnaround_seconds": _WENT,
    "items_closed_with_promise": f"{_WENT} AND due_at IS NOT NULL",
    "items_closed_within_promise": f"{_WENT} AND closed_at <= due_at",
    "items_due": _FELL_DUE,
    "items_due_closed": f"{_FELL_DUE} AND closed_at <= due_at",
}
_CLEARED_ROWS = f"""
  SELECT received_at AS began_at, client, interaction, interaction AS thing, queue, channel, agent,
    closed_at AS until,
    CASE $part WHEN 'turnaround_seconds' THEN seconds_between(received_at, closed_at) ELSE 1 END AS value
  FROM {held_by(scoped("items_at($stop)", "queue"))}
  WHERE {which(CLEARED)}"""

WAITING_ROWS = Query("behind_waiting", entries(_WAITING_ROWS))
TURN_ROWS = Query("behind_turns", things(_TURN_ROWS))
SLOT_ROWS = Query("behind_slots", things(_SLOT_ROWS, "agent"))
BOT_ROWS = Query("behind_bots", things(_BOT_ROWS))
MENU_ROWS = Query("behind_menus", things(_MENU_ROWS))
OPEN_ROWS = Query("behind_items_open", things(_OPEN_ROWS))
CLEARED_ROWS = Query("behind_items_cleared", things(_CLEARED_ROWS))

QUERIES = (WAITING_ROWS, TURN_ROWS, SLOT_ROWS, BOT_ROWS, MENU_ROWS, OPEN_ROWS, CLEARED_ROWS)
