"""Resolution, repeated contacts, and first-contact resolution within seven days."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from ..differences import Row
from ..model import Facts, grouped, seconds_between
from .contacts import Contact, contacts, share

WINDOW = timedelta(days=7)


def resolution_kpis(facts: Facts, start: datetime, stop: datetime) -> list[Row]:
    """Contacts begun in [start, stop), per client, queue, product and tier; in calendar time."""
    rows: list[Row] = []
    begun = [c for c in contacts(facts).values() if start <= c.started_at < stop]
    for (client, queue, product, tier), own in grouped(begun, lambda c: (c.client, c.queue, c.product, c.tier)).items():
        resolved = [c for c in own if c.status == "resolved"]
        answered = [c for c in own if c.first_answered_at is not None]
        by_agent = sum(1 for c in own if c.resolved_by_agent)
        reopened, once = sum(1 for c in own if c.reopened_at), sum(1 for c in own if c.resolved_at)
        passed_on = sum(1 for c in answered if c.transfers)
        rows.append({
            "client": client, "queue": queue, "product": product, "tier": tier, "contacts": len(own),
            "contacts_answered": len(answered), "contacts_resolved": len(resolved), "contacts_resolved_once": once,
            "contacts_resolved_by_agent": by_agent, "contacts_reopened": reopened,
            "reopenings": sum(len(c.reopened_at) for c in own),
            "contacts_escalated": sum(1 for c in own if c.escalated), "contacts_transferred": passed_on,
            "resolution_seconds": sum(
                (seconds_between(c.started_at, c.resolved_at[-1]) for c in resolved), Decimal(0)
            ),
            "resolution_rate": share(len(resolved), len(own)), "agent_resolution_rate": share(by_agent, len(answered)),
            "reopen_rate": share(reopened, once), "contact_transfer_rate": share(passed_on, len(answered)),
        })  # fmt: skip
    return rows


def _is_pair(one: Contact, other: Contact) -> bool:
    same_reason = one.reason is None or other.reason is None or one.reason == other.reason
    return same_reason and one.interaction != other.interaction and abs(one.started_at - other.started_at) <= WINDOW


def fcr(facts: Facts, start: datetime, stop: datetime) -> list[Row]:
    """Of answered inbound contacts of known customers begun in [start, stop), per client and queue."""
    known = [c for c in contacts(facts).values() if c.direction == "inbound" and c.customer is not None]
    of_customer = grouped(known, lambda c: (c.client, c.customer))
    counted = [c for c in known if c.first_answered_at is not None and start <= c.started_at < stop]
    rows: list[Row] = []
    for (client, queue), own in grouped(counted, lambda c: (c.client, c.queue)).items():
        repeated, first, not_repeated = 0, 0, []
        for one in own:
            others = [other for other in of_customer[one.client, one.customer] if _is_pair(one, other)]
            moment = (one.started_at, one.interaction)
            is_repeated = any((other.started_at, other.interaction) > moment for other in others)
            is_repeat = any(
                (other.started_at, other.interaction) < moment and other.first_answered_at is not None
                for other in others
            )
            repeated += is_repeated
            first += not is_repeat
            if not is_repeat and not is_repeated:
                not_repeated.append(one)
        at_once = sum(
            1 for c in not_repeated
            if c.status == "resolved" and not c.reopened_at and not c.transfers and not c.escalated
        )  # fmt: skip
        by_agent = sum(1 for c in not_repeated if c.resolved_by_agent and not c.reopened_at)
        rows.append({
            "client": client, "queue": queue, "definition": "repeat_7d", "contacts_of_known_customers": len(own),
            "contacts_repeated": repeated, "first_contacts": first, "first_contacts_not_repeated": len(not_repeated),
            "first_contacts_resolved": at_once, "first_contacts_resolved_by_agent": by_agent,
            "repeat_rate": share(repeated, len(own)), "fcr_by_repeat": share(len(not_repeated), first),
            "fcr_by_resolution": share(at_once, first), "fcr_by_agent": share(by_agent, first),
        })  # fmt: skip
    return rows
