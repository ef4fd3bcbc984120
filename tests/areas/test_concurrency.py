"""Several chats at once: slots against the clock. Numbers are worked out by hand."""

from __future__ import annotations

from pathlib import Path

from tests.areas.digital_events import Contact, Store, agent_states, at, lines_of

CENTRE = """\
version: 1
clients:
  acme: {title: Acme, time_zone: UTC}
queues:
  acme:
    help: {line: chat, channel: chat}
agents:
  acme:
    ann: {capacity: {voice: 1, chat: 3}}
"""
HOUR = "'2026-11-02 10:00:00Z', '2026-11-02 11:00:00Z'"


def held(name: str, taken: str, freed: str | None, channel: str = "chat", agent: str = "ann") -> Contact:
    """An agent's contact, answered when it was queued; open if it has no end."""
    each = Contact(name, channel).say("queued", at(taken), segment="1", queue="help")
    each.say("answered", at(taken), segment="1", agent=agent)
    return each if freed is None else each.say("ended", at(freed), segment="1")


def an_hour() -> list[bytes]:
    """Ann is at work from 10:00 to 10:50: one chat for 20 minutes, two for 10, then a call of 10 minutes."""
    states = agent_states(
        "ann",
        ("available", at("10:00")),
        ("on_contact", at("10:10")),
        ("available", at("10:40")),
        ("break", at("10:50")),
    )
    one = held("one", "10:10", "10:30")
    two = held("two", "10:20", "10:29").say("wrapped_up", at("10:30"), segment="1", agent="ann")
    follows = held("follows", "10:30", "10:30")  # nothing between the two: never three at once
    call = held("call", "10:30", "10:40", "voice")
    return [*states, *lines_of(one, two, follows, call)]


def test_levels_peak_and_slots(tmp_path: Path) -> None:
    store = Store(tmp_path, an_hour(), CENTRE)
    levels = f"SELECT channel, open_contacts, seconds FROM concurrency_levels({HOUR})"
    # One chat from 10:10 to 10:20; two from then until 10:30, for wrapping up holds the slot as well.
    assert store.rows(levels) == [("chat", 1, 600), ("chat", 2, 600), ("voice", 1, 600)]
    columns = (
        "channel, peak_concurrency, busy_seconds, average_concurrency, capacity, used_slot_seconds, "
        "available_slot_seconds, slot_occupancy"
    )
    # At work for 3000 s. Chats use 600 + 2 * 600 of 3 * 3000 slot-seconds, the call 600 of 3000.
    assert store.rows(f"SELECT {columns} FROM concurrency({HOUR})") == [
        ("chat", 2, 1200, 1.5, 3, 1800, 9000, 0.2),
        ("voice", 1, 600, 1.0, 1, 600, 3000, 0.2),
    ]
    # By the clock 1800 of 3000 s; by slots a third of 1800 and all of 600, of 3000.
    occupancy = "client, agent, staffed_seconds, occupancy, concurrent_occupancy"
    assert store.row(occupancy, f"concurrent_occupancy({HOUR})") == ("acme", "ann", 3000, 0.6, 0.4)


def test_a_conversation_that_stays_open_uses_no_slot_while_its_agent_is_away(tmp_path: Path) -> None:
    states = agent_states("ann", ("available", at("09:00")), ("break", at("10:30")), ("available", at("10:45")))
    store = Store(tmp_path, [*states, *lines_of(held("open", "09:30", None))], CENTRE)
    columns = "busy_seconds, used_slot_seconds, available_slot_seconds"
    assert store.row(columns, f"concurrency({HOUR})") == (3600, 2700, 8100)


def test_without_a_centre_the_capacity_for_chats_is_unknown_and_a_call_is_one_at_a_time(tmp_path: Path) -> None:
    store = Store(tmp_path, an_hour())
    rows = store.rows(f"SELECT channel, capacity, used_slot_seconds, slot_occupancy FROM concurrency({HOUR})")
    assert rows == [("chat", None, 1800, None), ("voice", 1, 600, 0.2)]
    assert store.row("occupancy, concurrent_occupancy", f"concurrent_occupancy({HOUR})") == (0.6, None)


def test_an_agent_without_contacts_is_free_and_one_without_states_is_unknown(tmp_path: Path) -> None:
    states = agent_states("idle", ("available", at("10:00")))
    store = Store(tmp_path, [*states, *lines_of(held("one", "10:00", "10:30", agent="ghost"))], CENTRE)
    assert store.rows(f"SELECT agent, concurrent_occupancy FROM concurrent_occupancy({HOUR})") == [("idle", 0.0)]
    columns = "agent, busy_seconds, available_slot_seconds, slot_occupancy"
    assert store.row(columns, f"concurrency({HOUR})") == ("ghost", 1800, None, None)


def test_a_contact_whose_end_is_missing_holds_a_slot_only_until_it_was_last_seen(tmp_path: Path) -> None:
    """Answered on the Monday at 10:00, last message at 10:20, and never ended."""
    lost = held("lost", "10:00", None).message("customer", at("10:20"))
    states = agent_states("ann", ("available", at("09:00")))
    store = Store(tmp_path, [*states, *lost.lines], CENTRE)
    columns = "busy_seconds, used_slot_seconds"
    # For a day nobody knows better; then it is aged, also for the hours before.
    assert store.row(columns, "concurrency('2026-11-02 10:00:00Z', '2026-11-03 10:19:59Z')") == (87599, 87599)
    assert store.row(columns, "concurrency('2026-11-02 10:00:00Z', '2026-11-03 10:20:00Z')") == (1200, 1200)
    assert store.rows("FROM concurrency('2026-11-04', '2026-11-05')") == []
