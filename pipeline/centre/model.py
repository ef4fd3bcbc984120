"""What centre.yaml may say, as typed and frozen models: the one place from which checks, tables and page are made.

Everything that belongs to a client stands under its client's name, so the same name under two clients is two things.
"""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from pipeline.centre import definitions as standard
from pipeline.centre import fields as f
from pipeline.centre.vocabulary import ALWAYS, EVERY_CLIENT
from pipeline.domain import definitions as rules

VERSION = 1
DEFAULT_ZONE = "UTC"
DAYS_OF_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Model(BaseModel):
    """What all parts have in common: nothing unknown, and nothing that changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _nothing_written(cls, value: Any) -> Any:
        return {} if value is None else value


class Client(Model):
    """A tenant on whose behalf the centre works."""

    title: str | None = Field(None, description="What people call it.")
    time_zone: f.TimeZone | None = Field(None, description="Local time of its queues that are at no site; else UTC.")
    currency: f.Currency | None = Field(None, description="The currency its amounts are in, ISO 4217.")


class Site(Model):
    """A place where agents work."""

    title: str | None = Field(None, description="What people call it.")
    time_zone: f.TimeZone = Field(description="IANA name of its local time.")
    hours: f.Name = Field(ALWAYS, description="Its business hours, by name; 'always' is round the clock.")
    holidays: f.Name | None = Field(None, description="Its holidays, by name.")


class WeeklyHours(Model):
    """Business hours by weekday, in the site's local time. A day that is not named is closed."""

    mon: f.Ranges = Field((), description="Monday, such as ['08:00-12:00', '13:00-17:30']; may end at 24:00.")
    tue: f.Ranges = Field((), description="Tuesday.")
    wed: f.Ranges = Field((), description="Wednesday.")
    thu: f.Ranges = Field((), description="Thursday.")
    fri: f.Ranges = Field((), description="Friday.")
    sat: f.Ranges = Field((), description="Saturday.")
    sun: f.Ranges = Field((), description="Sunday.")

    def week(self) -> tuple[f.Ranges, ...]:
        """The seven days, Monday first."""
        return tuple(getattr(self, day) for day in DAYS_OF_WEEK)


class Holiday(Model):
    """A date on which the business hours do not hold."""

    date: f.Day = Field(description="The local date.")
    title: str | None = Field(None, description="What people call it.")
    hours: f.Ranges = Field((), description="Open meanwhile; closed all day if not given.")


def _plain_date(value: Any) -> Any:
    return {"date": value} if isinstance(value, str) else value


class Dated(Model):
    """Settings from a date on, until the next entry. What an entry does not name stays as it was before."""

    valid_from: f.Day | None = Field(
        None,
        alias="from",
        description="First local date. Only the first entry may leave it out: always. Before it the defaults hold.",
    )


class QueueSettings(Dated):
    """What a queue promises, and by which definition it is measured."""

    threshold_seconds: f.Seconds = Field(
        float(rules.THRESHOLD_SECONDS), description="Answered within this is in target."
    )
    threshold_boundary: f.Boundary = Field("inclusive", description="Whether exactly the threshold is in target.")
    short_abandon_seconds: f.SecondsFromZero = Field(
        float(rules.SHORT_ABANDON_SECONDS), description="An abandon after at most this is a short abandon."
    )
    short_abandons: f.ShortAbandons = Field(
        "counted",
        description="excluded: from abandonment and service level; excluded_from_service_level: from that alone; "
        "not_offered: never counted as a call.",
    )
    service_level: f.ServiceLevel = Field(
        "abandons_negative", description="The definition that the client's contract names."
    )
    service_level_target: f.Share = Field(rules.SERVICE_LEVEL_TARGET, description="Share in target to reach.")
    abandonment_target: f.Share = Field(rules.ABANDONMENT_TARGET, description="Share abandoned not to exceed.")
    asa_target_seconds: f.Seconds | None = Field(None, description="Average speed of answer not to exceed.")
    first_response_target_seconds: f.Seconds | None = Field(None, description="Promised time to the first response.")
    resolution_target_seconds: f.Seconds | None = Field(None, description="Promised time to resolution.")


class Queue(Model):
    """A queue of a client, by the name that its events have."""

    title: str | None = Field(None, description="What people call it.")
    line: f.Line = Field(description="Line of business.")
    channel: f.Channel = Field(description="How contacts arrive, as in its events.")
    skill: f.Name | None = Field(None, description="What its agents must be able to do.")
    language: f.Language | None = Field(None, description="BCP 47, such as en, de-CH or zh-Hant.")
    site: f.Name | None = Field(None, description="Where it is answered: gives time zone, business hours and holidays.")
    hours: f.Name | None = Field(None, description="Business hours of its own, in place of the site's; or 'always'.")
    settings: tuple[QueueSettings, ...] = Field((), description="Dated, in order; the defaults if there are none.")


class CampaignSettings(Dated):
    """What a campaign must keep to and wants to reach."""

    drop_rate_limit: f.Share = Field(standard.DROP_RATE_LIMIT, description="Drops as a share of live answers, at most.")
    connect_within_seconds: f.Seconds = Field(
        standard.CONNECT_WITHIN_SECONDS, description="Without an agent so long after the greeting, a call is a drop."
    )
    contact_rate_target: f.Share | None = Field(None, description="Contacts per dial to reach.")
    conversion_target: f.Share | None = Field(None, description="Sales per contact to reach.")
    survey_quota: f.Count | None = Field(None, description="Completed interviews wanted of the campaign.")


class Campaign(Model):
    """Outbound work of a client on lists of leads."""

    title: str | None = Field(None, description="What people call it.")
    line: f.Line = Field(description="Line of business.")
    direction: f.Outbound = Field("outbound", description="Campaigns are outbound.")
    lists: Annotated[dict[f.Name, f.Count | None], f.Section] = Field(
        default_factory=dict, description="List to its number of leads, empty if unknown."
    )
    queue: f.Name | None = Field(None, description="The client's queue whose agents work on it.")
    drop_rule: f.DropRule = Field("none", description="Whose rule counts its dropped calls.")
    settings: tuple[CampaignSettings, ...] = Field((), description="Dated, in order; the defaults if there are none.")


class Disposition(Model):
    """What an outcome code means."""

    title: str | None = Field(None, description="What people call it.")
    flags: tuple[f.Flag, ...] = Field((), description="What it counts as.")


class Team(Model):
    """Agents with one supervisor."""

    title: str | None = Field(None, description="What people call it.")
    site: f.Name | None = Field(None, description="Where it works.")
    supervisor: f.Name | None = Field(None, description="Work identifier, not a person's name.")
    agents: tuple[f.Name, ...] = Field((), description=f"Its agents. Those of a team of '{EVERY_CLIENT}' name it.")


class Agent(Model):
    """An agent, by the work identifier that the events of this client have."""

    team: f.Name | None = Field(None, description=f"Team of the client or of '{EVERY_CLIENT}', if not listed there.")
    site: f.Name | None = Field(None, description="Where the agent works, if not at the team's site.")
    skills: tuple[f.Name, ...] = Field((), description="What the agent is able to do.")
    languages: tuple[f.Language, ...] = Field((), description="BCP 47, such as en or de-CH.")
    capacity: Annotated[dict[f.Channel, f.Capacity], f.Section] = Field(
        default_factory=dict, description="Channel to how many contacts at a time, such as {voice: 1, chat: 3}."
    )


class Definitions(Dated):
    """Limits that hold for the whole centre; dates are in UTC."""

    promise_grace_days: f.Days = Field(
        standard.PROMISE_GRACE_DAYS, description="A payment so many days after the promised date still keeps it."
    )
    repeat_contact_days: f.Days = Field(
        standard.REPEAT_CONTACT_DAYS, description="A customer's next contact within so many days is a repeat."
    )
    aged_after_seconds: f.Seconds = Field(
        standard.AGED_AFTER_SECONDS, description="Without an end so long after its last event, an interaction is aged."
    )


def _version(value: int) -> int:
    if value != VERSION:
        raise f.wrong(f"{value} is not known here; this callboard reads version {VERSION}")
    return value


class Centre(Model):
    """The whole file."""

    version: Annotated[int, AfterValidator(_version)] = Field(description=f"Of this format: {VERSION}.")
    clients: Annotated[dict[f.ClientName, Client], f.Section] = Field(
        default_factory=dict, description="Name to client."
    )
    sites: Annotated[dict[f.Name, Site], f.Section] = Field(default_factory=dict, description="Name to site.")
    hours: Annotated[dict[f.HoursName, WeeklyHours], f.Section] = Field(
        default_factory=dict, description="Name to weekly business hours."
    )
    holidays: Annotated[
        dict[f.HolidaysName, tuple[Annotated[Holiday, BeforeValidator(_plain_date)], ...]], f.Section
    ] = Field(default_factory=dict, description="Name to a list of dates, or of holidays with short hours.")
    queues: Annotated[dict[f.Name, Annotated[dict[f.Name, Queue], f.Section]], f.Section] = Field(
        default_factory=dict, description="Client to its queues by name."
    )
    campaigns: Annotated[dict[f.Name, Annotated[dict[f.Name, Campaign], f.Section]], f.Section] = Field(
        default_factory=dict, description="Client to its campaigns by name."
    )
    dispositions: Annotated[dict[f.Name, Annotated[dict[f.Name, Disposition], f.Section]], f.Section] = Field(
        default_factory=dict,
        description=f"Client to its outcome codes; those of '{EVERY_CLIENT}' hold for all clients without that code.",
    )
    teams: Annotated[dict[f.Name, Annotated[dict[f.Name, Team], f.Section]], f.Section] = Field(
        default_factory=dict, description=f"Client, or '{EVERY_CLIENT}' for teams that serve several, to teams by name."
    )
    agents: Annotated[dict[f.Name, Annotated[dict[f.Name, Agent], f.Section]], f.Section] = Field(
        default_factory=dict, description="Client to its agents by name, for those who need more than their team says."
    )
    definitions: tuple[Definitions, ...] = Field((), description="Dated, in order; the defaults if there are none.")

    def summary(self) -> str:
        """How much of what there is, for a person: 2 clients, 1 site, ..."""
        counts = {
            "client": len(self.clients),
            "site": len(self.sites),
            "queue": sum(map(len, self.queues.values())),
            "campaign": sum(map(len, self.campaigns.values())),
            "disposition": sum(map(len, self.dispositions.values())),
            "team": sum(map(len, self.teams.values())),
        }
        return ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items())

    def queue_zone(self, client: str, queue: str) -> ZoneInfo:
        """Local time of a queue: its site's, else its client's, else UTC. KeyError if there is no such queue."""
        site = self.queues[client][queue].site
        if site is not None:
            return ZoneInfo(self.sites[site].time_zone)
        return ZoneInfo(self.clients[client].time_zone or DEFAULT_ZONE)

    def campaign_zone(self, client: str, campaign: str) -> ZoneInfo:
        """Local time of a campaign: its queue's, else its client's, else UTC. KeyError if there is no such campaign."""
        queue = self.campaigns[client][campaign].queue
        if queue is not None:
            return self.queue_zone(client, queue)
        return ZoneInfo(self.clients[client].time_zone or DEFAULT_ZONE)
