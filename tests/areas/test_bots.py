"""Bots: contained, handed over, given up, and back within the window. Numbers are worked out by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from tests.areas.digital_events import THE_DAY, Contact, Store, at, lines_of


def session(name: str, result: str, customer: str | None = None, intent: str = "billing") -> Contact:
    """A bot's session at 10:00 with its last step at 10:02."""
    each = Contact(name, "chat").say("started", at("10:00"))
    each.say("menu_stepped", at("10:00:10"), bot="max", kind="bot", step="hello", intent=intent)
    each.say("menu_stepped", at("10:02"), bot="max", kind="bot", step="last", result=result, reason="asked_for_agent")
    return each.say("described", at("10:01"), customer=customer) if customer else each


def later(name: str, customer: str, when: datetime, channel: str = "voice", direction: str = "inbound") -> Contact:
    each = Contact(name, channel, direction=direction).say("started", when)
    return each.say("described", when, customer=customer)


def test_containment_with_and_without_those_who_came_back(tmp_path: Path) -> None:
    """Ten sessions ended: 6 contained (of which 3 are back), 2 handed over, 2 gave up; one more still goes on."""
    window_end = at("10:02", 7)
    contacts = [
        session("c1", "contained", "anna"),
        later("c1-call", "anna", at("09:00", 3)),  # another channel: back
        session("c2", "contained", "ben", "address"),
        later("c2-chat", "ben", window_end, "chat"),  # exactly seven days: back
        session("c3", "contained", "cleo"),
        later("c3-call", "cleo", window_end + timedelta(microseconds=1)),  # too late to count
        session("c4", "contained", "dora"),
        later("c4-out", "dora", at("11:00"), direction="outbound"),  # we called: that is no return
        session("c5", "contained"),  # nobody knows who it was
        session("c6", "contained", "emil").resolution("reopened", at("10:00", 2)),  # the same contact again: back
        session("h1", "handed_over", "finn"),
        later("h1-call", "finn", at("11:00")),
        session("h2", "contained", "gina").say("queued", at("10:03"), segment="1", queue="help"),  # so it was not
        session("a1", "abandoned", "hans"),
        session("a2", "continued").say("ended", at("10:30")),  # gone without a word
        session("o1", "continued"),
    ]
    # A customer of the same name of another client is somebody else.
    contacts.append(Contact("x", "voice", client="other").say("described", at("12:00"), customer="cleo"))
    store = Store(tmp_path, lines_of(*contacts))
    columns = (
        "client, bot, bot_sessions, bot_contained, bot_handed_over, bot_abandoned, bot_open, bot_contained_but_back, "
        "bot_contained_unknown_customer, bot_containment, bot_containment_net, bot_not_escalated"
    )
    expected = ("acme", "max", 11, 6, 2, 2, 1, 3, 1, 6 / 10, 3 / 10, 1 - 2 / 10)
    assert store.row(columns, f"bot_kpis({THE_DAY})") == expected
    one_day = f"bot_kpis({THE_DAY}, recontact_days := 1)"
    assert store.row("bot_contained_but_back, bot_containment_net", one_day) == (0, 6 / 10)
    by_intent = f"SELECT intent, bot_sessions, bot_contained, bot_contained_but_back FROM bot_intents({THE_DAY})"
    assert store.rows(by_intent) == [("address", 1, 1, 1), ("billing", 10, 5, 2)]
    # The bot of h2 gave no reason, it said that the concern was settled.
    reasons = f"SELECT reason, bot_handed_over FROM bot_handovers({THE_DAY}) ORDER BY 1 NULLS LAST"
    assert store.rows(reasons) == [("asked_for_agent", 1), (None, 1)]


def test_an_agent_or_a_queue_outweighs_what_the_bot_leaves_unsaid(tmp_path: Path) -> None:
    """The bot says only that it goes on; of these two the customer came to an agent, and did not give up."""
    meanwhile = session("meanwhile", "continued").handled(at("10:01"), at("10:01:30"), at("10:20"), "help")
    no_queue_event = session("no-queue-event", "continued").say("answered", at("10:03"), segment="1", agent="ann")
    store = Store(tmp_path, lines_of(meanwhile, no_queue_event.say("ended", at("10:20"), segment="1")))
    assert store.row("bot_sessions, bot_handed_over, bot_abandoned", f"bot_kpis({THE_DAY})") == (2, 2, 0)


def test_nothing_ended_has_no_rate_and_a_menu_is_no_bot(tmp_path: Path) -> None:
    menu = Contact("m", "voice").say("menu_stepped", at("10:00"), bot="main", step="language", result="contained")
    store = Store(tmp_path, lines_of(menu, session("o1", "continued")))
    columns = "bot, bot_sessions, bot_containment, bot_containment_net, bot_not_escalated"
    assert store.row(columns, f"bot_kpis({THE_DAY})") == ("max", 1, None, None, None)


def menu(name: str, *steps: tuple[str, str, str]) -> Contact:
    """A call through the menu ``main``: each step's clock, name and result."""
    each = Contact(name, "voice").say("started", at("10:00"))
    for clock, step, result in steps:
        each.say("menu_stepped", at(clock), bot="main", kind="menu", step=step, result=result)
    return each


def test_a_menu_serves_routes_and_loses_callers_by_step(tmp_path: Path) -> None:
    """Five callers: one is served, two are routed, one hangs up, and one has not chosen yet."""
    contacts = [
        menu("served", ("10:00:10", "language", "continued"), ("10:00:40", "balance", "contained")),
        menu("routed", ("10:00:10", "language", "continued"), ("10:00:20", "billing", "handed_over")),
        # The menu says that it goes on, but the caller came into a queue.
        menu("queued", ("10:00:10", "language", "continued")).say("queued", at("10:00:30"), segment="1", queue="help"),
        menu("lost", ("10:00:10", "language", "continued"), ("10:00:15", "language", "continued")).say(
            "ended", at("10:00:30")
        ),
        menu("there", ("10:00:10", "language", "continued")),
        session("bot", "contained"),  # a bot is no menu
        menu("the-day-before", ("10:00:10", "language", "continued")),
    ]
    contacts[-1].lines = [line.replace(b"2026-11-02", b"2026-11-01") for line in contacts[-1].lines]
    store = Store(tmp_path, lines_of(*contacts))
    columns = (
        "client, menu, menu_sessions, menu_contained, menu_handed_over, menu_abandoned, menu_open, menu_steps_taken, "
        "menu_seconds, menu_containment, menu_hand_over_rate, menu_abandonment, menu_average_seconds"
    )
    # 30 s, 10 s, none, 5 s and none from the first step to the last.
    assert store.row(columns, f"menu_kpis({THE_DAY})") == (
        "acme", "main", 5, 1, 2, 1, 1, 8, 45, 1 / 4, 2 / 4, 1 / 4, 9.0,
    )  # fmt: skip
    # The one who pressed the wrong key and was asked again reached the step once.
    by_step = (
        "SELECT step, step_reached, step_contained, step_handed_over, step_abandoned, step_drop_off "
        f"FROM menu_drop_off({THE_DAY})"
    )
    assert store.rows(by_step) == [
        ("balance", 1, 1, 0, 0, 0.0),
        ("billing", 1, 0, 1, 0, 0.0),
        ("language", 5, 0, 1, 1, 1 / 5),
    ]


def test_a_menu_that_nobody_has_left_has_no_rate(tmp_path: Path) -> None:
    store = Store(tmp_path, menu("there", ("10:00:10", "language", "continued")).lines)
    columns = "menu_sessions, menu_containment, menu_hand_over_rate, menu_abandonment, menu_average_seconds"
    assert store.row(columns, f"menu_kpis({THE_DAY})") == (1, None, None, None, 0.0)
