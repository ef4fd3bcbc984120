"""What the viewer of the history chooses: period, grain, grouping, numbers, rules, comparison. All in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import filters
from dashboards.data.view import View
from dashboards.look.definitions import Definition, definitions
from dashboards.look.words import mark, say
from dashboards.queries.history import AGENT_GROUPINGS, CELL_GROUPINGS
from dashboards.readings.history import (
    COMPARISONS,
    PRESETS,
    Choice,
    Span,
    available,
    default_numbers,
    midnight,
    moment_of,
    span_of,
)
from pipeline.errors import CallboardError

#: So many columns fit beside each other.
MOST_NUMBERS = 12
#: A grain is offered up to so many days: what is longer is read by a coarser one.
_MOST_DAYS = {"quarter": 14, "hour": 62, "day": 3_660, "week": 3_660, "month": 36_600, "whole": 36_600}
LONGEST_DAYS = 3_660
_PRESETS = {
    "today": mark("Today"),
    "yesterday": mark("Yesterday"),
    "7days": mark("7 days"),
    "28days": mark("28 days"),
    "month": mark("This month"),
    "last_month": mark("Last month"),
    "custom": mark("From … to …"),
}
_GRAINS = {
    "hour": mark("By hour"),
    "quarter": mark("By 15 minutes"),
    "day": mark("By day"),
    "week": mark("By week"),
    "month": mark("By month"),
    "whole": mark("Whole period"),
}
_COMPARISONS = {
    "week": mark("Against a week before"),
    "before": mark("Against the days before"),
    "none": mark("No comparison"),
}
_RULES = {"then": mark("Rules of their time"), "now": mark("Rules of now"), "date": mark("Rules of a date")}


def show(view: View, as_of: datetime | None, first: DeltaGenerator) -> Choice:
    """Draw everything and return what is chosen; ``view`` is that of ``frame.opened``, ``first`` the period's place."""
    known = definitions(view.rows("catalogue"))
    zone = ZoneInfo(filters.zone_of(view))
    with first:
        preset = filters.choose("period", say("Period"), PRESETS, lambda key: say(_PRESETS[key]))
    span = _custom(view.at, zone) if preset == "custom" else span_of(preset, view.at, zone)
    chosen = filters.show(view)
    row = st.container(key="row-history-choices").columns(4, vertical_alignment="center")
    with row[0]:
        grain = _grain(span)
    with row[1]:
        groupings = (*CELL_GROUPINGS, *AGENT_GROUPINGS)
        grouping = filters.choose("by", say("Group"), groupings, lambda key: say(filters.GROUPINGS[key]), many=True)
    with row[2]:
        compare = filters.choose("compare", say("Compare"), COMPARISONS, lambda key: say(_COMPARISONS[key]), many=True)
    with row[3]:
        rules = filters.choose("rules", say("Rules"), tuple(_RULES), lambda key: say(_RULES[key]), many=True)
    definitions_at = None if rules == "then" else view.at.replace(second=0, microsecond=0)
    if rules == "date":
        with st.columns(4)[3]:
            definitions_at = midnight(
                _date("rules_date", say("Rules in force on"), view.at.astimezone(zone).date()), zone
            )
    numbers = _numbers(grouping, known)
    if grouping in AGENT_GROUPINGS:
        definitions_at = None  # none of their numbers has a threshold
    return Choice(span, grain, grouping, numbers, compare, chosen, definitions_at, as_of)


def _grain(span: Span) -> str:
    days = (span.stop - span.start) / timedelta(days=1)
    options = [grain for grain in _GRAINS if days <= _MOST_DAYS[grain]]
    return filters.choose("grain", say("Grain"), options, lambda key: say(_GRAINS[key]), many=True)


def _numbers(grouping: str, known: Mapping[str, Definition]) -> tuple[str, ...]:
    options = available(grouping)
    asked = [name for name in st.query_params.get("numbers", "").split(",") if name in options]
    default = asked or list(default_numbers(grouping))
    # A key of its own for either set of options: agents have not the numbers of queues.
    kind = "agents" if grouping in AGENT_GROUPINGS else "cells"
    chosen = st.multiselect(
        say("Numbers"),
        options,
        default,
        format_func={name: known[name].shown for name in options}.__getitem__,
        key=f"numbers-{kind}",
        max_selections=MOST_NUMBERS,
    )
    if tuple(chosen) == default_numbers(grouping) or not chosen:
        st.query_params.pop("numbers", None)
    else:
        st.query_params["numbers"] = ",".join(chosen)
    return tuple(chosen) or default_numbers(grouping)


def _custom(at: datetime, zone: ZoneInfo) -> Span:
    """Two dates and times of the zone; the address holds them as its clocks say them.

    Raises:
        CallboardError: the end is not after the start, or the period is too long.
    """
    today = at.astimezone(zone).date()
    columns = st.container(key="row-history-custom").columns(4, vertical_alignment="bottom")
    start = _wall("from", columns[:2], say("From"), datetime.combine(today, time()))
    stop = _wall("to", columns[2:], say("To"), datetime.combine(today + timedelta(days=1), time()))
    span = Span(moment_of(start, zone), moment_of(stop, zone), zone)
    if span.start >= span.stop:
        raise CallboardError(say("The period ends before it begins: choose a later end."))
    if span.stop - span.start > timedelta(days=LONGEST_DAYS):
        raise CallboardError(say("The period is longer than {days} days: choose a shorter one.", days=LONGEST_DAYS))
    return span


def _wall(name: str, columns: Sequence[DeltaGenerator], label: str, default: datetime) -> datetime:
    asked = _asked_wall(st.query_params.get(name)) or default
    with columns[0]:
        day = st.date_input(label, asked.date(), key=f"{name}-day", format="YYYY-MM-DD")
    with columns[1]:
        clock = st.time_input(say("at"), asked.time(), key=f"{name}-time", step=timedelta(minutes=15))
    wall = datetime.combine(day, clock).replace(second=0)
    st.query_params[name] = wall.isoformat(timespec="minutes")
    return wall


def _asked_wall(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None, second=0, microsecond=0) if text else None
    except ValueError:
        return None


def _date(name: str, label: str, default: date) -> date:
    try:
        asked = date.fromisoformat(st.query_params.get(name, ""))
    except ValueError:
        asked = default
    day = st.date_input(label, asked, key=name, format="YYYY-MM-DD")
    st.query_params[name] = day.isoformat()
    return day
