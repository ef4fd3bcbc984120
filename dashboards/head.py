"""The head of a page whose own parts live at another pace: of when the data is, and what to know before reading it."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime, tzinfo

from streamlit.delta_generator import DeltaGenerator

from dashboards import frame
from dashboards.frame import LIVE_SECONDS, panel
from dashboards.queries import common


@panel(LIVE_SECONDS)
def status(as_of: datetime | None) -> None:
    """The line with the moment and the age of the data."""
    frame.status(frame.look(as_of=as_of))


@panel(LIVE_SECONDS)
def top(as_of: datetime | None, zone: tzinfo | None = None, status: DeltaGenerator | None = None) -> None:
    """Both: the line at the place ``status``, or above the banners; ``zone`` is the viewer's if not given."""
    view = frame.look(common.NEWEST, as_of=as_of)
    with status or nullcontext():
        frame.status(view, zone)
    frame.banners(view, zone)


@panel(LIVE_SECONDS)
def banners(as_of: datetime | None) -> None:
    """What a viewer must know before reading any number."""
    frame.banners(frame.look(common.NEWEST, as_of=as_of))
