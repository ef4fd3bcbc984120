"""Outcomes and what became of them; pledges. The numbers are worked out by hand."""

from __future__ import annotations

from datetime import UTC, date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.areas.outbound_events import Day, ask, at, fill, one, part, shuffled

MARCH = "'2026-03-01', '2026-04-01'"


def test_the_latest_change_holds_and_place_is_where_it_was_made(tmp_path: Path) -> None:
    day = Day()
    day.talk("2026-03-02 10:00:00", "call-1", queue="sales", agent="ann")
    # The first change names its segment only: queue and agent are those of the segment.
    day.outcome("2026-03-02 10:01:00", "s1", "sale", interaction="call-1", segment="1", amount="120.50", currency="EUR",
                product="fibre")  # fmt: skip
    day.outcome("2026-03-09 09:00:00", "s1", "sale", interaction="call-2", status="cancelled", queue="service",
                agent="bob", direction="inbound")  # fmt: skip
    store = fill(tmp_path, day.lines)
    sale = one(store, "FROM outcomes")
    assert part(sale, "outcome", "kind", "status", "interaction", "queue", "agent", "product", "direction") == (
        "s1", "sale", "cancelled", "call-1", "sales", "ann", "fibre", "outbound")  # fmt: skip
    assert part(sale, "made_at", "status_at", "cancelled_at", "kept_at") == (
        at("2026-03-02 10:01:00"), at("2026-03-09 09:00:00"), at("2026-03-09 09:00:00"), None)  # fmt: skip
    assert part(sale, "day", "amount", "currency") == (date(2026, 3, 2), Decimal("120.5000"), "EUR")


def test_a_contact_on_two_channels_has_two_segments_of_a_name_and_its_sale_is_one(tmp_path: Path) -> None:
    day = Day()
    day.talk("2026-03-02 10:00:00", "c", queue="chats", agent="ann", channel="chat")
    day.talk("2026-03-02 10:10:00", "c", queue="calls", agent="bob", channel="voice")
    day.outcome("2026-03-02 10:11:00", "s1", "sale", interaction="c", segment="1", channel="voice")
    day.contact("surveyed", "2026-03-02 10:12:00", "c", segment="1", channel="chat", survey="v1", status="sent")
    store = fill(tmp_path, day.lines)
    assert part(one(store, "FROM outcomes"), "queue", "agent") == ("calls", "bob")
    assert part(one(store, "FROM surveys"), "queue", "agent") == ("chats", "ann")


def test_each_amount_is_the_latest_said_and_the_first_is_kept_beside_it(tmp_path: Path) -> None:
    day = Day()
    day.outcome("2026-03-02 10:00:00", "p1", "pledge", amount="50.00", currency="EUR")
    day.outcome("2026-03-05 10:00:00", "p1", "pledge", amount="40.00")  # said again, without a currency
    day.outcome("2026-03-06 10:00:00", "p1", "pledge", status="fulfilled")
    store = fill(tmp_path, day.lines)
    pledge = one(store, "FROM outcomes")
    assert part(pledge, "amount_made", "amount", "amount_kept", "currency", "status") == (
        50,
        40,
        40,
        "EUR",
        "fulfilled",
    )
    assert pledge["kept_at"] == at("2026-03-06 10:00:00")


def test_an_amount_in_another_currency_than_at_first_has_no_first_amount_beside_it(tmp_path: Path) -> None:
    day = Day()
    day.outcome("2026-03-02 10:00:00", "s1", "sale", amount="50.00", currency="EUR")
    day.outcome("2026-03-03 10:00:00", "s1", "sale", amount="55.00", currency="USD")
    sale = one(fill(tmp_path, day.lines), "FROM outcomes")
    assert part(sale, "amount", "currency", "amount_made") == (55, "USD", None)


def test_at_the_same_time_source_and_id_decide(tmp_path: Path) -> None:
    day = Day()
    for status in ("kept", "broken", "cancelled"):  # ids rise in this order
        day.outcome("2026-03-02 10:00:00", "p1", "promise", status=status)
    for seed in (1, 2, 3):
        store = fill(tmp_path / str(seed), shuffled(day.lines, seed))
        assert one(store, "FROM outcomes")["status"] == "cancelled"


def test_the_day_is_the_queues_own_and_an_amount_without_a_currency_is_in_the_clients(tmp_path: Path) -> None:
    day = Day()
    day.outcome("2026-03-02 23:30:00", "s1", "sale", queue="sales", amount="10")
    centre = """\
version: 1
clients: {acme: {time_zone: Europe/Berlin, currency: EUR}}
queues: {acme: {sales: {line: inbound-sales, channel: voice}}}
"""
    sale = one(fill(tmp_path, day.lines, centre), "FROM outcomes")
    assert part(sale, "day", "currency") == (date(2026, 3, 3), "EUR")


def customer_service() -> Day:
    """Two payments taken and one billing review in EUR, one payment in USD, two activations of a product."""
    day = Day()
    for number, amount, currency in ((1, "10.10", "EUR"), (2, "20.20", "EUR"), (3, "99.00", "USD")):
        day.outcome("2026-03-02 10:00:00", f"p{number}", "payment", queue="care", amount=amount, currency=currency)
    day.outcome("2026-03-02 11:00:00", "r1", "billing_review", queue="care")
    day.outcome("2026-03-02 12:00:00", "a1", "activation", queue="care", product="sim", quantity=2)
    day.outcome("2026-03-02 12:00:00", "a2", "activation", queue="care", product="fibre")
    day.outcome("2026-03-20 12:00:00", "a2", "activation", queue="care", status="cancelled")
    day.outcome("2026-02-28 12:00:00", "a3", "activation", queue="care")  # before the period
    return day


def test_outcomes_by_kind_and_currency_and_by_product_if_asked(tmp_path: Path) -> None:
    store = fill(tmp_path, customer_service().lines)
    rows = ask(store, f"SELECT kind, currency, made, cancelled, net, amount_net FROM outcome_kpis({MARCH})")
    assert [tuple(row.values()) for row in rows] == [
        ("activation", None, 2, 1, 1, None),
        ("billing_review", None, 1, 0, 1, None),
        ("payment", "EUR", 2, 0, 2, Decimal("30.3000")),
        ("payment", "USD", 1, 0, 1, Decimal("99.0000")),
    ]
    rows = ask(store, f"FROM outcome_kpis({MARCH}, by_product := true) WHERE kind = 'activation'")
    assert [part(row, "product", "made", "net", "net_quantity", "cancelled_rate") for row in rows] == [
        ("fibre", 1, 0, 0, 1.0),
        ("sim", 1, 1, 2, 0.0),
    ]


def test_the_period_holds_its_start_and_not_its_end(tmp_path: Path) -> None:
    day = Day()
    day.outcome("2026-03-02 10:00:00", "s1", "sale", queue="sales")
    store = fill(tmp_path, day.lines)
    assert one(store, "FROM outcome_kpis('2026-03-02 10:00:00Z', '2026-03-02 10:01:00Z')")["made"] == 1
    assert ask(store, "FROM outcome_kpis('2026-03-02 09:00:00Z', '2026-03-02 10:00:00Z')") == []


def pledges() -> Day:
    """100 fulfilled, 50 broken, 30 due on the 25th, 20 in another currency."""
    day = Day()
    day.outcome("2026-03-02 10:00:00", "g1", "pledge", queue="fund", amount="100", currency="EUR", due_on="2026-03-10")
    day.outcome("2026-03-12 10:00:00", "g1", "pledge", queue="fund", status="fulfilled")
    day.outcome("2026-03-02 10:00:00", "g2", "pledge", queue="fund", amount="50", currency="EUR", due_on="2026-03-10")
    day.outcome("2026-03-20 10:00:00", "g2", "pledge", queue="fund", status="broken")
    day.outcome("2026-03-02 10:00:00", "g3", "pledge", queue="fund", amount="30", currency="EUR", due_on="2026-03-25")
    day.outcome("2026-03-02 10:00:00", "g4", "pledge", queue="fund", amount="20", currency="GBP")
    return day


def test_pledges_and_those_of_them_that_are_due(tmp_path: Path) -> None:
    store = fill(tmp_path, pledges().lines)
    euro, pound = ask(store, f"FROM fundraising_kpis({MARCH}, as_of := '2026-03-25 23:59:00Z')")
    assert part(euro, "currency", "pledges", "fulfilled", "pledges_due", "fulfilled_due") == ("EUR", 3, 1, 2, 1)
    assert part(euro, "amount_pledged", "amount_fulfilled") == (180, 100)
    assert part(euro, "fulfilment_rate", "fulfilment_rate_due", "fulfilment_rate_amount") == pytest.approx(
        (1 / 3, 1 / 2, 100 / 180)
    )
    assert part(pound, "currency", "pledges", "amount_pledged", "fulfilment_rate") == ("GBP", 1, 20, 0)
    # From the next day on the third is due as well.
    euro, _ = ask(store, f"FROM fundraising_kpis({MARCH}, as_of := '2026-03-26 00:00:00Z')")
    assert part(euro, "pledges_due", "fulfilment_rate_due") == (3, pytest.approx(1 / 3))


@pytest.mark.parametrize("seed", range(2))
def test_the_order_of_the_events_does_not_matter(tmp_path: Path, seed: int) -> None:
    lines = customer_service().lines
    everything = ("FROM outcomes ORDER BY outcome", f"FROM outcome_kpis({MARCH}, by_product := true)")
    first, other = fill(tmp_path / "1", lines), fill(tmp_path / "2", shuffled(lines, seed))
    for sql in everything:
        assert ask(first, sql) == ask(other, sql) != []


def test_times_are_aware(tmp_path: Path) -> None:
    made_at = one(fill(tmp_path, customer_service().lines[:1]), "FROM outcomes")["made_at"]
    assert made_at.utcoffset() == UTC.utcoffset(None)
