"""Callbacks: neither answered nor abandoned until reached; the wait with and without its delay."""

from __future__ import annotations

from pathlib import Path

from tests.areas.digital_events import THE_DAY, Contact, Store, at, lines_of


def callback(name: str, clock: str, due: str | None = None) -> Contact:
    each = Contact(name, "voice").say("queued", at("09:58"), segment="1", queue="sales")
    each.say("left_queue", at(clock), segment="1", queue="sales", reason="callback")
    more = {"due_at": at(due).isoformat()} if due else {}
    return each.say("callback_changed", at(clock), callback=name, status="requested", queue="sales", **more)


def test_a_callback_whose_queue_time_includes_its_delay(tmp_path: Path) -> None:
    """Amazon Connect's example: 99 s of delay and 21 s in the queue are a queue duration of 120 s."""
    one = callback("cb", "10:00", due="10:01:39").say("queued", at("10:00"), segment="2", queue="back")
    before = Store(tmp_path / "before", one.lines)
    now = "callbacks_scheduled, callbacks_in_queue, callback_longest_wait_seconds"
    assert before.row(now, f"callbacks_now(as_of := '{at('10:01')}')") == (1, 0, None)
    assert before.row(now, f"callbacks_now(as_of := '{at('10:01:39')}')") == (0, 1, 0)
    assert before.row(now, f"callbacks_now(as_of := '{at('10:01:50')}')") == (0, 1, 11)
    assert before.row("answered, abandoned, left_callback", "kpi_day", "queue = 'sales'") == (0, 0, 1)
    assert before.row("callbacks_requested, callbacks_reached, callbacks_open", f"callback_kpis({THE_DAY})") == (
        1,
        0,
        1,
    )

    one.say("callback_changed", at("10:02"), callback="cb", status="attempted")
    one.say("answered", at("10:02"), segment="2", agent="ann")
    one.say("callback_changed", at("10:02"), callback="cb", status="reached")
    after = Store(tmp_path / "after", one.lines)
    assert after.row("wait_seconds, wait_after_delay_seconds, status", "callbacks") == (120, 21, "reached")
    assert after.row("wait_seconds", "segments", "segment = '2'") == (120,)
    averages = "callback_wait_average_seconds, callback_wait_after_delay_average_seconds, callback_attempts"
    assert after.row(averages, f"callback_kpis({THE_DAY})") == (120.0, 21.0, 1)
    assert after.rows(f"FROM callbacks_now(as_of := '{at('10:02')}')") == []
    # What was true before is still true when it is asked for.
    assert after.row(now, f"callbacks_now(as_of := '{at('10:01')}')") == (1, 0, None)


def test_reached_and_in_time(tmp_path: Path) -> None:
    on_time = callback("on-time", "10:00", "11:00").say(
        "callback_changed", at("11:00"), callback="on-time", status="reached"
    )
    late = callback("late", "10:00", "11:00")
    for clock, status in (
        ("10:30", "attempted"),
        ("10:31", "not_reached"),
        ("11:04", "attempted"),
        ("11:05", "reached"),
    ):
        late.say("callback_changed", at(clock), callback="late", status=status)
    missed = callback("missed", "10:00", "11:00")
    not_due = callback("not-due", "10:00").say(
        "callback_changed", at("10:05"), callback="not-due", status="scheduled", due_at=at("09:00", 4).isoformat()
    )
    cancelled = callback("cancelled", "10:00", "11:00").say(
        "callback_changed", at("10:10"), callback="cancelled", status="cancelled"
    )
    expired = callback("expired", "10:00").say("callback_changed", at("20:00"), callback="expired", status="expired")
    store = Store(tmp_path, lines_of(on_time, late, missed, not_due, cancelled, expired))
    columns = (
        "client, queue, callbacks_requested, callback_attempts, callbacks_reached, callbacks_on_time, callbacks_due, "
        "callbacks_cancelled, callbacks_expired, callbacks_open, callback_reached_share, callback_on_time_share"
    )
    # Due by the end of the day: on-time, late and missed. The cancelled one is nobody's fault.
    expected = ("acme", "sales", 6, 3, 2, 1, 3, 1, 1, 2, 2 / 6, 1 / 3)
    assert store.row(columns, f"callback_kpis({THE_DAY})") == expected
    with_grace = f"callback_kpis({THE_DAY}, grace_seconds := 300)"
    assert store.row("callbacks_on_time", with_grace) == (2,)
    # A callback without a promise has none to keep, and its wait has no delay in it.
    assert store.row("due_at, wait_seconds, open", "callbacks", "callback = 'missed'") == (at("11:00"), None, True)


def test_reached_stays_reached(tmp_path: Path) -> None:
    """At one moment, and with an id that is later: still it is not open again."""
    one = callback("cb", "10:00").say("callback_changed", at("10:05"), callback="cb", status="reached")
    one.say("callback_changed", at("10:05"), callback="cb", status="attempted")
    store = Store(tmp_path, one.lines)
    assert store.row("status, open, attempts", "callbacks") == ("reached", False, 1)
    assert store.rows(f"FROM callbacks_now(as_of := '{at('11:00')}')") == []
