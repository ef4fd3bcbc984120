"""Bots and menus: how each session ended, and whether the customer came back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ..differences import Row
from ..model import Event, Facts, grouped, seconds_between
from .contacts import Contact, contacts, share

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Session:
    """The steps of one contact in one bot or menu."""

    contact: Contact
    bot: str
    steps: list[Event]
    result: str

    @property
    def reason(self) -> str | None:
        """The last reason that was given for a hand-over."""
        said = [e.data.get("reason") for e in self.steps if e.data.get("result") == "handed_over"]
        return next((reason for reason in reversed(said) if reason is not None), None)


def sessions(facts: Facts, kind: str, start: datetime, stop: datetime) -> list[Session]:
    """Sessions that began in [start, stop)."""
    known = contacts(facts)
    steps = [e for e in facts.events if e.kind == "menu_stepped" and e.data.get("kind", "menu") == kind]
    found = []
    for (client, interaction, bot), own in grouped(
        steps, lambda e: (e.data["client"], e.data["interaction"], e.data["bot"])
    ).items():
        if start <= own[0].time < stop:
            contact = known[client, interaction]
            found.append(Session(contact, bot, own, _result(own, contact)))
    return found


def _result(steps: list[Event], contact: Contact) -> str:
    passed, said = contact.last_passed_at, steps[-1].data.get("result", "continued")
    if passed is not None and passed >= steps[-1].time:
        return "handed_over"
    if said != "continued":
        return str(said)
    if passed is not None and passed >= steps[0].time:
        return "handed_over"
    return "open" if contact.ended_at is None else "abandoned"


def _is_back(session: Session, everybody: list[Contact]) -> bool:
    own, last = session.contact, session.steps[-1].time
    if any(last < moment <= last + WEEK for moment in own.reopened_at):
        return True
    return own.customer is not None and any(
        (other.client, other.customer, other.direction) == (own.client, own.customer, "inbound")
        and other.interaction != own.interaction
        and last < other.started_at <= last + WEEK
        for other in everybody
    )


def _count(own: list[Session], result: str) -> int:
    return sum(1 for s in own if s.result == result)


def bot_kpis(facts: Facts, start: datetime, stop: datetime) -> list[Row]:
    """Per client and bot."""
    everybody = list(contacts(facts).values())
    rows: list[Row] = []
    for (client, bot), own in grouped(sessions(facts, "bot", start, stop), lambda s: (s.contact.client, s.bot)).items():
        contained = [s for s in own if s.result == "contained"]
        back = sum(1 for s in contained if _is_back(s, everybody))
        ended, handed_over = len(own) - _count(own, "open"), _count(own, "handed_over")
        rows.append({
            "client": client, "bot": bot, "bot_sessions": len(own), "bot_contained": len(contained),
            "bot_handed_over": handed_over, "bot_abandoned": _count(own, "abandoned"), "bot_open": _count(own, "open"),
            "bot_contained_but_back": back,
            "bot_contained_unknown_customer": sum(1 for s in contained if s.contact.customer is None),
            "bot_containment": share(len(contained), ended),
        })  # fmt: skip
    return rows


def bot_handovers(facts: Facts, start: datetime, stop: datetime) -> list[Row]:
    """Hand-overs by reason."""
    handed = [s for s in sessions(facts, "bot", start, stop) if s.result == "handed_over"]
    return [
        {"client": client, "bot": bot, "reason": reason, "bot_handed_over": len(own)}
        for (client, bot, reason), own in grouped(handed, lambda s: (s.contact.client, s.bot, s.reason)).items()
    ]


def menu_kpis(facts: Facts, start: datetime, stop: datetime) -> list[Row]:
    """Per client and menu."""
    rows: list[Row] = []
    by_menu = grouped(sessions(facts, "menu", start, stop), lambda s: (s.contact.client, s.bot))
    for (client, menu), own in by_menu.items():
        ended = len(own) - _count(own, "open")
        seconds = sum((seconds_between(s.steps[0].time, s.steps[-1].time) for s in own), Decimal(0))
        rows.append({
            "client": client, "menu": menu, "menu_sessions": len(own), "menu_contained": _count(own, "contained"),
            "menu_handed_over": _count(own, "handed_over"), "menu_abandoned": _count(own, "abandoned"),
            "menu_open": _count(own, "open"), "menu_steps_taken": sum(len(s.steps) for s in own),
            "menu_seconds": seconds, "menu_containment": share(_count(own, "contained"), ended),
            "menu_hand_over_rate": share(_count(own, "handed_over"), ended),
            "menu_abandonment": share(_count(own, "abandoned"), ended),
            "menu_average_seconds": Fraction(seconds) / len(own),
        })  # fmt: skip
    return rows


def menu_drop_off(facts: Facts, start: datetime, stop: datetime) -> list[Row]:
    """Per client, menu and step: who reached it, and for whom it was the last."""
    reached: list[tuple[str, str, Any, str | None]] = []
    for session in sessions(facts, "menu", start, stop):
        last = session.steps[-1].data["step"]
        reached += [
            (session.contact.client, session.bot, step, session.result if step == last else None)
            for step in {e.data["step"] for e in session.steps}
        ]
    rows: list[Row] = []
    for (client, menu, step), own in grouped(reached, lambda r: r[:3]).items():
        ends = [end for *_, end in own]
        rows.append({
            "client": client, "menu": menu, "step": step, "step_reached": len(own),
            "step_contained": ends.count("contained"), "step_handed_over": ends.count("handed_over"),
            "step_abandoned": ends.count("abandoned"), "step_drop_off": share(ends.count("abandoned"), len(own)),
        })  # fmt: skip
    return rows
