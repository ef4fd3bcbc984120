"""The centre of the demo: two clients, six queues, round the clock, so that at any hour the numbers move."""

from __future__ import annotations

from pipeline.simulate.centre import AgentGroup, Centre, Exits, Queue, Sales, Transfer
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

    About 13,000 contacts and 130,000 events a simulated day; ``scale`` multiplies the arrivals and the agents.
    """
    centre = Centre("demo", _queues(), _groups(), timezone="Europe/Berlin")
    return centre if scale == 1.0 else centre.scaled(scale)


def _rates(peak_per_hour: float, shape: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(peak_per_hour * share for share in shape)


def _queues() -> tuple[Queue, ...]:
    return (
        Queue(
            "service",
            "aurora",
            _rates(330, _CONSUMER_DAY),
            exits=Exits(
                timeout_seconds=900,
                key_probability=0.02,
                callback_probability=0.08,
                callback_queue="outreach",
            ),
            transfers=(Transfer("technical", 0.06, "warm"), Transfer("sales", 0.02)),
            dispositions=("resolved", "billing_corrected", "information", "follow_up"),
        ),
        Queue(
            "technical",
            "aurora",
            _rates(180, _CONSUMER_DAY),
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
            _rates(110, _CONSUMER_DAY),
            patience_seconds=110,
            talk_seconds=Lognormal(280),
            wrap_up_seconds=Lognormal(50),
            transfers=(Transfer("service", 0.04),),
            sales=Sales(0.24, Lognormal(64, 0.8), "EUR"),
            dispositions=("offer_sent", "not_interested", "follow_up"),
        ),
        Queue(
            "outreach",
            "aurora",
            _rates(40, _CONSUMER_DAY),
            direction="outbound",
            menu_seconds=Lognormal(14, 0.4),
            menu_hang_up_probability=0.38,
            patience_seconds=35,
            talk_seconds=Lognormal(190),
            wrap_up_seconds=Lognormal(40),
            hold_probability=0.04,
            sales=Sales(0.09, Lognormal(48, 0.7), "EUR"),
            dispositions=("reached", "not_interested", "call_again"),
        ),
        Queue(
            "claims",
            "borealis",
            _rates(140, _BUSINESS_DAY),
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
            _rates(160, _BUSINESS_DAY),
            patience_seconds=150,
            talk_seconds=Lognormal(260),
            opening=(6, 23),
            transfers=(Transfer("claims", 0.05, "warm"),),
            sales=Sales(0.15, Lognormal(215, 0.5), "GBP"),
            dispositions=("changed", "quoted", "cancelled", "information"),
        ),
    )


def _groups() -> tuple[AgentGroup, ...]:
    teams = (
        ("aurora-care", "aurora", ("service", "sales"), 24),
        ("aurora-tech", "aurora", ("technical", "service"), 26),
        ("aurora-sell", "aurora", ("sales", "outreach"), 14),
        ("borealis-desk", "borealis", ("policies", "claims"), 16),
        ("borealis-claims", "borealis", ("claims",), 16),
    )
    return tuple(
        AgentGroup(f"{team}-{shift}", client, skills, max(2, round(size * tenths / 10)), start, hours)
        for team, client, skills, size in teams
        for shift, start, hours, tenths in _SHIFTS
    )
