"""What a rule made by form may look at: a closed list. Each is named, counted and limited as the KPI catalogue says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Unit = Literal["count", "seconds", "ratio"]
#: What one alert is about: the whole store, a client, or one line, queue or campaign of a client.
Per = Literal["whole", "client", "line", "queue", "campaign"]
#: How a measure's series is made; see ``pipeline.alerts.series``.
Form = Literal["intervals", "longest", "shares", "silence", "live"]

_QUEUES: tuple[Per, ...] = ("queue", "line", "client", "whole")
_PEOPLE: tuple[Per, ...] = ("client", "whole")
_STORE: tuple[Per, ...] = ("whole",)


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. ``says`` is its definition for people."""

    name: str
    title: str
    unit: Unit
    per: tuple[Per, ...]
    form: Form
    says: str
    #: Looks back over ``window_minutes``.
    rolls: bool = False
    #: Of agents: who is bounded to a team or a site sees no sum over a whole client.
    of_agents: bool = False

    @property
    def has_past(self) -> bool:
        """Whether the store says what it was at a past minute, so that a rule can be tried on the past."""
        return self.form != "live"


_ALL = (
    Measure("waiting", "Waiting", "count", _QUEUES, "intervals", "Contacts that wait in a queue; queue_now()."),
    Measure(
        "longest_wait_seconds", "Longest wait", "seconds", _QUEUES, "longest",
        "How long the one waits that has waited longest; queue_now().",
    ),
    Measure(
        "service_level", "Service level", "ratio", _QUEUES, "intervals",
        "Answered in time of all that were decided in the last minutes: at their answer, their abandon, or when their "
        "threshold passed; service_level_with_expired of service_level_now().", rolls=True,
    ),
    Measure(
        "abandonment_rate", "Abandonment", "ratio", _QUEUES, "intervals",
        "Abandoned of the waits that ended in the last minutes with an answer or an abandon, as it was known then; "
        "short abandons by the queue's setting.", rolls=True,
    ),
    Measure(
        "agents_available", "Agents available", "count", _PEOPLE, "intervals",
        "Agents in the state available, while anybody is signed in; agent_now().", of_agents=True,
    ),
    Measure(
        "occupancy", "Occupancy", "ratio", _PEOPLE, "shares",
        "Time on contact and in wrap-up of that and time available, in the last minutes; occupancy().",
        rolls=True, of_agents=True,
    ),
    Measure(
        "agents_over_limit", "Agents over a limit", "count", _PEOPLE, "intervals",
        "Agents who are in a state for longer than its limit; agents_over_limit().", of_agents=True,
    ),
    Measure(
        "backlog_late", "Late in the backlog", "count", _QUEUES, "intervals",
        "Open items (email, letter, fax, work item) past their promise; open_past_promise of backlog().",
    ),
    Measure(
        "drop_rate", "Drop rate", "ratio", ("campaign",), "intervals",
        "Dropped of the calls that a person took, in the last 30 days; drop_rate().",
    ),
    Measure(
        "silence_seconds", "No event since", "seconds", _PEOPLE, "silence",
        "Time since the newest event of the client, or of all.",
    ),
    Measure(
        "data_age_seconds", "Data age", "seconds", _STORE, "live",
        "Time since the store was published. The store keeps no past of it.",
    ),
    Measure("lag", "Lag", "count", _STORE, "live", "Events that are not stored yet. The store keeps no past of it."),
)  # fmt: skip

MEASURES: Mapping[str, Measure] = MappingProxyType({measure.name: measure for measure in _ALL})
