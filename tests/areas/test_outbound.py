"""Dials, whom they reached, lists, and the rules on dropped calls. The numbers are worked out by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.centre import definitions
from tests.areas.outbound_events import Day, ask, at, fill, micros, one, part, shuffled

MARCH = "'2026-03-01', '2026-04-01'"
CENTRE = """\
version: 1
clients: {acme: {time_zone: Europe/Berlin, currency: EUR}}
campaigns:
  acme:
    spring: {line: outbound-sales, lists: {old: 10, new: 4, walk-ins: }, drop_rule: ftc}
    idle: {line: outbound-sales}
dispositions:
  acme: {spoke: {flags: [right_party, customer_contact]}, tape: {flags: [machine]}, later: {flags: [follow_up]}}
  "*": {never: {flags: [do_not_call, refused]}}
"""


def dial(day: Day, number: int, when: str | datetime, result: str = "human", **data: Any) -> None:
    """A dial of campaign spring, a contact of its own unless one is named."""
    interaction = data.pop("interaction", f"call-{number}")
    day.contact("dialled", when, interaction, **{
        "attempt": f"dial-{number}", "campaign": "spring", "list": "old", "lead": f"lead-{number}", "result": result,
        **data})  # fmt: skip


def answered(day: Day, number: int, greeting: datetime, after_us: int | None, **data: Any) -> None:
    """A person answers; the agent comes so long after the end of the greeting, or never."""
    connected = None if after_us is None else micros(greeting, after_us)
    dial(day, number, greeting, greeting_ended_at=greeting, connected_at=connected, **data)


def campaign_day() -> Day:
    """Ten dials of nine leads: four persons, two machines, one each of busy, no answer, invalid and failed.

    Agents say: right party twice (once by a flag, once by the disposition), one of the four persons was a machine after
    all, one wants to be called later. Two sales, one of which is cancelled the week after. ann works two hours, and
    bob, who has nothing to do with it, eight.
    """
    day = Day()
    for number, flags, disposition in ((1, ["right_party", "sale"], None), (2, [], "spoke"), (3, [], "tape"),
                                       (4, [], "later")):  # fmt: skip
        dial(day, number, f"2026-03-02 10:0{number}:00")
        day.talk(f"2026-03-02 10:0{number}:01", f"call-{number}", flags, disposition=disposition)
    for number, result in ((5, "machine"), (6, "machine"), (7, "busy"), (8, "no_answer"), (9, "invalid")):
        dial(day, number, f"2026-03-02 11:0{number}:00", result)
    dial(day, 10, "2026-03-02 12:00:00", "failed", lead="lead-9")
    day.outcome("2026-03-02 10:02:00", "s1", "sale", interaction="call-1", amount="30", currency="EUR")
    day.outcome("2026-03-02 10:03:00", "s2", "order", interaction="call-2", amount="40", currency="EUR")
    day.outcome("2026-03-09 10:03:00", "s2", "order", interaction="call-2", status="cancelled")
    day.signed_in("ann", "2026-03-02 10:00:00", "2026-03-02 12:00:00")
    day.signed_in("bob", "2026-03-02 08:00:00", "2026-03-02 16:00:00")
    return day


def test_a_campaign(tmp_path: Path) -> None:
    store = fill(tmp_path, campaign_day().lines, CENTRE)
    idle, spring = ask(store, f"FROM outbound_kpis({MARCH})")
    assert part(spring, "dials", "human", "machine", "busy", "no_answer", "invalid", "blocked", "failed") == (
        10, 4, 2, 1, 1, 1, 0, 1)  # fmt: skip
    # Connects reached a number in service; contacts a person, so without the one that the agent found to be a machine.
    assert part(spring, "connects", "pickups", "contacts", "right_party_contacts", "follow_ups") == (8, 6, 3, 2, 1)
    assert part(spring, "leads_dialled", "sales", "agent_hours", "drops") == (9, 1, 2, 0)
    assert part(spring, "connect_rate", "pickup_rate", "contact_rate", "right_party_per_dial",
                "right_party_per_contact", "follow_up_rate") == pytest.approx(
        (0.8, 0.6, 0.3, 0.2, 2 / 3, 1 / 3))  # fmt: skip
    assert part(spring, "sales_per_dial", "sales_per_contact", "sales_per_lead_dialled", "sales_per_hour",
                "contacts_per_hour") == pytest.approx((0.1, 1 / 3, 1 / 9, 0.5, 1.5))  # fmt: skip
    # Nothing was dialled: counts of 0, and no rates.
    counts = ("dials", "human", "connects", "contacts", "sales", "drops")
    assert part(idle, "campaign", *counts) == ("idle", 0, 0, 0, 0, 0, 0)
    assert {value for key, value in idle.items() if "rate" in key or "per" in key or key == "agent_hours"} == {None}


def test_before_the_cancellation_there_were_two_sales(tmp_path: Path) -> None:
    lines = [line for line in campaign_day().lines if b"cancelled" not in line]
    (spring,) = ask(fill(tmp_path, lines), f"FROM outbound_kpis({MARCH})")
    assert spring["sales"] == 2


def test_the_reference_example_of_conversion_per_dial(tmp_path: Path) -> None:
    """30 sales of 200 dials are 15 %."""
    day = Day()
    for number in range(200):
        dial(
            day, number, at("2026-03-02 10:00:00") + timedelta(seconds=number), "human" if number < 60 else "no_answer"
        )
        if number < 30:
            day.outcome("2026-03-02 15:00:00", f"s{number}", "sale", interaction=f"call-{number}")
    spring = one(fill(tmp_path, day.lines), f"FROM outbound_kpis({MARCH})")
    assert part(spring, "sales_per_dial", "sales_per_contact", "contact_rate") == (0.15, 0.5, 0.3)


def test_dispositions_of_all_clients_hold_for_one_that_is_not_in_the_file(tmp_path: Path) -> None:
    day = Day(client="other")
    day.talk("2026-03-02 10:00:00", "call-1", ["sale"], disposition="never")
    store = fill(tmp_path, day.lines, CENTRE)
    assert one(store, "FROM segment_flags")["flags"] == ["do_not_call", "refused", "sale"]


def test_a_dial_told_twice_is_one_and_the_later_telling_completes_it(tmp_path: Path) -> None:
    day = Day()
    greeting = at("2026-03-02 10:00:00")
    dial(day, 1, greeting, greeting_ended_at=greeting)
    dial(day, 1, greeting + timedelta(seconds=9), connected_at=micros(greeting, 1_000_000))
    row = one(fill(tmp_path, day.lines), "FROM dial_attempts")
    assert part(row, "dialled_at", "greeting_ended_at", "connected_at", "is_live", "is_drop") == (
        greeting, greeting, micros(greeting, 1_000_000), True, False)  # fmt: skip


def test_segments_belong_to_the_dial_that_names_them_else_to_the_last_that_was_picked_up(tmp_path: Path) -> None:
    day = Day()
    dial(day, 1, "2026-03-02 10:00:00", interaction="call-1", dropped=True)
    dial(day, 2, "2026-03-02 10:05:00", interaction="call-1")
    day.talk("2026-03-02 10:05:01", "call-1", ["right_party"])
    dial(day, 3, "2026-03-02 10:09:00", "no_answer", interaction="call-1")
    dial(day, 4, "2026-03-02 11:00:00", interaction="call-4", segment="1")
    dial(day, 5, "2026-03-02 11:10:00", interaction="call-4")
    day.talk("2026-03-02 11:00:01", "call-4", ["sale"], agent="bob")
    rows = ask(fill(tmp_path, day.lines), "SELECT attempt, flags, agents, is_drop FROM dial_attempts ORDER BY attempt")
    assert [tuple(row.values()) for row in rows] == [
        ("dial-1", [], [], True), ("dial-2", ["right_party"], ["ann"], False), ("dial-3", [], [], False),
        ("dial-4", ["sale"], ["bob"], False), ("dial-5", [], [], False)]  # fmt: skip


def drops_of_all_sorts() -> Day:
    """Of 12 dials nine were answered by persons, and four of those dropped: 2, 3, 4 and 8."""
    day, greeting = Day(), at("2026-03-20 10:00:00")
    answered(day, 1, greeting, 2_000_000)  # at exactly two seconds: in time
    answered(day, 2, greeting, 2_000_001)  # a microsecond later: not
    answered(day, 3, greeting, None)
    answered(day, 4, greeting, 500_000, dropped=True)  # reported
    answered(day, 5, greeting, -3_000_000)  # the agent was on the line before the greeting ended
    answered(day, 6, greeting, None)  # nobody says when, but an agent answered: a second after the greeting
    day.talk("2026-03-20 10:00:01", "call-6")
    answered(day, 7, greeting, 1_000_000)
    day.talk("2026-03-20 10:00:01", "call-7", ["machine"])  # no person, says the agent
    dial(day, 8, greeting, dropped=True)  # without any times
    dial(day, 9, greeting)  # without any times: nothing is known of a drop
    dial(day, 10, greeting, "machine")
    dial(day, 11, greeting, "no_answer", dropped=True)  # nobody was there to be dropped
    answered(day, 12, at("2026-02-18 11:59:59"), None)  # more than thirty days ago
    answered(day, 13, at("2026-02-18 12:00:00"), 0)  # exactly thirty days ago
    return day


def test_the_drop_rate_of_the_last_thirty_days(tmp_path: Path) -> None:
    store = fill(tmp_path, drops_of_all_sorts().lines)
    row = one(store, "FROM drop_rate(as_of := '2026-03-20 12:00:00Z')")
    assert part(row, "campaign", "live_answers", "drops", "untimed", "since") == (
        "spring", 9, 4, 2, at("2026-02-18 12:00:00"))  # fmt: skip
    assert row["drop_rate"] == pytest.approx(4 / 9)
    # 3 % of 9 are none, so it is over by four.
    assert part(row, "drop_rate_limit", "drops_left", "within_limit") == (Decimal("0.03"), -4, False)
    assert ask(
        store, "SELECT attempt FROM dial_attempts WHERE is_drop AND dialled_at > '2026-03-01' ORDER BY attempt"
    ) == [{"attempt": f"dial-{number}"} for number in (2, 3, 4, 8)]
    # Under another window the old one counts as well.
    assert one(store, "FROM drop_rate(as_of := '2026-03-20 12:00:00Z', days := 31)")["drops"] == 5


def many(live: int, drops: int) -> Day:
    day = Day()
    for number in range(live):
        answered(day, number, at("2026-03-20 10:00:00") + timedelta(seconds=number), None if number < drops else 0)
    return day


@pytest.mark.parametrize(("drops", "left", "within"), [(2, 1, True), (3, 0, True), (4, -1, False)])
def test_exactly_the_limit_is_within_it(tmp_path: Path, drops: int, left: int, within: bool) -> None:
    row = one(fill(tmp_path, many(100, drops).lines), "FROM drop_rate(as_of := '2026-03-20 12:00:00Z')")
    assert part(row, "drop_rate", "drops_left", "within_limit") == (drops / 100, left, within)


def test_a_campaigns_own_limits_hold_from_their_day_on(tmp_path: Path) -> None:
    """Three seconds until 20 March in Berlin, one from then on; and 1 % of ten live answers are none."""
    day = Day()
    for number in range(5):
        answered(day, number, at("2026-03-19 22:59:59"), 2_500_000)  # still the 19th in Berlin
        answered(day, number + 5, at("2026-03-19 23:00:00"), 1_500_000)
    centre = CENTRE.replace(
        "drop_rule: ftc}",
        """drop_rule: ftc, settings: [
      {connect_within_seconds: 3, drop_rate_limit: 0.5},
      {from: 2026-03-20, connect_within_seconds: 1, drop_rate_limit: 0.01}]}""",
    )
    idle, spring = ask(fill(tmp_path, day.lines, centre), "FROM drop_rate(as_of := '2026-03-20 12:00:00Z')")
    assert part(spring, "live_answers", "drops", "drops_left", "drop_rule") == (10, 5, -5, "ftc")
    assert part(idle, "live_answers", "drops", "drop_rate", "drops_left", "within_limit", "projected_drop_rate") == (
        0, 0, None, None, None, None)  # fmt: skip


def test_the_projection_is_a_day_like_the_last_one(tmp_path: Path) -> None:
    """Yesterday 1 of 10 dropped, 29.5 days ago 5 of 10: tomorrow those are out, and 1 of 10 more are in."""
    day = Day()
    for number in range(10):
        answered(day, number, at("2026-02-19 00:00:00"), None if number < 5 else 0)
        answered(day, number + 10, at("2026-03-20 10:00:00"), None if number < 1 else 0)
    row = one(fill(tmp_path, day.lines), "FROM drop_rate(as_of := '2026-03-20 12:00:00Z')")
    assert part(row, "drop_rate", "live_answers_last_day", "drops_last_day", "projected_drop_rate") == (
        6 / 20, 10, 1, 2 / 20)  # fmt: skip


def test_the_ofcom_form(tmp_path: Path) -> None:
    """10 drops; agents got 80 calls, of which 20 were machines: D = 10 - 10 * 20 / 80 = 7.5, rate = 7.5 / 67.5."""
    day = Day()
    for number in range(90):
        answered(day, number, at("2026-03-20 10:00:00"), None if number < 10 else 0)
        if 10 <= number < 30:
            day.talk("2026-03-20 10:00:00", f"call-{number}", ["machine"])
    store = fill(tmp_path, day.lines, CENTRE)
    idle, spring = ask(store, f"FROM drop_rate_ofcom({MARCH})")
    assert part(spring, "drops", "live_calls", "agent_machines", "estimated_drops") == (10, 60, 20, 7.5)
    assert spring["drop_rate"] == pytest.approx(7.5 / 67.5)
    assert part(idle, "drops", "drop_rate") == (0, None)
    # The other rule, over the same calls: 10 of the 70 that a person answered.
    assert ask(store, "SELECT drop_rate FROM drop_rate('2026-03-21')")[1]["drop_rate"] == pytest.approx(10 / 70)


def test_without_any_call_to_an_agent_all_drops_count_in_the_ofcom_form(tmp_path: Path) -> None:
    row = one(fill(tmp_path, many(3, 3).lines), f"FROM drop_rate_ofcom({MARCH})")
    assert part(row, "estimated_drops", "drop_rate") == (3, 1)


def test_how_far_a_list_has_been_worked(tmp_path: Path) -> None:
    """Of 10 leads nine were dialled, three contacted; finished are the sale and the invalid number."""
    store = fill(tmp_path, campaign_day().lines, CENTRE)
    rows = ask(store, "FROM list_penetration(as_of := '2026-04-01')")
    assert [part(row, "list", "leads", "leads_dialled", "leads_contacted", "leads_finished") for row in rows] == [
        ("new", 4, 0, 0, 0), ("old", 10, 9, 3, 2), ("walk-ins", None, 0, 0, 0)]  # fmt: skip
    assert [row["penetration"] for row in rows] == [0, 0.9, None]
    assert part(rows[1], "contacted_rate", "finished_rate") == (0.3, 0.2)
    # At eleven only the first four had been dialled.
    old = ask(store, "FROM list_penetration(as_of := '2026-03-02 11:00:00Z') WHERE list = 'old'")
    assert part(old[0], "leads_dialled", "leads_finished") == (4, 1)


def test_defaults_are_those_of_the_centre(tmp_path: Path) -> None:
    store = fill(tmp_path, [])
    row = one(store, "SELECT default_connect_within_us() AS within, default_drop_rate_limit() AS lim")
    assert row["within"] == definitions.CONNECT_WITHIN_SECONDS * 1_000_000
    assert row["lim"] == Decimal(str(definitions.DROP_RATE_LIMIT))


@pytest.mark.parametrize("seed", range(2))
def test_the_order_of_the_events_does_not_matter(tmp_path: Path, seed: int) -> None:
    lines = [*campaign_day().lines, *(line.replace(b'"call-', b'"later-').replace(b'"dial-', b'"again-')
             .replace(b'"acme-0', b'"acme-9') for line in drops_of_all_sorts().lines)]  # fmt: skip
    first, other = fill(tmp_path / "1", lines, CENTRE), fill(tmp_path / "2", shuffled(lines, seed), CENTRE)
    for sql in (f"FROM outbound_kpis({MARCH})", "FROM drop_rate('2026-03-20 12:00:00Z')", "FROM list_penetration()",
                f"FROM drop_rate_ofcom({MARCH})", "FROM dial_attempts ORDER BY attempt"):  # fmt: skip
        assert ask(first, sql) == ask(other, sql) != []
