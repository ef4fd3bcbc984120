"""The business of each line as the simulation has it: one function per kind, and what dispositions count as."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from pipeline.simulate.business import Business, Case, Change, Dialling, Menu, Outcome, Solving, Survey
from pipeline.simulate.spread import Lognormal

#: What becomes of outcomes comes within so many days: the longest delay below, and half of it again.
AFTERMATH_DAYS = 16.0

_REACHED = ("human_answered", "customer_contact", "right_party")
#: Disposition to flags, the same for every client.
FLAGS_OF: Mapping[str, tuple[str, ...]] = {
    "sold": (*_REACHED, "sale"),
    "promised": (*_REACHED, "promise"),
    "paid": (*_REACHED, "payment"),
    "pledged": (*_REACHED, "pledge"),
    "account_updated": (*_REACHED, "resolved"),
    "activated": (*_REACHED, "resolved"),
    "resolved": ("customer_contact", "resolved"),
    "fixed": ("customer_contact", "resolved"),
    "delivered": ("resolved",),
    "escalated": ("customer_contact", "escalated"),
    "follow_up": ("customer_contact", "follow_up"),
    "call_again": ("human_answered", "follow_up"),
    "not_interested": (*_REACHED, "not_interested"),
    "wrong_person": ("human_answered",),
    "do_not_call": ("human_answered", "do_not_call"),
    "completed": (*_REACHED, "survey_complete"),
    "refused": (*_REACHED, "refused"),
}

_CSAT = Survey((("csat", ((1, 0.06), (2, 0.06), (3, 0.14), (4, 0.38), (5, 0.36))),))
_NPS = Survey((("nps", tuple((score, 1.0 + score * score / 9) for score in range(11))),))
_CES = Survey((("ces", ((2, 0.1), (4, 0.2), (5, 0.3), (6, 0.25), (7, 0.15))),))
_RESEARCH = Survey(
    (("awareness", ((0, 0.4), (1, 0.6))), ("liking", tuple((score, 1.0) for score in range(1, 8)))), 0.9, 0.55, 0.3,
    in_contact=True,
)  # fmt: skip
_LANGUAGES = (("de", 0.6), ("en", 0.25), ("tr", 0.15))


def business_of(line: str, currency: str = "EUR") -> Business:
    """The business of a line. KeyError if there is no such line."""
    return replace(_BUSINESSES[line](currency), line=line)


def _service(currency: str) -> Business:
    return Business(
        case=Case(3000, _LANGUAGES, ("mobile", "fibre", "tv"), ("billing", "account", "order"), tickets=True),
        menu=Menu("main-menu", steps=2, intents=("billing", "account"), contained_probability=0.05),
        outcomes=(
            Outcome("payment", 0.12, "paid", Lognormal(58), currency),
            Outcome("billing_review", 0.1, "follow_up"),
            Outcome("account_created", 0.05, "account_updated"),
            Outcome("account_updated", 0.12, "account_updated"),
            Outcome("activation", 0.08, "activated", products=("sim", "router")),
        ),
        solving=Solving(0.82, 0.07, 30.0),
        survey=_CSAT,
        joined_probability=0.03,
        consulted_probability=0.3,
        conference_probability=0.02,
        escalated_probability=0.02,
    )


def _support(_currency: str) -> Business:
    return Business(
        case=Case(1500, _LANGUAGES, ("router", "set-top-box", "app"), ("fault", "setup"), tickets=True),
        solving=Solving(0.72, 0.1, 20.0, tier=1),
        survey=_CES,
        joined_probability=0.04,
        consulted_probability=0.4,
        conference_probability=0.03,
        escalated_probability=0.02,
    )


def _inbound_sales(currency: str) -> Business:
    return Business(
        case=Case(4000, _LANGUAGES, ("mobile", "fibre"), ("offer", "price"), campaign="spring"),
        outcomes=(
            Outcome("lead", 0.35),
            Outcome("sale", 0.24, "sold", Lognormal(64, 0.8), currency, changes=(Change("cancelled", 0.12, 7.0),)),
            Outcome("upsell", 0.05, None, Lognormal(12), currency),
        ),
        survey=_NPS,
    )


def _outbound_sales(currency: str) -> Business:
    return Business(
        case=Case(3000, products=("mobile",), campaign="winback"),
        dialling=Dialling("winback", ("former", "lapsed"), 4000),
        outcomes=(
            Outcome("lead", 0.2),
            Outcome("sale", 0.09, "sold", Lognormal(48, 0.7), currency, changes=(Change("cancelled", 0.2, 7.0),)),
        ),
    )


def _collections(currency: str) -> Business:
    return Business(
        case=Case(2500, _LANGUAGES, reasons=("arrears",), campaign="arrears"),
        dialling=Dialling("arrears", ("30-days", "60-days"), 2500),
        outcomes=(
            Outcome("balance", 1.0, None, Lognormal(420, 0.9), currency),
            Outcome(
                "promise", 0.34, "promised", Lognormal(160), currency, due_days=2,
                changes=(
                    Change("kept", 0.5, 2.0, pays=True),
                    Change("part_kept", 0.12, 2.5, 0.5, pays=True),
                    Change("broken", 0.3, 5.0),
                ),
            ),
            Outcome("payment", 0.1, "paid", Lognormal(90), currency),
        ),
    )  # fmt: skip


def _research(_currency: str) -> Business:
    return Business(
        case=Case(5000, _LANGUAGES, campaign="panel"), dialling=Dialling("panel", ("sample",), 6000), survey=_RESEARCH
    )


def _fund_raising(currency: str) -> Business:
    return Business(
        case=Case(3000, campaign="winter-appeal"),
        dialling=Dialling("winter-appeal", ("donors", "members"), 3000, drop_rule="ofcom"),
        outcomes=(
            Outcome(
                "pledge", 0.28, "pledged", Lognormal(35, 0.9), currency, due_days=10,
                changes=(Change("fulfilled", 0.62, 8.0), Change("cancelled", 0.1, 4.0)),
            ),
        ),
    )  # fmt: skip


def _chat(_currency: str) -> Business:
    return Business(
        case=Case(2000, _LANGUAGES, ("mobile", "fibre"), ("billing", "fault")),
        menu=Menu("ada", "bot", 3, ("billing", "fault", "order"), 0.3),
        messages=4.0,
        solving=Solving(0.8, 0.06, 0.7, requeued=True),
        survey=_CSAT,
    )


def _messaging(_currency: str) -> Business:
    return replace(_chat(""), messages=5.0, solving=Solving(0.85, 0.12, 1.5, requeued=True))


def _writing(_currency: str) -> Business:
    return Business(
        case=Case(2500, _LANGUAGES, ("mobile", "fibre"), ("complaint", "request"), tickets=True, promised_hours=4.0),
        messages=1.0,
        solving=Solving(0.9, 0.1, 1.0, requeued=True),
    )


def _back_office(_currency: str) -> Business:
    return Business(
        case=Case(2500, reasons=("contract", "address"), tickets=True, promised_hours=8.0, items=Lognormal(3)),
        solving=Solving(0.97, 0.03, 1.0, requeued=True),
    )


def _transcription(_currency: str) -> Business:
    return Business(
        case=Case(200, _LANGUAGES, promised_hours=6.0, audio_seconds=Lognormal(540, 0.8)),
        solving=Solving(1.0, 0.02, 1.0, requeued=True),
    )


_BUSINESSES: Mapping[str, Callable[[str], Business]] = {
    "customer-service": _service,
    "technical-support": _support,
    "help-desk": _support,
    "product-support": _support,
    "inbound-sales": _inbound_sales,
    "outbound-sales": _outbound_sales,
    "collections": _collections,
    "surveys": _research,
    "fund-raising": _fund_raising,
    "chat": _chat,
    "messaging": _messaging,
    "email": _writing,
    "letters": _writing,
    "back-office": _back_office,
    "transcription": _transcription,
}
