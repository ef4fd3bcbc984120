"""A contact as a whole: what is said of it last holds, and the order in which events arrive cannot matter."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.areas.digital_events import DAY, THE_DAY, TO_DATE, Contact, Store, agent_states, at, lines_of
from tests.areas.test_resolution import CENTRE


def test_the_latest_value_of_each_member_holds(tmp_path: Path) -> None:
    one = Contact("one", "voice").say("started", at("10:00"))
    one.say("described", at("10:02"), customer="second", language="de")
    one.say("described", at("10:01"), customer="first", skill="billing", reason="invoice", ticket="t-1")
    # At one moment the id decides; this one is later by name.
    one.say("described", at("10:02"), customer="third", tier=2, promised_at=at("10:00", 3).isoformat())
    one.resolution("pending", at("10:04"), product="router", tier=3)
    store = Store(tmp_path, one.lines)
    columns = "customer, language, skill, reason, ticket, product, tier, promised_at, status, resolved, campaign, items"
    assert store.row(columns, "contacts") == (
        "third", "de", "billing", "invoice", "t-1", "router", 3, at("10:00", 3), "pending", False, None, None,
    )  # fmt: skip


def test_a_contact_over_two_queues(tmp_path: Path) -> None:
    one = Contact("one", "voice").say("started", at("10:00"))
    one.handled(at("10:01"), at("10:02"), at("10:05"), "first", "ben", "a")
    one.say("transferred", at("10:05"), segment="a", agent="ben", to_queue="second")
    one.handled(at("10:05"), at("10:06"), at("10:09"), "second", "ann", "b")
    store = Store(tmp_path, one.lines)
    columns = "queue, started_at, first_queued_at, first_answered_at, ended_at, answers, transfers, agents, abandoned"
    expected = ("first", at("10:00"), at("10:01"), at("10:02"), at("10:09"), 2, 1, ["ann", "ben"], False)
    assert store.row(columns, "contacts") == expected


def test_a_contact_without_a_queue_event_and_one_that_only_details_tell_of(tmp_path: Path) -> None:
    missing = Contact("missing", "chat").say("answered", at("10:01"), segment="1", queue="help", agent="ann")
    only_details = Contact("only-details", "sms").message("customer", at("10:03")).message("agent", at("10:04"))
    only_details.say("described", at("10:02"), queue="texts", customer="anna")
    store = Store(tmp_path, lines_of(missing, only_details))
    columns = "interaction, channel, direction, queue, started_at, ended_at, answers, customer"
    assert store.rows(f"SELECT {columns} FROM contacts ORDER BY 1") == [
        ("missing", "chat", "inbound", "help", at("10:01"), None, 1, None),
        ("only-details", "sms", "inbound", "texts", at("10:02"), None, 0, "anna"),
    ]


def test_contacts_of_the_same_name_under_two_clients_are_two(tmp_path: Path) -> None:
    mine = Contact("one", "email").resolution("resolved", at("10:00"))
    theirs = Contact("one", "email", client="other").resolution("pending", at("10:00"))
    store = Store(tmp_path, lines_of(mine, theirs))
    assert store.rows("SELECT client, resolved FROM contacts ORDER BY 1") == [("acme", True), ("other", False)]


def floor() -> list[bytes]:
    """Something of everything, with many things at the same moments."""
    lines = agent_states("ann", ("available", at("09:00")), ("on_contact", at("10:00")), ("out", at("18:00")))
    random = Random(5)
    for number in range(40):
        begun = at(f"{10 + number % 3}:00", number % 5)
        channel = ("chat", "email", "voice", "work_item")[number % 4]
        each = Contact(f"c{number}", channel).say("started", begun)
        each.say("described", begun, customer=f"p{number % 6}", tier=1)
        each.say("described", begun, customer=f"p{number % 7}", audio_seconds=number, items=2)
        bot = {"bot": "max", "kind": "bot", "step": "s", "intent": f"i{number % 3}"}
        each.say("menu_stepped", begun, **bot, result=random.choice(("continued", "contained")))
        each.say("menu_stepped", begun, **bot, result=random.choice(("handed_over", "abandoned", "contained")))
        each.message("customer", begun, begun).message("agent", begun)
        each.handled(begun, begun, at("13:00", number % 5), "desk")
        for status in random.choices(("resolved", "reopened", "pending", "escalated"), k=3):
            each.resolution(status, at("13:00", number % 5), tier=number % 3)
        each.message("customer", at("14:00", number % 5)).message("agent", at("15:00", number % 5))
        for status in random.sample(("requested", "attempted", "reached", "cancelled"), k=3):
            due = at("16:00", number % 2).isoformat()
            each.say("callback_changed", begun, callback=f"b{number}", status=status, due_at=due)
        lines += each.lines
    return lines


QUESTIONS = (
    "contacts",
    "bot_sessions",
    "conversation_responses",
    "agent_responses",
    "callbacks",
    f"bot_kpis({TO_DATE})",
    f"bot_intents({TO_DATE})",
    f"bot_handovers({TO_DATE})",
    f"conversation_kpis({TO_DATE})",
    f"concurrency_levels({THE_DAY})",
    f"concurrency({THE_DAY})",
    f"concurrent_occupancy({THE_DAY})",
    f"resolution_kpis({TO_DATE})",
    f"repeat_contacts({TO_DATE})",
    f"fcr({TO_DATE})",
    f"backlog(as_of := '{at('12:30', 3)}')",
    f"backlog_kpis({THE_DAY})",
    f"callback_kpis({THE_DAY})",
    f"callbacks_now(as_of := '{at('15:00')}')",
)


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("straight"), floor(), CENTRE)


@pytest.fixture(scope="module")
def shuffled(tmp_path_factory: pytest.TempPathFactory) -> Store:
    lines = floor()
    Random(7).shuffle(lines)
    return Store(tmp_path_factory.mktemp("shuffled"), lines, CENTRE)


@pytest.mark.parametrize("question", QUESTIONS)
def test_any_order_of_the_events_gives_the_same(question: str, straight: Store, shuffled: Store) -> None:
    sql = f"SELECT * FROM {question} ORDER BY ALL"
    rows = straight.rows(sql)
    assert rows, "a question without an answer proves nothing"
    assert shuffled.rows(sql) == rows


def test_a_store_without_a_single_event_answers_every_question(tmp_path: Path) -> None:
    store = Store(tmp_path, [], None)
    for question in QUESTIONS:
        assert store.rows(f"SELECT * FROM {question}") == [], question
    assert store.rows(f"SELECT * FROM backlog(as_of := '{DAY}')") == []
