"""The kinds of rows behind numbers of outcomes, outbound work, surveys and digital work. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dashboards.queries.behind import dialled, digital, sold, surveyed
from dashboards.queries.scoped import Query
from dashboards.readings.kind import Kind, Parts, named
from pipeline.kpis.catalogue import catalogue

_CLIENT = ("client",)
_CAMPAIGN = ("client", "campaign")


def _things(
    query: Query,
    of: str,
    numbers: Mapping[str, tuple[str, ...] | Parts],
    columns: tuple[str, ...],
    places: tuple[str, ...] = _CLIENT,
) -> Kind:
    return Kind(query, (of,), named(**numbers), "things", places, columns)


_OUTCOME = ("time", "queue", "agent", "state", "value")
_PROMISE = ("time", "queue", "agent", "state", "due", "value")
_DIAL = ("time", "campaign", "queue", "agent", "state", "detail", "value")
_TURN = ("time", "queue", "channel", "agent", "answered", "value")
_SESSION = ("time", "queue", "agent", "state", "detail", "until", "value")
_DROPS_LEFT: Parts = (("live_answers", "drops"), catalogue()["drops_left"].formula)

KINDS_OF_WORK: Mapping[str, Kind] = MappingProxyType(
    {
        "sales": _things(
            sold.SALE_ROWS,
            "sales",
            {
                "sales_outcomes": ("sales",),
                "conversion_per_answered": ("sales", "answered", "offered", "leads"),
                "sales_cancelled_rate": ("cancelled", "sales"),
                "sales_revenue": ("revenue",),
                "revenue_per_answered": ("revenue", "answered"),
                "sales_per_agent_hour": ("sales", "agent_hours"),
            },
            _OUTCOME,
        ),
        "promises": _things(
            sold.PROMISE_ROWS,
            "promises_made",
            {
                "promises_made": ("promises",),
                "kept_rate": ("kept", "due"),
                "promises_due": ("due",),
                "promises_broken": ("broken", "due", "kept", "undecided"),
            },
            _PROMISE,
        ),
        "collected": _things(
            sold.MONEY_ROWS,
            "collected_money",
            {
                "amount_promised": ("amount_promised",),
                "amount_collected": ("amount_collected",),
                "kept_amount_rate": ("amount_kept", "amount_due"),
                "recovery_rate": ("amount_collected", "outstanding"),
            },
            _PROMISE,
        ),
        "pledges": _things(
            sold.PLEDGE_ROWS,
            "pledges",
            {
                "pledges": ("pledges",),
                "pledged_amount": ("amount_pledged",),
                "fulfilment_rate_due": ("fulfilled_due", "pledges_due"),
            },
            _PROMISE,
        ),
        "dials": _things(
            dialled.DIAL_ROWS,
            "campaigns",
            {
                "dials": ("dials",),
                "dial_contacts": ("contacts",),
                "right_party_contacts": ("right_party_contacts",),
            },
            _DIAL,
            _CAMPAIGN,
        ),
        "selling": _things(
            dialled.SELLING_ROWS,
            "campaigns",
            {"sales_per_dial_contact": ("sales", "contacts", "dials", "leads_dialled", "agent_hours")},
            _DIAL,
            _CAMPAIGN,
        ),
        "campaign_revenue": _things(
            dialled.REVENUE_ROWS, "campaign_revenue", {"sales_revenue": ("sales_revenue",)}, _DIAL, _CAMPAIGN
        ),
        "drops": _things(dialled.DROP_ROWS, "drops", {"drops_left": _DROPS_LEFT}, _DIAL, _CAMPAIGN),
        "lists": _things(dialled.LIST_ROWS, "lists", {"list_penetration": dialled.LISTS}, _DIAL),
        "answers": _things(
            surveyed.ANSWER_ROWS,
            "satisfaction",
            {
                "csat": (("at_least_4", "responses", "sent"), "at_least_4 / responses"),
                "nps": (("at_least_9", "at_most_6", "responses", "sent"), "(at_least_9 - at_most_6) / responses"),
                "ces_mean": (("scores", "responses", "sent"), "scores / responses"),
            },
            ("time", "queue", "agent", "state", "detail", "value"),
        ),
        "interviews": _things(
            surveyed.INTERVIEW_ROWS,
            "interviews",
            {"survey_completes": ("completes",), "survey_cooperation_rate": ("completes", "refusals")},
            ("time", "campaign", "queue", "agent", "state", "value"),
        ),
        "waiting": Kind(
            digital.WAITING_ROWS,
            ("digital_waiting",),
            named(waiting_by_rule=("waiting",), longest_wait_now_seconds=(("waiting",), "max(waiting)")),
            places=_CLIENT,
        ),
        "turns": _things(
            digital.TURN_ROWS,
            "responses",
            {
                "first_response_average_seconds": ("first_response_seconds", "first_responses"),
                "agent_response_average_seconds": ("agent_response_seconds", "agent_responses"),
                "conversations": ("conversations",),
            },
            _TURN,
        ),
        "slots": _things(
            digital.SLOT_ROWS,
            "concurrency",
            {
                "average_concurrency": ("contact_seconds", "busy_seconds"),
                "slot_occupancy": ("used_slot_seconds", "available_slot_seconds"),
            },
            ("agent", "channel", "most", "value"),
        ),
        "bots": _things(
            digital.BOT_ROWS,
            "bots",
            {
                "bot_sessions": ("bot_sessions",),
                "bot_containment": ("bot_contained", "bot_sessions", "bot_open", "bot_contained_but_back"),
                "bot_handed_over": ("bot_handed_over",),
                "bot_abandoned": ("bot_abandoned",),
            },
            _SESSION,
        ),
        "menus": _things(
            digital.MENU_ROWS,
            "menus",
            {
                "menu_sessions": ("menu_sessions",),
                "menu_containment": ("menu_contained", "menu_sessions", "menu_open"),
                "menu_abandonment": ("menu_abandoned", "menu_sessions", "menu_open"),
                "menu_average_seconds": ("menu_seconds", "menu_sessions"),
            },
            _SESSION,
        ),
        "items_open": _things(
            digital.OPEN_ROWS,
            "backlog",
            {
                "open_items": ("open_items",),
                "oldest_item_seconds": (("oldest_item_seconds",), "max(oldest_item_seconds)"),
                "open_at_risk": ("open_past_promise", "open_due_next_hour", "open_at_risk"),
            },
            ("time", "queue", "channel", "agent", "due", "value"),
        ),
        "items_cleared": _things(
            digital.CLEARED_ROWS,
            "cleared",
            {
                "closed_within_promise_share": ("items_closed_within_promise", "items_closed_with_promise"),
                "due_within_promise_share": ("items_due_closed", "items_due"),
                "items_closed": ("items_closed",),
                "turnaround_average_seconds": ("turnaround_seconds", "items_closed"),
            },
            ("time", "queue", "channel", "agent", "closed", "value"),
        ),
    }
)
