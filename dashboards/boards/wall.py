"""The wall: six numbers that a room can read, with target, state, alerts and the data's age; kiosk and rotation."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

import streamlit as st

from dashboards import filters, frame
from dashboards.access import session
from dashboards.access.people import Role
from dashboards.data import alerts, feed
from dashboards.data.asking import Filters, Period
from dashboards.data.view import View
from dashboards.frame import LIVE_SECONDS, panel
from dashboards.look import formats, wall
from dashboards.look.states import Level
from dashboards.look.words import mark, said, say
from dashboards.queries import floor
from dashboards.readings.alerts import where
from dashboards.readings.live import CONTRACT, TODAY
from dashboards.readings.wall import (
    ROTATIONS,
    pace_for,
    seconds_of,
    subjects,
    title,
    turn,
    wall_readings,
)

_ALERTS_SHOWN = 3
_ROTATION_WORDS = {
    "none": mark("Everything together"),
    "queue": mark("One queue after the other"),
    "client": mark("One client after the other"),
    "line": mark("One line after the other"),
    "channel": mark("One channel after the other"),
    "site": mark("One site after the other"),
}


def _is_kiosk() -> bool:
    """No chrome: a wall's token, a wall's role, or asked for in the address."""
    asked = bool(st.query_params.get("kiosk")) or st.query_params.get("wall") == "1"
    return asked or session.person().role is Role.WALL


@panel(LIVE_SECONDS)
def _wall(as_of: datetime | None, chosen: Filters, rotation: str, every: int, zone: str) -> None:
    today = Period("today", zone=zone)
    asks = frame.asks_for(
        floor.WAITING, floor.ROLLING, floor.PERIOD, floor.STAFF, floor.CONTRACTS,
        as_of=as_of, period=today, filters=chosen,
    )  # fmt: skip
    levels = frame.asks_for(floor.LEVELS, as_of=as_of, period=today, filters=chosen, arguments={"definition": CONTRACT})
    view = frame.look_at({**asks, TODAY: levels[floor.LEVELS.name]}, as_of)
    parts = subjects(view.rows(floor.WAITING.name), rotation, pace_for(view, chosen))
    place = turn(parts, view.now, every)
    memory = st.session_state.setdefault("wall-levels", {})
    wall.draw(
        title(parts[place], chosen),
        _when(view),
        _stale(view),
        wall_readings(view, chosen, parts[place], memory),
        _alerts(),
        say("{number} of {count}", number=place + 1, count=len(parts)) if len(parts) > 1 else "",
    )


def _when(view: View) -> str:
    moment = formats.stamp(view.at, frame.viewer_zone())
    if view.as_of is not None:
        return say("a past moment: {moment}", moment=moment)
    return say("{moment} · data {age} old", moment=moment, age=formats.age(view.age_seconds))


def _stale(view: View) -> str:
    if view.problem:
        return said(view.problem)
    if not view.is_stale:
        return ""
    return say("Data is {age} old; the worker may be down", age=formats.age(view.age_seconds))


def _alerts() -> list[tuple[str, Level]]:
    """One line at the foot. Nothing judged is not the same as nothing raised."""
    shared = feed.shared_feed()
    found, watch = alerts.open_alerts(shared.folder, session.person().scope), alerts.watch(shared.folder)
    if not found and not watch.rules:
        return []
    if not watch.is_kept(shared.view().now):
        return [(say("Nobody watches for alerts"), Level.WARNING)]
    if not found:
        return [(say("No open alerts"), Level.QUIET)]
    lines = [
        (
            f"{alert['title']} · {where(alert['client'], alert['subject'])}",
            Level.SERIOUS if alert.get("severity") == "serious" else Level.WARNING,
        )
        for alert in found[:_ALERTS_SHOWN]
    ]
    more = len(found) - len(lines)
    return [*lines, (say("and {count} more", count=more), Level.WARNING)] if more else lines


def _set_up(view: View) -> tuple[Filters, str, int]:
    """For who puts a wall up: what it shows, and the address that shows it without chrome."""
    chosen = filters.show(view)
    turning, seconds, link = st.columns([3, 2, 3], vertical_alignment="center")
    with turning:
        rotation = filters.choose(
            "rotate", say("Rotation"), ROTATIONS, lambda name: say(_ROTATION_WORDS[name]), many=True
        )
    with seconds:
        every = filters.choose(
            "every", say("Seconds for each"), ("15", "10", "30", "60"),
            lambda text: say("{count} s", count=text),
        )  # fmt: skip
    named = {name: value for name, value in chosen.parameters().items() if value}
    if rotation != ROTATIONS[0]:
        named |= {"rotate": rotation, "every": every}
    address = "?" + urlencode({**named, "wall": "1"})
    link.markdown(f"[{say('Show it without menus')}]({address})")
    return chosen, rotation, seconds_of(every)


def page() -> None:
    """The whole page."""
    as_of = frame.asked_moment(feed.shared_feed().view().now)
    kiosk = _is_kiosk()
    wall.style(chrome=not kiosk)
    view = frame.opened(as_of)
    if view is None:
        return
    if kiosk:
        rotation = st.query_params.get("rotate", "")
        chosen, every = filters.from_address(), seconds_of(st.query_params.get("every"))
    else:
        chosen, rotation, every = _set_up(view)
    _wall(
        as_of, chosen, rotation if rotation in ROTATIONS else ROTATIONS[0], every, filters.zone_of(view, chosen.client)
    )


page()
