"""The centre as tables for ``live.duckdb``: what SQL joins to facts. Pure; the same with and without a centre file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from pipeline.centre.calendars import queue_calendar, window
from pipeline.centre.hours import Calendar, open_intervals
from pipeline.centre.model import Agent, CampaignSettings, Centre, Definitions, QueueSettings
from pipeline.centre.validity import periods
from pipeline.centre.vocabulary import ALWAYS, EVERY_CLIENT

_MICROS = 1_000_000
_TS = pa.timestamp("us", tz="UTC")
_STR, _I64, _F64, _BOOL = pa.string(), pa.int64(), pa.float64(), pa.bool_()
_NAMES, _COUNTS = pa.list_(_STR), pa.map_(_STR, pa.int32())

Row = Mapping[str, Any]


def _schema(*columns: tuple[str, pa.DataType]) -> pa.Schema:
    """A schema from groups of columns: names apart by spaces, and their type."""
    return pa.schema([(name, kind) for names, kind in columns for name in names.split()])


#: Name to columns. ``valid_from`` NULL is always, ``valid_to`` NULL is open: each moment has one row of each thing.
SCHEMAS: Mapping[str, pa.Schema] = {
    "centre_queues": _schema(
        ("client queue", _STR),
        ("valid_from valid_to", _TS),
        ("line channel skill language site time_zone", _STR),
        ("threshold_us", _I64),
        ("threshold_inclusive", _BOOL),
        ("short_abandon_us", _I64),
        ("short_abandons service_level", _STR),
        ("service_level_target abandonment_target asa_target_seconds", _F64),
        ("first_response_target_seconds resolution_target_seconds", _F64),
    ),
    "centre_clients": _schema(("client title time_zone currency", _STR)),
    "centre_sites": _schema(("site title time_zone", _STR)),
    "centre_agents": _schema(
        ("client agent team site supervisor", _STR), ("skills languages", _NAMES), ("capacity", _COUNTS)
    ),
    "centre_dispositions": _schema(("client disposition title", _STR), ("flags", _NAMES)),
    "centre_campaigns": _schema(("client campaign line list", _STR), ("leads", _I64), ("drop_rule", _STR)),
    "centre_campaign_settings": _schema(
        ("client campaign", _STR),
        ("valid_from valid_to", _TS),
        ("drop_rate_limit", _F64),
        ("connect_within_us", _I64),
        ("contact_rate_target conversion_target", _F64),
        ("survey_quota", _I64),
    ),
    "centre_calendars": _schema(("client queue calendar", _STR), ("covered_from covered_to", _TS)),
    "centre_open_hours": _schema(("calendar", _STR), ("opens_at closes_at", _TS)),
    "centre_settings": _schema(("name", _STR), ("value", _F64), ("valid_from valid_to", _TS)),
}

#: Round the clock needs no window: these bounds hold all times that events may have.
_ALWAYS_OPEN = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def centre_tables(centre: Centre | None, now: datetime) -> dict[str, pa.Table]:
    """All tables by name; without rows if there is no centre.

    ``now`` (aware) sets the window in which business hours are laid out: ``calendars.window``. It changes daily.
    """
    rows: dict[str, Iterable[Row]] = {}
    if centre is not None:
        calendars = {
            (client, queue): queue_calendar(centre, client, queue)
            for client, queues in centre.queues.items()
            for queue in queues
        }
        rows = {
            "centre_queues": _queues(centre),
            "centre_clients": ({"client": name, **client.model_dump()} for name, client in centre.clients.items()),
            "centre_sites": (
                {"site": name, "title": site.title, "time_zone": site.time_zone} for name, site in centre.sites.items()
            ),
            "centre_agents": _agents(centre),
            "centre_dispositions": _dispositions(centre),
            "centre_campaigns": _campaigns(centre),
            "centre_campaign_settings": _campaign_settings(centre),
            "centre_calendars": _calendars(calendars, now),
            "centre_open_hours": _open_hours(calendars.values(), now),
            "centre_settings": _settings(centre),
        }
    return {
        name: pa.Table.from_pylist([dict(row) for row in rows.get(name, ())], schema=schema)
        for name, schema in SCHEMAS.items()
    }


def _micros(seconds: float) -> int:
    return round(seconds * _MICROS)


def _queues(centre: Centre) -> Iterator[Row]:
    for client, queues in centre.queues.items():
        for name, queue in queues.items():
            zone = centre.queue_zone(client, name)
            for period in periods(QueueSettings, queue.settings, zone):
                settings = period.settings
                yield {
                    "client": client,
                    "queue": name,
                    "valid_from": period.valid_from,
                    "valid_to": period.valid_to,
                    **queue.model_dump(include={"line", "channel", "skill", "language", "site"}),
                    "time_zone": zone.key,
                    "threshold_us": _micros(settings.threshold_seconds),
                    "threshold_inclusive": settings.threshold_boundary == "inclusive",
                    "short_abandon_us": _micros(settings.short_abandon_seconds),
                    **settings.model_dump(include=_SETTINGS_AS_THEY_ARE),
                }


_SETTINGS_AS_THEY_ARE = {
    "short_abandons",
    "service_level",
    "service_level_target",
    "abandonment_target",
    "asa_target_seconds",
    "first_response_target_seconds",
    "resolution_target_seconds",
}


def _agents(centre: Centre) -> Iterator[Row]:
    """Those who are described and those whom a team lists; the same name under two clients is two agents."""
    for client in centre.clients:
        teams = centre.teams.get(EVERY_CLIENT, {}) | centre.teams.get(client, {})
        listed = {agent: name for name, team in centre.teams.get(client, {}).items() for agent in team.agents}
        described = centre.agents.get(client, {})
        nothing_said = Agent.model_validate({})
        for name in dict.fromkeys([*described, *listed]):
            agent = described.get(name, nothing_said)
            team_name = listed.get(name) or agent.team
            team = teams[team_name] if team_name is not None else None
            yield {
                "client": client,
                "agent": name,
                "team": team_name,
                "site": agent.site or (team.site if team else None),
                "supervisor": team.supervisor if team else None,
                "skills": agent.skills,
                "languages": agent.languages,
                "capacity": list(agent.capacity.items()),
            }


def _dispositions(centre: Centre) -> Iterator[Row]:
    """The codes of all clients stand in each client's rows as well, and as they are for clients not in the file."""
    shared = centre.dispositions.get(EVERY_CLIENT, {})
    for client in (*centre.clients, EVERY_CLIENT):
        for code, disposition in (shared | centre.dispositions.get(client, {})).items():
            yield {"client": client, "disposition": code, "title": disposition.title, "flags": disposition.flags}


def _campaigns(centre: Centre) -> Iterator[Row]:
    """One row for each list, and one without a list for a campaign that has none."""
    for client, campaigns in centre.campaigns.items():
        for name, campaign in campaigns.items():
            for list_name, leads in campaign.lists.items() or [(None, None)]:
                yield {
                    "client": client,
                    "campaign": name,
                    "line": campaign.line,
                    "list": list_name,
                    "leads": leads,
                    "drop_rule": campaign.drop_rule,
                }


def _campaign_settings(centre: Centre) -> Iterator[Row]:
    for client, campaigns in centre.campaigns.items():
        for name, campaign in campaigns.items():
            for period in periods(CampaignSettings, campaign.settings, centre.campaign_zone(client, name)):
                yield {
                    "client": client,
                    "campaign": name,
                    "valid_from": period.valid_from,
                    "valid_to": period.valid_to,
                    "connect_within_us": _micros(period.settings.connect_within_seconds),
                    **period.settings.model_dump(
                        include={"drop_rate_limit", "contact_rate_target", "conversion_target", "survey_quota"}
                    ),
                }


def _calendars(calendars: Mapping[tuple[str, str], Calendar], now: datetime) -> Iterator[Row]:
    for (client, queue), calendar in calendars.items():
        covered_from, covered_to = _ALWAYS_OPEN if calendar.name == ALWAYS else window(now)
        yield {
            "client": client,
            "queue": queue,
            "calendar": calendar.name,
            "covered_from": covered_from,
            "covered_to": covered_to,
        }


def _open_hours(calendars: Iterable[Calendar], now: datetime) -> Iterator[Row]:
    for calendar in {each.name: each for each in calendars}.values():
        bounds = _ALWAYS_OPEN if calendar.name == ALWAYS else window(now)
        for opens_at, closes_at in open_intervals(calendar, *bounds):
            yield {"calendar": calendar.name, "opens_at": opens_at, "closes_at": closes_at}


def _settings(centre: Centre) -> Iterator[Row]:
    for period in periods(Definitions, centre.definitions, ZoneInfo("UTC")):
        for name, value in period.settings.model_dump(exclude={"valid_from"}).items():
            yield {
                "name": name,
                "value": value,
                "valid_from": period.valid_from,
                "valid_to": period.valid_to,
            }
