"""Written conversations: responses by turn, and what bots and customers made of them. Numbers worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.areas.digital_events import THE_DAY, TO_DATE, Contact, Store, at, lines_of


def chat(name: str = "chat-1") -> Contact:
    return Contact(name, "chat")


def test_first_response_counts_from_the_first_message_and_answers_from_the_first_unanswered(tmp_path: Path) -> None:
    one = chat().say("started", at("10:00")).handled(at("10:00:01"), at("10:00:20"), at("10:10"), "help")
    one.message("system", at("10:00:02")).message("customer", at("10:00:05"), at("10:00:25"))
    one.message("agent", at("10:00:35"), at("10:00:40"))  # 30 s after 10:00:05; the second one answers nothing
    one.message("customer", at("10:01")).message("agent", at("10:01:50"))  # 50 s
    one.message("customer", at("10:02"))  # never answered
    store = Store(tmp_path, one.lines)
    columns = (
        "client, queue, channel, conversations, customer_messages, agent_messages, system_messages, first_responses, "
        "first_response_seconds, first_response_average_seconds, agent_responses, agent_response_seconds, "
        "agent_response_average_seconds"
    )
    expected = ("acme", "help", "chat", 1, 4, 3, 1, 1, 30, 30.0, 2, 80, 40.0)
    assert store.row(columns, f"conversation_kpis({THE_DAY})") == expected


def test_a_chat_reopened_after_its_resolution_is_timed_from_the_reopening(tmp_path: Path) -> None:
    """Created on Monday at 10:00 and answered after 60 s; reopened on Wednesday at 09:00, answered after 300 s."""
    one = chat().say("started", at("10:00")).handled(at("10:00"), at("10:01"), at("10:30"), "help")
    one.message("customer", at("10:00")).message("agent", at("10:01"))
    one.resolution("resolved", at("10:30")).message("customer", at("10:31"))  # thanks: not answered, and it need not be
    one.resolution("reopened", at("09:00", 2), actor="customer").message("customer", at("09:00:30", 2))
    one.message("agent", at("09:05", 2)).resolution("resolved", at("10:00", 2))
    store = Store(tmp_path, one.lines)
    turns = (
        "SELECT turn, first_response_seconds, agent_responses, response_seconds FROM conversation_responses ORDER BY 1"
    )
    # From the customer's message, 270 s, and not from the thanks of two days ago.
    assert store.rows(turns) == [(0, 60, 1, 60), (1, 300, 1, 270)]
    both = "conversations, conversations_reopened, first_response_seconds, conversations_resolved"
    assert store.row(both, f"conversation_kpis({THE_DAY})") == (1, 0, 60, 1)
    assert store.row(both, "conversation_kpis('2026-11-04 00:00:00Z', '2026-11-05 00:00:00Z')") == (0, 1, 300, 0)
    # Until the latest resolution two days, until the first one half an hour.
    resolution = "conversation_resolution_seconds, conversation_first_resolution_seconds"
    assert store.row(resolution, f"conversation_kpis({THE_DAY})") == (2 * 86400, 1800)
    assert store.row("resolved, reopens, resolved_at, first_resolved_at", "contacts") == (
        True, 1, at("10:00", 2), at("10:30"),
    )  # fmt: skip


def test_what_a_bot_writes_answers_nothing(tmp_path: Path) -> None:
    """The customer writes at 10:00 and 10:01, the bot in between; the agent's answer at 10:02 comes after 120 s."""
    one = chat().say("started", at("10:00")).message("customer", at("10:00"), at("10:01"))
    one.message("bot", at("10:00:10"), at("10:01:10")).message("agent", at("10:02"))
    store = Store(tmp_path, one.lines)
    columns = "agent_responses, agent_response_seconds, first_response_seconds, bot_first_response_seconds"
    assert store.row(columns, f"conversation_kpis({THE_DAY})") == (1, 120, 120, 10)


def test_the_bots_messages_are_neither_questions_nor_answers(tmp_path: Path) -> None:
    """Worked out by hand, from the reference: a first response is the first *agent's* reply (section 1.8).

    ========  ========  ==========================================================================
    10:00:00  customer  the first message
    10:00:02  bot       the bot's first response: 2 s; nothing that an agent answered
    10:00:30  customer  unanswered still: the agent's time goes on from 10:00:00
    10:00:33  bot       hands over
    10:03:00  agent     the first response, and a response: 180 s after 10:00:00
    10:03:20  agent     answers nothing: nobody has asked since
    10:04:00  bot       reminds the customer: no question
    10:05:00  agent     again answers nothing, although the bot wrote before it
    10:06:00  customer  asks
    10:06:01  bot       "we are looking into it": does not stop the clock
    10:06:30  customer  asks again: the clock goes on from 10:06:00
    10:10:00  agent     a response: 240 s
    11:00:00  reopened  by the customer, who writes at 11:00:10
    11:00:11  bot       the bot's first response of this turn: 11 s
    11:02:10  agent     120 s after the message; 130 s after the reopening
    ========  ========  ==========================================================================
    """
    one = chat().say("started", at("10:00"))
    one.message("customer", at("10:00"), at("10:00:30"), at("10:06"), at("10:06:30"), at("11:00:10"))
    one.message("bot", at("10:00:02"), at("10:00:33"), at("10:04"), at("10:06:01"), at("11:00:11"))
    one.message("agent", at("10:03"), at("10:03:20"), at("10:05"), at("10:10"), at("11:02:10"))
    one.resolution("resolved", at("10:11")).resolution("reopened", at("11:00"), actor="customer")
    store = Store(tmp_path, one.lines)
    responses = "SELECT turn, asked_at, response_seconds FROM agent_responses ORDER BY responded_at"
    assert store.rows(responses) == [(0, at("10:00"), 180), (0, at("10:06"), 240), (1, at("11:00:10"), 120)]
    turns = "SELECT turn, first_response_seconds, bot_first_response_seconds FROM conversation_responses ORDER BY turn"
    assert store.rows(turns) == [(0, 180, 2), (1, 130, 11)]
    columns = (
        "customer_messages, bot_messages, agent_messages, agent_responses, agent_response_seconds, first_responses, "
        "first_response_seconds, bot_first_response_seconds"
    )
    assert store.row(columns, f"conversation_kpis({THE_DAY})") == (5, 5, 5, 3, 540, 2, 310, 13)


def test_only_a_bot_has_answered(tmp_path: Path) -> None:
    """No agent, no response: not nothing after nothing seconds, but no number."""
    one = chat().say("started", at("10:00")).message("customer", at("10:00")).message("bot", at("10:00:04"))
    one.resolution("resolved", at("10:01"), actor="bot")
    store = Store(tmp_path, one.lines)
    columns = "first_responses, first_response_average_seconds, agent_responses, agent_response_average_seconds"
    kpis = f"conversation_kpis({THE_DAY})"
    assert store.row(columns, kpis) == (0, None, 0, None)
    assert store.row("bot_first_responses, bot_first_response_average_seconds", kpis) == (1, 4.0)


def test_percentiles_and_buckets_of_the_first_response(tmp_path: Path) -> None:
    """Waits of 10 s, 20 s, 3600 s (exactly an hour is no longer under it), 4 h, 8 h less 1 s, 24 h."""
    waits = ("00:00:10", "00:00:20", "01:00", "04:00", "07:59:59")
    contacts = []
    for number, wait in enumerate(waits):
        each = Contact(f"m-{number}", "messaging").say("started", at("00:00"))
        contacts.append(each.message("customer", at("00:00")).message("agent", at(wait)))
    contacts.append(Contact("m-9", "messaging").message("customer", at("00:00")).message("agent", at("00:00", 1)))
    contacts.append(Contact("m-10", "messaging").message("customer", at("00:00")))  # nobody has answered
    store = Store(tmp_path, lines_of(*contacts))
    columns = ", ".join(
        f"first_response_{name}"
        for name in ("under_1h", "1h_to_4h", "4h_to_8h", "8h_to_24h", "24h_or_more", "p50_seconds", "p90_seconds")
    )
    # Six waits: the third is the nearest rank of 50 %, the sixth (ceil 5.4) of 90 %.
    assert store.row(columns, f"conversation_kpis({THE_DAY})") == (2, 1, 2, 0, 1, 3600, 86400)
    assert store.row("conversations, first_responses", f"conversation_kpis({THE_DAY})") == (7, 6)


def test_abandonment_before_and_after_the_bot(tmp_path: Path) -> None:
    def bot(each: Contact, result: str, clock: str) -> Contact:
        return each.say("menu_stepped", at(clock), bot="max", kind="bot", step="ask", result=result)

    in_bot = bot(chat("in-bot").say("started", at("10:00")), "abandoned", "10:01").say("ended", at("10:01"))
    silent = bot(chat("silent").say("started", at("10:00")), "continued", "10:01").say("ended", at("10:09"))
    after = bot(chat("after").say("started", at("10:00")), "handed_over", "10:01")
    after.say("queued", at("10:01"), segment="1", queue="help").say("abandoned", at("10:02"), segment="1")
    served = bot(chat("served").say("started", at("10:00")), "handed_over", "10:01")
    served.handled(at("10:01"), at("10:02"), at("10:05"), "help").message("bot", at("10:00:04"))
    without = chat("without").say("queued", at("10:01"), segment="1", queue="help")
    without.say("abandoned", at("10:02"), segment="1")
    store = Store(tmp_path, lines_of(in_bot, silent, after, served, without))
    counts = (
        "conversations, conversations_with_bot, abandoned_in_bot, conversations_handed_over, abandoned_after_bot, "
        "abandoned_without_bot, abandonment_in_bot, abandonment_after_bot, bot_first_response_seconds"
    )
    kpis = f"conversation_kpis({THE_DAY})"
    # Those who never came to a queue have none.
    assert store.row(counts, kpis, "queue IS NULL") == (2, 2, 2, 0, 0, 0, 1.0, None, 0)
    assert store.row(counts, kpis, "queue = 'help'") == (3, 2, 0, 2, 1, 1, 0.0, 0.5, 4)


def test_an_email_is_a_conversation_and_a_call_is_none(tmp_path: Path) -> None:
    mail = Contact("mail", "email").say("queued", at("09:00"), segment="1", queue="mail")
    mail.message("agent", at("12:00"))  # the customer's email is the start: no message before the answer
    call = Contact("call", "voice").handled(at("09:00"), at("09:01"), at("09:02"), "mail")
    store = Store(tmp_path, lines_of(mail, call))
    assert store.rows(f"SELECT channel, first_response_average_seconds FROM conversation_kpis({TO_DATE})") == [
        ("email", 10800.0)
    ]


def test_seconds_are_exact_decimals(tmp_path: Path) -> None:
    one = chat().say("started", at("10:00")).message("customer", at("10:00"))
    one.message("agent", at("10:00").replace(microsecond=100_000))
    store = Store(tmp_path, one.lines)
    assert store.row("first_response_seconds", f"conversation_kpis({THE_DAY})") == (Decimal("0.100000"),)
