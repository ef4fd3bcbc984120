"""How the viewer's browser wants things: language and numbers, light or dark, time zone.

Panels ask this thousands of times in a run, for sixty viewers: so the run's context is read itself, and not
``st.query_params`` and ``st.context``, which cost a hundred times as much (13 microseconds each).
"""

from __future__ import annotations

from datetime import UTC, tzinfo
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from babel import Locale, UnknownLocaleError
from streamlit.runtime.scriptrunner import get_script_run_ctx

#: One file of messages for each language but English; its name is the language's code.
MESSAGES = Path(__file__).parent.parent / "messages"
ENGLISH = "en"
_DEFAULT = Locale(ENGLISH)
_REMEMBERED = "viewer-language"


@cache
def languages() -> tuple[str, ...]:
    """The codes of the languages that the board speaks, English first."""
    return (ENGLISH, *sorted(path.stem for path in MESSAGES.glob("*.po")))


def locale() -> Locale:
    """What numbers and times are written by: ``?lang=`` of the address, else the browser's locale, else English.

    A browser whose language the board does not speak has its own numbers beside English words.
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return _DEFAULT
    info = context.context_info
    return _chosen(context.query_string, "" if info is None else info.locale)


def language() -> str:
    """The language of the words: one of ``languages()``."""
    return _spoken(locale())


def language_of(query: str, browser: str) -> str:
    """As ``language``, outside of a run: ``query`` is that of the address, ``browser`` the browser's first language."""
    return _spoken(_chosen(query, browser))


def _spoken(found: Locale) -> str:
    return found.language if found.language in languages() else ENGLISH


def is_dark() -> bool:
    """Whether the board is dark for this viewer; as long as the browser has not said, it is."""
    context = get_script_run_ctx(suppress_warning=True)
    info = None if context is None else context.context_info
    return info is None or info.color_scheme != "light"


def zone() -> tzinfo:
    """The time zone of the viewer's browser; UTC if it does not say."""
    context = get_script_run_ctx(suppress_warning=True)
    info = None if context is None else context.context_info
    return UTC if info is None else named_zone(info.timezone) or UTC


@lru_cache(512)
def named_zone(name: str | None) -> ZoneInfo | None:
    """The time zone of that name, or None if there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def keep_language() -> None:
    """Carry ``?lang=`` over to the next page, whose address begins without it. Once, at the beginning of a run."""
    asked = st.query_params.get("lang")
    if asked:
        st.session_state[_REMEMBERED] = asked
    elif _REMEMBERED in st.session_state:
        st.query_params["lang"] = st.session_state[_REMEMBERED]


@lru_cache(1024)
def _chosen(query: str, browser: str) -> Locale:
    asked = _parsed((parse_qs(query).get("lang") or [""])[0])
    of_browser = _parsed(browser) or _DEFAULT
    if asked is None or asked.language not in languages():
        return of_browser
    # Who asks for German with a browser of Switzerland gets the numbers of Switzerland.
    return of_browser if asked.language == of_browser.language and asked.territory is None else asked


def _parsed(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-") if tag else None
    except (ValueError, TypeError, UnknownLocaleError):
        return None
