"""Colours and CSS: calm by default, colour for exceptions, large enough to be read across a room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import streamlit as st

from dashboards.look import viewer
from dashboards.look.states import Level


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a theme. Streamlit's own parts have them from ``.streamlit/config.toml``: a test compares."""

    background: str
    panel: str
    line: str
    text: str
    muted: str
    blue: str
    dim: str
    amber: str
    red: str
    green: str
    violet: str
    yellow: str
    pink: str


DARK = Palette(
    background="#0e1520",
    panel="#172130",
    line="#2a3749",
    text="#eef3f9",
    muted="#a3b2c6",
    blue="#7cb7ff",
    dim="#3a4a61",
    amber="#ffb454",
    red="#ff7a70",
    green="#7fd6a8",
    violet="#c9a7ff",
    yellow="#f2d66b",
    pink="#ff9ab8",
)
LIGHT = Palette(
    background="#f3f6fa",
    panel="#ffffff",
    line="#cbd5e1",
    text="#15202d",
    muted="#4d5d73",
    blue="#1c5fc0",
    dim="#c3cfdd",
    amber="#8a4b00",
    red="#b3221a",
    green="#1b7a4b",
    violet="#6a3fc2",
    yellow="#6f5900",
    pink="#a82a5b",
)

# The colours as the pages name them, whatever the theme: the style sheet says what they are. A chart cannot read a
# style sheet, so ``in_colours`` puts the viewer's own into its specification.
BACKGROUND = "var(--cb-background)"
PANEL = "var(--cb-panel)"
LINE = "var(--cb-line)"
TEXT = "var(--cb-text)"
MUTED = "var(--cb-muted)"
BLUE = "var(--cb-blue)"
DIM = "var(--cb-dim)"
AMBER = "var(--cb-amber)"
RED = "var(--cb-red)"
#: Of groups side by side in a chart, which have no meaning of their own.
SERIES = (BLUE, AMBER, *(f"var(--cb-{name})" for name in ("green", "violet", "yellow", "pink")))
_VARIABLE = "var(--cb-"
#: Of the icon in the browser's tab, whose ground nobody knows.
TAB_BLUE = "#3d8bea"
LEVEL_COLOURS: Mapping[Level, str] = {Level.QUIET: LINE, Level.WARNING: AMBER, Level.SERIOUS: RED}

_CSS = f"""
.stMainBlockContainer {{ padding: 4.2rem 2rem 1.5rem; max-width: 150rem; }}
.stMainBlockContainer > div > [data-testid="stVerticalBlock"], .stMainBlockContainer [data-testid="stVerticalBlock"] {{
  gap: .8rem; }}
.stApp {{ font-variant-numeric: tabular-nums; }}
/* What is being asked again must not fade while it is. */
[data-stale="true"] {{ opacity: 1 !important; transition: none !important; }}
[data-testid="stStatusWidget"] {{ display: none; }}

[class*="st-key-tile-"] {{
  background: {PANEL}; border-color: {LINE}; border-left-width: 6px; padding: .8rem 1.1rem .6rem;
  gap: .1rem !important; position: relative;
}}
[class*="st-key-tile-"] [data-testid="stMetricLabel"] p {{ font-size: 1.05rem; color: {MUTED}; font-weight: 500; }}
/* A label in a narrow tile wraps, beside the button of its definition; Streamlit's own would be cut off. */
[class*="st-key-tile-"] [data-testid="stMetricLabel"] {{ padding-right: 1.2rem; }}
[class*="st-key-tile-"] [data-testid="stMetricLabel"], [class*="st-key-tile-"] [data-testid="stMetricLabel"] * {{
  white-space: normal; overflow: visible; text-overflow: clip; overflow-wrap: normal; word-break: normal; }}
[class*="st-key-tile-"] [data-testid="stColumn"] [data-testid="stMetricLabel"] {{ padding-right: 0; }}
[class*="st-key-tile-"] [data-testid="stMetricValue"] {{ line-height: 1.1; letter-spacing: -.02em; }}
/* A number or its name that does not fit goes on in a second line: it is never cut off. */
[class*="st-key-tile-"] [data-testid="stMetricLabel"] *, [class*="st-key-tile-"] [data-testid="stMetricValue"] * {{
  white-space: normal !important; overflow: visible !important; text-overflow: clip !important; }}
/* Of several numbers in a tile, those go into a second row for which there is no room in the first. */
[class*="st-key-tile-"] [data-testid="stHorizontalBlock"] {{ flex-wrap: wrap; gap: .3rem 1rem !important; }}
[class*="st-key-tile-"] [data-testid="stColumn"] {{ min-width: max-content !important; flex-basis: 0 !important; }}
[class*="st-key-tile-"] [data-testid="stColumn"] * {{ white-space: nowrap !important; }}
[data-testid="stButtonGroup"] > div {{ flex-wrap: wrap; }}
/* Streamlit writes white on whatever the theme's first colour is. */
[data-testid="stMultiSelectTagsContainer"] [role="group"] * {{ color: {BACKGROUND} !important; }}
[class*="st-key-tile-"] [data-testid="stMetricLabel"] p {{ padding-right: 1.2rem; line-height: 1.2; }}
[class*="st-key-tile-"]:has(.cb-title) [data-testid="stMetricLabel"] p {{ padding-right: 0; }}
[class*="st-key-tile-hero-"] [data-testid="stMetricValue"] {{ font-size: clamp(2.8rem, 4.4vw, 6rem); }}
[class*="st-key-tile-hero-"] [data-testid="stMetricLabel"] p {{ font-size: 1.2rem; }}
/* A tile of several numbers: their names are smaller than its own, and its age stands as low as its neighbours'. */
[class*="st-key-tile-"] [data-testid="stColumn"] [data-testid="stMetricLabel"] p {{
  font-size: .95rem; line-height: 1.2; }}
[class*="st-key-tile-"]:has(.cb-title) {{ gap: .35rem !important; }}
[class*="st-key-tile-"]:has(.cb-title) > [data-testid="stElementContainer"]:has(.cb-age) {{ margin-top: auto; }}
.cb-words {{ font-size: 1.08rem; min-height: 1.5em; line-height: 1.4; color: {TEXT}; }}
.cb-words.warning {{ color: {AMBER}; font-weight: 600; }}
.cb-words.serious {{ color: {RED}; font-weight: 600; }}
.cb-title {{ font-size: 1.05rem; color: {MUTED}; font-weight: 500; line-height: 1.2; display: flex; gap: 1rem;
  align-items: baseline; flex-wrap: wrap; padding-right: 1.5rem; }}
.cb-title .cb-words {{ min-height: 0; }}
.cb-age {{ font-size: .85rem; color: {MUTED}; }}
/* A number stays beside its unit. */
.cb-age span {{ display: inline-block; }}
/* The definition's button sits in the corner of its tile. */
[class*="st-key-about-"] {{ position: absolute; top: .45rem; right: .5rem; width: auto !important; z-index: 2; }}
[class*="st-key-about-"] button {{ color: {MUTED}; padding: .1rem .3rem; min-height: 0; }}
/* Only its icon is seen; its name is for screen readers. */
[class*="st-key-about-"] button [data-testid="stMarkdownContainer"] {{ position: absolute; width: 1px; height: 1px;
  overflow: hidden; clip-path: inset(50%); white-space: nowrap; }}
[class*="st-key-about-"] button div[aria-hidden="true"] {{ display: none; }}

.cb-status {{ display: flex; gap: .6rem 1.4rem; align-items: baseline; flex-wrap: wrap; justify-content: flex-end;
  font-size: 1.02rem; color: {MUTED}; }}
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p {{ color: {MUTED} !important; opacity: 1; }}
.cb-status b {{ color: {TEXT}; font-weight: 600; }}
/* The bar of the pages says which one it is; who hears the page is told by its heading. */
[data-testid="stElementContainer"]:has(h1.cb-page) {{ position: absolute; width: 1px !important; overflow: hidden; }}
h1.cb-page {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); padding: 0; }}
/* In the bar of the pages, so that it takes no room and stands in the same place on each. */
[data-testid="stLayoutWrapper"]:has(> .st-key-timemachine) {{ position: absolute; width: 0 !important; }}
.st-key-timemachine {{ position: fixed; top: .55rem; right: 1rem; z-index: 999991; width: auto !important; }}
.st-key-timemachine button {{ min-height: 0; padding: .3rem .7rem; }}
@media (min-width: 641px) {{ [data-testid="stHeader"] {{ padding-right: 12.5rem; }} }}
@media (max-width: 640px) {{
  .st-key-timemachine-open button [data-testid="stMarkdownContainer"] {{ font-size: .8rem; }}
}}
/* All that was chosen is seen, however many rows it takes. */
[class*="st-key-numbers-"] [role="group"]:has([data-testid="stMultiSelectTagsContainer"]) {{ max-height: none; }}
[class*="st-key-numbers-"] [data-testid="stMultiSelectTagsContainer"] {{ overflow: visible; }}
.cb-facts {{ display: flex; gap: .3rem 1.4rem; flex-wrap: wrap; color: {MUTED}; }}
.cb-facts b {{ color: {TEXT}; font-weight: 600; overflow-wrap: anywhere; }}
.cb-formula {{ display: flex; gap: .2rem 1.4rem; flex-wrap: wrap; color: {MUTED}; }}
.cb-formula b {{ color: {TEXT}; font-weight: 600; }}
h2.cb-heading {{ font-size: 1.15rem; font-weight: 600; color: {MUTED}; margin: .5rem 0 .3rem; padding: 0; }}

.cb-scroll {{ overflow-x: auto; border: 1px solid {LINE}; border-radius: .6rem; background: {PANEL}; }}
table.cb {{ width: 100%; border-collapse: separate; border-spacing: 0; font-size: 1.08rem; }}
table.cb th {{ text-align: right; font-weight: 500; font-size: .88rem; color: {MUTED}; padding: .5rem .6rem;
  border-bottom: 1px solid {LINE}; white-space: nowrap; vertical-align: bottom; line-height: 1.2; }}
table.cb td {{ text-align: right; padding: .3rem .6rem; border-bottom: 1px solid {LINE}; white-space: nowrap; }}
/* Words that begin where a number ends need air between them. */
table.cb :is(th, td):not(.left) + .left {{ padding-left: 1.6rem; }}
table.cb tr:last-child td {{ border-bottom: 0; }}
table.cb th.head {{ white-space: normal; max-width: 9rem; }}
table.cb .left {{ text-align: left; }}
table.cb .wrap {{ white-space: normal; overflow-wrap: anywhere; min-width: 16rem; }}
table.cb td.strong {{ font-size: 1.25rem; font-weight: 600; }}
/* That there is nothing is no headline. */
table.cb td.strong.muted {{ font-weight: 400; }}
table.cb a {{ color: {BLUE}; }}
table.cb small {{ display: block; font-size: .85rem; font-weight: 400; color: {MUTED}; line-height: 1.1; }}
@media (max-width: 1700px) {{ table.cb .wide {{ display: none; }} }}
table.cb .muted, .cb-muted {{ color: {MUTED}; }}
table.cb .warning {{ color: {AMBER}; font-weight: 600; }}
table.cb .serious {{ color: {RED}; font-weight: 600; }}
.cb-bar {{ display: inline-block; position: relative; width: 4.5rem; height: .55rem; border-radius: .3rem;
  background: {DIM}; margin-right: .6rem; vertical-align: middle; }}
.cb-bar i {{ position: absolute; left: 0; top: 0; bottom: 0; border-radius: .3rem; background: {BLUE}; }}
/* As wide for 9.1 % as for 100.0 %, so that the bars stand below each other. */
.cb-beside {{ display: inline-block; min-width: 3.7em; }}
.cb-bar.warning i {{ background: {AMBER}; }}
.cb-bar.serious i {{ background: {RED}; }}
.cb-bar u {{ position: absolute; top: -.25rem; bottom: -.25rem; width: 2px; background: {TEXT}; }}
/* On a wall everything grows: it is read from across the room. */
@media (min-width: 1800px) {{ html {{ font-size: 18px; }} }}
@media (min-width: 2400px) {{ html {{ font-size: 24px; }} }}
@media (max-width: 640px) {{
  .stMainBlockContainer {{ padding: 4.2rem 1rem 1rem; }}
  [class*="st-key-row-"] [data-testid="stHorizontalBlock"] {{ gap: .7rem; }}
  [class*="st-key-row-"] [data-testid="stColumn"] {{ min-width: calc(50% - .35rem); }}
  /* Several numbers need the whole width, below those that stand two by two; so do buttons side by side. */
  [class*="st-key-row-"] [data-testid="stColumn"]:has(.cb-title) {{ min-width: 100%; order: 1; }}
  [class*="st-key-row-"] [data-testid="stColumn"]:has([data-testid="stButtonGroup"]) {{ min-width: 100%; }}
  /* Buttons that go on in a second line are no longer one bar: each is whole by itself. */
  [data-testid="stButtonGroup"] > div {{ gap: .35rem; }}
  [data-testid="stButtonGroup"] button[role="radio"] {{ border: 1px solid {LINE} !important;
    border-radius: .5rem !important; margin: 0 !important; }}
  [data-testid="stButtonGroup"] button[role="radio"][aria-checked="true"] {{ border-color: {BLUE} !important; }}
  /* A table that scrolls keeps what its rows are of; its long texts need few lines, for nothing else wraps. */
  table.cb tr > .left:first-child:not(:only-child) {{ position: sticky; left: 0; z-index: 1; background: {PANEL};
    box-shadow: 1px 0 {LINE}; }}
  /* Rows of whole pixels: a cell that stays would else cover the line of the one above it. */
  table.cb :is(th, td) {{ line-height: 1.5rem; padding-top: .3125rem; padding-bottom: .3125rem; }}
  table.cb th.head {{ line-height: 1.125rem; }}
  table.cb small {{ line-height: 1rem; }}
  table.cb .wrap {{ min-width: 26rem; }}
  [class*="st-key-tile-"]:not([class*="st-key-tile-hero-"]) [data-testid="stMetricValue"] {{ font-size: 1.6rem; }}
  [class*="st-key-tile-hero-"] [data-testid="stMetricLabel"] p {{ font-size: 1.05rem; }}
}}
.cb-start {{ max-width: 46rem; margin: 10vh auto 0; }}
.cb-start h1 {{ font-size: 2.4rem; }}
.cb-start code {{ display: block; padding: .7rem 1rem; background: {PANEL}; border: 1px solid {LINE};
  border-radius: .5rem; margin: .3rem 0 1.1rem; color: {TEXT}; }}
"""

#: What is shown when the data is stale: nothing keeps its colour, so nothing looks well.
STALE_CSS = (
    '[class*="st-key-tile-"], .cb-scroll, [data-testid="stVegaLiteChart"] '
    # Not fainter: the last truth must still be readable.
    "{ filter: grayscale(1); opacity: .88; } "
    # On a light page grey alone would be overlooked.
    '[class*="st-key-tile-"], .cb-scroll { border-style: dashed; }'
)


def palette() -> Palette:
    """The colours of the viewer's theme."""
    return DARK if viewer.is_dark() else LIGHT


_BARS = (
    '<rect x="0" y="14" width="5" height="10" rx="1.5"/><rect x="8" y="9" width="5" height="15" rx="1.5"/>'
    '<rect x="16" y="4" width="5" height="20" rx="1.5"/>'
)


def icon() -> str:
    """The board's mark as SVG, for the browser's tab, in a blue that shows on light and dark alike."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 2 25 24"><g fill="{TAB_BLUE}">{_BARS}</g></svg>'


def logo() -> str:
    """The name of the board as SVG, in the colours of the viewer's theme."""
    colours = palette()
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="150" height="28" viewBox="0 0 150 28">'
        f'<g fill="{colours.blue}">{_BARS}</g>'
        f'<text x="30" y="22" font-family="sans-serif" font-size="21" font-weight="600" fill="{colours.text}">'
        "callboard</text></svg>"
    )


def in_colours(spec: Any) -> Any:
    """A chart's specification with the colours of the viewer's theme in place of their names."""
    if isinstance(spec, Mapping):
        return {name: in_colours(part) for name, part in spec.items()}
    if isinstance(spec, list | tuple):
        return [in_colours(part) for part in spec]
    if isinstance(spec, str) and spec.startswith(_VARIABLE):
        return getattr(palette(), spec[len(_VARIABLE) : -1])
    return spec


def _variables() -> str:
    """The colours as variables: of the theme that the browser chose, as soon as it knows how to ask for that."""
    names = [field.name for field in fields(Palette)]
    known = "; ".join(f"--cb-{name}: {getattr(palette(), name)}" for name in names)
    chosen = "; ".join(f"--cb-{name}: light-dark({getattr(LIGHT, name)}, {getattr(DARK, name)})" for name in names)
    # Streamlit sets the colour scheme of what it draws, and light-dark() follows that without another run.
    return f":root {{ {known} }} @supports (color: light-dark(#000, #fff)) {{ :root {{ {chosen} }} }}"


def style() -> None:
    """The page's CSS."""
    st.html(f"<style>{_variables()}{_CSS}</style>")


def marks(levels: Mapping[str, Level], *, stale: bool) -> None:
    """What changes: the edge of tiles that are exceptions, and grey for all when the data is stale."""
    rules = [
        f".st-key-{key} {{ border-left-color: {LEVEL_COLOURS[level]}; }}"
        for key, level in levels.items()
        if level is not Level.QUIET
    ]
    if stale:
        rules.append(STALE_CSS)
    st.html(f"<style>/* {'stale' if stale else 'fresh'} */ {' '.join(rules)}</style>")
