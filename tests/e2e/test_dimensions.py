"""The KPIs by client, line, channel, language, skill, site, agent and team; from events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.clock import ManualClock
from pipeline.store.process import FileProcessor
from tests.e2e.published import one, rows
from tests.oracle import QueueSettings
from tests.support.calls import call
from tests.support.settings import settle

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MOVED = AT + timedelta(minutes=30)
WINDOW = "'2026-03-02 10:00:00+00', '2026-03-02 11:00:00+00'"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two clients with a queue and an agent of the same name; one queue moves from a site to another at half past."""
    calls = [
        call(1, AT, answered_after_seconds=10, ended_after_seconds=110, flags=["sale"], amount="20", agent="anna"),
        call(2, AT, answered_after_seconds=30, ended_after_seconds=90, agent="ben"),
        call(3, MOVED, abandoned_after_seconds=40),
        call(4, AT, "chats", answered_after_seconds=5, transferred_after_seconds=65, agent="anna", channel="chat"),
        call(5, AT, client="zenith", answered_after_seconds=20, ended_after_seconds=80, agent="anna"),
        call(6, AT, "unknown", answered_after_seconds=1, ended_after_seconds=2, agent="nobody"),
    ]
    folder = tmp_path_factory.mktemp("dimensions")
    with FileProcessor(folder, ManualClock(AT + timedelta(days=1))) as processor:
        processor.process([line for lines in calls for line in lines])
    sales = {"line": "inbound-sales", "language": "de", "skill": "gold"}
    return settle(
        folder,
        QueueSettings(valid_to=MOVED, site="riga", **sales),
        QueueSettings(valid_from=MOVED, site="lisbon", **sales),
        QueueSettings("chats", line="inbound-sales", language="fr-CA", site="riga"),
        QueueSettings(client="zenith", line="help-desk", threshold_us=5_000_000),
        agents=(
            {"client": "acme", "agent": "anna", "team": "red"},
            {"client": "acme", "agent": "ben", "team": "red"},
            {"client": "zenith", "agent": "anna", "team": "blue"},
        ),
    )


@pytest.mark.parametrize(
    ("dimension", "offered"),
    [
        ("client", {("acme", "acme"): 5, ("zenith", "zenith"): 1}),
        ("line", {("acme", "inbound-sales"): 4, ("zenith", "help-desk"): 1, ("acme", None): 1}),
        ("channel", {("acme", "voice"): 4, ("acme", "chat"): 1, ("zenith", "voice"): 1}),
        ("language", {("acme", "de"): 3, ("acme", "fr-CA"): 1, ("acme", None): 1, ("zenith", None): 1}),
        ("skill", {("acme", "gold"): 3, ("acme", None): 2, ("zenith", None): 1}),
        ("site", {("acme", "riga"): 3, ("acme", "lisbon"): 1, ("acme", None): 1, ("zenith", None): 1}),
    ],
)
def test_by_an_attribute_of_the_queue_when_the_contact_came(
    store: Path, dimension: str, offered: dict[tuple[str, str | None], int]
) -> None:
    found = rows(store, f"SELECT client, {dimension}, offered FROM kpi_by_{dimension}({WINDOW})")
    assert {(client, value): number for client, value, number in found} == offered


def test_by_any_dimensions_at_once(store: Path) -> None:
    found = rows(store, f"SELECT line, site, offered FROM kpi_by({{'line': line, 'site': site}}, {WINDOW})")
    assert set(found) == {
        ("inbound-sales", "riga", 3),
        ("inbound-sales", "lisbon", 1),
        ("help-desk", None, 1),
        (None, None, 1),
    }


def test_the_ratios_are_of_the_sums(store: Path) -> None:
    columns = "answered, abandoned, answered_in_target, abandonment_rate, asa_seconds, service_level_abandons_negative"
    found = one(store, f"SELECT {columns} FROM kpi_by_line({WINDOW}) WHERE line = 'inbound-sales'")
    assert found == (3, 1, 2, 1 / 4, 15.0, 2 / 4)
    # Each under its own queue's settings.
    assert one(store, f"SELECT answered_in_target FROM kpi_by_line({WINDOW}) WHERE line = 'help-desk'") == (0,)


def test_every_dimension_has_the_columns_of_the_periods(store: Path) -> None:
    of_periods = [name for name, *_ in rows(store, f"DESCRIBE FROM kpi_between({WINDOW})")][4:]
    for dimension in ("client", "line", "channel", "language", "skill", "site"):
        columns = [name for name, *_ in rows(store, f"DESCRIBE FROM kpi_by_{dimension}({WINDOW})")]
        assert columns[-len(of_periods) :] == of_periods


def test_agents_of_one_name_in_two_clients_are_two_agents(store: Path) -> None:
    columns = "client, agent, answered, handled, talk_seconds, aht_seconds, transferred, sales, revenue::VARCHAR"
    assert rows(store, f"SELECT {columns} FROM kpi_by_agent({WINDOW})") == [
        ("acme", "anna", 2, 2, 160, 82.5, 1, 1, "20.0000"),
        ("acme", "ben", 1, 1, 60, 65.0, 0, 0, "0.0000"),
        ("acme", "nobody", 1, 1, 1, 6.0, 0, 0, "0.0000"),
        ("zenith", "anna", 1, 1, 60, 65.0, 0, 0, "0.0000"),
    ]


def test_by_team_and_those_of_none(store: Path) -> None:
    columns = "client, team, answered, sales_per_answered, transfer_rate, revenue_per_contact, currency"
    assert rows(store, f"SELECT {columns} FROM kpi_by_team({WINDOW})") == [
        ("acme", "red", 3, 1 / 3, 1 / 3, 20 / 3, "EUR"),
        ("acme", None, 1, 0.0, 0.0, 0.0, None),
        ("zenith", "blue", 1, 0.0, 0.0, 0.0, None),
    ]


def test_agents_add_up_to_the_queues(store: Path) -> None:
    sums = "sum(answered), sum(handled), sum(talk_seconds), sum(wrap_seconds), sum(transferred)"
    of_queues = one(store, f"SELECT {sums} FROM kpi_between({WINDOW})")
    for dimension in ("agent", "team", "client", "site"):
        assert one(store, f"SELECT {sums} FROM kpi_by_{dimension}({WINDOW})") == of_queues
