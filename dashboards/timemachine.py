"""The time machine: a past moment for the whole board, in the header of every page. It writes ``?as_of=``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

import streamlit as st

from dashboards import frame
from dashboards.data import feed
from dashboards.look import formats
from dashboards.look.words import say
from dashboards.readings.history import moment_of
from pipeline.errors import CallboardError

STEP = timedelta(minutes=15)


def header() -> None:
    """Draw the control for the moment of the address, if it is one."""
    now = feed.shared_feed().view().now
    try:
        as_of = frame.asked_moment(now)
    except CallboardError:
        return  # the page says so
    # The zone of the status line and of the banners beside it.
    show(as_of, now, frame.viewer_zone())


def show(as_of: datetime | None, now: datetime, zone: tzinfo) -> None:
    """Draw the control: the date and time shown in ``zone``, steps of a quarter of an hour, and back to now."""
    with st.container(key="timemachine"):
        label = say("Now") if as_of is None else formats.minute(as_of, zone)
        with st.popover(label, icon=":material/history:", key="timemachine-open"):
            st.caption(say("See the whole board as it stood at a past moment. Times are of {zone}.", zone=zone))
            _form(as_of, now, zone)
            back, forward, leave = st.columns(3)
            minutes = f"{STEP // timedelta(minutes=1)} min"
            if back.button(f"− {minutes}", key="timemachine-back", width="stretch"):
                _go((as_of or now) - STEP, now)
            if forward.button(f"+ {minutes}", key="timemachine-forward", width="stretch", disabled=as_of is None):
                _go((as_of or now) + STEP, now)
            if leave.button(say("Now"), key="timemachine-now", width="stretch", disabled=as_of is None):
                _go(None, now)


def _form(as_of: datetime | None, now: datetime, zone: tzinfo) -> None:
    shown = (as_of or now).astimezone(zone)
    # The fields follow the moment that is shown: with the moment in their keys, a step fills them anew.
    key = as_of.isoformat() if as_of else "now"
    with st.form(f"timemachine-form-{key}", border=False):
        day, clock = st.columns(2)
        date = day.date_input(say("Date"), shown.date(), format="YYYY-MM-DD", max_value=now.astimezone(zone).date())
        time = clock.time_input(say("Time"), shown.time().replace(second=0, microsecond=0), step=timedelta(minutes=1))
        if st.form_submit_button(say("Show that moment"), type="primary", width="stretch"):
            _go(moment_of(datetime.combine(date, time), zone), now)


def _go(moment: datetime | None, now: datetime) -> None:
    if moment is None or moment >= now:
        st.query_params.pop("as_of", None)
    else:
        st.query_params["as_of"] = moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    st.rerun()
