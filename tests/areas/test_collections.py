"""Promises to pay, kept or not, and what came in. The numbers are worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.centre import definitions
from tests.areas.outbound_events import Day, Row, ask, fill, one, part, shuffled

MARCH = "'2026-03-01', '2026-04-01'"
LATER = "as_of := '2026-04-15'"


def promise(day: Day, name: str, amount: str | None, due_on: str | None, customer: str = "carol", **data: Any) -> None:
    """A promise of 2 March in queue debts, in a contact of that customer."""
    moment = data.pop("moment", "2026-03-02 10:00:00")
    currency = None if amount is None else data.pop("currency", "EUR")
    interaction = f"of-{name}"
    day.contact("described", moment, interaction, customer=customer)
    day.outcome(moment, name, "promise", queue="debts", amount=amount, currency=currency, due_on=due_on, **data)


def payment(day: Day, name: str, amount: str, moment: str, customer: str = "carol", currency: str = "EUR") -> None:
    """A payment of a customer, in another contact than the promise."""
    day.contact("described", moment, f"of-{name}", customer=customer, direction="inbound")
    day.outcome(moment, name, "payment", queue="debts", amount=amount, currency=currency, direction="inbound")


def kept(store: Path, **options: str) -> dict[str, tuple[bool, bool, bool]]:
    """Of each promise: due, kept, open."""
    given = ", ".join(f"{name} := {value}" for name, value in {"as_of": "'2026-04-15'", **options}.items())
    return {row["outcome"]: part(row, "is_due", "is_kept", "is_open") for row in ask(store, f"FROM promises({given})")}


def test_kept_within_the_days_of_grace_by_what_is_said_of_it(tmp_path: Path) -> None:
    """Due on the 10th, with two days of grace: until the end of the 12th."""
    day = Day()
    for name, moment in (("a", "2026-03-10 12:00:00"), ("b", "2026-03-12 23:59:59"), ("c", "2026-03-13 00:00:00")):
        promise(day, name, "100", "2026-03-10", customer=name)
        day.outcome(moment, name, "promise", status="kept")
    store = fill(tmp_path, day.lines)
    assert {name: is_kept for name, (_, is_kept, _) in kept(store).items()} == {"a": True, "b": True, "c": False}
    assert {name: is_kept for name, (_, is_kept, _) in kept(store, grace_days="0").items()} == {
        "a": True, "b": False, "c": False}  # fmt: skip
    assert kept(store, grace_days="3")["c"] == (True, True, False)


def test_a_promise_kept_two_days_later_restates_the_day_it_was_due(tmp_path: Path) -> None:
    day = Day()
    promise(day, "p", "100", "2026-03-10")
    due_day = "'2026-03-10', '2026-03-11'"
    names = ("promises", "due", "kept", "undecided", "broken", "kept_rate", "kept_rate_decided")
    before = fill(tmp_path / "1", day.lines)
    row = one(before, f"FROM collections_kpis({due_day}, as_of := '2026-03-12 11:00:00Z')")
    assert part(row, *names) == (0, 1, 0, 1, 0, 0, None)  # still in its grace
    row = one(before, f"FROM collections_kpis({due_day}, as_of := '2026-03-13')")
    assert part(row, *names) == (0, 1, 0, 0, 1, 0, 0)  # its grace is over
    payment(day, "m", "100", "2026-03-12 12:00:00")
    after = fill(tmp_path / "2", day.lines)
    row = one(after, f"FROM collections_kpis({due_day}, as_of := '2026-03-13')")
    assert part(row, *names) == (0, 1, 1, 0, 0, 1, 1)
    # And the day on which it was made.
    row = one(after, f"FROM collections_kpis('2026-03-02', '2026-03-03', {LATER})")
    assert part(row, "promises", "due_of_made", "kept_of_made", "kept_rate_of_made", "due") == (1, 1, 1, 1, 0)


def test_a_promise_that_is_not_due_yet_is_on_neither_side(tmp_path: Path) -> None:
    day = Day()
    promise(day, "p", "100", "2026-03-10")
    promise(day, "early", "50", "2026-03-20", customer="dave")
    payment(day, "m", "50", "2026-03-05 12:00:00", customer="dave")  # kept before it is due
    promise(day, "whenever", "70", None, customer="eve")  # never due
    store = fill(tmp_path, day.lines)
    row = one(store, f"FROM collections_kpis({MARCH}, as_of := '2026-03-10 23:59:59Z')")
    assert part(row, "promises", "due", "kept", "kept_rate", "due_of_made", "kept_rate_of_made") == (
        3,
        0,
        0,
        None,
        0,
        None,
    )
    row = one(store, f"FROM collections_kpis({MARCH}, as_of := '2026-03-11')")
    assert part(row, "due", "kept", "undecided", "kept_rate") == (1, 0, 1, 0)
    row = one(store, f"FROM collections_kpis({MARCH}, {LATER})")
    assert part(row, "due", "kept", "undecided", "kept_rate") == (2, 1, 0, 0.5)


def test_days_end_at_the_queues_own_midnight(tmp_path: Path) -> None:
    """22:30 in UTC on the 12th is half past midnight of the 13th in Vilnius: too late there."""
    day = Day()
    promise(day, "p", "100", "2026-03-10")
    payment(day, "m", "100", "2026-03-12 22:30:00")
    centre = "version: 1\nclients: {acme: {time_zone: Europe/Vilnius}}\n"
    assert kept(fill(tmp_path / "1", day.lines))["p"] == (True, True, False)
    store = fill(tmp_path / "2", day.lines, centre)
    assert kept(store)["p"] == (True, False, False)
    # Due from 22:00 on, when the day is over there.
    assert kept(store, as_of="'2026-03-10 21:59:59Z'")["p"] == (False, False, True)
    assert kept(store, as_of="'2026-03-10 22:00:00Z'")["p"] == (True, False, True)


def test_the_grace_is_that_of_the_day_of_the_promise(tmp_path: Path) -> None:
    day = Day()
    for name, moment in (("old", "2026-03-02 10:00:00"), ("new", "2026-03-05 10:00:00")):
        promise(day, name, "100", "2026-03-10", customer=name, moment=moment)
        payment(day, f"of {name}", "100", "2026-03-14 10:00:00", customer=name)
    centre = "version: 1\ndefinitions: [{promise_grace_days: 1}, {from: 2026-03-04, promise_grace_days: 5}]\n"
    store = fill(tmp_path, day.lines, centre)
    assert {name: is_kept for name, (_, is_kept, _) in kept(store).items()} == {"old": False, "new": True}
    assert {row["outcome"]: row["grace"] for row in ask(store, "FROM promises()")} == {"old": 1, "new": 5}


@pytest.mark.parametrize(
    ("payments", "expected"),
    [
        ([("60", "2026-03-05 10:00:00"), ("40", "2026-03-11 10:00:00")], True),  # in parts
        ([("60", "2026-03-05 10:00:00"), ("39.9999", "2026-03-11 10:00:00")], False),
        ([("100", "2026-03-01 10:00:00")], False),  # before the promise: it was for something else
        ([("100", "2026-03-13 00:00:00")], False),  # after the grace
    ],
)
def test_payments_on_the_account_decide_while_nobody_has_said_so(
    tmp_path: Path, payments: list[tuple[str, str]], expected: bool
) -> None:
    day = Day()
    promise(day, "p", "100", "2026-03-10")
    for number, (amount, moment) in enumerate(payments):
        payment(day, f"m{number}", amount, moment)
    assert kept(fill(tmp_path, day.lines))["p"][1] is expected


def test_payments_of_others_in_other_money_or_taken_back_keep_nothing(tmp_path: Path) -> None:
    day = Day()
    promise(day, "p", "100", "2026-03-10")
    payment(day, "m1", "100", "2026-03-05 10:00:00", customer="dave")
    payment(day, "m2", "100", "2026-03-05 10:00:00", currency="USD")
    payment(day, "m3", "100", "2026-03-05 10:00:00")
    day.outcome("2026-03-20 10:00:00", "m3", "payment", status="cancelled")
    assert kept(fill(tmp_path, day.lines))["p"] == (True, False, False)


def test_one_payment_does_not_keep_two_promises(tmp_path: Path) -> None:
    """Three instalments of 100, of which 200 are paid in time: the first two are kept, the third is not."""
    day = Day()
    for number, due_on in ((1, "2026-03-10"), (2, "2026-03-11"), (3, "2026-03-12")):
        promise(day, f"p{number}", "100", due_on)
    payment(day, "m1", "200", "2026-03-10 10:00:00")
    assert {name: is_kept for name, (_, is_kept, _) in kept(fill(tmp_path, day.lines)).items()} == {
        "p1": True, "p2": True, "p3": False}  # fmt: skip


def test_kept_in_part_is_not_kept(tmp_path: Path) -> None:
    day = Day()
    promise(day, "p", "100", "2026-03-10")
    day.outcome("2026-03-10 10:00:00", "p", "promise", status="part_kept", amount="60", currency="EUR")
    store = fill(tmp_path, day.lines)
    names = ("due", "kept", "undecided", "broken", "part_kept")
    assert part(one(store, f"FROM collections_kpis({MARCH}, as_of := '2026-03-12')"), *names) == (1, 0, 1, 0, 0)
    assert part(one(store, f"FROM collections_kpis({MARCH}, {LATER})"), *names) == (1, 0, 0, 1, 1)
    assert part(one(store, f"FROM collections_amounts({MARCH}, {LATER})"), "amount_due", "amount_kept") == (100, 0)
    assert part(one(store, f"FROM promises({LATER})"), "amount", "amount_kept") == (100, 60)


def test_a_new_promise_after_a_broken_one_is_judged_by_its_own_time(tmp_path: Path) -> None:
    day = Day()
    promise(day, "first", "100", "2026-03-04")
    promise(day, "second", "100", "2026-03-20", moment="2026-03-10 10:00:00")
    payment(day, "m", "100", "2026-03-20 10:00:00")
    store = fill(tmp_path, day.lines)
    assert kept(store) == {"first": (True, False, False), "second": (True, True, False)}


def test_what_was_said_to_be_broken_is_broken_and_cancelled_is_none(tmp_path: Path) -> None:
    day = Day()
    promise(day, "p", "100", "2026-03-10")
    promise(day, "q", "100", "2026-03-10", customer="dave")
    payment(day, "m", "100", "2026-03-09 10:00:00")
    day.outcome("2026-03-09 12:00:00", "p", "promise", status="broken")  # the cheque bounced
    day.outcome("2026-03-09 12:00:00", "q", "promise", status="cancelled")
    store = fill(tmp_path, day.lines)
    assert kept(store) == {"p": (True, False, False)}
    row = one(store, f"FROM collections_kpis({MARCH}, {LATER})")
    assert part(row, "promises", "due", "broken") == (1, 1, 1)


def month() -> Day:
    """5 right parties, 4 promises, 3 due and 2 of those kept: 100 by its status, with 90 paid, and 50 by payments.

    Owed at the start of March: 1,000, down from 1,200; 800 more come in on the 20th. 500 were settled in February.
    """
    day = Day()
    for number in range(5):
        day.talk(f"2026-03-02 09:0{number}:00", f"call-{number}", ["right_party"], queue="debts")
    promise(day, "a", "100", "2026-03-10", customer="a")
    day.outcome("2026-03-11 10:00:00", "a", "promise", status="kept", amount="90", currency="EUR")
    promise(day, "b", "50", "2026-03-10", customer="b")
    promise(day, "c", "70", "2026-03-10", customer="c")
    promise(day, "d", "30", "2026-06-10", customer="d")
    payment(day, "m1", "50", "2026-03-09 10:00:00", customer="b")
    payment(day, "m2", "90", "2026-03-11 10:00:00", customer="a")
    payment(day, "m3", "7", "2026-02-20 10:00:00", customer="a")
    for moment, name, amount, status in (
        ("2026-02-01 10:00:00", "x", "1200", "made"), ("2026-02-20 10:00:00", "x", "1000", "made"),
        ("2026-03-11 10:00:00", "x", "860", "made"), ("2026-03-20 10:00:00", "y", "800", "made"),
        ("2026-02-01 10:00:00", "z", "500", "made"), ("2026-02-10 10:00:00", "z", "0", "fulfilled"),
    ):  # fmt: skip
        day.outcome(moment, name, "balance", queue="debts", amount=amount, currency="EUR", status=status)
    return day


def test_a_month_of_collections(tmp_path: Path) -> None:
    store = fill(tmp_path, month().lines)
    row = one(store, f"FROM collections_kpis({MARCH}, {LATER})")
    assert part(row, "right_party_contacts", "promises", "due", "kept", "broken", "payments") == (5, 4, 3, 2, 1, 2)
    assert part(row, "promise_rate", "kept_rate") == pytest.approx((4 / 5, 2 / 3))
    money = one(store, f"FROM collections_amounts({MARCH}, {LATER})")
    assert part(money, "currency", "amount_promised", "amount_due", "amount_kept", "amount_collected") == (
        "EUR", 250, 220, 140, 140)  # fmt: skip
    assert part(money, "outstanding", "assigned") == (1800, 2500)
    assert part(money, "kept_amount_rate", "recovery_rate", "liquidation_rate") == pytest.approx(
        (140 / 220, 140 / 1800, 140 / 2500)
    )


def test_money_in_two_currencies_and_nothing_outstanding(tmp_path: Path) -> None:
    day = month()
    promise(day, "e", "11", "2026-03-10", customer="e", currency="USD")
    payment(day, "m4", "11", "2026-03-10 10:00:00", customer="e", currency="USD")
    store = fill(tmp_path, day.lines)
    euro, dollar = ask(store, f"FROM collections_amounts({MARCH}, {LATER})")
    assert euro["amount_collected"] == 140
    assert part(dollar, "currency", "amount_collected", "amount_kept", "outstanding", "recovery_rate") == (
        "USD", 11, 11, 0, None)  # fmt: skip
    assert one(store, f"FROM collections_kpis({MARCH}, {LATER})")["kept"] == 3


def test_of_the_client_as_a_whole(tmp_path: Path) -> None:
    day = month()
    day.outcome("2026-02-01 10:00:00", "w", "balance", amount="200", currency="EUR")  # of no queue
    store = fill(tmp_path, day.lines)
    rows: list[Row] = ask(store, f"FROM collections_amounts({MARCH}, by_queue := false, {LATER})")
    assert [part(row, "queue", "outstanding", "recovery_rate") for row in rows] == [(None, 2000, 0.07)]
    assert part(one(store, f"FROM collections_kpis({MARCH}, by_queue := false, {LATER})"), "queue", "kept") == (None, 2)


def test_no_contact_and_no_promise_give_no_rates(tmp_path: Path) -> None:
    day = Day()
    payment(day, "m", "5", "2026-03-05 10:00:00")
    store = fill(tmp_path, day.lines)
    row = one(store, f"FROM collections_kpis({MARCH}, {LATER})")
    assert part(row, "payments", "promise_rate", "kept_rate", "kept_rate_of_made") == (1, None, None, None)
    assert part(one(store, f"FROM collections_amounts({MARCH})"), "kept_amount_rate", "recovery_rate") == (None, None)


def test_the_default_is_that_of_the_centre(tmp_path: Path) -> None:
    row = one(fill(tmp_path, []), "SELECT default_promise_grace_days() AS days")
    assert row["days"] == definitions.PROMISE_GRACE_DAYS


@pytest.mark.parametrize("seed", range(2))
def test_the_order_of_the_events_does_not_matter(tmp_path: Path, seed: int) -> None:
    lines = month().lines
    first, other = fill(tmp_path / "1", lines), fill(tmp_path / "2", shuffled(lines, seed))
    for sql in (f"FROM collections_kpis({MARCH}, {LATER})", f"FROM collections_amounts({MARCH}, {LATER})",
                f"FROM promises({LATER}) ORDER BY outcome"):  # fmt: skip
        assert ask(first, sql) == ask(other, sql) != []
