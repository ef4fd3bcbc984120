"""Tables as HTML: readable across a room, readable by a screen reader, and replaced without flicker."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

#: A row of an answer.
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. ``classes`` are names of ``dashboards.theme``; ``below`` is small print.

    ``markup`` stands before the text, unescaped: it is ours, never data.
    """

    text: str
    classes: str = ""
    markup: str = ""
    below: str = ""
    #: An address that the text leads to; escaped.
    link: str = ""

    def html(self, column_classes: str) -> str:
        """The cell, escaped."""
        small = f"<small>{html.escape(self.below)}</small>" if self.below else ""
        text = html.escape(self.text)
        if self.markup and text:
            text = f'<span class="cb-beside">{text}</span>'
        if self.link:
            text = f'<a href="{html.escape(self.link)}">{text}</a>'
        return f'<td class="{column_classes} {self.classes}">{self.markup}{text}{small}</td>'


@dataclass(frozen=True, slots=True)
class Column:
    """A heading; numbers stand right, ``left`` is for words. The title is shown as it stands."""

    title: str
    classes: str = ""


def bar(ratio: float | None, target: float | None, kind: str) -> str:
    """A bar from 0 to 1 with a mark at the target, if there is one; empty markup if there is no ratio."""
    if ratio is None:
        return ""
    width = min(max(ratio, 0.0), 1.0) * 100
    mark = "" if target is None else f'<u style="left:{target * 100:.0f}%"></u>'
    return f'<span class="cb-bar {kind}"><i style="width:{width:.1f}%"></i>{mark}</span>'


def show(title: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], empty: str) -> None:
    """A heading and a table, or the heading and a line that says that there is nothing."""
    st.html(markup(title, columns, rows, empty))


def markup(title: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], empty: str) -> str:
    """What ``show`` draws."""
    body = "".join(
        "<tr>" + "".join(cell.html(column.classes) for column, cell in zip(columns, row, strict=True)) + "</tr>"
        for row in rows
    )
    heading = f'<h2 class="cb-heading">{html.escape(title)}</h2>'
    if not body:
        return f'{heading}<div class="cb-muted">{html.escape(empty)}</div>'
    head = "".join(f'<th scope="col" class="{column.classes}">{html.escape(column.title)}</th>' for column in columns)
    table = f'<table class="cb"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    # On a phone it scrolls, which the keyboard must be able to do as well.
    return f'{heading}<div class="cb-scroll" tabindex="0" role="region" aria-label="{html.escape(title)}">{table}</div>'


def text(words: str) -> str:
    """Words as HTML, escaped."""
    return html.escape(words)


def facts(pairs: Iterable[tuple[str, str]]) -> None:
    """Names and values in one line that wraps."""
    parts = (f"<span>{text(name)} <b>{text(value)}</b></span>" for name, value in pairs)
    st.html(f'<div class="cb-facts">{"".join(parts)}</div>')
