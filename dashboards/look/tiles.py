"""The tile: a number, its target and state in words, its age, and its definition one click away."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboards.data.feed import View
from dashboards.look import formats
from dashboards.look.definitions import Definition, definitions
from dashboards.look.states import Level, Limits
from dashboards.queries.runnable import runnable_sql

_UNITS = {
    "count": "a count",
    "seconds": "seconds",
    "ratio": "a share, 0 to 100 %",
    "money": "money",
    "state": "a state",
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
    label = tile.label or definition.title
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
        trend = f'<div class="cb-age">{html.escape(reading.trend)}</div>' if reading.trend else ""
        st.html(f'{words}{trend}<div class="cb-age">{html.escape(_age(tile, view))}</div>')
        about = st.popover(
            f"About {label}", icon=":material/info:", type="tertiary", key=f"about-{tile.key}", on_change="rerun"
        )
        if about.open:
            with about:
                if more is not None:
                    more()
                _about(definition, tile, reading, view)
    return reading.level


def _age(tile: Tile, view: View) -> str:
    old = f"{formats.age(view.age_seconds)} old{', stale' if view.is_stale else ''}"
    if view.as_of is not None:
        old = "a past moment"
    return f"{tile.period} · {old}" if tile.period else old


def _about(definition: Definition, tile: Tile, reading: Reading, view: View) -> None:
    st.markdown(f"#### {definition.title}")
    st.text(definition.description)
    facts = [
        ("Formula", definition.formula),
        ("Unit", _UNITS[definition.unit]),
        ("Source", definition.source),
    ]
    if definition.target is not None:
        facts.append(("Target", Limits(definition.target, definition.target, definition.unit).goal))
    if reading.text:
        facts.append(("Shown", f"{reading.text}, as of {view.at:%Y-%m-%d %H:%M:%S} UTC"))
    st.html("".join(f'<div><span class="cb-muted">{name}:</span> {html.escape(text)}</div>' for name, text in facts))
    st.caption("The SQL that gave the number, for callboard query or any DuckDB client")
    st.code(sql_of(tile, view), language="sql")


def sql_of(tile: Tile, view: View) -> str:
    """The SQL that gives exactly what a tile shows, as anybody with the store can run it."""
    return runnable_sql(view.asks[tile.query], view.answers[tile.query].at, tile.columns, tile.row)
