"""What never ended is aged, shown, and left out by rule; what is only long is not."""

from __future__ import annotations

from pathlib import Path

from pipeline.centre.definitions import AGED_AFTER_SECONDS
from pipeline.centre.kept import apply_centre
from pipeline.store.layout import StoreLayout
from tests.areas.floor_events import DAY, ask, at, contact, sql_time, states, stored

IN_QUEUE = {"segment": "1", "queue": "care"}
BY_ANN = {"segment": "1", "agent": "ann"}


def left_out(folder: Path, moment: str) -> list[tuple[object, ...]]:
    return [
        (row["kind"], row["interaction"] or row["agent"], row["doing"], row["left_out_by"])
        for row in ask(folder, f"FROM unfinished({moment})")
    ]


def test_the_default_is_that_of_the_centre(tmp_path: Path) -> None:
    limit = "SELECT aged_after_us / 1000000 AS seconds FROM aged_after({})"
    stored(tmp_path / "without", [])
    assert ask(tmp_path / "without", limit.format(""))[0]["seconds"] == AGED_AFTER_SECONDS
    apply_centre(
        StoreLayout(tmp_path / "with"),
        b"version: 1\ndefinitions:\n  - {aged_after_seconds: 600}\n  - {from: 2026-11-03, aged_after_seconds: 60}\n",
        "centre.yaml",
    )
    stored(tmp_path / "with", [])
    assert ask(tmp_path / "with", limit.format(sql_time(DAY)))[0]["seconds"] == 600
    assert ask(tmp_path / "with", limit.format(sql_time(at("00:00", day=1))))[0]["seconds"] == 60


def test_each_kind_of_contact_without_an_end(tmp_path: Path) -> None:
    stored(
        tmp_path,
        [
            *contact("waits", ("queued", at("09:00"), IN_QUEUE)),
            *contact("talks", ("queued", at("09:00"), IN_QUEUE), ("answered", at("09:01"), BY_ANN)),
            *contact("alerts", ("offered", at("09:00"), BY_ANN)),
            *contact("in-menu", ("started", at("09:00"))),
            *contact("over", ("queued", at("09:00"), IN_QUEUE), ("ended", at("09:02"))),
            *contact("left-menu", ("started", at("09:00")), ("ended", at("09:01"))),
            *contact("abandoned", ("queued", at("09:00"), IN_QUEUE), ("abandoned", at("09:01"), IN_QUEUE)),
        ],
    )
    # A day after the last of them nothing has aged yet, to the second; what is over was over at once.
    assert left_out(tmp_path, sql_time(at("09:00", day=1))) == [("contact", "over", "waiting", "ended")]
    assert left_out(tmp_path, sql_time(at("09:01:01", day=1))) == [
        ("contact", "alerts", "alerting", "aged"),
        ("contact", "in-menu", "in_menu", "aged"),
        ("contact", "over", "waiting", "ended"),
        ("contact", "waits", "waiting", "aged"),
        ("contact", "talks", "in_progress", "aged"),
    ]
    (row,) = ask(tmp_path, f"FROM queue_now_by_rule({sql_time(at('09:00', day=1))})")
    assert (row["waiting"], row["longest_wait_seconds"], row["in_progress"]) == (1, 86_400, 1)
    assert (row["waiting_left_out"], row["in_progress_left_out"]) == (1, 0)
    (row,) = ask(tmp_path, f"FROM queue_now_by_rule({sql_time(at('09:01:01', day=1))})")
    assert (row["waiting"], row["longest_wait_seconds"], row["in_progress"]) == (0, None, 0)
    assert (row["waiting_left_out"], row["in_progress_left_out"]) == (2, 1)
    # The view of the board counts them still: by its definition they wait.
    (row,) = ask(tmp_path, f"FROM queue_now({sql_time(at('09:01:01', day=1))})")
    assert (row["waiting"], row["in_progress"]) == (2, 1)


def test_a_conversation_of_days_is_alive_while_messages_come(tmp_path: Path) -> None:
    steps = [("message_sent", at("08:00", day=day), {"sender": "customer"}) for day in (1, 2)]
    chat = contact(
        "chat", ("queued", at("09:00"), IN_QUEUE), ("answered", at("09:01"), BY_ANN), *steps, channel="messaging"
    )
    stored(tmp_path, chat)
    assert left_out(tmp_path, sql_time(at("07:00", day=3))) == []
    assert left_out(tmp_path, sql_time(at("08:00:01", day=3))) == [("contact", "chat", "in_progress", "aged")]
    (row,) = ask(tmp_path, f"SELECT last_event_at FROM unfinished({sql_time(at('09:00', day=4))})")
    assert row["last_event_at"] == at("08:00", day=2)
    # At a moment of the past only what was known then counts.
    assert left_out(tmp_path, sql_time(at("10:00"))) == []


def test_a_contact_that_is_queued_again_after_its_end_waits(tmp_path: Path) -> None:
    stored(
        tmp_path,
        contact(
            "mail",
            ("queued", at("09:00"), IN_QUEUE),
            ("answered", at("09:01"), BY_ANN),
            ("ended", at("09:02"), {"segment": "1"}),
            ("ended", at("09:02")),
            ("queued", at("15:00"), {"segment": "2", "queue": "care"}),
            channel="email",
        ),
    )
    assert left_out(tmp_path, sql_time(at("16:00"))) == []
    (row,) = ask(tmp_path, f"FROM queue_now_by_rule({sql_time(at('16:00'))})")
    assert (row["waiting"], row["longest_wait_seconds"], row["waiting_left_out"]) == (1, 3600, 0)


def test_an_agent_without_a_sign_out_counts_up_to_the_last_sign_of_life(tmp_path: Path) -> None:
    """Ann's source says available at 09:00 and no more; her last call ended at 17:00, wrapped up at 17:05."""
    stored(
        tmp_path,
        [
            *states("ann", ("available", at("09:00"))),
            *states("bob", ("available", at("09:00")), ("out", at("17:00"))),
            *contact(
                "last",
                ("queued", at("16:50"), IN_QUEUE),
                ("answered", at("16:51"), BY_ANN),
                ("ended", at("17:00"), BY_ANN),
                ("wrapped_up", at("17:05"), BY_ANN),
                ("outcome_changed", at("12:00", day=3), {"agent": "ann", "outcome": "o", "kind": "sale"}),
            ),
        ],
    )
    three_days = f"{sql_time(DAY)}, {sql_time(at('00:00', day=3))}"
    ann, bob = ask(tmp_path, f"FROM agent_kpis({three_days})")
    assert ann["signed_in_seconds"] == 8 * 3600 + 300
    # From 17:05 to the end of the third day: 54 h 55 min.
    assert ann["left_out_seconds"] == 54 * 3600 + 55 * 60
    assert (bob["signed_in_seconds"], bob["left_out_seconds"]) == (8 * 3600, 0)
    # 24 hours after the sign of life she is still there; a second later she is not.
    alive, aged = sql_time(at("17:05", day=1)), sql_time(at("17:05:01", day=1))
    assert left_out(tmp_path, alive) == []
    assert [row["agent"] for row in ask(tmp_path, f"FROM agent_now_by_rule({alive})")] == ["ann"]
    assert left_out(tmp_path, aged) == [("agent", "ann", "available", "aged")]
    assert ask(tmp_path, f"FROM agent_now_by_rule({aged})") == []
    (row,) = ask(tmp_path, f"FROM floor_now({aged})")
    assert (row["agents"], row["left_out"], row["longest_in_state_seconds"]) == (0, 1, None)


def test_a_sign_out_that_comes_days_later_does_not_make_the_days_worked(tmp_path: Path) -> None:
    stored(tmp_path, states("ann", ("available", at("09:00")), ("break", at("17:00")), ("out", at("09:00", day=3))))
    (ann,) = ask(tmp_path, f"FROM agent_kpis({sql_time(DAY)}, {sql_time(at('00:00', day=4))})")
    assert (ann["available_seconds"], ann["break_seconds"]) == (8 * 3600, 0)
    assert ann["left_out_seconds"] == (2 * 24 + 16) * 3600
    assert left_out(tmp_path, sql_time(at("10:00", day=3))) == []
