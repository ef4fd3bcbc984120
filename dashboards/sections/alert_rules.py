"""The rules on the page of the alerts: the list, the form, and how often a rule would have told."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import streamlit as st
from pydantic import ValidationError

from dashboards import frame
from dashboards.access.people import Person
from dashboards.data import alerts, feed
from dashboards.look import alert_charts, charts, tables
from dashboards.look.words import mark, said, say
from dashboards.readings import alerts as reading
from pipeline.alerts.asking import minute_of
from pipeline.alerts.back_test import BackTest
from pipeline.alerts.measures import MEASURES
from pipeline.alerts.rule import Rule
from pipeline.errors import CallboardError

_EXAMPLE_NAME = "long-wait"
_NEW = "+"
_SQL = "sql"
_MOST_TRIED = 200
_EXAMPLE_SQL = """SELECT date_trunc('minute', queued_at) AS moment, client, queue AS subject, count(*) AS value
FROM segments WHERE queued_at >= $start AND queued_at < $stop GROUP BY ALL"""


def show(person: Person, folder: Path, as_of: datetime | None) -> None:
    """The rules that the person sees; an admin can change those that were made here."""
    known = {kept.name: kept for kept in alerts.rules(folder, person)}
    tables.show(
        say("Rules"), reading.said(reading.RULE_COLUMNS), reading.rule_rows(known.values()),
        say("There are no rules yet. The evaluator is started with: callboard alerts run"),
    )  # fmt: skip
    may_edit = person.role in alerts.EDIT
    options = [*known, *([_NEW] if may_edit else [])]
    if not options:
        return
    chosen = st.selectbox(
        say("Rule to look at"), options, key="rule",
        format_func=lambda name: say("New rule") if name == _NEW else f"{name} · {known[name].rule.title}",
    )  # fmt: skip
    kept = known.get(chosen)
    try:
        if may_edit and (kept is None or kept.source == "form"):
            _edit(person, folder, kept, as_of)
        elif kept is not None:
            _look(person, folder, kept, as_of)
    except CallboardError as error:
        st.error(said(error), icon=":material/error:")


def _look(person: Person, folder: Path, kept: alerts.KeptRule, as_of: datetime | None) -> None:
    if kept.rule.sql is not None and not person.scope.is_everything:
        return
    st.html(f'<div class="cb-words">{say("This rule is written in alerts.yaml and is changed there.")}</div>'
            if kept.source == "file" else "")  # fmt: skip
    if st.button(say("Try it on the last 90 days"), icon=":material/history:", key=f"try-{kept.name}"):
        _tried(person, folder, kept.rule, as_of)
    _sql(person, folder, kept.rule, as_of)


def _edit(person: Person, folder: Path, kept: alerts.KeptRule | None, as_of: datetime | None) -> None:
    before = kept.rule if kept else None
    key = kept.name if kept else _NEW
    fields = _fields(person, folder, before, key)
    name, given = _head(kept, before, key, fields)
    attempt, save, switch = st.columns([1, 1, 1])
    wants_try = attempt.button(
        say("Try it on the last 90 days"), icon=":material/history:", key=f"try-{key}", use_container_width=True
    )
    wants_save = save.button(
        say("Save"), icon=":material/save:", key=f"save-{key}", type="primary", use_container_width=True,
        disabled=as_of is not None,
    )  # fmt: skip
    turned = before is not None and switch.button(
        say("Switch off") if before.enabled else say("Switch on"), icon=":material/power_settings_new:",
        key=f"switch-{key}", use_container_width=True, disabled=as_of is not None,
    )  # fmt: skip
    rule = _valid({**given, "enabled": before.enabled if before else True})
    if rule is None:
        return
    if wants_try:
        _tried(person, folder, rule, as_of)
    if wants_save or turned:
        if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,63}", name):
            raise CallboardError(
                say("A rule's name is of small letters, digits and hyphens, such as {name}.", name=_EXAMPLE_NAME)
            )
        rule = rule.model_copy(update={"enabled": not rule.enabled}) if turned else rule
        # What cannot be asked is not kept.
        alerts.sql_of(folder, person, rule, 0, 1)
        alerts.keep_rule(folder, person, name, rule, feed.shared_feed().view().now)
        st.rerun()
    _sql(person, folder, rule, as_of)


def _fields(person: Person, folder: Path, before: Rule | None, key: str) -> dict[str, Any]:
    """What the rule looks at."""
    titles = reading.measure_titles()
    choices = [*titles, *([_SQL] if person.scope.is_everything else [])]
    first = _SQL if before is not None and before.sql else before.measure if before and before.measure else choices[0]
    what, per, client, subject = st.columns([3, 2, 2, 2], vertical_alignment="bottom")
    measure = what.selectbox(
        say("What"), choices, index=choices.index(first) if first in choices else 0, key=f"measure-{key}",
        format_func=lambda name: say("SQL of your own") if name == _SQL else say(titles[name]),
    )  # fmt: skip
    if measure == _SQL:
        unit = per.selectbox(
            say("Unit"),
            list(_UNITS),
            index=list(_UNITS).index(before.unit) if before else 0,
            key=f"unit-{key}",
            format_func={unit: say(words) for unit, words in _UNITS.items()}.__getitem__,
        )
        text = st.text_area(
            say("SQL: moment, value, and client and subject if of one, for the minutes from $start to $stop"),
            value=before.sql if before and before.sql else _EXAMPLE_SQL, key=f"sql-{key}", height=160,
        )  # fmt: skip
        return {"sql": text, "unit": unit}
    known = MEASURES[measure]
    st.html(f'<div class="cb-muted">{say(known.says)}</div>')
    pers = list(known.per)
    per_chosen = per.selectbox(
        say("For"), pers, index=pers.index(before.per) if before and before.per in pers else 0,
        key=f"per-{key}-{measure}", format_func=lambda name: say(reading.PER[name]),
    )  # fmt: skip
    clients = sorted(person.scope.clients) if person.scope.clients is not None else None
    if clients is not None:
        of_client: str | None = client.selectbox(say("Client"), clients, key=f"client-{key}")
    else:
        of_client = client.text_input(
            say("Client (empty: all)"), value=(before.client if before else None) or "", key=f"client-{key}",
            disabled=per_chosen == "whole",
        )  # fmt: skip
    of_subject = subject.text_input(
        say("Only this one (empty: each)"), value=(before.subject if before else None) or "", key=f"subject-{key}",
        disabled=per_chosen in ("whole", "client"),
    )  # fmt: skip
    found: dict[str, Any] = {"measure": measure, "per": per_chosen}
    if of_client and per_chosen != "whole":
        found["client"] = of_client
    if of_subject and per_chosen not in ("whole", "client"):
        found["subject"] = of_subject
    if known.rolls:
        found["window_minutes"] = st.number_input(
            say("Over the last minutes"), 1, 1_440, before.window_minutes if before else 30, key=f"window-{key}"
        )
    found["tell_options"] = alerts.targets(folder)
    return found


def _head(
    kept: alerts.KeptRule | None, before: Rule | None, key: str, fields: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Limit, hold-down, severity, name: the same for every rule."""
    options = fields.pop("tell_options", [])
    sign, limit, back, hold, release = st.columns(5, vertical_alignment="bottom")
    signs = (">", ">=", "<", "<=")
    unit = fields.get("unit") or MEASURES[fields["measure"]].unit
    scale, word = (100.0, "%") if unit == "ratio" else (1.0, say("seconds")) if unit == "seconds" else (1.0, "")
    given = {
        **fields,
        "comparison": sign.selectbox(
            say("Raised when the value is"), signs, index=signs.index(before.comparison) if before else 0,
            key=f"sign-{key}", format_func=lambda each: say(_SIGNS[each]),
        ),
        "threshold": limit.number_input(
            say("Limit, {unit}", unit=word) if word else say("Limit"),
            value=(before.threshold if before else 10.0) * scale,
            key=f"limit-{key}-{unit}",
        ) / scale,
    }  # fmt: skip
    clear = back.number_input(
        say("Back at, {unit} (empty: the limit)", unit=word) if word else say("Back at (empty: the limit)"),
        key=f"back-{key}-{unit}",
        value=None if before is None or before.clear_threshold is None else before.clear_threshold * scale,
    )  # fmt: skip
    if clear is not None:
        given["clear_threshold"] = clear / scale
    given["raise_after_seconds"] = hold.number_input(
        say("Raised after seconds"), 0, 86_400, before.raise_after_seconds if before else 60, 60, key=f"hold-{key}"
    )
    given["clear_after_seconds"] = release.number_input(
        say("Cleared after seconds"), 0, 86_400, before.clear_after_seconds if before else 60, 60, key=f"release-{key}"
    )
    short, long, urgent, told = st.columns([2, 4, 2, 3], vertical_alignment="bottom")
    name = short.text_input(
        say("Name"), value=kept.name if kept else "", disabled=kept is not None, key=f"name-{key}", max_chars=64,
        placeholder=_EXAMPLE_NAME,
    )  # fmt: skip
    given["title"] = long.text_input(
        say("Title, as people are told"), value=before.title if before else "", key=f"title-{key}", max_chars=120
    ) or say("New rule")
    severities = ("warning", "serious")
    given["severity"] = urgent.selectbox(
        say("Severity"), severities, index=severities.index(before.severity.value) if before else 0,
        key=f"severity-{key}", format_func=lambda each: reading.severity_cell(each).text,
    )  # fmt: skip
    given["tell"] = tuple(
        told.multiselect(
            say("Tells"), options, default=[t for t in before.tell if t in options] if before else [],
            key=f"tell-{key}",
            placeholder=say("the board only"),
        )
    )  # fmt: skip
    if before is not None and before.escalate is not None:
        given["escalate"] = before.escalate.model_dump()
    return name, given


_UNITS = {"count": mark("count"), "seconds": mark("seconds"), "ratio": mark("share")}
_SIGNS = {">": mark("above"), ">=": mark("at or above"), "<": mark("below"), "<=": mark("at or below")}


def _valid(given: dict[str, Any]) -> Rule | None:
    """The rule of the form, or None after saying what is wrong with it."""
    try:
        return Rule.model_validate(given)
    except ValidationError as error:
        st.error("; ".join(each["msg"] for each in error.errors(include_url=False)), icon=":material/error:")
        return None


def _sql(person: Person, folder: Path, rule: Rule, as_of: datetime | None) -> None:
    stop = minute_of(as_of or feed.shared_feed().view().at)
    with st.expander(say("The SQL of its values in the last hour"), icon=":material/code:"):
        st.code(alerts.sql_of(folder, person, rule, stop - 60, stop), language="sql", wrap_lines=True)


def _tried(person: Person, folder: Path, rule: Rule, as_of: datetime | None) -> None:
    with st.spinner(say("Looking at the last 90 days")):
        result = alerts.try_rule(folder, person, rule, as_of)
    zone = frame.viewer_zone()
    st.html(f'<div class="cb-words"><b>{reading.tried_words(result)}</b> {reading.known_words(result, zone)}</div>')
    if not result.alerts:
        return
    _strip(result, rule)
    tables.show(
        say("When it would have told"), reading.said(reading.TRIED_COLUMNS),
        reading.tried_rows(tuple(reversed(result.alerts))[:_MOST_TRIED], result.stop, rule.unit_of_value, zone), "",
    )  # fmt: skip
    if len(result.alerts) > _MOST_TRIED:
        st.html(f'<div class="cb-muted">{say("The newest {count} are listed.", count=_MOST_TRIED)}</div>')


def _strip(result: BackTest, rule: Rule) -> None:
    shown = [
        (
            reading.where(each.subject.client, each.subject.name), each.raised_at, each.cleared_at or result.stop,
            reading.value_text(each.peak, rule.unit_of_value),
        )
        for each in result.alerts
    ]  # fmt: skip
    places = sorted({place for place, *_ in shown})[: alert_charts.MOST_ROWS]
    shown = [each for each in shown if each[0] in places]
    # A rule that was made yesterday has not been lived with for 90 days: the axis begins where the data does.
    begin = max(result.start, min(raised for _, raised, *_ in shown) - timedelta(days=1))
    charts.draw(
        alert_charts.strip_data(shown), alert_charts.strip_spec(begin, result.stop),
        height=alert_charts.strip_height(len(places)), key="back-test-strip",
        alt=say("When the rule would have told, by place"),
    )  # fmt: skip
