"""A call that goes on as a chat lies in two topics: what becomes of it under one name, and how to report it right."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.store.verify import Report, verify
from tests.areas.floor_events import ask, at, contact, stored

CALL = {"segment": "1", "queue": "care"}
CHAT = {"segment": "2", "queue": "web"}
ANN, BOB = "ann", "bob"
Step = tuple[str, datetime, dict[str, Any]] | tuple[str, datetime]


def called(name: str, *more: Step) -> list[bytes]:
    """Queued at nine, answered by Ann ten seconds later."""
    answered: Step = ("answered", at("09:00:10"), {**CALL, "agent": ANN})
    return contact(name, ("started", at("09:00")), ("queued", at("09:00"), CALL), answered, *more)


def chatted(name: str, *steps: Step) -> list[bytes]:
    """Events of a chat; their ids are not those of a call of the same name."""
    return [line.replace(b'"id": "acme', b'"id": "chat-acme') for line in contact(name, *steps, channel="chat")]


def halves(folder: Path, lines: list[bytes]) -> tuple[Report, list[tuple[Any, ...]]]:
    stored(folder, lines)
    columns = "interaction, segment, channel, outcome, talk_seconds"
    rows = ask(folder, f"SELECT {columns} FROM segments ORDER BY interaction, segment, channel DESC")
    return verify(folder), [tuple(row.values()) for row in rows]


def test_a_segment_that_changes_its_topic_is_two_halves_and_verify_says_so(tmp_path: Path) -> None:
    ended = chatted("c", ("ended", at("09:05"), {**CALL, "agent": ANN}), ("ended", at("09:05")))
    report, segments = halves(tmp_path, [*called("c"), *ended])
    # Neither knows of the other: the call was never over, and of the chat only the end is known.
    assert segments == [("c", "1", "voice", "answered", None), ("c", "1", "chat", "not_queued", None)]
    found = {check.name: check for check in report.checks if not check.ok}
    assert not report.ok
    # One of the halves is compared; which of them is nobody's choice.
    (example,) = {text.partition(": ")[0] for text in found["segments"].examples}
    assert example == "client acme, interaction c, segment 1"
    # No event is lost, and nothing counts twice: there is one entry into the queue and one answer.
    assert {"identities", "events", "offsets"}.isdisjoint(found)
    (row,) = ask(tmp_path, "SELECT offered, answered, handled FROM kpi_day")
    assert tuple(row.values()) == (1, 1, 0)


def test_a_chat_with_segments_of_its_own_is_whole_also_under_the_name_of_the_call(tmp_path: Path) -> None:
    call = called("c", ("transferred", at("09:02"), {**CALL, "agent": ANN, "to_queue": "web"}))
    chat = chatted(
        "c",
        ("queued", at("09:02"), CHAT),
        ("answered", at("09:02:30"), {**CHAT, "agent": BOB}),
        ("ended", at("09:06"), {**CHAT, "agent": BOB}),
        ("ended", at("09:06")),
    )
    report, segments = halves(tmp_path, [*call, *chat])
    assert segments == [("c", "1", "voice", "answered", 110), ("c", "2", "chat", "answered", 210)]
    assert report.ok
    (whole,) = ask(tmp_path, "SELECT channel, segments, offered, answered, talk_seconds, ended_at FROM interactions")
    assert tuple(whole.values()) == ("voice", 2, 2, 2, 320, at("09:06"))


def test_a_name_of_its_own_is_right_always(tmp_path: Path) -> None:
    call = called("c", ("ended", at("09:02"), {**CALL, "agent": ANN}), ("ended", at("09:02")))
    chat = chatted(
        "c-chat",
        ("started", at("09:02")),
        ("queued", at("09:02"), CALL),
        ("answered", at("09:02:30"), {**CALL, "agent": BOB}),
        ("ended", at("09:06"), {**CALL, "agent": BOB}),
        ("ended", at("09:06")),
    )
    report, segments = halves(tmp_path, [*call, *chat])
    assert segments == [("c", "1", "voice", "answered", 110), ("c-chat", "1", "chat", "answered", 210)]
    assert report.ok
