"""The tile: a number, its target and state in words, its age, and its definition one click away."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from urllib.parse import urlencode

import streamlit as st

from dashboards.access import pages, session
from dashboards.data.view import View
from dashboards.look import formats
from dashboards.look.definitions import Definition, definitions
from dashboards.look.states import Level, Limits
from dashboards.look.words import mark, say
from dashboards.queries.runnable import runnable_sql
from dashboards.readings import behind

_UNITS = {
    "count": mark("a count"),
    "seconds": mark("seconds"),
    "ratio": mark("a share, 0 to 100 %"),
    "money": mark("money"),
    "state": mark("a state"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a tile shows. ``parts`` are (label, text) pairs, for a tile of several numbers, instead of ``text``.

    ``trend`` says in words how it was before.
    """

    text: str
    words: str = ""
    level: Level = Level.QUIET
    parts: Sequence[tuple[str, str]] = ()
    trend: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """Where a tile's number comes from: ``definition`` names it, ``query`` gives it. ``hero`` tiles are larger."""

    definition: str
    #: The name under which the panel asked for it.
    query: str
    #: Where in the answer the numbers stand: these columns of the rows with these values (None: NULL).
    columns: tuple[str, ...] = ()
    row: tuple[tuple[str, str | None], ...] = ()
    #: Shown as it stands; none: the title of the definition.
    label: str = ""
    #: The period that the number is of; none: this moment.
    period: str = ""
    hero: bool = False
    #: What tells apart two tiles of one definition.
    name: str = ""

    @property
    def key(self) -> str:
        """Stable, so that a refresh changes the tile and does not replace it."""
        # One tile shows whichever service level was chosen.
        name = "service_level" if self.definition.startswith("service_level") else self.definition
        name = self.name or name
        return f"tile-{'hero-' if self.hero else ''}{name}"


def draw(tile: Tile, reading: Reading, view: View, more: Callable[[], None] | None = None) -> Level:
    """Draw a tile in the current container; returns its level, for ``theme.marks``.

    ``more`` draws what else stands with the definition, when it is opened.
    """
    definition = definitions(view.rows("catalogue"))[tile.definition]
    label = tile.label or definition.shown
    words = html.escape(f"{reading.level.icon}{reading.words}" if reading.words else "")
    words = f'<div class="cb-words {reading.level.value}">{words}</div>'
    with st.container(key=tile.key, border=True, height="stretch"):
        if reading.parts:
            st.html(f'<div class="cb-title"><span>{html.escape(label)}</span>{words}</div>')
            for column, (name, text) in zip(st.columns(len(reading.parts)), reading.parts, strict=True):
                column.metric(name, text)
            words = ""
        else:
            st.metric(label, reading.text)
        trend = _small(reading.trend) if reading.trend else ""
        st.html(f"{words}{trend}{_small(_age(tile, view))}")
        about = st.popover(
            say("About {label}", label=label),
            icon=":material/info:",
            type="tertiary",
            key=f"about-{tile.key}",
            on_change="rerun",
        )
        if about.open:
            with about:
                if more is not None:
                    more()
                _about(definition, tile, reading, view)
    return reading.level


def _small(text: str) -> str:
    """Small print; its parts are not broken in two."""
    parts = " · ".join(f"<span>{html.escape(part)}</span>" for part in text.split(" · "))
    return f'<div class="cb-age">{parts}</div>'


def _age(tile: Tile, view: View) -> str:
    age = formats.age(view.age_seconds)
    old = say("{age} old, stale", age=age) if view.is_stale else say("{age} old", age=age)
    if view.as_of is not None:
        old = say("a past moment")
    return f"{tile.period} · {old}" if tile.period else old


def _about(definition: Definition, tile: Tile, reading: Reading, view: View) -> None:
    st.markdown(f"#### {definition.shown}")
    st.text(definition.description)
    facts = [
        (say("Formula"), definition.formula),
        (say("Unit"), say(_UNITS[definition.unit])),
        (say("Source"), definition.source),
    ]
    if definition.target is not None:
        facts.append((say("Target"), Limits(definition.target, definition.target, definition.unit).goal))
    if reading.text:
        shown = say("{number}, as of {moment}", number=reading.text, moment=formats.stamp(view.at, UTC))
        facts.append((say("Shown"), shown))
    st.html(
        "".join(
            f'<div><span class="cb-muted">{html.escape(name)}:</span> {html.escape(text)}</div>' for name, text in facts
        )
    )
    links = links_of(tile, view)
    if links:
        st.markdown(" · ".join(f"[{text}]({address})" for text, address in links))
    st.caption(say("The SQL that gave the number, for callboard query or any DuckDB client"))
    st.code(sql_of(tile, view), language="sql")


def links_of(tile: Tile, view: View) -> list[tuple[str, str]]:
    """Where more is said of the number, of the pages that this viewer's role sees."""
    role, found = session.person().role, []
    # A page in another tab would not know it.
    language = {name: st.query_params[name] for name in ("lang",) if name in st.query_params}
    rows = rows_address(tile, view)
    if rows is not None and pages.sees(role, "interactions"):
        found.append((say("The rows behind it"), "&".join([rows, *([urlencode(language)] if language else [])])))
    if pages.sees(role, "definitions"):
        found.append(
            (say("Its definition beside the others"), f"definitions?{urlencode({'kpi': tile.definition, **language})}")
        )
    return found


def rows_address(tile: Tile, view: View) -> str | None:
    """Where the rows behind a tile's number are shown; None if it is not a number of rows."""
    question, at = view.asks[tile.query], view.answers[tile.query].at
    return behind.address(tile.definition, question, at, tile.row, tile.columns)


def sql_of(tile: Tile, view: View) -> str:
    """The SQL that gives exactly what a tile shows, as anybody with the store can run it."""
    return runnable_sql(view.asks[tile.query], view.answers[tile.query].at, tile.columns, tile.row)
