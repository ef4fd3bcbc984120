"""The queries of bots and menus: what they settled, who came back all the same, what they handed over, who gave up.

A bot serves a client before any queue does, so a scope of clients bounds it, and scopes of sites and teams do not.
"""

from __future__ import annotations

from dashboards.queries.scoped import Query, scoped
from dashboards.queries.totals import formulas, levels, sets, sums

#: A customer who comes back within so many days was not helped.
RECONTACT_DAYS = 7

_SESSIONS = (
    "bot_sessions", "bot_contained", "bot_handed_over", "bot_abandoned", "bot_open", "bot_contained_but_back",
    "bot_contained_unknown_customer",
)  # fmt: skip
_MENUS = (
    "menu_sessions", "menu_contained", "menu_handed_over", "menu_abandoned", "menu_open",
)  # fmt: skip

_BOTS = f"""
SELECT *, {formulas("bot_containment", "bot_containment_net", "bot_not_escalated")}
FROM (
  SELECT {levels("client", "bot", "intent")}, {sums(_SESSIONS)}
  FROM {scoped(f"bot_intents($start, $stop, recontact_days := {RECONTACT_DAYS})", "client")}
  GROUP BY GROUPING SETS ((client, bot, intent), (client), ()))
ORDER BY client, bot, intent
"""

_HANDOVERS = f"""
SELECT client, bot, reason, bot_handed_over FROM {scoped("bot_handovers($start, $stop)", "client")}
ORDER BY bot_handed_over DESC, client, bot, reason
"""

_MENU_SESSIONS = f"""
SELECT *, {formulas("menu_containment", "menu_hand_over_rate", "menu_abandonment", "menu_average_seconds")}
FROM (
  SELECT {levels("client", "menu")}, {sums(_MENUS)}, sum(menu_seconds) AS menu_seconds
  FROM {scoped("menu_kpis($start, $stop)", "client")} {sets("client", "menu")})
ORDER BY client, menu
"""

_MENU_STEPS = f"""
SELECT client, menu, step, step_reached, step_contained, step_handed_over, step_abandoned, step_drop_off
FROM {scoped("menu_drop_off($start, $stop)", "client")}
ORDER BY client, menu, step_reached DESC, step
"""

BOTS = Query("bots", _BOTS, every_seconds=30)
HANDOVERS = Query("handovers", _HANDOVERS, every_seconds=30)
MENUS = Query("menus", _MENU_SESSIONS, every_seconds=30)
MENU_STEPS = Query("menu_steps_by_drop", _MENU_STEPS, every_seconds=30)

QUERIES = (BOTS, HANDOVERS, MENUS, MENU_STEPS)
