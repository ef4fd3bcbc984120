"""The page of the alerts: what is open and who has taken it on, what was, and the rules with their back-tests."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import streamlit as st

from dashboards import frame, head
from dashboards.access import session
from dashboards.access.people import Person
from dashboards.data import alerts, feed
from dashboards.frame import LIVE_SECONDS, SLOW_SECONDS, panel
from dashboards.look import alert_charts, charts, formats, tables
from dashboards.look.words import mark, said, say
from dashboards.readings import alerts as reading
from dashboards.sections import alert_rules
from pipeline.errors import CallboardError

_VIEWS = {"open": mark("Open"), "history": mark("History"), "rules": mark("Rules")}


@panel(LIVE_SECONDS)
def _open(as_of: datetime | None, known: tuple[str, ...]) -> None:
    rows = alerts.open_alerts(feed.shared_feed().folder, session.person().scope, as_of)
    if tuple(sorted(row["id"] for row in rows if row["acknowledged_at"] is None)) != known:
        st.rerun()  # a new alert, or one that is over: it belongs into the form below
    now = as_of or feed.shared_feed().view().now
    watch = alerts.watch(feed.shared_feed().folder)
    if as_of is None and not watch.is_kept(now):
        st.warning(reading.unwatched(watch, frame.viewer_zone()), icon=":material/visibility_off:")
    tables.show(
        say("Open alerts"),
        reading.said(reading.OPEN_COLUMNS),
        reading.open_rows(rows, now),
        reading.nothing_open(watch, now, as_of),
    )


@panel(SLOW_SECONDS)
def _history(as_of: datetime | None) -> None:
    rows = alerts.past_alerts(feed.shared_feed().folder, session.person().scope, as_of)
    now = as_of or feed.shared_feed().view().now
    tables.show(
        say("The newest alerts"), reading.said(reading.PAST_COLUMNS),
        reading.past_rows(rows[:100], now, frame.viewer_zone()),
        say("No alert was raised yet."),
    )  # fmt: skip


def _acknowledge(person: Person, rows: list[alerts.Row]) -> None:
    """The form: it stands still while the table above it moves."""
    waiting = {row["id"]: row for row in rows if row["acknowledged_at"] is None}
    if not waiting:
        return
    if person.role not in alerts.ACKNOWLEDGE:
        st.html(f'<div class="cb-muted">{say("A supervisor acknowledges alerts; you may look at them.")}</div>')
        return
    st.html(f'<h2 class="cb-heading">{say("Take an alert on")}</h2>')
    with st.form("acknowledge", clear_on_submit=True):
        which, who, what, send = st.columns([4, 2, 4, 2], vertical_alignment="bottom")
        chosen = which.selectbox(say("Alert"), list(waiting), format_func=lambda key: reading.label(waiting[key]))
        name = who.text_input(say("Your name"), value=person.name, disabled=bool(person.name), max_chars=80)
        note = what.text_input(say("Note"), max_chars=300, placeholder=say("What will be done"))
        if send.form_submit_button(say("Acknowledge"), icon=":material/check:", use_container_width=True) and chosen:
            shown = feed.shared_feed()
            try:
                alerts.acknowledge(shown.folder, person, person.name or name, chosen, note, shown.view().now)
            except CallboardError as error:
                st.error(said(error), icon=":material/error:")
            else:
                st.rerun()


def _details(person: Person, rows: list[alerts.Row]) -> None:
    """Why an alert was raised: its values, its SQL, and whom it was told."""
    if not rows:
        return
    st.html(f'<h2 class="cb-heading">{say("Why it was raised")}</h2>')
    by_id = {row["id"]: row for row in rows}
    linked = st.query_params.get("alert", "")
    chosen = st.selectbox(
        say("Alert to look at"), list(by_id), index=list(by_id).index(linked) if linked in by_id else 0,
        format_func=lambda key: f"{reading.label(by_id[key])} · {_clock(by_id[key])}",
        key="alert-details", label_visibility="collapsed",
    )  # fmt: skip
    if chosen is None:
        return
    st.query_params["alert"] = chosen
    row = by_id[chosen]
    if not alerts.sees_evidence(person, row):
        st.html(f'<div class="cb-muted">{say("What an SQL rule has found is for an admin of the whole store.")}</div>')
        return
    values = reading.evidence(row)
    chart, told = st.columns([3, 2], gap="medium")
    with chart:
        charts.draw(
            alert_charts.evidence_data(values),
            alert_charts.evidence_spec(row["threshold"], row["unit"]),
            height=alert_charts.EVIDENCE_HEIGHT, key=f"evidence-{chosen}",
            alt=say("The values of the minutes before the alert was raised, with the limit"),
        )  # fmt: skip
    with told:
        tables.show(
            say("Who was told"),
            (
                tables.Column(say("Target", context="who is told"), "left"),
                tables.Column(say("Of"), "left"),
                tables.Column(say("State"), "left"),
            ),
            [
                [tables.Cell(each["target"]), tables.Cell(say(reading.EVENTS[each["event"]])), _delivery(each)]
                for each in alerts.deliveries(feed.shared_feed().folder, chosen)
            ],
            say("Nobody: the rule tells the board only."),
        )
    with st.expander(say("The SQL that says so"), icon=":material/code:"):
        st.code(row["sql"], language="sql", wrap_lines=True)


def _delivery(row: alerts.Row) -> tables.Cell:
    if row["delivered_at"]:
        return tables.Cell(say("taken"))
    word = say("given up") if row["given_up_at"] else say("to be told") if not row["attempts"] else say("not taken yet")
    return tables.Cell(word if not row["problem"] else f"▲ {word}", "warning" if row["problem"] else "",
                       below=row["problem"] or "")  # fmt: skip


def _clock(row: alerts.Row) -> str:
    return formats.stamp(datetime.fromisoformat(row["raised_at"]), frame.viewer_zone())


def page() -> None:
    """The whole page."""
    as_of = frame.asked_moment(feed.shared_feed().view().now)
    if frame.opened(as_of) is None:
        return
    person, folder = session.person(), feed.shared_feed().folder
    choose, status = st.columns([7, 5], vertical_alignment="center")
    names = list(_VIEWS)
    linked = st.query_params.get("view", names[0])
    with choose:
        chosen = st.segmented_control(
            say("View"), names, default=linked if linked in names else names[0], required=True,
            format_func=lambda name: say(_VIEWS[name]), key="alerts-view", label_visibility="collapsed",
        )  # fmt: skip
    view = chosen or names[0]
    st.query_params["view"] = view
    with status:
        head.status(as_of)
    head.banners(as_of)
    try:
        _show(view, person, folder, as_of)
    except CallboardError as error:
        st.error(said(error), icon=":material/error:")


def _show(view: str, person: Person, folder: Path, as_of: datetime | None) -> None:
    if view == "rules":
        alert_rules.show(person, folder, as_of)
        return
    rows = (alerts.open_alerts if view == "open" else alerts.past_alerts)(folder, person.scope, as_of)
    if view == "open":
        _open(as_of, tuple(sorted(row["id"] for row in rows if row["acknowledged_at"] is None)))
        if as_of is None:
            _acknowledge(person, rows)
    else:
        _history(as_of)
    _details(person, rows)


page()
