"""Outcomes: each on the moment it was made, by what has become of it since."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from ..differences import Row
from ..model import Facts, grouped
from .contacts import share

KEPT = ("kept", "fulfilled")


def outcomes(facts: Facts, start: datetime, stop: datetime) -> list[dict[str, Any]]:
    """Outcomes made in [start, stop), with place and money as they are counted."""
    found = []
    for (client, _), own in grouped(facts.details["outcome_changes"], lambda c: (c["client"], c["outcome"])).items():
        if not start <= own[0]["time"] < stop:
            continue
        home = own[0]["interaction"]
        at_home = [c for c in own if c["interaction"] == home]
        segment = next((c["segment"] for c in at_home if c["segment"] is not None), None)
        of_segment = facts.segments.get((client, home, segment)) if segment is not None else None
        paid = [c for c in own if c["amount"] is not None]
        said_currency = next((c["currency"] for c in reversed(own) if c["currency"] is not None), None)
        currency = (paid[-1]["currency"] or said_currency) if paid else None
        first_currency = (paid[0]["currency"] or said_currency) if paid else None
        status = own[-1]["status"]
        amount = paid[-1]["amount"] if paid else None
        in_part = [c["amount"] for c in paid if c["status"] == "part_kept"]
        found.append({
            "client": client, "kind": own[-1]["kind"], "status": status, "currency": currency, "interaction": home,
            "queue": _first(at_home, "queue") or (of_segment.queue if of_segment else None) or _first(own, "queue"),
            "amount": amount, "amount_made": paid[0]["amount"] if paid and first_currency == currency else None,
            "amount_kept": amount if status in KEPT else (in_part or [None])[-1] if status == "part_kept" else None,
            "quantity": next((c["quantity"] for c in reversed(own) if c["quantity"] is not None), None),
            "campaign": _first(own, "campaign") or _campaign(facts, client, home),
        })  # fmt: skip
    return found


def _first(rows: list[dict[str, Any]], member: str) -> Any:
    return next((row[member] for row in rows if row[member] is not None), None)


def _campaign(facts: Facts, client: str, interaction: str) -> str | None:
    """As described last, else as dialled last."""
    for view in ("descriptions", "dials"):
        own = [r for r in facts.details[view] if (r["client"], r["interaction"]) == (client, interaction)]
        said = [r["campaign"] for r in own if r["campaign"] is not None]
        if said:
            return str(said[-1])
    return None


def _sum(rows: list[dict[str, Any]], member: str) -> Decimal | None:
    amounts = [row[member] for row in rows if row[member] is not None]
    return sum(amounts, Decimal(0)) if amounts else None


def outcome_kpis(facts: Facts, start: datetime, stop: datetime) -> list[Row]:
    """Per client, queue, kind and currency."""
    rows: list[Row] = []
    key = ("client", "queue", "kind", "currency")
    for place, own in grouped(outcomes(facts, start, stop), lambda o: tuple(o[name] for name in key)).items():
        said = [o["status"] for o in own]
        standing = [o for o in own if o["status"] != "cancelled"]
        rows.append({
            **dict(zip(key, place, strict=True)), "made": len(own), "undecided": said.count("made"),
            **{name: said.count(name) for name in ("kept", "part_kept", "broken", "fulfilled", "cancelled")},
            "net": len(standing), "net_quantity": sum(o["quantity"] or 0 for o in standing),
            "amount_made": _sum(own, "amount_made"), "amount_net": _sum(standing, "amount"),
            "amount_kept": _sum(own, "amount_kept"),
            "amount_cancelled": _sum([o for o in own if o["status"] == "cancelled"], "amount"),
            "cancelled_rate": share(said.count("cancelled"), len(own)),
        })  # fmt: skip
    return rows
