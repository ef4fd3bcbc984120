"""What is seen of access: the page of somebody who is not let in, and who is signed in, at the top right."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboards.access import pages, session
from dashboards.access.errors import NotAllowedError
from dashboards.access.pages import PAGE, BoardPage
from dashboards.access.people import Person, Role
from dashboards.look import theme
from dashboards.look.words import mark, said, say

_ROLES = {
    Role.WALL: mark("wall"),
    Role.AGENT: mark("agent"),
    Role.SUPERVISOR: mark("supervisor"),
    Role.ANALYST: mark("analyst"),
    Role.ADMIN: mark("admin"),
}
#: How often a page without a live panel notices that its viewer may not see it any more.
WATCH_SECONDS = 5

_CSS = f"""
.st-key-who {{ position: fixed; top: .55rem; right: 1rem; width: 11rem !important; z-index: 999991; }}
.st-key-who button {{ width: 11rem; min-height: 0; padding: .3rem .7rem; }}
/* The time machine stands left of it, and the bar of the pages ends before both. */
.stApp:has(.st-key-who) .st-key-timemachine {{ right: 12.7rem; }}
@media (min-width: 641px) {{ .stApp:has(.st-key-who) [data-testid="stHeader"] {{ padding-right: 24rem; }} }}
.st-key-who button p {{ overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }}
.cb-refused {{ max-width: 40rem; margin: 12vh auto 1.2rem; text-align: center; }}
.cb-refused h1 {{ font-size: 1.9rem; padding-bottom: .6rem; }}
.cb-refused p {{ font-size: 1.15rem; color: {theme.TEXT}; }}
.st-key-refused-buttons {{ align-items: center; }}
.cb-open {{ font-size: .95rem; color: {theme.AMBER}; }}
.st-key-sign-in button, .st-key-sign-in button p {{ color: {theme.BACKGROUND}; font-weight: 600; }}
.st-key-closed-way {{ align-items: center; }}
@media (max-width: 640px) {{
  .st-key-who {{ right: .5rem; width: auto !important; }}
  .st-key-who button {{ width: auto; }}
  .stApp:has(.st-key-who) .st-key-timemachine {{ right: 4.4rem; }}
  /* On a phone the picture is enough; the name is for screen readers, and in the menu. */
  .st-key-who [data-testid="stPopoverButton"] p {{ position: absolute; width: 1px; height: 1px; overflow: hidden;
    clip-path: inset(50%); }}
}}
"""


def style() -> None:
    """The constant CSS of what this module draws."""
    st.html(f"<style>{_CSS}</style>")


def refuse(refusal: NotAllowedError) -> None:
    """Instead of everything else: why, and what to do."""

    def draw() -> None:
        heading = say("Your view is closed") if not refusal.can_sign_in else say("The board is for its people")
        st.html(f'<div class="cb-refused" role="status"><h1>{escape(heading)}</h1><p>{escape(said(refusal))}</p></div>')
        with st.container(key="refused-buttons"):
            if refusal.can_sign_in:
                st.button(say("Sign in"), key="sign-in", type="primary", on_click=st.login)
            elif refusal.is_signed_in:
                st.button(say("Sign out"), key="sign-out", on_click=st.logout)

    # The address stays what it was, so that the page is the same after the way back.
    everywhere = [
        st.Page(draw, title="callboard", url_path=each.stem, default=each is pages.PAGES[0]) for each in pages.PAGES
    ]
    st.navigation(everywhere, position="hidden").run()


def closed(page: BoardPage, who: Person, way_out: StreamlitPage) -> Callable[[], None]:
    """What is drawn in place of a page that is not for the viewer's role, with the way to one that is."""

    def draw() -> None:
        title = say(page.title, context=PAGE)
        words = say(
            "This page is not for your role ({role}). If you need it, ask your administrator.",
            role=say(_ROLES[who.role]),
        )
        st.html(f'<div class="cb-refused" role="status"><h1>{escape(title)}</h1><p>{escape(words)}</p></div>')
        with st.container(key="closed-way"):
            st.page_link(way_out)

    return draw


def header(who: Person) -> None:
    """Who is signed in, with what role, and the way out; a wall has nobody in front of it."""
    if who.role is Role.WALL:
        return
    if session.gate().is_open:
        words = say("Nobody has to sign in: this board has no access file, so it is shown on this machine only.")
        st.html(f'<div class="cb-open" role="note">▲ {escape(words)}</div>')
        return
    with st.container(key="who"), st.popover(who.name, icon=":material/account_circle:", key="who-menu"):
        st.markdown(say("Signed in as **{name}**", name=_plain(who.name)))
        st.markdown(say("Role: {role}", role=say(_ROLES[who.role])))
        for text, names in (
            (mark("Clients: {names}"), who.scope.clients),
            (mark("Sites: {names}"), who.scope.sites),
            (mark("Teams: {names}"), who.scope.teams),
        ):
            if names is not None:
                st.markdown(say(text, names=_plain(", ".join(sorted(names)))))
        st.button(say("Sign out"), key="sign-out", icon=":material/logout:", on_click=st.logout)


def _plain(text: str) -> str:
    """A name from outside, as Markdown that says it and no more."""
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()<>#+-.!|$:~" else sign for sign in text)


@st.fragment(run_every=WATCH_SECONDS)
def watch() -> None:
    """Start over when the viewer may not see this any more, also on a page that nothing else refreshes."""
    try:
        changed = session.has_changed()
    except NotAllowedError:
        changed = True
    if changed:
        st.rerun()
