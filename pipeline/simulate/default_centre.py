"""The centre of the demo: two clients, eleven queues of eight lines on four channels, round the clock."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.simulate.centre import AgentGroup, Centre, Exits, Queue, Transfer
from pipeline.simulate.line_business import AFTERMATH_DAYS, FLAGS_OF, business_of
from pipeline.simulate.lines import CONNECTED, DIALLED, IN_A_BACKLOG
from pipeline.simulate.spread import Lognormal

#: Arrivals by hour of the site's day as a share of the busiest hour. The night never falls silent.
_CONSUMER_DAY = (
    *(0.22, 0.18, 0.15, 0.14, 0.15, 0.20, 0.32, 0.55, 0.80, 0.96, 1.00, 0.97),
    *(0.88, 0.86, 0.92, 0.95, 0.93, 0.90, 0.84, 0.74, 0.60, 0.47, 0.36, 0.28),
)
_BUSINESS_DAY = (
    *(0.12, 0.10, 0.10, 0.10, 0.10, 0.14, 0.25, 0.50, 0.90, 1.00, 1.00, 0.95),
    *(0.75, 0.80, 0.98, 0.96, 0.88, 0.70, 0.45, 0.30, 0.22, 0.18, 0.15, 0.13),
)

#: (name, first hour, hours, agents per ten of the group at full strength): they overlap at the busy hours.
_SHIFTS = (
    ("early", 6.0, 8.0, 8),
    ("day", 8.5, 8.0, 6),
    ("middle", 11.5, 8.0, 5),
    ("late", 14.5, 8.0, 7),
    ("night", 22.0, 8.5, 4),
)


def default_centre(scale: float = 1.0) -> Centre:
    """The demo's centre: 'aurora' (telecommunications, EUR) and 'borealis' (insurance, GBP).

    About 11,000 contacts and 150,000 events a simulated day; ``scale`` multiplies the arrivals and the agents.
    """
    centre = Centre(
        "demo",
        _queues(),
        _groups(),
        timezone="Europe/Berlin",
        scheduled=True,
        aftermath_days=AFTERMATH_DAYS,
        flags=FLAGS_OF,
    )
    return centre if scale == 1.0 else centre.scaled(scale)


def _rates(peak_per_hour: float, shape: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(peak_per_hour * share for share in shape)


def _queues() -> tuple[Queue, ...]:
    return (
        Queue(
            "service",
            "aurora",
            _rates(190, _CONSUMER_DAY),
            business=business_of("customer-service"),
            exits=Exits(
                timeout_seconds=900,
                key_probability=0.02,
                callback_probability=0.08,
                callback_after_seconds=12,
                callback_queue="callbacks",
            ),
            transfers=(
                Transfer("technical", 0.05, "warm"),
                Transfer("technical", 0.02, "conference"),
                Transfer("sales", 0.02),
                Transfer("service", 0.01),
            ),
            dispositions=("resolved", "billing_corrected", "information", "follow_up"),
        ),
        Queue(
            "technical",
            "aurora",
            _rates(95, _CONSUMER_DAY),
            business=business_of("technical-support"),
            patience_seconds=240,
            talk_seconds=Lognormal(390, 0.7),
            wrap_up_seconds=Lognormal(60),
            hold_probability=0.35,
            hold_seconds=Lognormal(75),
            exits=Exits(timeout_seconds=150, overflow_to="service"),
            transfers=(Transfer("service", 0.03),),
            dispositions=("fixed", "engineer_booked", "follow_up", "escalated"),
        ),
        Queue(
            "sales",
            "aurora",
            _rates(60, _CONSUMER_DAY),
            business=business_of("inbound-sales"),
            patience_seconds=110,
            talk_seconds=Lognormal(280),
            wrap_up_seconds=Lognormal(50),
            transfers=(Transfer("service", 0.04),),
            dispositions=("offer_sent", "not_interested", "follow_up"),
        ),
        Queue(
            "callbacks",
            "aurora",
            _rates(0, _CONSUMER_DAY),
            business=replace(business_of("customer-service"), menu=None),
            direction="outbound",
            menu_seconds=Lognormal(14, 0.4),
            menu_hang_up_probability=0.3,
            patience_seconds=60,
            dispositions=("resolved", "follow_up"),
        ),
        Queue(
            "outreach",
            "aurora",
            _rates(60, _CONSUMER_DAY),
            business=business_of("outbound-sales"),
            talk_seconds=Lognormal(170),
            dispositions=("not_interested", "call_again", "wrong_person", "do_not_call"),
            **DIALLED,
        ),
        Queue(
            "collections",
            "aurora",
            _rates(110, _CONSUMER_DAY),
            business=business_of("collections"),
            talk_seconds=Lognormal(180),
            dispositions=("call_again", "wrong_person", "do_not_call"),
            **DIALLED,
        ),
        Queue(
            "web-chat",
            "aurora",
            _rates(65, _CONSUMER_DAY),
            "chat",
            business=business_of("chat"),
            menu_seconds=Lognormal(40),
            talk_seconds=Lognormal(420),
            hold_probability=0.0,
            dispositions=("resolved", "follow_up"),
        ),
        Queue(
            "mail",
            "aurora",
            _rates(35, _CONSUMER_DAY),
            "email",
            business=business_of("email"),
            talk_seconds=Lognormal(200),
            dispositions=("resolved", "follow_up"),
            **IN_A_BACKLOG,
        ),
        Queue(
            "claims",
            "borealis",
            _rates(80, _BUSINESS_DAY),
            business=replace(business_of("customer-service", "GBP"), menu=None),
            patience_seconds=300,
            talk_seconds=Lognormal(420, 0.6),
            wrap_up_seconds=Lognormal(90),
            hold_probability=0.28,
            exits=Exits(timeout_seconds=1200, key_probability=0.03),
            transfers=(Transfer("policies", 0.05),),
            dispositions=("claim_opened", "claim_updated", "documents_asked", "closed"),
        ),
        Queue(
            "policies",
            "borealis",
            _rates(90, _BUSINESS_DAY),
            business=business_of("inbound-sales", "GBP"),
            patience_seconds=150,
            talk_seconds=Lognormal(260),
            opening=(6, 23),
            transfers=(Transfer("claims", 0.05, "warm"),),
            dispositions=("changed", "quoted", "cancelled", "information"),
        ),
        Queue(
            "documents",
            "borealis",
            _rates(30, _BUSINESS_DAY),
            "work_item",
            business=business_of("back-office"),
            talk_seconds=Lognormal(260),
            dispositions=("delivered",),
            **IN_A_BACKLOG,
        ),
    )


def _groups() -> tuple[AgentGroup, ...]:
    teams: tuple[tuple[str, str, tuple[str, ...], int, dict[str, Any]], ...] = (
        ("aurora-care", "aurora", ("service", "sales", "callbacks"), 15, {}),
        ("aurora-tech", "aurora", ("technical", "service"), 16, {}),
        ("aurora-sell", "aurora", ("sales",), 6, {}),
        ("aurora-dial", "aurora", ("collections", "outreach"), 11, CONNECTED),
        ("aurora-digital", "aurora", ("web-chat", "mail"), 9, {"capacity": (("chat", 3),)}),
        ("borealis-desk", "borealis", ("policies", "claims", "documents"), 12, {}),
        ("borealis-claims", "borealis", ("claims", "documents"), 12, {}),
    )
    return tuple(
        AgentGroup(f"{team}-{shift}", client, skills, max(2, round(size * tenths / 10)), start, hours, **more)
        for team, client, skills, size, more in teams
        for shift, start, hours, tenths in _SHIFTS
    )
