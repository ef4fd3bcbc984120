"""Backlog: emails, letters, faxes and work items. Numbers are worked out by hand."""

from __future__ import annotations

from pathlib import Path

from tests.areas.digital_events import THE_DAY, Contact, Store, at, lines_of

#: Open on weekdays from 09:00 to 17:00; mail is promised within a day, typing has no promise.
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
    mail: {line: email, channel: email, site: here, settings: [{resolution_target_seconds: 86400}]}
    typing: {line: transcription, channel: work_item, site: here}
"""


def mail(name: str, clock: str, day: int = 0, channel: str = "email") -> Contact:
    return Contact(name, channel).say("queued", at(clock, day), segment="1", queue="mail")


def test_an_email_that_is_reopened_is_open_again_and_as_old_as_it_is(tmp_path: Path) -> None:
    one = mail("one", "10:00").message("agent", at("12:00")).resolution("resolved", at("12:00"))
    one.say("answered", at("11:55"), segment="1", agent="ann").say("ended", at("12:00"), segment="1")
    one.resolution("reopened", at("10:00", 2), actor="customer").message("customer", at("10:00", 2))
    one.message("agent", at("16:00", 2)).resolution("resolved", at("16:00", 2))
    store = Store(tmp_path, one.lines, CENTRE)

    def open_at(moment: object) -> list[tuple[object, ...]]:
        return store.rows(
            f"SELECT open_items, oldest_item_seconds, open_past_promise FROM backlog(as_of := '{moment}')"
        )

    assert open_at(at("11:00")) == [(1, 3600, 0)]
    assert open_at(at("15:00")) == []
    assert open_at(at("12:00", 2)) == [(1, 2 * 86400 + 7200, 1)]
    assert open_at(at("20:00", 2)) == []
    columns = "items_received, items_closed, items_reopened, items_first_answered, item_response_seconds, open_items"
    # As it was known at the end of the Monday: closed, within its promise.
    assert store.row(columns, f"backlog_kpis({THE_DAY})") == (1, 1, 0, 1, 7200, 0)
    assert store.row("turnaround_seconds, closed_within_promise_share", f"backlog_kpis({THE_DAY})") == (7200, 1.0)
    # On the Wednesday it is closed for good: after 54 hours, of which 7 + 8 + 7 in business hours, and too late.
    wednesday = "backlog_kpis('2026-11-04', '2026-11-05')"
    assert store.row(columns, wednesday) == (0, 1, 1, 0, 0, 0)
    times = "turnaround_seconds, turnaround_business_seconds, closed_within_promise_share"
    assert store.row(times, wednesday) == (54 * 3600, 22 * 3600, 0.0)
    # Told over both days it was never closed on the Monday.
    both = "backlog_kpis('2026-11-02', '2026-11-05')"
    assert store.row("items_received, items_closed, turnaround_seconds", both) == (1, 1, 54 * 3600)


def test_ages_against_the_promise(tmp_path: Path) -> None:
    """At 10:00 of the Tuesday; promised within 86400 s of the queue, unless the contact says otherwise."""
    fresh = mail("fresh", "23:00")  # 11 h of 24 h
    half = mail("half", "22:00")  # exactly half
    at_risk = mail("at-risk", "16:00")  # 18 of 24 h: exactly three quarters
    past = mail("past", "10:00")  # exactly the whole of it
    promised = mail("promised", "10:00").say("described", at("10:00"), promised_at=at("10:00", 9).isoformat())
    moved = mail("moved", "10:00").say("described", at("10:00"), promised_at=at("10:00", 9).isoformat())
    moved.say("described", at("10:05"), promised_at=at("11:00").isoformat())  # the latest holds: past
    letter = Contact("letter", "letter").say("queued", at("09:00"), segment="1", queue="typing")
    out = Contact("out", "email", direction="outbound").say("started", at("10:00"))
    store = Store(tmp_path, lines_of(fresh, half, at_risk, past, promised, moved, letter, out), CENTRE)
    columns = (
        "open_items, oldest_item_seconds, open_under_half_of_promise, open_half_of_promise, open_at_risk, "
        "open_past_promise, open_without_promise"
    )
    now = f"backlog(as_of := '{at('10:00', 1)}')"
    assert store.row(columns, now, "queue = 'mail'") == (6, 86400, 2, 1, 1, 2, 0)
    assert store.row(columns, now, "channel = 'letter'") == (1, 90000, 0, 0, 0, 0, 1)


def test_what_closes_an_item(tmp_path: Path) -> None:
    def passed(each: Contact) -> Contact:
        return each.say("answered", at("10:30"), segment="1", agent="ann").say("ended", at("11:00"), segment="1")

    items = {
        "ended": passed(mail("ended", "10:00")),
        "pending": passed(mail("pending", "10:00")).resolution("pending", at("10:59")),
        "waiting": mail("waiting", "10:00"),
        "resolved": mail("resolved", "10:00").resolution("resolved", at("11:30")),
        "whole": mail("whole", "10:00").resolution("pending", at("10:30")).say("ended", at("12:00")),
        "again": mail("again", "10:00").say("ended", at("12:00")).resolution("reopened", at("13:00")),
        "passed-on": mail("passed-on", "10:00").say("transferred", at("10:10"), segment="1", to_queue="experts"),
        "passed": passed(mail("passed", "10:00")).say("queued", at("10:45"), segment="2", queue="experts"),
    }
    store = Store(tmp_path, lines_of(*items.values()), CENTRE)
    closed = dict(store.rows(f"SELECT interaction, closed_at FROM items_at('{at('00:00', 1)}')"))
    expected = dict.fromkeys(items) | {"ended": at("11:00"), "resolved": at("11:30"), "whole": at("12:00")}
    assert closed == expected
    # At that time the transfer to the experts had not been heard of.
    assert store.rows(f"SELECT count(*) FROM items_at('{at('11:15')}') WHERE closed_at IS NULL") == [(len(items) - 1,)]


def test_response_in_calendar_and_business_time(tmp_path: Path) -> None:
    """An email of Friday 16:00 that is answered on Monday at 10:00: 66 hours, of which 2 are business hours."""
    over_weekend = mail("over-weekend", "16:00", 4).message("agent", at("10:00", 7), at("11:00", 7))
    at_night = mail("at-night", "03:00", 7).message("bot", at("03:00:01", 7)).message("agent", at("09:30", 7))
    store = Store(tmp_path, lines_of(over_weekend, at_night), CENTRE)
    columns = (
        "items_first_answered, item_response_seconds, item_response_business_seconds, "
        "item_response_average_seconds, item_response_business_average_seconds"
    )
    monday = "backlog_kpis('2026-11-09', '2026-11-10')"
    assert store.row(columns, monday) == (2, 66 * 3600 + 23400, 7200 + 1800, 130500.0, 4500.0)


def test_items_audio_and_days_of_backlog(tmp_path: Path) -> None:
    """Four recordings come in on the Monday; two are typed, on the Monday and on the Tuesday."""
    recordings = []
    for number, minutes in enumerate((10, 20, 30, 40)):
        each = Contact(f"r{number}", "work_item").say("queued", at("09:00"), segment="1", queue="typing")
        recordings.append(each.say("described", at("09:00"), audio_seconds=60 * minutes, items=number + 1))
    recordings[0].resolution("resolved", at("12:00"))
    recordings[1].resolution("resolved", at("12:00", 1))
    lines = lines_of(*recordings)
    store = Store(tmp_path / "centre", lines, CENTRE)
    columns = "items_received, items_closed, units_in, units_out, audio_seconds_in, audio_seconds_out, open_items"
    assert store.row(columns, f"backlog_kpis({THE_DAY})") == (4, 1, 10, 1, 6000, 600, 3)
    two_days = "backlog_kpis('2026-11-02', '2026-11-04')"
    # Two closed in the 28 days before the Wednesday, which have 20 working days; two are open: 20 days of work.
    rates = "items_closed_per_day, open_items, backlog_days"
    assert store.row(rates, two_days) == (0.1, 2, 20.0)
    # If nobody knows the hours: the two days on which something was closed.
    assert Store(tmp_path / "none", lines).row(rates, two_days) == (1.0, 2, 2.0)
    minutes = "audio_minutes_in, audio_minutes_out, turnaround_average_seconds"
    assert store.row(minutes, two_days) == (100, 30, (3 * 3600 + 27 * 3600) / 2)


def test_kept_of_what_was_due_counts_what_is_still_open(tmp_path: Path) -> None:
    """Closing only what is in time makes the share of the closed perfect, and not that of the due."""
    in_time = mail("in-time", "10:00", -1).resolution("resolved", at("09:00"))
    forgotten = mail("forgotten", "10:00", -1)
    store = Store(tmp_path, lines_of(in_time, forgotten), CENTRE)
    shares = "closed_within_promise_share, due_within_promise_share, items_due"
    assert store.row(shares, f"backlog_kpis({THE_DAY})") == (1.0, 0.5, 2)
