"""The cases that break counts in real centres, from event lines to the published store.

Each case goes through the store in a shuffled order, is verified against its raw events, and is asked for its segments,
its KPI minutes and the board at a moment in the middle of it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.store.verify import verify
from tests.areas.floor_events import DAY, LATER, ask, at, contact, sql_time, states, stored

#: Segment 1 of the queue, and answered by Ann.
CARE = {"segment": "1", "queue": "care"}
ANN = {**CARE, "agent": "ann"}
MEASURES = ("offered", "answered", "abandoned")


def verified(folder: Path, lines: Iterable[bytes]) -> Path:
    """A store of these events in any order, which ``callboard verify`` finds to be right."""
    shuffled = list(lines)
    random.Random(len(shuffled)).shuffle(shuffled)
    stored(folder, shuffled)
    report = verify(folder)
    assert report.ok, [check.differences for check in report.checks if not check.ok]
    return folder


def segments(folder: Path, *columns: str) -> list[tuple[Any, ...]]:
    rows = ask(folder, f"SELECT {', '.join(columns)} FROM segments ORDER BY client, interaction, segment")
    return [tuple(row.values()) for row in rows]


def minutes(folder: Path, *measures: str) -> list[tuple[Any, ...]]:
    """Queue, minute as HH:MM, offered, answered, abandoned and what else is asked for."""
    columns = ", ".join((*MEASURES, *measures))
    rows = ask(folder, f"SELECT queue, minute, {columns} FROM kpi_minute ORDER BY minute, client, queue")
    return [(row["queue"], f"{row['minute']:%H:%M}", *list(row.values())[2:]) for row in rows]


def queues_now(folder: Path, moment: datetime, macro: str = "queue_now") -> list[tuple[Any, ...]]:
    """Client, queue, waiting, longest wait and in progress."""
    columns = "client, queue, waiting, longest_wait_seconds, in_progress"
    return [
        tuple(row.values()) for row in ask(folder, f"SELECT {columns} FROM {macro}({sql_time(moment)}) ORDER BY ALL")
    ]


def both_boards(folder: Path, moment: datetime) -> list[tuple[Any, ...]]:
    """What the board shows, where leaving out by rule changes nothing but rows without anybody in them."""
    board = [row for row in queues_now(folder, moment) if row[2] or row[4]]
    assert queues_now(folder, moment, "queue_now_by_rule") == board
    return board


def agents_now(folder: Path, moment: datetime, macro: str = "agent_now") -> list[tuple[Any, ...]]:
    columns = "client, agent, state, seconds_in_state"
    return [
        tuple(row.values()) for row in ask(folder, f"SELECT {columns} FROM {macro}({sql_time(moment)}) ORDER BY ALL")
    ]


def kpis_of_agents(folder: Path, *columns: str) -> list[tuple[Any, ...]]:
    interval = f"{sql_time(DAY)}, {sql_time(LATER)}, as_of := {sql_time(LATER)}"
    rows = ask(folder, f"SELECT client, agent, {', '.join(columns)} FROM agent_kpis({interval})")
    return [tuple(row.values()) for row in rows]


def passed_on(first: str, second: str, start: datetime, moved: datetime, ended: datetime) -> list[bytes]:
    """A call that waits 30 s in the first queue, is passed on, waits 10 s in the second, and ends."""
    one, two = {"segment": "1", "queue": first}, {"segment": "2", "queue": second}
    return contact(
        "call",
        ("started", start),
        ("queued", start, one),
        ("answered", start.replace(second=30), {**one, "agent": "ann"}),
        ("transferred", moved, {**one, "agent": "ann", "to_queue": second}),
        ("queued", moved, two),
        ("answered", moved.replace(second=10), {**two, "agent": "bob"}),
        ("ended", ended, {**two, "agent": "bob"}),
        ("ended", ended),
    )


def test_a_call_that_enters_the_same_queue_twice(tmp_path: Path) -> None:
    folder = verified(tmp_path, passed_on("care", "care", at("09:00"), at("09:02"), at("09:05")))
    assert segments(folder, "segment", "queue", "agent", "outcome", "wait_seconds", "talk_seconds") == [
        ("1", "care", "ann", "answered", 30, 90),
        ("2", "care", "bob", "answered", 10, 170),
    ]
    # The unit is the queue entry: offered twice. Within 20 s only the second time.
    assert minutes(folder, "answered_in_target", "transferred") == [
        ("care", "09:00", 1, 1, 0, 0, 1),
        ("care", "09:02", 1, 1, 0, 1, 0),
    ]
    (whole,) = ask(folder, "SELECT segments, offered, answered, queues, wait_seconds FROM interactions")
    assert tuple(whole.values()) == (2, 2, 2, ["care"], 40)
    (again,) = ask(folder, f"FROM reentries({sql_time(DAY)}, {sql_time(LATER)})")
    assert (again["entries"], again["contacts"], again["reentries"], again["reentry_rate"]) == (2, 1, 1, 0.5)
    assert both_boards(folder, at("09:00:29")) == [("acme", "care", 1, 29, 0)]
    assert both_boards(folder, at("09:02:05")) == [("acme", "care", 1, 5, 0)]
    assert both_boards(folder, at("09:03")) == [("acme", "care", 0, None, 1)]
    assert both_boards(folder, at("09:05")) == []


def test_a_call_through_two_queues(tmp_path: Path) -> None:
    folder = verified(tmp_path, passed_on("care", "billing", at("09:00"), at("09:02"), at("09:05")))
    assert segments(folder, "segment", "queue", "outcome", "wait_seconds") == [
        ("1", "care", "answered", 30),
        ("2", "billing", "answered", 10),
    ]
    assert minutes(folder) == [("care", "09:00", 1, 1, 0), ("billing", "09:02", 1, 1, 0)]
    (whole,) = ask(folder, "SELECT offered, queues FROM interactions")
    assert tuple(whole.values()) == (2, ["billing", "care"])
    assert both_boards(folder, at("09:02:05")) == [("acme", "billing", 1, 5, 0)]
    (transfer,) = ask(folder, f"FROM transfers({sql_time(DAY)}, {sql_time(LATER)})")
    assert tuple(transfer.values()) == ("acme", "care", "cold", "queue", "billing", 1, 1)
    # Neither re-entered.
    assert [row["reentries"] for row in ask(folder, f"FROM reentries({sql_time(DAY)}, {sql_time(LATER)})")] == [0, 0]


def test_a_transfer_across_the_hour(tmp_path: Path) -> None:
    """Counts belong to the minute of the queue entry, so each hour has one whole call and no call is in both."""
    folder = verified(tmp_path, passed_on("care", "billing", at("09:58"), at("10:01"), at("10:03")))
    assert segments(folder, "queue", "talk_seconds", "transferred_at") == [
        ("care", 150, at("10:01")),
        ("billing", 110, None),
    ]
    assert minutes(folder, "transferred", "talk_seconds") == [
        ("care", "09:58", 1, 1, 0, 1, 150),
        ("billing", "10:01", 1, 1, 0, 0, 110),
    ]
    hours = ask(folder, "SELECT queue, hour, offered, answered, talk_seconds FROM kpi_hour ORDER BY hour")
    assert [tuple(row.values()) for row in hours] == [
        ("care", at("09:00"), 1, 1, 150),
        ("billing", at("10:00"), 1, 1, 110),
    ]
    assert both_boards(folder, at("10:00")) == [("acme", "care", 0, None, 1)]
    # An agent's handling is clipped: 90 s of Ann's call before ten and 60 s after.
    for start, stop, handling in (("09:00", "10:00", 90), ("10:00", "11:00", 60)):
        interval = f"{sql_time(at(start))}, {sql_time(at(stop))}"
        (row,) = ask(folder, f"SELECT handling_seconds FROM agent_kpis({interval}) WHERE agent = 'ann'")
        assert row["handling_seconds"] == handling


def test_an_answer_exactly_at_the_threshold(tmp_path: Path) -> None:
    def answered(name: str, moment: datetime) -> list[bytes]:
        return contact(name, ("queued", at("09:00"), CARE), ("answered", moment, ANN), ("ended", at("09:01"), ANN))

    just_late = at("09:00:20").replace(microsecond=1)
    folder = verified(tmp_path, [*answered("a", at("09:00:20")), *answered("b", just_late)])
    waits = [str(wait) for (wait,) in segments(folder, "wait_seconds")]
    assert waits == ["20.000000", "20.000001"]
    assert minutes(folder, "answered_in_target", "service_level_abandons_negative") == [
        ("care", "09:00", 2, 2, 0, 1, 0.5)
    ]
    levels = ask(folder, f"FROM service_level({sql_time(DAY)}, {sql_time(LATER)}) WHERE queue = 'care'")
    assert {row["service_level"] for row in levels} == {0.5}
    # At that very moment the first no longer waits and the second still does.
    assert both_boards(folder, at("09:00:20")) == [("acme", "care", 1, 20, 1)]


def test_an_abandon_while_the_agents_phone_rings(tmp_path: Path) -> None:
    folder = verified(
        tmp_path,
        contact(
            "call",
            ("queued", at("09:00"), CARE),
            ("offered", at("09:00:05"), ANN),
            ("abandoned", at("09:00:12"), CARE),
            ("ended", at("09:00:12")),
        ),
    )
    assert segments(folder, "outcome", "wait_seconds", "agent", "alerts", "declines") == [("abandoned", 12, None, 1, 0)]
    assert minutes(folder, "alerts", "declines", "short_abandoned") == [("care", "09:00", 1, 0, 1, 1, 0, 0)]
    assert both_boards(folder, at("09:00:10")) == [("acme", "care", 1, 10, 0)]
    assert both_boards(folder, at("09:00:12")) == []
    # The agent was alerted and did not decline: it was the customer who left.
    assert kpis_of_agents(folder, "offers", "declines", "non_response_rate") == [("acme", "ann", 1, 0, 0.0)]


#: The first menu of the line.
MAIN = {"bot": "main", "kind": "menu", "step": "language"}


def test_a_hang_up_in_the_menu(tmp_path: Path) -> None:
    """One who chose and hung up at the second step, one whose menu said so, and one who hung up before any key."""
    folder = verified(
        tmp_path,
        [
            *contact(
                "call",
                ("started", at("09:00")),
                ("menu_stepped", at("09:00:05"), MAIN),
                ("menu_stepped", at("09:00:09"), {**MAIN, "step": "concern", "intent": "billing"}),
                ("ended", at("09:00:15"), {"ended_by": "customer"}),
            ),
            *contact(
                "said",
                ("started", at("09:00")),
                ("menu_stepped", at("09:00:07"), {**MAIN, "result": "abandoned"}),
                ("ended", at("09:00:07"), {"ended_by": "customer"}),
            ),
            *contact("mute", ("started", at("09:00")), ("ended", at("09:00:03"), {"ended_by": "customer"})),
        ],
    )
    assert segments(folder, "segment") == []
    assert minutes(folder) == [], "no queue, no abandon"
    whole = ask(folder, "SELECT interaction, outcome, offered, abandoned FROM interactions ORDER BY interaction")
    assert [tuple(row.values()) for row in whole] == [
        ("call", "left_in_menu", 0, 0),
        ("mute", "left_in_menu", 0, 0),
        ("said", "left_in_menu", 0, 0),
    ]
    steps = ask(folder, "SELECT interaction, step, intent, result, segment, queue FROM menu_steps ORDER BY time")
    assert [tuple(row.values()) for row in steps] == [
        ("call", "language", None, "continued", None, None),
        ("said", "language", None, "abandoned", None, None),
        ("call", "concern", "billing", "continued", None, None),
    ]
    # A menu is no bot: it contains nothing, and nobody has handed anything over.
    assert ask(folder, f"FROM bot_kpis({sql_time(DAY)}, {sql_time(LATER)})") == []
    assert both_boards(folder, at("09:00:12")) == []
    assert ask(folder, f"FROM unfinished({sql_time(LATER)})") == []


def test_a_caller_who_still_waits_at_the_end_of_the_log(tmp_path: Path) -> None:
    folder = verified(tmp_path, contact("call", ("started", at("09:00")), ("queued", at("09:00:30"), CARE)))
    assert segments(folder, "outcome", "wait_seconds", "wait_ended_at") == [("waiting", None, None)]
    rates = ("abandonment_rate", "asa_seconds", "service_level_abandons_negative")
    # Offered, and neither answered nor abandoned: no speed of answer and no service level yet, rather than 0 or 100 %.
    assert minutes(folder, *rates) == [("care", "09:00", 1, 0, 0, 0.0, None, None)]
    assert both_boards(folder, at("09:10:30")) == [("acme", "care", 1, 600, 0)]
    assert both_boards(folder, at("09:00:29")) == []


def test_a_missing_queue_event(tmp_path: Path) -> None:
    """An answer of which nobody reported the queue entry: handled by the agent, offered to no queue, no wait known."""
    folder = verified(
        tmp_path,
        [
            *contact(
                "call", ("answered", at("09:00"), ANN), ("ended", at("09:04"), ANN), ("wrapped_up", at("09:05"), ANN)
            ),
            *contact("lost", ("abandoned", at("09:00"), CARE)),
        ],
    )
    assert segments(folder, "outcome", "queued_at", "wait_seconds", "talk_seconds", "wrap_seconds") == [
        ("answered", None, None, 240, 60),
        ("abandoned", None, None, None, None),
    ]
    assert minutes(folder) == []
    assert kpis_of_agents(folder, "handled", "agent_aht_seconds", "handling_seconds") == [("acme", "ann", 1, 300, 300)]
    assert both_boards(folder, at("09:02")) == [("acme", "care", 0, None, 1)]
    assert both_boards(folder, at("09:04")) == []


def test_a_missing_end_is_aged_shown_and_left_out_by_rule(tmp_path: Path) -> None:
    folder = verified(tmp_path, contact("call", ("queued", at("09:00"), CARE), ("answered", at("09:00:10"), ANN)))
    assert segments(folder, "outcome", "handle_ended_at", "talk_seconds") == [("answered", None, None)]
    assert minutes(folder, "handled", "talk_seconds") == [("care", "09:00", 1, 1, 0, 0, 0)]
    # A day after its last event it is in progress; a second more and it is aged.
    assert both_boards(folder, at("09:00:10", day=1)) == [("acme", "care", 0, None, 1)]
    moment = at("09:00:11", day=1)
    assert queues_now(folder, moment) == [("acme", "care", 0, None, 1)]
    (row,) = ask(folder, f"FROM queue_now_by_rule({sql_time(moment)})")
    assert (row["in_progress"], row["in_progress_left_out"], row["waiting_left_out"]) == (0, 1, 0)
    (shown,) = ask(folder, f"FROM unfinished({sql_time(moment)})")
    assert (shown["interaction"], shown["doing"], shown["left_out_by"]) == ("call", "in_progress", "aged")
    assert (shown["last_event_at"], shown["open_seconds"]) == (at("09:00:10"), 86_401)
    # Ann answered it; how long she was busy with it is not known and not made up.
    assert kpis_of_agents(folder, "answered", "handled", "handling_seconds") == [("acme", "ann", 1, 0, 0)]


def test_the_same_agent_name_in_two_clients(tmp_path: Path) -> None:
    def shift(client: str, start: datetime, stop: datetime) -> list[bytes]:
        call = contact("call", ("queued", start, CARE), ("answered", start, ANN), ("ended", stop, ANN), client=client)
        return [*states("ann", ("on_contact", start), ("out", stop), client=client), *call]

    folder = verified(tmp_path, [*shift("acme", at("09:00"), at("09:10")), *shift("globex", at("09:05"), at("09:30"))])
    assert segments(folder, "client", "agent", "talk_seconds") == [("acme", "ann", 600), ("globex", "ann", 1500)]
    assert minutes(folder, "client") == [("care", "09:00", 1, 1, 0, "acme"), ("care", "09:05", 1, 1, 0, "globex")]
    spans = ask(folder, "SELECT client, agent, seconds FROM agent_spans ORDER BY client")
    assert [tuple(row.values()) for row in spans] == [("acme", "ann", 600), ("globex", "ann", 1500)]
    now = [("acme", "ann", "on_contact", 360), ("globex", "ann", "on_contact", 60)]
    assert agents_now(folder, at("09:06")) == agents_now(folder, at("09:06"), "agent_now_by_rule") == now
    assert both_boards(folder, at("09:06")) == [("acme", "care", 0, None, 1), ("globex", "care", 0, None, 1)]
    assert kpis_of_agents(folder, "signed_in_seconds", "handled", "agent_aht_seconds") == [
        ("acme", "ann", 600, 1, 600),
        ("globex", "ann", 1500, 1, 1500),
    ]


def test_an_agent_without_a_sign_out(tmp_path: Path) -> None:
    folder = verified(
        tmp_path,
        [
            *states("ann", ("available", at("09:00")), ("on_contact", at("09:10")), ("available", at("09:20"))),
            *contact(
                "call", ("queued", at("09:10"), CARE), ("answered", at("09:10"), ANN), ("ended", at("09:20"), ANN)
            ),
        ],
    )
    spans = ask(folder, "SELECT state, ended_at FROM agent_spans ORDER BY started_at")
    assert [tuple(row.values()) for row in spans] == [
        ("available", at("09:10")),
        ("on_contact", at("09:20")),
        ("available", None),
    ]
    assert segments(folder, "agent", "talk_seconds") == [("ann", 600)]
    assert minutes(folder) == [("care", "09:10", 1, 1, 0)]
    # A day later she is available still; after it the rule leaves her out, and says so.
    there = [("acme", "ann", "available", 86_400)]
    moment, aged = at("09:20", day=1), at("09:20:01", day=1)
    assert agents_now(folder, moment) == agents_now(folder, moment, "agent_now_by_rule") == there
    assert agents_now(folder, aged) == [("acme", "ann", "available", 86_401)]
    assert agents_now(folder, aged, "agent_now_by_rule") == []
    (shown,) = ask(folder, f"FROM unfinished({sql_time(aged)})")
    assert (shown["kind"], shown["agent"], shown["doing"], shown["left_out_by"]) == (
        "agent",
        "ann",
        "available",
        "aged",
    )
    (row,) = ask(folder, f"FROM floor_now({sql_time(aged)})")
    assert (row["agents"], row["left_out"]) == (0, 1)
    # Twenty minutes are known; the nine days after them are not time at work.
    ((_, _, signed_in, left_out, occupancy),) = kpis_of_agents(
        folder, "signed_in_seconds", "left_out_seconds", "occupancy_connect"
    )
    assert (signed_in, occupancy) == (1200, 0.5)
    assert left_out == (LATER - at("09:20")).total_seconds()


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_log_changes_no_answer(tmp_path: Path, seed: int) -> None:
    """Two events of one moment: (time, source, id) decides, never their place in the log."""
    lines = [
        *passed_on("care", "billing", at("09:00"), at("09:02"), at("09:05")),
        *states("ann", ("available", at("09:00")), ("break", at("09:00")), ("out", at("09:30"))),
        *contact(
            "watched",
            ("queued", at("09:00"), CARE),
            ("answered", at("09:01"), ANN),
            ("participated", at("09:02"), {"agent": "sue", "role": "coach", "change": "joined"}),
            ("participated", at("09:02"), {"agent": "sue", "role": "coach", "change": "left"}),
            ("participated", at("09:03"), {"agent": "sue", "role": "coach", "change": "joined"}),
            ("ended", at("09:04"), ANN),
        ),
    ]
    interval = f"{sql_time(DAY)}, {sql_time(LATER)}, as_of := {sql_time(LATER)}"
    queries = [f"FROM {macro}({interval})" for macro in ("agent_kpis", "team_kpis", "supervision", "adherence")]
    stored(tmp_path / "as-it-was", lines)
    random.Random(seed).shuffle(lines)
    stored(tmp_path / "shuffled", lines)
    for query in queries:
        assert ask(tmp_path / "shuffled", query) == ask(tmp_path / "as-it-was", query) != [], query
