"""Agents, teams, sites and the floor now, from events; every expected number is worked out in the comments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.centre.kept import apply_centre
from pipeline.store.layout import StoreLayout
from tests.areas.floor_events import DAY, ask, at, contact, plan, sql_time, states, stored

CENTRE = """\
version: 1
clients:
  acme: {title: Acme}
  globex: {title: Globex}
sites:
  berlin: {time_zone: Europe/Berlin}
  lyon: {time_zone: Europe/Paris}
teams:
  acme:
    blue: {site: berlin, supervisor: sue, agents: [ann, bob]}
    red: {site: lyon, supervisor: rob, agents: [cat]}
"""
HOUR = f"{sql_time(at('09:00'))}, {sql_time(at('10:00'))}"

#: Ann's hour: 10 min before it and after it as well. In it: available 20, on contact 25, wrap-up 5, break 10.
ANN = [
    *states(
        "ann",
        ("available", at("08:50")),
        ("on_contact", at("09:10")),
        ("wrap_up", at("09:35")),
        ("available", at("09:40")),
        ("break", at("09:50")),
        ("available", at("10:00")),
        ("out", at("10:10")),
    ),
    *contact(
        "c1",
        ("queued", at("09:09"), {"segment": "1", "queue": "care"}),
        ("offered", at("09:09:20"), {"segment": "1", "agent": "bob"}),
        ("declined", at("09:09:40"), {"segment": "1", "agent": "bob"}),
        ("offered", at("09:09:50"), {"segment": "1", "agent": "ann"}),
        ("answered", at("09:10"), {"segment": "1", "agent": "ann"}),
        ("held", at("09:20"), {"segment": "1"}),
        ("resumed", at("09:22"), {"segment": "1"}),
        ("transferred", at("09:35"), {"segment": "1", "agent": "ann", "to_queue": "billing"}),
        ("ended", at("09:35"), {"segment": "1"}),
        ("wrapped_up", at("09:40"), {"segment": "1", "agent": "ann"}),
    ),
]
#: Bob: available from 09:30 on, until 11:00.
BOB = states("bob", ("available", at("09:30")), ("out", at("11:00")))


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("floor")
    apply_centre(StoreLayout(folder), CENTRE.encode(), "centre.yaml")
    return stored(
        folder,
        [
            *ANN,
            *BOB,
            *states("cat", ("on_contact", at("09:00")), ("out", at("09:30"))),
            *states("ann", ("available", at("09:00")), ("out", at("09:15")), client="globex"),
            *plan("ann", ("work", at("09:00"), at("10:00"))),
            *plan("ann", ("break", at("09:45"), at("09:55")), schedule="breaks"),
            *plan("ann", ("training", at("09:00"), at("09:10")), schedule="unpaid", paid=False),
        ],
    )


def kpis(folder: Path, macro: str = "agent_kpis", interval: str = HOUR, **where: str) -> dict[str, Any]:
    condition = " AND ".join(f"{name} = '{value}'" for name, value in where.items())
    (row,) = ask(folder, f"FROM {macro}({interval}) WHERE {condition}")
    return row


def test_states_are_clipped_to_the_interval(floor: Path) -> None:
    ann = kpis(floor, client="acme", agent="ann")
    minutes = {
        state: ann[f"{state}_seconds"] / 60 for state in ("available", "on_contact", "wrap_up", "break", "unavailable")
    }
    assert minutes == {"available": 20, "on_contact": 25, "wrap_up": 5, "break": 10, "unavailable": 0}
    assert (ann["signed_in_seconds"], ann["left_out_seconds"]) == (3600, 0)
    # The same name under another client is another agent.
    assert kpis(floor, client="globex", agent="ann")["signed_in_seconds"] == 900


def test_each_occupancy_has_its_name(floor: Path) -> None:
    ann = kpis(floor, client="acme", agent="ann")
    assert ann["occupancy_connect"] == pytest.approx(30 / 50)  # (25 + 5) / (25 + 5 + 20)
    assert ann["occupancy_genesys"] == pytest.approx(30 / 50)  # no presence is said: on queue
    # Talk and hold 09:10 to 09:35, wrap-up to 09:40: 30 minutes of handling.
    assert ann["handling_seconds"] == 1800
    assert ann["occupancy_textbook"] == pytest.approx(30 / 50)
    assert ann["occupancy_of_signed_in"] == pytest.approx(30 / 60)


def test_handled_transferred_and_not_answered(floor: Path) -> None:
    ann, bob = kpis(floor, client="acme", agent="ann"), kpis(floor, client="acme", agent="bob")
    assert (ann["answered"], ann["handled"], ann["transfers_out"]) == (1, 1, 1)
    assert (ann["talk_seconds"], ann["hold_seconds"], ann["wrap_seconds"]) == (23 * 60, 120, 300)
    assert (ann["agent_aht_seconds"], ann["agent_transfer_rate"]) == (1800, 1.0)
    assert (ann["offers"], ann["declines"], ann["non_response_rate"]) == (1, 0, 0.0)
    assert (bob["offers"], bob["declines"], bob["non_response_rate"]) == (1, 1, 1.0)
    assert (bob["handled"], bob["agent_aht_seconds"], bob["agent_transfer_rate"]) == (0, None, None)


def test_paid_time_utilisation_and_shrinkage(floor: Path) -> None:
    """Paid: 09:00 to 10:00 without the unpaid training to 09:10. There for work: all of it but the break from 09:50."""
    ann, bob = kpis(floor, client="acme", agent="ann"), kpis(floor, client="acme", agent="bob")
    assert (ann["paid_seconds"], ann["paid_for_work_seconds"]) == (3000, 2400)
    assert ann["shrinkage"] == pytest.approx(0.2)
    assert ann["utilisation_of_paid"] == 1.0  # 20 + 25 + 5 minutes of 50: she worked through the unpaid training
    assert ann["utilisation_of_signed_in"] == pytest.approx(50 / 60)
    assert (bob["shrinkage"], bob["utilisation_of_paid"], bob["utilisation_of_signed_in"]) == (None, None, 1.0)


def test_teams_and_sites_are_weighted_by_their_sums(floor: Path) -> None:
    blue = kpis(floor, "team_kpis", client="acme", team="blue")
    assert (blue["supervisor"], blue["agents"], blue["handled"]) == ("sue", 2, 1)
    # On contact and wrap-up 30 min of 30 + 20 (ann) + 30 (bob) available; the mean of 60 % and 0 % would be 30 %.
    assert blue["occupancy_connect"] == pytest.approx(30 / 80)
    assert blue["non_response_rate"] == 0.5
    # Only ann has a schedule: bob's time is in neither side.
    assert blue["utilisation_of_paid"] == 1.0
    assert blue["utilisation_of_signed_in"] == pytest.approx(80 / 90)
    lyon = kpis(floor, "site_kpis", client="acme", site="lyon")
    assert (lyon["agents"], lyon["on_contact_seconds"], lyon["occupancy_connect"]) == (1, 1800, 1.0)
    (nowhere,) = ask(floor, f"FROM site_kpis({HOUR}) WHERE site IS NULL")
    assert (nowhere["client"], nowhere["agents"]) == ("globex", 1)


def test_two_halves_add_up_to_the_whole(floor: Path) -> None:
    half = sql_time(at("09:30"))
    start, stop = HOUR.split(", ")
    for name in ("signed_in_seconds", "on_contact_seconds", "handling_seconds", "handled", "offers", "paid_seconds"):
        sums = [
            ask(floor, f"SELECT coalesce(sum({name}), 0) AS total FROM agent_kpis({interval})")[0]["total"]
            for interval in (f"{start}, {half}", f"{half}, {stop}", HOUR)
        ]
        assert sums[0] + sums[1] == sums[2] > 0, name


def test_three_chats_at_once_are_one_agents_wall_clock_and_three_handlings(tmp_path: Path) -> None:
    chats = [
        line
        for number in range(3)
        for line in contact(
            f"chat-{number}",
            ("queued", at("09:00"), {"segment": "1", "queue": "web"}),
            ("answered", at("09:00"), {"segment": "1", "agent": "ann"}),
            ("ended", at("09:30"), {"segment": "1"}),
            ("wrapped_up", at("09:30"), {"segment": "1"}),
            channel="chat",
        )
    ]
    shift = states("ann", ("on_contact", at("09:00")), ("available", at("09:30")), ("out", at("10:00")))
    ann = kpis(stored(tmp_path, [*chats, *shift]), agent="ann")
    assert (ann["on_contact_seconds"], ann["handling_seconds"]) == (1800, 5400)
    assert (ann["occupancy_connect"], ann["occupancy_textbook"]) == (0.5, 0.75)


def test_off_queue_and_communicating_as_genesys_has_them(tmp_path: Path) -> None:
    shift = states(
        "ann", ("on_contact", at("09:00")), ("on_contact", at("09:20"), "communicating"), ("available", at("09:30"))
    )
    lunch = states("ann", ("available", at("09:40")), ("out", at("10:00")))
    off_queue = lunch[0].replace(b'"state": "available"', b'"state": "available", "presence": "meal"')
    assert off_queue != lunch[0]
    # The two lists number their events alike, but at other times: their ids differ.
    ann = kpis(stored(tmp_path, [*shift, off_queue, lunch[1]]), agent="ann")
    assert ann["occupancy_genesys"] == pytest.approx(20 / 40)  # 20 / (20 interacting + 10 communicating + 10 idle)
    assert ann["occupancy_connect"] == pytest.approx(30 / 60)  # every state counts: 30 / (30 + 30)


def test_what_is_open_counts_up_to_now_and_no_further(tmp_path: Path) -> None:
    lines = [
        *states("ann", ("available", at("09:00")), ("on_contact", at("09:30"))),
        *contact(
            "c1",
            ("queued", at("09:29"), {"segment": "1", "queue": "care"}),
            ("answered", at("09:30"), {"segment": "1", "agent": "ann"}),
        ),
    ]
    stored(tmp_path, lines, now=at("09:50"))
    day = f"{sql_time(DAY)}, {sql_time(at('00:00', day=1))}, as_of := {sql_time(at('09:50'))}"
    ann = kpis(tmp_path, interval=day, agent="ann")
    assert (ann["signed_in_seconds"], ann["on_contact_seconds"], ann["handling_seconds"]) == (3000, 1200, 1200)
    assert (ann["answered"], ann["handled"], ann["agent_aht_seconds"]) == (1, 0, None)


def test_the_floor_now(floor: Path) -> None:
    rows = ask(floor, f"FROM floor_now({sql_time(at('09:59'))}, break_limit_seconds := 500)")
    assert [
        (row["client"], row["site"], row["team"], row["state"], row["agents"], row["longest_in_state_agent"])
        for row in rows
    ] == [("acme", "berlin", "blue", "available", 1, "bob"), ("acme", "berlin", "blue", "break", 1, "ann")]
    assert [(row["longest_in_state_seconds"], row["over_limit"]) for row in rows] == [(29 * 60, 0), (540, 1)]
    (over,) = ask(floor, f"FROM agents_over_limit({sql_time(at('09:59'))}, break_limit_seconds := 500)")
    assert (over["agent"], over["supervisor"], over["seconds_in_state"], over["limit_seconds"]) == (
        "ann",
        "sue",
        540,
        500,
    )
    # By the standing limit of half an hour nobody is over it.
    assert ask(floor, f"FROM agents_over_limit({sql_time(at('09:59'))})") == []
