"""Resolution, and first-contact resolution by a named window. Numbers are worked out by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from tests.areas.digital_events import THE_DAY, Contact, Store, at, lines_of

#: Open on weekdays from 09:00 to 17:00.
CENTRE = """\
version: 1
clients:
  acme: {title: Acme, time_zone: UTC}
sites:
  here: {time_zone: UTC, hours: office}
hours:
  office: {mon: ['09:00-17:00'], tue: ['09:00-17:00'], wed: ['09:00-17:00'], thu: ['09:00-17:00'], fri: ['09:00-17:00']}
queues:
  acme:
    desk: {line: help-desk, channel: voice, site: here}
definitions:
  - {repeat_contact_days: 3}
"""


def case(name: str, tier: int = 1) -> Contact:
    """A call at 16:00 that is answered at 16:01 and ends at 16:10."""
    each = Contact(name, "voice").handled(at("16:00"), at("16:01"), at("16:10"), "desk")
    return each.say("described", at("16:02"), product="router", tier=tier)


def test_resolution_by_queue_product_and_tier(tmp_path: Path) -> None:
    at_once = case("at-once").resolution("resolved", at("16:10"))
    reopened = case("reopened").resolution("resolved", at("16:10")).resolution("reopened", at("08:00", 1))
    reopened.resolution("resolved", at("10:00", 1))
    open_again = case("open-again").resolution("resolved", at("16:10")).resolution("reopened", at("08:00", 1))
    escalated = case("escalated").resolution("escalated", at("16:09"), tier=2)
    escalated.say("transferred", at("16:10"), segment="1", agent="ann", to_queue="experts")
    never_answered = Contact("lost", "voice").say("queued", at("16:00"), segment="1", queue="desk")
    never_answered.say("abandoned", at("16:05"), segment="1").say("described", at("16:00"), product="router", tier=1)
    store = Store(tmp_path, lines_of(at_once, reopened, open_again, escalated, never_answered), CENTRE)
    kpis = f"resolution_kpis({THE_DAY})"
    counts = (
        "client, queue, product, contacts, contacts_answered, contacts_resolved, contacts_resolved_once, "
        "contacts_reopened, reopenings, contacts_escalated, contacts_transferred"
    )
    assert store.row(counts, kpis, "tier = 1") == ("acme", "desk", "router", 4, 3, 2, 3, 2, 2, 0, 0)
    assert store.row(counts, kpis, "tier = 2") == ("acme", "desk", "router", 1, 1, 0, 0, 0, 0, 1, 1)
    rates = "resolution_rate, reopen_rate, escalation_rate, contact_transfer_rate"
    assert store.row(rates, kpis, "tier = 1") == (2 / 4, 2 / 3, 0.0, 0.0)
    assert store.row(rates, kpis, "tier = 2") == (0.0, None, 1.0, 1.0)
    # 600 s and, until Tuesday at 10:00, 18 hours; in business time 600 s, and one hour on each day.
    times = "resolution_seconds, resolution_average_seconds, resolution_business_seconds"
    assert store.row(times, kpis, "tier = 1") == (600 + 64800, 32700.0, 600 + 7200)
    assert store.row(times, kpis, "tier = 2") == (0, None, None)


def test_business_time_is_unknown_without_hours_and_where_they_are_not_laid_out(tmp_path: Path) -> None:
    one = case("one").resolution("resolved", at("16:10"))
    columns = "resolution_seconds, contacts_resolved_in_known_hours, resolution_business_seconds"
    assert Store(tmp_path / "none", one.lines).row(columns, f"resolution_kpis({THE_DAY})") == (600, 0, None)
    old = Contact("old", "voice").handled(at("10:00", -500), at("10:01", -500), at("10:02", -500), "desk")
    old.resolution("resolved", at("10:30", -500))
    night = case("night").resolution("resolved", at("16:10"))
    store = Store(tmp_path / "some", lines_of(old, night), CENTRE)
    all_days = "resolution_kpis('2020-01-01', '2030-01-01')"
    assert store.row(f"contacts_resolved, {columns}", all_days, "tier = 1") == (1, 600, 1, 600)
    assert store.row(f"contacts_resolved, {columns}", all_days, "tier IS NULL") == (1, 1800, 0, None)
    closed = f"business_seconds('acme', 'desk', '{at('17:00')}'::TIMESTAMPTZ, '{at('09:00', 1)}'::TIMESTAMPTZ)"
    over_weekend = (
        f"business_seconds('acme', 'desk', '{at('16:59', 4)}'::TIMESTAMPTZ, '{at('09:00:30', 7)}'::TIMESTAMPTZ)"
    )
    backwards = f"business_seconds('acme', 'desk', '{at('12:00')}'::TIMESTAMPTZ, '{at('11:00')}'::TIMESTAMPTZ)"
    assert store.rows(f"SELECT {closed}, {over_weekend}, {backwards}") == [(0, 90, None)]


def call(
    name: str,
    customer: str | None,
    when: datetime,
    reason: str | None = None,
    client: str = "acme",
    answered: bool = True,
) -> Contact:
    each = Contact(name, "voice", client=client).say("queued", when, segment="1", queue="desk")
    kind = "answered" if answered else "abandoned"
    each.say(kind, when + timedelta(seconds=30), segment="1", **({"agent": "ann"} if answered else {}))
    known = {key: value for key, value in (("customer", customer), ("reason", reason)) if value}
    return each.say("described", when + timedelta(seconds=40), **known) if known else each


def repeated_calls() -> list[bytes]:
    """All start on the Monday at 10:00; what follows says why each counts as it does."""
    start, week_later = at("10:00"), at("10:00", 7)
    return lines_of(
        call("a", "anna", start),
        call("a2", "anna", at("10:00", 2)),  # a fails
        call("b", "ben", start),
        call("b2", "ben", week_later),  # exactly seven days: b fails
        call("c", "cleo", start),
        call("c2", "cleo", week_later + timedelta(microseconds=1)),  # c stands
        call("d", "dora", start, "bill"),
        call("d2", "dora", at("11:00"), "moving"),  # another concern: both stand
        call("e", "emil", start, "bill"),
        call("e2", "emil", at("11:00"), answered=False),  # gave up, and did not say why: e fails
        call("f", "finn", start),
        call("f2", "finn", at("11:00"), client="other"),  # another client's customer: f stands
        call("g", None, start),  # nobody knows who it was
    )


def test_first_contact_resolution_by_a_named_window(tmp_path: Path) -> None:
    store = Store(tmp_path, repeated_calls())
    columns = (
        "queue, definition, contacts_of_known_customers, contacts_repeated, first_contacts, "
        "first_contacts_not_repeated, repeat_rate, fcr_by_repeat, fcr_by_resolution"
    )
    # On the day: a, b, c, d, d2, e, f were answered, of customers that are known; a, b and e are repeated.
    of_acme = "client = 'acme'"
    expected = ("desk", "repeat_7d", 7, 3, 7, 4, 3 / 7, 4 / 7, 0.0)
    assert store.row(columns, f"fcr({THE_DAY})", of_acme) == expected
    # Within one day only e is; the window is in the name.
    expected = ("desk", "repeat_1d", 7, 1, 7, 6, 1 / 7, 6 / 7, 0.0)
    assert store.row(columns, f"fcr({THE_DAY}, window_days := 1)", of_acme) == expected
    pairs = f"SELECT interaction, repeated_by FROM repeat_contacts({THE_DAY}) WHERE repeated ORDER BY 1"
    assert store.rows(pairs) == [("a", "a2"), ("b", "b2"), ("e", "e2")]
    # On the Wednesday a2 is a repeat itself: no first contact, so that there is no rate of them.
    wednesday = "fcr('2026-11-04', '2026-11-05')"
    assert store.row("contacts_of_known_customers, first_contacts, fcr_by_repeat", wednesday) == (1, 0, None)


def test_the_default_window_is_that_of_the_centre(tmp_path: Path) -> None:
    store = Store(tmp_path, repeated_calls(), CENTRE)
    columns = "definition, contacts_repeated"
    assert store.row(columns, f"fcr({THE_DAY})", "client = 'acme'") == ("repeat_3d", 2)


def test_resolved_at_the_first_contact(tmp_path: Path) -> None:
    once = call("once", "anna", at("10:00")).resolution("resolved", at("10:05"))
    reopened = call("again", "ben", at("10:00")).resolution("resolved", at("10:05"))
    reopened.resolution("reopened", at("11:00")).resolution("resolved", at("12:00"))
    store = Store(tmp_path, lines_of(once, reopened))
    columns = "first_contacts_not_repeated, first_contacts_resolved, fcr_by_resolution"
    assert store.row(columns, f"fcr({THE_DAY})") == (2, 1, 0.5)


def test_the_agents_word_resolves_by_flag_or_disposition(tmp_path: Path) -> None:
    """The last agent's word holds; a status is another thing, and so is what the customer does afterwards."""
    flagged = call("flagged", "anna", at("10:00")).say("wrapped_up", at("10:05"), segment="1", flags=["resolved"])
    coded = call("coded", "ben", at("10:00")).say("wrapped_up", at("10:05"), segment="1", disposition="fixed")
    coded_again = call("coded-again", "ben", at("12:00"))  # so the first call did not settle it
    reopened = call("reopened", "cleo", at("10:00")).say("wrapped_up", at("10:05"), segment="1", flags=["resolved"])
    reopened.resolution("reopened", at("11:00"))
    passed_on = call("passed-on", "dora", at("10:00")).say("wrapped_up", at("10:05"), segment="1", flags=["resolved"])
    passed_on.handled(at("10:05"), at("10:06"), at("10:09"), "experts", "ben", "2")
    unsaid = call("unsaid", "emil", at("10:00")).say("wrapped_up", at("10:05"), segment="1", flags=["follow_up"])
    gone = call("gone", "finn", at("10:00"), answered=False)
    centre = CENTRE + "dispositions:\n  acme:\n    fixed: {title: Fixed, flags: [resolved]}\n"
    store = Store(tmp_path, lines_of(flagged, coded, coded_again, reopened, passed_on, unsaid, gone), centre)
    columns = "contacts, contacts_answered, contacts_resolved, contacts_resolved_by_agent, agent_resolution_rate"
    assert store.row(columns, f"resolution_kpis({THE_DAY})") == (7, 6, 0, 3, 3 / 6)
    # First contacts: flagged, coded, reopened, passed-on, unsaid; only flagged was resolved, and stayed so.
    columns = "definition, first_contacts, first_contacts_resolved_by_agent, fcr_by_agent"
    assert store.row(columns, f"fcr({THE_DAY})") == ("repeat_3d", 5, 1, 1 / 5)
