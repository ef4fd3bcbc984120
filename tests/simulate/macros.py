"""The KPI macros asked for what a line's simulation counted itself: each number's truth, and the SQL that must give it.

A run has one line, so a macro is asked for all it has. A truth that a line does not have is left out with its macro.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

WINDOW = "'1990-01-01 00:00:00+00', '2090-01-01 00:00:00+00'"
END = "TIMESTAMPTZ '2090-01-01 00:00:00+00'"

Truth = Mapping[str, Any]
Expected = Callable[[Truth], Any]


def _count(*names: str) -> Expected:
    """The sum of counts."""
    return lambda truth: sum(truth["counts"].get(name, 0) for name in names)


def _counts(prefix: str) -> Expected:
    """The sum of all counts with a prefix."""
    return lambda truth: sum(value for name, value in truth["counts"].items() if name.startswith(prefix))


def _seconds(name: str) -> Expected:
    return lambda truth: Decimal(truth["seconds"].get(name, 0))


def _sum(column: str, macro: str, where: str = "true") -> str:
    return f"SELECT coalesce(sum({column}), 0) FROM {macro} WHERE {where}"


#: Name of the KPI: its truth, and the macro's answer.
MACROS: dict[str, tuple[Expected, str]] = {
    # outcomes, sales, collections, fund-raising
    "outcomes made": (_counts("outcomes."), _sum("made", f"outcome_kpis({WINDOW})")),
    "sales": (
        _count("outcomes.sale.made", "outcomes.sale.fulfilled", "outcomes.order.made", "outcomes.order.fulfilled"),
        _sum("sales", f"sales_kpis({WINDOW})"),
    ),
    "leads": (_counts("outcomes.lead."), _sum("leads", f"sales_kpis({WINDOW})")),
    "upsells": (_count("outcomes.upsell.made", "outcomes.upsell.fulfilled"), _sum("upsells", f"sales_kpis({WINDOW})")),
    "sales cancelled": (
        _count("outcomes.sale.cancelled", "outcomes.order.cancelled"),
        _sum("cancelled", f"outcome_kpis({WINDOW})", "kind IN ('sale', 'order')"),
    ),
    "promises": (_counts("outcomes.promise."), _sum("promises", f"collections_kpis({WINDOW})")),
    "payments": (_counts("outcomes.payment."), _sum("payments", f"collections_kpis({WINDOW})")),
    "pledges": (_counts("outcomes.pledge."), _sum("pledges", f"fundraising_kpis({WINDOW})")),
    "pledges fulfilled": (_count("outcomes.pledge.fulfilled"), _sum("fulfilled", f"fundraising_kpis({WINDOW})")),
    "pledges cancelled": (_count("outcomes.pledge.cancelled"), _sum("cancelled", f"fundraising_kpis({WINDOW})")),
    # outbound
    "dials": (_count("dials"), _sum("dials", f"outbound_kpis({WINDOW})")),
    **{
        f"dials {result}": (_count(f"dials.{result}"), _sum(result, f"outbound_kpis({WINDOW})"))
        for result in ("human", "machine", "busy", "no_answer", "invalid")
    },
    "leads dialled": (_count("leads_dialled"), _sum("leads_dialled", f"outbound_kpis({WINDOW})")),
    "drops": (_count("drops"), _sum("drops", f"drop_rate({END}, days := 40000)")),
    # satisfaction
    "surveys completed": (_count("surveys.completed"), "SELECT count(*) FROM surveys WHERE completed"),
    **{
        f"answers {question}": (
            _count(f"answers.{question}"),
            _sum("responses", f"satisfaction({WINDOW})", f"question = '{question}'"),
        )
        for question in ("csat", "nps", "ces")
    },
    **{
        f"score {question}": (
            _count(f"score.{question}"),
            _sum("responses * score_mean", f"satisfaction({WINDOW})", f"question = '{question}'"),
        )
        for question in ("csat", "nps", "ces")
    },
    # before and after the agent
    # The simulation counts a session when it ends.
    "bot sessions": (_count("bot_sessions"), _sum("bot_sessions - bot_open", f"bot_kpis({WINDOW})")),
    "bot contained": (_count("bot.contained"), _sum("bot_contained", f"bot_kpis({WINDOW})")),
    "bot handed over": (_count("bot.handed_over"), _sum("bot_handed_over", f"bot_kpis({WINDOW})")),
    "bot abandoned": (_count("bot.abandoned"), _sum("bot_abandoned", f"bot_kpis({WINDOW})")),
    "callbacks": (_count("callbacks.requested"), _sum("callbacks_requested", f"callback_kpis({WINDOW})")),
    "callbacks reached": (_count("callbacks.reached"), _sum("callbacks_reached", f"callback_kpis({WINDOW})")),
    "callback wait": (_seconds("callback_seconds"), _sum("callback_wait_seconds", f"callback_kpis({WINDOW})")),
    "supervision": (_counts("joined."), _sum("times", f"supervision({WINDOW})")),
    "supervision seconds": (_seconds("joined_seconds"), _sum("seconds", f"supervision({WINDOW})")),
    "transfers": (_counts("transfers."), _sum("transfers", f"transfers({WINDOW})")),
    "transfers to agents": (
        _count(*(f"transfers.{kind}.to_agent" for kind in ("cold", "warm", "conference"))),
        _sum("transfers", f"transfers({WINDOW})", "target = 'agent'"),
    ),
    "queue entries": (_count("entries"), _sum("entries", f"reentries({WINDOW})")),
    "re-entries": (_count("reentries"), _sum("reentries", f"reentries({WINDOW})")),
    **{
        f"supervision {role}": (
            _count(f"joined.{role}"),
            _sum("times", f"supervision({WINDOW})", f"role = '{role}'"),
        )
        for role in ("monitor", "coach", "barge", "consult", "conference")
    },
    # resolution, conversations, backlog
    "contacts resolved": (_count("resolution.resolved"), _sum("contacts_resolved", f"resolution_kpis({WINDOW})")),
    "reopenings": (_count("changes.reopened"), _sum("reopenings", f"resolution_kpis({WINDOW})")),
    "resolution seconds": (_seconds("resolution_seconds"), _sum("resolution_seconds", f"resolution_kpis({WINDOW})")),
}
#: Only of lines whose contacts are written, or have a size.
OF_LINES: dict[str, tuple[tuple[str, ...], Expected, str]] = {
    **{
        f"messages of {sender}s": (
            ("chat", "messaging", "email"),
            _count(f"messages.{sender}"),
            _sum(f"{sender}_messages", f"conversation_kpis({WINDOW})"),
        )
        for sender in ("customer", "agent", "bot")
    },
    "responses": (
        ("chat", "messaging", "email"),
        _count("responses"),
        _sum("agent_responses", f"conversation_kpis({WINDOW})"),
    ),
    "response seconds": (
        ("chat", "messaging", "email"),
        _seconds("response_seconds"),
        _sum("agent_response_seconds", f"conversation_kpis({WINDOW})"),
    ),
    "items": (("back-office",), _count("items"), _sum("units_in", f"backlog_kpis({WINDOW})")),
    "audio seconds": (
        ("transcription",),
        _count("audio_seconds"),
        _sum("audio_seconds_in", f"backlog_kpis({WINDOW})"),
    ),
}


def macros_of(line: str) -> dict[str, tuple[Expected, str]]:
    """The KPIs of a line, by name: how its truth says the number, and the SQL that must give it."""
    own = {name: (expected, sql) for name, (lines, expected, sql) in OF_LINES.items() if line in lines}
    return {**MACROS, **own}
