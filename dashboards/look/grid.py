"""Rows of tiles, each row a container with a key, so that a refresh replaces numbers and moves nothing."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboards.data.view import View
from dashboards.look import theme, tiles
from dashboards.look.states import Level
from dashboards.look.tiles import Reading, Tile


def show(rows: Sequence[Sequence[int]], pairs: Sequence[tuple[Tile, Reading]], view: View, *, name: str) -> None:
    """Draw the tiles in rows; ``rows`` has the widths of the tiles of each row. ``name`` is the section's."""
    levels: dict[str, Level] = {}
    rest = iter(pairs)
    for number, widths in enumerate(rows):
        row = st.container(key=f"row-{name}-{number}")
        for column, (tile, reading) in zip(row.columns(widths), rest, strict=False):
            with column:
                levels[tile.key] = tiles.draw(tile, reading, view)
    theme.marks(levels, stale=view.is_stale)
