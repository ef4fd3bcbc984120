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
from urllib.parse import urlencode

import streamlit as st

from dashboards.access import session
from dashboards.access.errors import NotAllowedError
from dashboards.data import feed
from dashboards.data.asking import Ask, Filters, Period, ask
from dashboards.data.view import View
from dashboards.look import formats, viewer
from dashboards.look.words import said, say
from dashboards.queries import common
from dashboards.queries.scoped import Query
from dashboards.saying import Saying
from pipeline.errors import CallboardError

#: How often the panels of what is happening now are drawn again. The feed reads the store each second; a person reads a
#: number in two, and half of the reruns is half of the processor.
LIVE_SECONDS = 2.0
#: The pace of what changes slowly, and of what costs much. Neither is a multiple of the first: of two panels that a
#: browser asks for at one moment Streamlit answers one, so every fifth refresh of a live page was left out.
CALM_SECONDS = 5.7
SLOW_SECONDS = 11.3
#: When the newest event is older than this, the page says so and offers the moment of that event.
QUIET_AFTER = timedelta(hours=1)
_LOG = logging.getLogger(__name__)
P = ParamSpec("P")


def panel(seconds: float | None) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """A part of a page that refreshes by itself every ``seconds`` (None: never), and says one line when it cannot.

    A run of a panel costs about as much as what it draws: what lives at one pace belongs into one, as its ``part``s.
    """

    def decorate(draw: Callable[P, None]) -> Callable[P, None]:
        return st.fragment(run_every=seconds)(part(draw))

    return decorate


def part(draw: Callable[P, None]) -> Callable[P, None]:
    """A part of a panel that says one line when it cannot be drawn, and leaves the others alone."""

    @functools.wraps(draw)
    def safely(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            with session.looking():
                if session.has_changed():
                    st.rerun()
                draw(*args, **kwargs)
        except NotAllowedError:
            # The whole page starts over, and says why.
            st.rerun()
        except CallboardError as error:
            st.error(said(error), icon=":material/error:")
        except Exception:  # whatever it is, a supervisor must not see a stack trace
            _LOG.exception("the panel %s cannot be drawn", draw.__name__)
            st.error(say("This panel cannot be drawn; the server's log says why."), icon=":material/error:")

    return safely


def viewer_zone() -> tzinfo:
    """The time zone of the viewer's browser; UTC if it does not say."""
    return viewer.zone()


def zone(view: View, client: str | None = None, site: str | None = None) -> tzinfo:
    """The time zone that a page about a place is written in.

    That of the chosen site, else of the chosen client, else of the viewer's browser. The view has the answers of
    ``common.ZONES``, and of ``common.SITES`` where there is a site to choose.
    """
    found = _zone_of(view, common.SITES, "site", site) or _zone_of(view, common.ZONES, "client", client)
    return found or viewer.zone()


def _zone_of(view: View, query: Query, column: str, name: str | None) -> tzinfo | None:
    if name is None:
        return None
    return next((viewer.named_zone(row["time_zone"]) for row in view.rows(query.name) if row[column] == name), None)


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
        raise CallboardError(say("as_of in the address is no moment: write it like ?as_of=2026-11-20T12:00:00Z"))
    if moment > now:
        raise CallboardError(say("as_of in the address lies in the future: take it away to see now"))
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
    return {
        q.name: ask(q.at(as_of), scope, as_of=as_of, period=period, filters=filters, arguments=arguments)
        for q in queries
    }


def opened(as_of: datetime | None = None) -> View | None:
    """What every page needs (``dashboards.queries.common``), or None after saying why there is nothing to show yet."""
    view = feed.shared_feed().view(
        asks_for(common.CATALOGUE, common.PLACES, common.ZONES, common.SITES, as_of=as_of), as_of
    )
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
        raise CallboardError(view.problem or Saying("The store does not answer; the server's log says why."))
    return view


@panel(LIVE_SECONDS)
def _nothing_yet() -> None:
    view = feed.shared_feed().view(asks_for(common.CATALOGUE))
    if view.is_answered:
        st.rerun()
    path = str(feed.shared_feed().folder)
    folder, store = html.escape(path), html.escape(shlex.quote(path))
    reason = html.escape(said(view.problem) if view.problem else say("Nothing was published there yet."))
    where = say("The board reads the store in {folder}.", folder=f"<b>{folder}</b>")
    st.html(
        f"""<div class="cb-start"><h1>{say("Waiting for data")}</h1>
        <p>{where} {reason}</p>
        <p>{say("To see a whole centre at work, start everything at once:")}</p><code>callboard demo</code>
        <p>{say("With a broker of your own, start a worker for this store:")}</p>
        <code>callboard worker --store {store}</code>
        <p>{say("Without a broker, fill it from a file of events:")}</p>
        <code>callboard process FILE --store {store}</code>
        <p class="cb-muted">{say("This page goes on by itself as soon as there is something to show.")}</p></div>"""
    )


def banners(view: View, zone: tzinfo | None = None) -> None:
    """What a viewer must know before reading any number; the view has the answer of ``common.NEWEST``.

    Their place is there when they are not: where one came, all below it was drawn anew one place further down, and for
    a moment there were tiles missing.
    """
    with st.container(key="banners"):
        _banners(view, zone or viewer.zone())


def _banners(view: View, zone: tzinfo) -> None:
    if view.problem:
        st.error(said(view.problem), icon=":material/error:")
    if view.as_of is not None:
        st.info(
            say(
                "A past moment: **{moment}**. Queues, agents and service level are as they stood then, told by the "
                "events up to it. What was reported of sales, promises, callbacks and surveys later is counted as it "
                "is known today. [Back to now]({address})",
                moment=formats.stamp(view.as_of, zone),
                address=_address(),
            ),
            icon=":material/history:",
        )
    if view.is_stale:
        st.error(
            say(
                "**Data is {age} old; the worker may be down.** The numbers are those of {moment}.",
                age=formats.age(view.age_seconds),
                moment=formats.stamp(view.at, zone),
            ),
            icon=":material/warning:",
        )
    newest = view.rows(common.NEWEST.name)[0]["newest_event_at"]
    if view.as_of is None and newest is not None and view.at - newest > QUIET_AFTER:
        # One second on, so that the event itself is in the picture.
        moment = (newest + timedelta(seconds=1)).astimezone(UTC).replace(microsecond=0)
        address = _address(as_of=moment.isoformat().replace("+00:00", "Z"))
        st.info(
            say(
                "The newest event is of {moment}, so there is little to see now. [Show that moment]({address})",
                moment=formats.stamp(newest, zone),
                address=address,
            ),
            icon=":material/history:",
        )


def _address(**changes: str) -> str:
    """This page's address with what was chosen, but of another moment."""
    kept = {name: value for name, value in st.query_params.to_dict().items() if name != "as_of"}
    return f"?{urlencode({**kept, **changes})}"


def status(view: View, zone: tzinfo | None = None) -> None:
    """The line that says of when the page is, and how old."""
    zone = zone or viewer.zone()
    age = say("data {age} old", age=f"<b>{formats.age(view.age_seconds)}</b>")
    moment = say("as of {moment}", moment=f"<b>{formats.stamp(view.at, zone)}</b>")
    state = say("◆ stale") if view.is_stale else say("◷ past") if view.as_of else say("● live")
    parts = [f"<b>{state}</b>", moment, *([] if view.as_of else [age])]
    st.html(f'<div class="cb-status">{"".join(f"<span>{part}</span>" for part in parts)}</div>')
