"""The centre as tables: what other parts join to facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest

from pipeline.centre.calendars import DAYS_AFTER, DAYS_BEFORE, queue_calendar
from pipeline.centre.hours import business_seconds
from pipeline.centre.parse import parse_centre
from pipeline.centre.tables import SCHEMAS, centre_tables
from tests.centre.files import EXAMPLE, SMALL

NOW = datetime(2026, 11, 2, 12, 30, tzinfo=UTC)
#: The interface: other parts of the project read these columns.
COLUMNS = {
    "centre_queues": "client VARCHAR, queue VARCHAR, valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ, line VARCHAR, "
    "channel VARCHAR, skill VARCHAR, language VARCHAR, site VARCHAR, time_zone VARCHAR, threshold_us BIGINT, "
    "threshold_inclusive BOOLEAN, short_abandon_us BIGINT, short_abandons VARCHAR, service_level VARCHAR, "
    "service_level_target DOUBLE, abandonment_target DOUBLE, asa_target_seconds DOUBLE, "
    "first_response_target_seconds DOUBLE, resolution_target_seconds DOUBLE",
    "centre_clients": "client VARCHAR, title VARCHAR, time_zone VARCHAR, currency VARCHAR",
    "centre_sites": "site VARCHAR, title VARCHAR, time_zone VARCHAR",
    "centre_agents": "client VARCHAR, agent VARCHAR, team VARCHAR, site VARCHAR, supervisor VARCHAR, skills VARCHAR[], "
    "languages VARCHAR[], capacity MAP(VARCHAR, INTEGER)",
    "centre_dispositions": "client VARCHAR, disposition VARCHAR, title VARCHAR, flags VARCHAR[]",
    "centre_campaigns": "client VARCHAR, campaign VARCHAR, line VARCHAR, list VARCHAR, leads BIGINT, drop_rule VARCHAR",
    "centre_campaign_settings": "client VARCHAR, campaign VARCHAR, valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ, "
    "drop_rate_limit DOUBLE, connect_within_us BIGINT, contact_rate_target DOUBLE, conversion_target DOUBLE, "
    "survey_quota BIGINT",
    "centre_calendars": "client VARCHAR, queue VARCHAR, calendar VARCHAR, covered_from TIMESTAMPTZ, "
    "covered_to TIMESTAMPTZ",
    "centre_open_hours": "calendar VARCHAR, opens_at TIMESTAMPTZ, closes_at TIMESTAMPTZ",
    "centre_settings": "name VARCHAR, value DOUBLE, valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ",
}


def rows(text: str | bytes, table: str, now: datetime = NOW) -> list[dict[str, Any]]:
    content = text.encode() if isinstance(text, str) else text
    return centre_tables(parse_centre(content), now)[table].to_pylist()


@pytest.mark.parametrize("with_centre", [True, False])
def test_the_columns_are_the_same_with_and_without_a_centre(with_centre: bool) -> None:
    tables = centre_tables(parse_centre(EXAMPLE) if with_centre else None, NOW)
    assert set(tables) == set(COLUMNS) == set(SCHEMAS)
    con = duckdb.connect()
    for name, columns in COLUMNS.items():
        con.register("rows", tables[name])
        described = con.sql("DESCRIBE FROM rows").fetchall()
        said = ", ".join(f"{row[0]} {row[1].replace('TIMESTAMP WITH TIME ZONE', 'TIMESTAMPTZ')}" for row in described)
        assert said == columns, name
        assert bool(tables[name].num_rows) is with_centre
    con.close()


def test_a_queue_has_one_row_for_each_period() -> None:
    first, second = (row for row in rows(EXAMPLE, "centre_queues") if row["queue"] == "service")
    july = datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert (first["valid_from"], first["valid_to"], second["valid_from"], second["valid_to"]) == (
        None,
        july,
        july,
        None,
    )
    changed = {name for name in first if first[name] != second[name]} - {"valid_from", "valid_to"}
    assert changed == {"threshold_us", "service_level", "service_level_target", "asa_target_seconds"}
    assert second == {
        **{"client": "aurora", "queue": "service", "line": "customer-service", "channel": "voice", "skill": "service"},
        **{"language": "de", "site": "berlin", "time_zone": "Europe/Berlin", "valid_from": july, "valid_to": None},
        **{"threshold_us": 30_000_000, "threshold_inclusive": True, "short_abandon_us": 5_000_000},
        **{"short_abandons": "excluded_from_service_level", "service_level": "abandons_ignored"},
        **{"service_level_target": 0.85, "abandonment_target": 0.05, "asa_target_seconds": 25.0},
        **{"first_response_target_seconds": None, "resolution_target_seconds": None},
    }


def test_a_queue_of_which_only_a_later_date_is_set_has_the_defaults_before() -> None:
    text = SMALL.replace("voice}", "voice, settings: [{from: 2026-07-01, threshold_seconds: 0.25}]}")
    before, after = rows(text, "centre_queues")
    assert (before["threshold_us"], after["threshold_us"]) == (20_000_000, 250_000)
    assert before["line"] == after["line"] == "inbound-sales"
    (borealis,) = (row for row in rows(EXAMPLE, "centre_queues") if row["queue"] == "claims")
    assert borealis["threshold_inclusive"] is False


def test_the_same_agent_of_two_clients_is_two_agents() -> None:
    agents = {(row["client"], row["agent"]): row for row in rows(EXAMPLE, "centre_agents")}
    assert len(agents) == 4
    ours, theirs = agents["aurora", "agent-101"], agents["borealis", "agent-101"]
    assert (ours["team"], ours["site"], ours["supervisor"]) == ("care", "berlin", "agent-100")
    assert (theirs["team"], theirs["site"], theirs["supervisor"]) == ("night", "cebu", "agent-900")
    assert (ours["skills"], ours["capacity"]) == (["service", "technical"], [("voice", 1), ("chat", 3)])
    # Listed by a team and described nowhere; described and in a team of all clients.
    assert agents["aurora", "agent-102"]["team"] == "care"
    assert (agents["aurora", "agent-103"]["team"], agents["aurora", "agent-103"]["site"]) == ("night", "cebu")


def test_a_clients_own_team_comes_before_one_of_all_clients() -> None:
    text = SMALL + (
        "sites: {a: {time_zone: UTC}, b: {time_zone: UTC}, c: {time_zone: UTC}}\n"
        "teams: {acme: {night: {site: a}}, '*': {night: {site: b}, day: {site: b}}}\n"
        "agents: {acme: {x: {team: night}, y: {team: day}, z: {team: day, site: c}, free: }}\n"
    )
    assert {row["agent"]: row["site"] for row in rows(text, "centre_agents")} == {
        **{"x": "a", "y": "b", "z": "c", "free": None}
    }


def test_the_codes_of_all_clients_are_each_clients_unless_it_has_its_own() -> None:
    text = SMALL.replace("clients:", "clients:\n  zen:") + (
        "dispositions:\n  '*': {done: {flags: [resolved]}}\n  acme: {done: {flags: []}, order: {flags: [sale]}}\n"
    )
    flags = {(row["client"], row["disposition"]): row["flags"] for row in rows(text, "centre_dispositions")}
    assert flags == {
        ("zen", "done"): ["resolved"],
        ("acme", "done"): [],
        ("acme", "order"): ["sale"],
        ("*", "done"): ["resolved"],
    }


def test_campaigns_have_a_row_for_each_list_or_one_without() -> None:
    text = SMALL + "campaigns: {acme: {a: {line: surveys, lists: {x: 5, y: }}, b: {line: surveys, drop_rule: ofcom}}}\n"
    found = [(row["campaign"], row["list"], row["leads"], row["drop_rule"]) for row in rows(text, "centre_campaigns")]
    assert found == [("a", "x", 5, "none"), ("a", "y", None, "none"), ("b", None, None, "ofcom")]
    settings = rows(text, "centre_campaign_settings")
    assert [(row["campaign"], row["drop_rate_limit"], row["connect_within_us"]) for row in settings] == [
        ("a", 0.03, 2_000_000),
        ("b", 0.03, 2_000_000),
    ]


def test_a_quota_has_its_periods() -> None:
    dated = "{line: surveys, settings: [{survey_quota: 200}, {from: 2026-07-01, survey_quota: 300}]}"
    found = rows(SMALL + f"campaigns: {{acme: {{a: {dated}, b: {{line: surveys}}}}}}\n", "centre_campaign_settings")
    assert [(row["campaign"], row["survey_quota"], row["valid_from"] is None) for row in found] == [
        ("a", 200, True),
        ("a", 300, False),
        ("b", None, True),
    ]


def test_limits_of_the_centre_have_their_periods() -> None:
    text = SMALL + "definitions: [{repeat_contact_days: 5}, {from: 2026-07-01, promise_grace_days: 3}]\n"
    july = datetime(2026, 7, 1, tzinfo=UTC)
    assert [tuple(row.values()) for row in rows(text, "centre_settings")] == [
        ("promise_grace_days", 2, None, july),
        ("repeat_contact_days", 5, None, july),
        ("aged_after_seconds", 86_400, None, july),
        ("promise_grace_days", 3, july, None),
        ("repeat_contact_days", 5, july, None),
        ("aged_after_seconds", 86_400, july, None),
    ]


def test_sql_finds_the_business_time_that_the_function_finds() -> None:
    """By intersection of intervals, as a KPI will: through a clock change, a holiday and nights."""
    centre = parse_centre(EXAMPLE)
    tables = centre_tables(centre, NOW)
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    for name in ("centre_open_hours", "centre_calendars"):
        con.register(name, tables[name])
    asked = 0
    for queue in ("service", "technical", "sales"):
        calendar = queue_calendar(centre, "aurora", queue)
        for hours in range(0, 24 * 60, 7):
            start = datetime(2026, 10, 1, 3, 17, tzinfo=UTC) + timedelta(hours=hours)
            stop = start + timedelta(hours=hours % 100, seconds=hours)
            ((seconds,),) = con.execute(
                """
                SELECT coalesce(sum(epoch_us(least(closes_at, $stop)) - epoch_us(greatest(opens_at, $start))), 0) / 1e6
                FROM centre_open_hours JOIN centre_calendars USING (calendar)
                WHERE client = 'aurora' AND queue = $queue AND opens_at < $stop AND closes_at > $start
                  AND covered_from <= $start AND $stop <= covered_to
                """,
                {"start": start, "stop": stop, "queue": queue},
            ).fetchall()
            assert seconds == business_seconds(calendar, start, stop), (queue, start, stop)
            asked += seconds > 0
    con.close()
    assert asked > 300


def test_business_hours_are_laid_out_around_today() -> None:
    calendars = {row["queue"]: row for row in rows(EXAMPLE, "centre_calendars")}
    today = NOW.replace(hour=0, minute=0)
    assert calendars["service"]["calendar"] == calendars["mail"]["calendar"] == "office Europe/Berlin berlin"
    assert calendars["technical"]["calendar"] == "evenings Europe/Berlin berlin"
    assert calendars["service"]["covered_from"] == today - timedelta(days=DAYS_BEFORE)
    assert calendars["service"]["covered_to"] == today + timedelta(days=DAYS_AFTER)
    # Round the clock needs no window.
    assert calendars["claims"]["calendar"] == "always"
    assert calendars["claims"]["covered_from"] < datetime(1990, 1, 1, tzinfo=UTC)
    always = [row for row in rows(EXAMPLE, "centre_open_hours") if row["calendar"] == "always"]
    assert [(row["opens_at"], row["closes_at"]) for row in always] == [
        (calendars["claims"]["covered_from"], calendars["claims"]["covered_to"])
    ]


def test_hours_of_the_queue_outweigh_those_of_the_site_and_keep_its_zone() -> None:
    text = SMALL.replace(
        "voice}", "voice, site: b}\n    night: {line: chat, channel: chat, site: b, hours: always}"
    ) + (
        "    own: {line: chat, channel: chat, hours: short}\n"
        "sites: {b: {time_zone: Asia/Manila, hours: long}}\n"
        "hours: {long: {mon: ['00:00-24:00']}, short: {mon: ['08:00-09:00']}}\n"
    )
    found = {row["queue"]: row["calendar"] for row in rows(text, "centre_calendars")}
    assert found == {"sales": "long Asia/Manila", "night": "always", "own": "short Europe/Berlin"}
