"""Dials, whom they reached, and which calls were dropped; without settings of campaigns (2 s to connect)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ..differences import Row
from ..model import Facts, Segment, grouped
from .contacts import latest, share
from .outcomes import outcomes

PICKED_UP = ("human", "machine")
CONNECT_WITHIN = timedelta(seconds=2)
RESULTS = ("human", "machine", "busy", "no_answer", "invalid", "blocked", "failed")


def _attempts(facts: Facts) -> list[dict[str, Any]]:
    """Every dial with the segments that came of it: those it names, else the last one picked up has the rest."""
    said = [e for e in facts.events if e.kind == "dialled"]
    moments = {(e.source, e.id): row for e, row in _with_rows(facts, said)}
    merged = []
    for (client, attempt), own in grouped(said, lambda e: (e.data["client"], e.data["attempt"])).items():
        members = ("campaign", "lead", "interaction", "segment", "result", "dropped")
        dial = {name: latest(own, name) for name in members}
        times = {
            name: next((t for e in reversed(own) if (t := moments[e.source, e.id][name]) is not None), None)
            for name in ("greeting_ended_at", "connected_at")
        }
        merged.append({**dial, **times, "client": client, "attempt": attempt, "dialled_at": own[0].time})
    segments = grouped(facts.segments.values(), lambda s: (s.client, s.interaction))
    for key, own in grouped(merged, lambda d: (d["client"], d["interaction"])).items():
        named = {d["segment"] for d in own}
        picked = [d for d in own if d["result"] in PICKED_UP]
        last = max(picked, key=lambda d: (d["dialled_at"], d["attempt"]), default=None)
        for dial in own:
            dial["segments"] = [
                s for s in segments.get(key, [])
                if s.segment == dial["segment"] or (dial is last and s.segment not in named)
            ]  # fmt: skip
    return merged


def _with_rows(facts: Facts, events: list[Any]) -> list[tuple[Any, dict[str, Any]]]:
    return list(zip(events, facts.details["dials"], strict=True))


def _judged(dial: dict[str, Any]) -> dict[str, Any]:
    own: list[Segment] = dial["segments"]
    flags = {flag for s in own for flag in s.flags}
    connected = dial["connected_at"] or min((s.answered_at for s in own if s.answered_at), default=None)
    live = dial["result"] == "human" and not ("machine" in flags and connected is not None)
    greeted = dial["greeting_ended_at"]
    too_late = greeted is not None and (connected is None or connected - greeted > CONNECT_WITHIN)
    return {**dial, "flags": flags, "live": live, "drop": live and (bool(dial["dropped"]) or too_late)}


def outbound_kpis(facts: Facts, start: datetime, stop: datetime) -> list[Row]:
    """Per client and campaign, without what needs the hours of agents."""
    dialled = grouped(
        (_judged(d) for d in _attempts(facts) if start <= d["dialled_at"] < stop),
        lambda d: (d["client"], d["campaign"]),
    )
    sold = grouped(
        (o for o in outcomes(facts, start, stop)
         if o["kind"] in ("sale", "order") and o["status"] != "cancelled" and o["campaign"] is not None),
        lambda o: (o["client"], o["campaign"]),
    )  # fmt: skip
    rows: list[Row] = []
    for client, campaign in {*dialled, *sold}:
        own, sales = dialled.get((client, campaign), []), len(sold.get((client, campaign), []))
        results = [d["result"] for d in own]
        contacts = sum(1 for d in own if d["live"])
        right = sum(1 for d in own if d["live"] and "right_party" in d["flags"])
        rows.append({
            "client": client, "campaign": campaign, "dials": len(own), **{r: results.count(r) for r in RESULTS},
            "pickups": sum(1 for r in results if r in PICKED_UP), "contacts": contacts, "right_party_contacts": right,
            "follow_ups": sum(1 for d in own if "follow_up" in d["flags"]),
            "do_not_calls": sum(1 for d in own if "do_not_call" in d["flags"]),
            "drops": sum(1 for d in own if d["drop"]),
            "leads_dialled": len({d["lead"] for d in own if d["lead"] is not None}), "sales": sales,
            "contact_rate": share(contacts, len(own)), "right_party_per_dial": share(right, len(own)),
            "sales_per_contact": share(sales, contacts),
        })  # fmt: skip
    return rows
