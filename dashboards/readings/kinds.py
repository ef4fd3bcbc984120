"""The kinds of rows behind numbers: which query has them, of which parts a number is made, what is shown of a row.

A new tile needs an entry in ``KINDS`` for its query and its number, or one in ``WITHOUT_ROWS`` with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dashboards.queries import floor, history
from dashboards.queries.behind import people, queues
from dashboards.queries.scoped import Query
from dashboards.readings.kind import NOTHING, PLACES, Kind, Parts, named
from dashboards.readings.kinds_of_work import KINDS_OF_WORK
from pipeline.kpis.catalogue import Ratio, catalogue

#: Of agents: also by their team.
_OF_AGENTS = (*PLACES, "team")


def _cells(kpi: str, _: str) -> Parts:
    if kpi in queues.MEASURES:
        return (kpi,), kpi
    return _ratio(kpi)


def _ratio(kpi: str) -> Parts:
    found = catalogue()[kpi]
    if not isinstance(found, Ratio):
        return NOTHING
    if found.percentile is not None:
        return ("waits",), ""
    return tuple(dict.fromkeys(found.inputs)), found.formula


def _levels(_: str, definition: str) -> Parts:
    known = {each.name for each in catalogue().definitions} | {"contract"}
    return (queues.SIDES, " / ".join(queues.SIDES)) if definition in known else NOTHING


def _occupancy(kpi: str, _: str) -> Parts:
    return _ratio(kpi) if kpi == "occupancy" else NOTHING


def _past(query: Query) -> tuple[str, ...]:
    """A query's name, and that of its text for a past moment."""
    return (query.name,) if query.past is None else (query.name, query.past.name)


_WAITING = (("waiting",), "waiting")
_IN_TIME = ("answered_in_time", "decided"), "answered_in_time / decided"
_OF_COMPLETED = ("answered_in_time", "completed"), "answered_in_time / completed"

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "open": Kind(
            queues.OPEN_ROWS,
            _past(floor.WAITING),
            named(
                waiting_by_rule=_WAITING,
                longest_wait_now_seconds=(("waiting",), "max(waiting)"),
                in_progress=("in_progress",),
            ),
        ),
        "rolling": Kind(
            queues.ROLLING_ROWS,
            _past(floor.ROLLING),
            named(service_level_with_expired=_IN_TIME, service_level_completed=_OF_COMPLETED),
        ),
        "cells": Kind(queues.CELL_ROWS, (*_past(floor.PERIOD), *_past(history.CELLS)), _cells),
        "levels": Kind(queues.LEVEL_ROWS, _past(floor.LEVELS), _levels),
        "staff": Kind(
            people.STAFF_ROWS,
            (*_past(floor.STAFF), "agents_now"),
            named(agents_by_state=(people.STAFF, ""), agents_over_limit=(people.OVER_LIMIT,)),
            "agents",
            _OF_AGENTS,
        ),
        "silent": Kind(
            people.SILENT_ROWS, ("agents_left_out",), named(unfinished_agents=(people.SILENT,)), "agents", _OF_AGENTS
        ),
        "spans": Kind(people.SPAN_ROWS, _past(floor.OCCUPANCY), _occupancy, "agents", _OF_AGENTS),
        "states": Kind(
            people.STATE_ROWS, ("agents_period",), named(occupancy_connect=tuple(people.SPANS)), "agents", _OF_AGENTS
        ),
        "plan": Kind(people.PLAN_ROWS, ("agents_period",), named(adherence=people.PLAN), "agents", _OF_AGENTS),
        "contacts": Kind(
            people.CONTACT_ROWS,
            ("agents_period",),
            named(
                agent_handled=("handled",),
                agent_aht_seconds=("talk_seconds", "hold_seconds", "wrap_seconds", "handled"),
                sales_per_answered=("sales", "answered"),
            ),
            places=_OF_AGENTS,
        ),
        **KINDS_OF_WORK,
    }
)

#: Queries whose tiles' numbers are not of rows of contacts, agents or outcomes, and why.
WITHOUT_ROWS: Mapping[str, str] = MappingProxyType(
    {
        "catalogue": "the data's own age: of the store as it was published",
        "partitions": "records of the log beside those in the store: told by partition on the page itself",
        "reject_reasons": "records that were refused are no contacts: the page lists the latest",
        "duplicates": "what was read twice is stored once, so that there is nothing to show",
        "correction_count": "changes of published minutes: the page lists the latest",
        "whatif_curve": "what would have been under settings that nobody has",
    }
)


def kind_of(query: str, kpi: str, definition: str = "") -> str | None:
    """The name of the kind of rows behind a number of a query's answer; None if there is none."""
    return next((name for name, kind in KINDS.items() if query in kind.of and kind.parts(kpi, definition)[0]), None)
