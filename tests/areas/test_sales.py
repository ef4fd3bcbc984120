"""Sales: conversions by their denominators, revenue, and cancellations weeks later. Worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.areas.outbound_events import Day, ask, fill, one, part, shuffled

DAY = "'2026-03-02', '2026-03-03'"


def sales_day() -> Day:
    """Queue sales: 8 offered, 6 answered (five by ann, one by bob), 4 leads, 3 dials, sales of 100, 60; upsell of 20.

    A third sale, of 40, is cancelled a week later. ann is signed in for 4 hours, bob for 2, who also answers one call
    of the queue service; carl, of service only, for 8.
    """
    day = Day()
    for number in range(1, 7):
        flags = ["sale"] if number <= 3 else []
        day.talk(f"2026-03-02 10:0{number}:00", f"call-{number}", flags, queue="sales",
                 agent="bob" if number == 6 else "ann", direction="inbound")  # fmt: skip
    for number in (7, 8):
        day.contact("queued", "2026-03-02 11:00:00", f"call-{number}", segment="1", queue="sales", direction="inbound")
        day.contact(
            "abandoned", "2026-03-02 11:01:00", f"call-{number}", segment="1", queue="sales", direction="inbound"
        )
    day.talk("2026-03-02 12:00:00", "call-9", queue="service", agent="bob")
    day.talk("2026-03-02 12:00:00", "call-10", queue="service", agent="carl")
    for number in range(4):
        day.outcome("2026-03-02 10:30:00", f"l{number}", "lead", queue="sales")
    for number in range(3):
        day.contact("dialled", "2026-03-02 13:00:00", f"dial-{number}", attempt=f"dial-{number}", campaign="spring",
                    queue="sales", result="busy")  # fmt: skip
    money = {"queue": "sales", "currency": "EUR"}
    day.outcome("2026-03-02 10:02:00", "s1", "sale", interaction="call-1", amount="100.00", quantity=2, **money)
    day.outcome("2026-03-02 10:03:00", "s2", "order", interaction="call-2", amount="60.00", **money)
    day.outcome("2026-03-02 10:03:00", "u1", "upsell", interaction="call-2", amount="20.00", **money)
    day.outcome("2026-03-02 10:04:00", "s3", "sale", interaction="call-3", amount="40.00", **money)
    day.outcome("2026-03-09 10:04:00", "s3", "sale", interaction="call-30", status="cancelled", queue="service")
    day.signed_in("ann", "2026-03-02 08:00:00", "2026-03-02 12:00:00")
    day.signed_in("bob", "2026-03-02 12:00:00", "2026-03-02 14:00:00")
    day.signed_in("carl", "2026-03-02 08:00:00", "2026-03-02 16:00:00")
    return day


def test_a_day_of_sales(tmp_path: Path) -> None:
    sales = one(fill(tmp_path, sales_day().lines), f"FROM sales_kpis({DAY}) WHERE queue = 'sales'")
    assert part(sales, "offered", "answered", "dials", "leads") == (8, 6, 3, 4)
    # Three wrap-ups carry the flag: that is a measure of its own, which no cancellation changes.
    assert part(sales, "sales", "upsells", "cancelled", "flagged_sales", "units") == (2, 1, 1, 3, 3)
    assert part(sales, "revenue", "currency", "agent_hours") == (180, "EUR", 6)
    assert part(sales, "conversion_per_offered", "conversion_per_answered", "conversion_per_lead",
                "conversion_per_dial") == pytest.approx((2 / 8, 2 / 6, 2 / 4, 2 / 3))  # fmt: skip
    assert part(sales, "upsell_rate", "cancelled_rate") == pytest.approx((1 / 2, 1 / 3))
    assert part(sales, "revenue_per_answered", "revenue_per_agent_hour", "sales_per_agent_hour") == pytest.approx(
        (180 / 6, 180 / 6, 2 / 6)
    )


def test_a_sale_cancelled_next_week_restates_the_day_of_the_sale_and_no_other(tmp_path: Path) -> None:
    lines = sales_day().lines
    before = fill(tmp_path / "1", [line for line in lines if b"cancelled" not in line])
    sales = one(before, f"FROM sales_kpis({DAY}) WHERE queue = 'sales'")
    assert part(sales, "sales", "cancelled", "revenue") == (3, 0, 220)
    after = fill(tmp_path / "2", lines)
    assert part(one(after, f"FROM sales_kpis({DAY}) WHERE queue = 'sales'"), "sales", "cancelled", "revenue") == (
        2,
        1,
        180,
    )
    assert ask(after, "FROM sales_kpis('2026-03-03', '2026-04-01')") == []


def test_an_agent_of_two_queues_counts_in_the_hours_of_both_and_once_in_the_clients(tmp_path: Path) -> None:
    store = fill(tmp_path, sales_day().lines)
    hours = ask(store, f"SELECT queue, agent_hours FROM sales_kpis({DAY}) ORDER BY queue")
    assert [tuple(row.values()) for row in hours] == [("sales", 6), ("service", 10)]
    whole = one(store, f"FROM sales_kpis({DAY}, by_queue := false)")
    assert part(whole, "queue", "agent_hours", "offered", "answered", "sales", "revenue") == (None, 14, 10, 8, 2, 180)


def test_hours_are_cut_to_the_period_and_an_open_end_to_the_moment_of_asking(tmp_path: Path) -> None:
    day = Day()
    day.talk("2026-03-02 10:00:00", "call-1")
    day.signed_in("ann", "2026-03-01 20:00:00", None)
    store = fill(tmp_path, day.lines)
    assert one(store, f"FROM sales_kpis({DAY}, as_of := '2026-03-02 12:30:00Z')")["agent_hours"] == 12.5
    assert one(store, f"FROM sales_kpis({DAY}, as_of := '2026-03-03 08:00:00Z')")["agent_hours"] == 24
    # A week later nobody takes Ann for signed in any more: by rule until 10:01:10, when she was last heard of.
    assert one(store, f"FROM sales_kpis({DAY}, as_of := '2026-03-10')")["agent_hours"] == pytest.approx(36_070 / 3600)


def test_nothing_below_the_line_gives_no_number(tmp_path: Path) -> None:
    """A sale out of nowhere: nobody was offered, answered, dialled or signed in."""
    day = Day()
    day.outcome("2026-03-02 10:00:00", "s1", "sale", queue="web", amount="5", currency="EUR")
    row = one(fill(tmp_path, day.lines), f"FROM sales_kpis({DAY})")
    assert part(row, "sales", "revenue", "offered", "dials") == (1, 5, 0, 0)
    names = [name for name in row if "_per_" in name]
    assert len(names) == 7
    assert {row[name] for name in names} == {None}


def test_two_currencies_are_never_summed(tmp_path: Path) -> None:
    day = sales_day()
    day.outcome("2026-03-02 15:00:00", "s4", "sale", queue="sales", amount="0.0001", currency="USD")
    store = fill(tmp_path, day.lines)
    sales = one(store, f"FROM sales_kpis({DAY}) WHERE queue = 'sales'")
    assert part(sales, "sales", "revenue", "currency", "revenue_per_answered") == (3, None, None, None)
    euro, dollar = ask(store, f"FROM sales_revenue({DAY})")
    assert part(euro, "queue", "currency", "sales", "upsells", "cancelled", "revenue", "amount_cancelled") == (
        "sales", "EUR", 2, 1, 1, 180, 40)  # fmt: skip
    assert part(dollar, "currency", "sales", "revenue") == ("USD", 1, Decimal("0.0001"))
    assert euro["revenue_per_agent_hour"] == pytest.approx(30)


def test_an_outbound_call_that_was_never_queued_is_answered_and_not_offered(tmp_path: Path) -> None:
    day = Day()
    day.contact("answered", "2026-03-02 10:00:00", "call-1", segment="1", queue="out", agent="ann")
    row = one(fill(tmp_path, day.lines), f"FROM sales_kpis({DAY})")
    assert part(row, "offered", "answered", "conversion_per_offered", "conversion_per_answered") == (0, 1, None, 0)


@pytest.mark.parametrize("seed", range(2))
def test_the_order_of_the_events_does_not_matter(tmp_path: Path, seed: int) -> None:
    lines = sales_day().lines
    first, other = fill(tmp_path / "1", lines), fill(tmp_path / "2", shuffled(lines, seed))
    for sql in (f"FROM sales_kpis({DAY})", f"FROM sales_revenue({DAY})"):
        assert ask(first, sql) == ask(other, sql) != []


def test_a_sign_out_that_is_missing_makes_no_hours(tmp_path: Path) -> None:
    """Ann signed in on the 1st, talked until 10:01:10 of the 2nd, and nobody heard of her again: aged after a day."""
    day = Day()
    day.signed_in("ann", "2026-03-01 10:01:10", None)
    day.talk("2026-03-02 10:00:00", "call-1", ["sale"], queue="sales", direction="inbound")
    money = {"amount": "48.00", "currency": "EUR"}
    day.outcome("2026-03-02 10:00:30", "s1", "sale", interaction="call-1", queue="sales", **money)
    store = fill(tmp_path, day.lines)
    window = "'2026-03-01', '2026-04-01', as_of := '2026-04-01'"
    # From the sign-in to the end of the wrap-up it is a day, not the month until as_of.
    assert one(store, f"FROM signed_in_time({window})")["signed_in_seconds"] == 86_400
    row = one(store, f"FROM sales_kpis({window})")
    assert part(row, "agent_hours", "sales_per_agent_hour", "revenue_per_agent_hour") == (24, 1 / 24, 2)
