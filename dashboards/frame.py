"""What all pages share: the panel that never shows a stack trace, the moment asked for, the banners, the first page."""

from __future__ import annotations

import functools
import html
import logging
import shlex
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import Any, ParamSpec
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from dashboards.access import session
from dashboards.data import feed
from dashboards.data.asking import Ask, Filters, Period, ask
from dashboards.data.feed import View
from dashboards.look import formats
from dashboards.queries import common
from dashboards.queries.scoped import Query
from pipeline.errors import CallboardError

#: When the newest event is older than this, the page says so and offers the moment of that event.
QUIET_AFTER = timedelta(hours=1)
_LOG = logging.getLogger(__name__)
P = ParamSpec("P")


def panel(seconds: float) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """A part of a page that refreshes by itself every ``seconds``, and says one line when it cannot."""

    def decorate(draw: Callable[P, None]) -> Callable[P, None]:
        @functools.wraps(draw)
        def safely(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                draw(*args, **kwargs)
            except CallboardError as error:
                st.error(str(error), icon=":material/error:")
            except Exception:  # whatever it is, a supervisor must not see a stack trace
                _LOG.exception("the panel %s cannot be drawn", draw.__name__)
                st.error("This panel cannot be drawn; the server's log says why.", icon=":material/error:")

        return st.fragment(run_every=seconds)(safely)

    return decorate


def viewer_zone() -> tzinfo:
    """The time zone of the viewer's browser; UTC if it does not say."""
    try:
        return ZoneInfo(st.context.timezone) if st.context.timezone else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def asked_moment(now: datetime) -> datetime | None:
    """The past moment of the address (``?as_of=2026-11-20T12:00:00Z``), or None for now.

    Raises:
        CallboardError: it is no moment with an offset, or lies in the future.
    """
    text = st.query_params.get("as_of")
    if not text:
        return None
    try:
        # In an address a plus sign arrives as a space.
        moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise CallboardError("as_of in the address is no moment: write it like ?as_of=2026-11-20T12:00:00Z")
    if moment > now:
        raise CallboardError("as_of in the address lies in the future: take it away to see now")
    return moment.astimezone(UTC)


def asks_for(
    *queries: Query,
    as_of: datetime | None = None,
    period: Period | None = None,
    filters: Filters = Filters(),  # noqa: B008 - it cannot be changed
    arguments: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Ask]:
    """Questions within the scope of who looks, by the names of their queries."""
    scope = session.person().scope
    return {q.name: ask(q, scope, as_of=as_of, period=period, filters=filters, arguments=arguments) for q in queries}


def opened(as_of: datetime | None = None) -> View | None:
    """What every page needs (``dashboards.queries.common``), or None after saying why there is nothing to show yet."""
    view = feed.shared_feed().view(asks_for(common.CATALOGUE, common.PLACES, common.ZONES, as_of=as_of), as_of)
    if not view.is_answered:
        _nothing_yet()
        return None
    return view


def look(
    *queries: Query,
    as_of: datetime | None = None,
    period: Period | None = None,
    filters: Filters = Filters(),  # noqa: B008 - it cannot be changed
    arguments: Mapping[str, Any] = MappingProxyType({}),
) -> View:
    """The answers for a panel, by the names of the queries; the catalogue is always among them.

    When the store has gone away the whole page starts over, and says so.
    """
    return look_at(asks_for(*queries, as_of=as_of, period=period, filters=filters, arguments=arguments), as_of)


def look_at(asks: Mapping[str, Ask], as_of: datetime | None = None) -> View:
    """As ``look``, for questions under names of the panel's own: one query for two periods, for instance.

    Raises:
        CallboardError: one of them cannot be answered.
    """
    view = feed.shared_feed().view({**asks_for(common.CATALOGUE), **asks}, as_of)
    if view.publication is None:
        st.rerun()
    if not view.is_answered:
        raise CallboardError(view.problem or "The store does not answer; the server's log says why.")
    return view


@panel(1)
def _nothing_yet() -> None:
    view = feed.shared_feed().view(asks_for(common.CATALOGUE))
    if view.is_answered:
        st.rerun()
    path = str(feed.shared_feed().folder)
    folder, store = html.escape(path), html.escape(shlex.quote(path))
    reason = html.escape(view.problem or "Nothing was published there yet.")
    st.html(
        f"""<div class="cb-start"><h1>Waiting for data</h1>
        <p>The board reads the store in <b>{folder}</b>. {reason}</p>
        <p>To see a whole centre at work, start everything at once:</p><code>callboard demo</code>
        <p>With a broker of your own, start a worker for this store:</p><code>callboard worker --store {store}</code>
        <p>Without a broker, fill it from a file of events:</p><code>callboard process FILE --store {store}</code>
        <p class="cb-muted">This page goes on by itself as soon as there is something to show.</p></div>"""
    )


def banners(view: View) -> None:
    """What a viewer must know before reading any number; the view has the answer of ``common.NEWEST``."""
    zone = viewer_zone()
    if view.problem:
        st.error(view.problem, icon=":material/error:")
    if view.as_of is not None:
        st.info(
            f"A past moment: **{formats.stamp(view.as_of, zone)}**. Numbers of a period count what entered a "
            "queue before it, with the outcome known today. [Back to now](?)",
            icon=":material/history:",
        )
    if view.is_stale:
        st.error(
            f"**Data is {formats.age(view.age_seconds)} old; the worker may be down.** "
            f"The numbers are those of {formats.stamp(view.at, zone)}.",
            icon=":material/warning:",
        )
    newest = view.rows(common.NEWEST.name)[0]["newest_event_at"]
    if view.as_of is None and newest is not None and view.at - newest > QUIET_AFTER:
        # One second on, so that the event itself is in the picture.
        moment = (newest + timedelta(seconds=1)).astimezone(UTC).replace(microsecond=0)
        address = quote(moment.isoformat().replace("+00:00", "Z"))
        st.info(
            f"The newest event is of {formats.stamp(newest, zone)}, so there is little to see now. "
            f"[Show that moment](?as_of={address})",
            icon=":material/history:",
        )


def status(view: View) -> None:
    """The line that says of when the page is, and how old."""
    zone = viewer_zone()
    age = "" if view.as_of else f"<span>data <b>{formats.age(view.age_seconds)}</b> old</span>"
    state = "◆ stale" if view.is_stale else "◷ past" if view.as_of else "● live"
    st.html(
        f'<div class="cb-status"><span><b>{state}</b></span>'
        f"<span>as of <b>{formats.stamp(view.at, zone)}</b></span>{age}</div>"
    )
