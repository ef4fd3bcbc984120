"""How a wall looks: six numbers that fill the screen without scrolling, readable from five metres."""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from dashboards.look.states import Level
from dashboards.look.theme import AMBER, BACKGROUND, LINE, MUTED, PANEL, RED, TEXT
from dashboards.look.tiles import Reading, Tile

# Sizes follow the card (cqw) and the screen (vh), whichever is less: the same at 1920 and at 3840 pixels.
_CSS = f"""
.cb-wall {{ display: grid; grid-template-rows: auto 1fr auto; height: calc(100dvh - var(--cb-above, 10rem));
  min-height: 30rem; gap: 1.6vh; color: {TEXT}; font-variant-numeric: tabular-nums; }}
.cb-wall header, .cb-wall footer {{ display: flex; justify-content: space-between; gap: 2vw; align-items: baseline; }}
.cb-wall h1 {{ font-size: min(5vh, 3.4vw); line-height: 1.15; margin: 0; padding: 0; overflow-wrap: anywhere; }}
.cb-wall .cb-when {{ font-size: min(2.6vh, 1.7vw); color: {MUTED}; white-space: nowrap; }}
.cb-wall .cb-cards {{ display: grid; grid-template-columns: repeat(3, minmax(0, 1fr));
  grid-template-rows: repeat(2, minmax(0, 1fr)); gap: 1.6vh 1.2vw; min-height: 0; }}
.cb-wall section {{ container-type: inline-size; background: {PANEL}; border: 1px solid {LINE};
  border-left: .5vw solid {LINE}; border-radius: .9vw; padding: 1.6vh 1.4vw; display: flex; flex-direction: column;
  justify-content: space-between; min-width: 0; min-height: 0; }}
.cb-wall section.warning {{ border-left-color: {AMBER}; }}
.cb-wall section.serious {{ border-left-color: {RED}; }}
.cb-wall section h2 {{ font-size: min(3.4vh, 7cqw); font-weight: 500; color: {MUTED}; margin: 0; padding: 0;
  line-height: 1.2; }}
.cb-wall section h2 small {{ font-size: .72em; }}
.cb-wall section b {{ font-size: min(21vh, 30cqw); line-height: 1; font-weight: 650; letter-spacing: -.02em;
  white-space: nowrap; }}
.cb-wall section b.long {{ font-size: min(18vh, 24cqw); }}
.cb-wall section b.words {{ font-size: min(12vh, 15cqw); color: {MUTED}; }}
.cb-wall section p {{ font-size: min(3.7vh, 7.4cqw); line-height: 1.2; margin: 0; min-height: 1.2em; }}
.cb-wall section.warning p {{ color: {AMBER}; font-weight: 600; }}
.cb-wall section.serious p {{ color: {RED}; font-weight: 600; }}
.cb-wall footer {{ font-size: min(3vh, 2vw); color: {MUTED}; min-height: 1.3em; }}
.cb-wall footer .serious {{ color: {RED}; font-weight: 600; }}
.cb-wall footer .warning {{ color: {AMBER}; font-weight: 600; }}
.cb-wall .cb-stale {{ font-size: min(4vh, 2.8vw); font-weight: 700; color: {BACKGROUND}; background: {RED};
  border-radius: .6vw; padding: .8vh 1.2vw; }}
.cb-wall.stale .cb-cards {{ filter: grayscale(1) brightness(.72); opacity: .6; }}
@media (max-width: 760px) {{
  .cb-wall {{ height: auto; }}
  .cb-wall .cb-cards {{ grid-template-columns: repeat(2, minmax(0, 1fr)); grid-template-rows: none;
    grid-auto-rows: minmax(8.5rem, auto); gap: .7rem; }}
  .cb-wall section {{ padding: .7rem .8rem; border-left-width: 5px; border-radius: .6rem; }}
  .cb-wall section h2 {{ font-size: 1rem; }}
  .cb-wall section b {{ font-size: 24cqw; }}
  .cb-wall section b.long {{ font-size: 22cqw; }}
  .cb-wall section b.words {{ font-size: 16cqw; }}
  .cb-wall section p, .cb-wall footer {{ font-size: 1rem; }}
  .cb-wall h1 {{ font-size: 1.4rem; }}
  .cb-wall .cb-when {{ font-size: .9rem; white-space: normal; text-align: right; }}
  .cb-wall header, .cb-wall footer {{ flex-wrap: wrap; }}
}}
"""

#: A wall has no mouse: nothing but the numbers.
_NO_CHROME = """
[data-testid="stHeader"], [data-testid="stToolbar"], [data-testid="stSidebar"],
[data-testid="stLayoutWrapper"]:has(> .st-key-timemachine)
  { display: none !important; }
/* In the margin, so that it takes the alerts at the foot no room. */
[data-testid="stElementContainer"]:has(.cb-open) { position: fixed; top: 0; width: auto !important; }
.cb-open { font-size: 1.5vh !important; line-height: 2vh; white-space: nowrap; }
@media (max-width: 760px) {
  [data-testid="stElementContainer"]:has(.cb-open) { position: static; }
  .cb-open { font-size: .8rem !important; line-height: 1.3; white-space: normal; }
}
.stMainBlockContainer { padding: 2vh 1.6vw !important; max-width: none !important; }
.cb-wall { --cb-above: 4.4vh; }
.stApp { cursor: none; }
"""
#: Up to so many characters fit at full size; what is longer than a number can be is words.
_SHORT, _NUMBER = 6, 8


def style(*, chrome: bool) -> None:
    """The page's constant CSS; without ``chrome``, no header, navigation and toolbar."""
    st.html(f"<style>{_CSS}{'' if chrome else _NO_CHROME}</style>")


def draw(
    title: str,
    when: str,
    stale: str,
    pairs: Sequence[tuple[Tile, Reading]],
    alerts: Sequence[tuple[str, Level]],
    foot: str,
) -> None:
    """The wall: ``when`` is its moment and its data's age, ``stale`` a banner, ``alerts`` the lines at its foot."""
    cards = "".join(_card(tile, reading) for tile, reading in pairs)
    banner = f'<div class="cb-stale" role="alert">{html.escape(stale)}</div>' if stale else ""
    lines = " &nbsp; ".join(
        f'<span class="{level.value}">{html.escape(level.icon + text)}</span>' for text, level in alerts
    )
    st.html(
        f'<div class="cb-wall{" stale" if stale else ""}"><div><header><h1>{html.escape(title)}</h1>'
        f'<span class="cb-when">{html.escape(when)}</span></header>{banner}</div>'
        f'<div class="cb-cards">{cards}</div>'
        f"<footer><span>{lines}</span><span>{html.escape(foot)}</span></footer></div>"
    )


def _card(tile: Tile, reading: Reading) -> str:
    period = f" <small>{html.escape(tile.period)}</small>" if tile.period else ""
    words = f"{reading.level.icon}{reading.words}" if reading.words else ""
    length = len(reading.text)
    size = "" if length <= _SHORT else "long" if length <= _NUMBER else "words"
    return (
        f'<section class="{reading.level.value}"><h2>{html.escape(tile.label)}{period}</h2>'
        f'<b class="{size}">{html.escape(reading.text)}</b>'
        f"<p>{html.escape(words)}</p></section>"
    )
