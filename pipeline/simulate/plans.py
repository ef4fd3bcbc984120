"""The plans of agents: each shift as activities that do not overlap, said when the shift before is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pipeline.contract.events import AgentScheduled, AgentScheduledData
from pipeline.simulate.agents import Agent
from pipeline.simulate.centre import AgentGroup
from pipeline.simulate.journal import Journal
from pipeline.simulate.manifest import Manifest

#: Breaks that are not paid.
UNPAID = frozenset({"meal"})


class Plans:
    """Called with each shift of an agent before it begins."""

    def __init__(self, journal: Journal, manifest: Manifest) -> None:
        """``manifest`` counts what was planned."""
        self._journal = journal
        self._manifest = manifest

    def __call__(self, agent: Agent, begins: datetime) -> None:
        """Say the plan of the shift that begins then."""
        for activity, starts_at, ends_at in activities(agent.group, begins):
            data = AgentScheduledData(
                client=agent.group.client,
                agent=agent.name,
                schedule=f"{agent.name}-{begins:%Y-%m-%d}",
                activity=activity,
                starts_at=starts_at,
                ends_at=ends_at,
                paid=activity not in UNPAID,
            )
            us = (ends_at - starts_at) // timedelta(microseconds=1)
            self._journal.say(AgentScheduled, data, self._manifest.scheduled, activity, us)


def activities(group: AgentGroup, begins: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    """(activity, start, end) of a shift, without gaps; a break is planned where the group's shift has it."""
    now, ends = begins, begins + timedelta(hours=group.shift_hours)
    for pause in sorted(group.breaks, key=lambda each: each.after_hours):
        starts = begins + timedelta(hours=pause.after_hours)
        over = min(ends, starts + timedelta(minutes=pause.minutes))
        if not now <= starts < over:
            continue
        if now < starts:
            yield "work", now, starts
        yield pause.reason, starts, over
        now = over
    if now < ends:
        yield "work", now, ends
