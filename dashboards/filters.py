"""The filter bar of every page that narrows its numbers. Each choice is kept in the address, so that a link shares it.

Options are the places of the scope (``common.PLACES``). A chosen value that no longer exists stays chosen: a link must
not show everybody's numbers instead of nobody's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import streamlit as st

from dashboards.data.asking import Filters, Period
from dashboards.data.view import View
from dashboards.look import dimensions
from dashboards.look.words import mark, say
from dashboards.queries import common
from dashboards.readings.places import values_of

#: Filters that are an attribute of a queue, in the order in which they narrow each other's options.
PLACES = ("client", "line", "channel", "queue", "language", "skill", "site")
#: How many stand in the bar itself; the others are behind "More filters".
IN_SIGHT = 4
_MAX_NAME = 128
_ALL = {
    "client": mark("All clients"),
    "line": mark("All lines"),
    "queue": mark("All queues"),
    "channel": mark("All channels"),
    "direction": mark("In and out"),
    "language": mark("All languages"),
    "skill": mark("All skills"),
    "site": mark("All sites"),
    "team": mark("All teams"),
    "campaign": mark("All campaigns"),
}
#: What rows of a table can be of.
GROUPINGS = {
    "all": mark("All together"),
    "client": mark("By client"),
    "line": mark("By line of business"),
    "queue": mark("By queue"),
    "channel": mark("By channel"),
    "direction": mark("By direction"),
    "language": mark("By language"),
    "skill": mark("By skill"),
    "site": mark("By site"),
    "agent": mark("By agent"),
    "team": mark("By team"),
}
_PERIODS = {
    "interval": (mark("This interval"), Period("interval")),
    "30": (mark("30 min"), Period("last", 30)),
    "60": (mark("60 min"), Period("last", 60)),
    "today": (mark("Today"), Period("today")),
    "week": (mark("7 days"), Period("last", 7 * 24 * 60)),
}
_PERIOD_WORDS = {
    "interval": mark("this interval"),
    "30": mark("last 30 min"),
    "60": mark("last 60 min"),
    "today": mark("today"),
    "week": mark("last 7 days"),
}
PERIODS = ("30", "60", "interval", "today")


def show(
    view: View,
    names: Sequence[str] = PLACES,
    options: Mapping[str, Sequence[str]] = MappingProxyType({}),
    in_sight: int = IN_SIGHT,
    key: str = "row-filters",
) -> Filters:
    """Draw filters in the current container and return what is chosen.

    ``view`` has the answer of ``common.PLACES`` (``frame.opened`` does). ``names`` are fields of ``Filters``; what is
    no attribute of a queue (team, campaign) needs its values in ``options``. The first ``in_sight`` stand in one row,
    whose ``key`` gives it two columns on a phone if it begins with "row-".
    """
    rows = view.rows(common.PLACES.name)
    chosen = {name: _asked(name) for name in names}
    values = {name: sorted(options[name]) if name in options else values_of(rows, name, chosen) for name in names}
    hidden = names[in_sight:]
    row = st.container(key=key)
    columns = row.columns(min(len(names), in_sight) + bool(hidden), vertical_alignment="center")
    for column, name in zip(columns, names[:in_sight], strict=False):
        with column:
            chosen[name] = _box(name, values[name], chosen[name])
    if hidden:
        count = sum(1 for name in hidden if chosen[name] is not None)
        label = say("More filters ({count})", count=count) if count else say("More filters")
        with columns[-1].popover(label, icon=":material/filter_alt:", key="more-filters", width="stretch"):
            for name in hidden:
                chosen[name] = _box(name, values[name], chosen[name], label_visibility="visible")
    return Filters(**chosen)


def from_address(names: Sequence[str] = PLACES) -> Filters:
    """What the address chooses, for a wall that shows no filters."""
    return Filters(**{name: st.query_params.get(name, "")[:_MAX_NAME] or None for name in names})


def period(view: View, keys: Sequence[str] = PERIODS) -> tuple[Period, str]:
    """Draw the choice of a period; returns it and its words, for a heading or a tile. The first key is the default."""
    key = choose("period", say("Period"), keys, lambda name: say(_PERIODS[name][0]))
    return period_of(key, zone_of(view)), say(_PERIOD_WORDS[key])


def period_of(key: str, zone: str) -> Period:
    """The period of a key of ``PERIODS``; ``zone`` is where "today" begins. Pure."""
    found = _PERIODS[key][1]
    return Period("today", zone=zone) if found.kind == "today" else found


def zone_of(view: View, client: str | None = None) -> str:
    """The zone in which a day begins: that of the chosen client, or that which all clients share, else UTC."""
    rows = view.rows(common.ZONES.name)
    client = client or _asked("client")
    zones = {row["time_zone"] or "UTC" for row in rows if client is None or row["client"] == client}
    return zones.pop() if len(zones) == 1 else "UTC"


def choose(name: str, label: str, options: Sequence[str], words: Callable[[str], str], *, many: bool = False) -> str:
    """One of a few, or of ``many`` in a list; the first is the default and is left out of the address."""
    asked = _asked(name)
    default = asked if asked in options else options[0]
    # Said now: Streamlit may ask for them outside of the run, where nobody knows the viewer's language.
    shown = {option: words(option) for option in options}
    value: str | None
    if many:
        value = st.selectbox(
            label,
            options,
            options.index(default),
            format_func=shown.__getitem__,
            key=name,
            label_visibility="collapsed",
        )
    else:
        value = st.segmented_control(
            label,
            options,
            default=default,
            required=True,
            format_func=shown.__getitem__,
            key=name,
            label_visibility="collapsed",
        )
    _keep(name, None if value == options[0] else value)
    return value or options[0]


def typed(name: str, label: str) -> str | None:
    """A text of the viewer's own, kept in the address as ``?name=``; None if there is none."""
    value = st.text_input(
        label, _asked(name) or "", max_chars=_MAX_NAME, key=name, placeholder=label, label_visibility="collapsed"
    )
    text = (value or "").strip() or None
    _keep(name, text)
    return text


def _box(name: str, options: Sequence[str], chosen: str | None, label_visibility: Any = "collapsed") -> str | None:
    options = [*options, *([chosen] if chosen and chosen not in options else [])]
    value: str | None = st.selectbox(
        say(dimensions.TITLES[name]),
        options,
        index=options.index(chosen) if chosen else None,
        placeholder=say(_ALL[name]),
        key=f"filter-{name}",
        label_visibility=label_visibility,
    )
    _keep(name, value)
    return value


def _asked(name: str) -> str | None:
    """What the widget says, else the address, else what was chosen before on another page."""
    for key in (f"filter-{name}", name):
        if key in st.session_state:
            value: str | None = st.session_state[key]
            return value
    asked = st.query_params.get(name) or st.session_state.get(f"chosen-{name}")
    return asked[:_MAX_NAME] if asked else None


def _keep(name: str, value: str | None) -> None:
    # Streamlit's own binding would write the shown text into the address: a link would break with every new wording.
    st.session_state[f"chosen-{name}"] = value
    if value is not None:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]
