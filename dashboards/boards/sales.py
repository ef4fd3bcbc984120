"""The page of sales and outbound work: campaigns, sales, collections, surveys and fund-raising."""

from __future__ import annotations

from datetime import datetime

from dashboards import frame
from dashboards.look.words import mark
from dashboards.queries import outbound
from dashboards.sections import collections, picking, sales, surveys
from dashboards.sections import outbound as campaigns

_PERIODS = ("today", "60", "week")


def _campaigns(as_of: datetime | None) -> list[tuple[str, str]]:
    rows = frame.look(outbound.DROPS, as_of=as_of).rows(outbound.DROPS.name)
    return [(row["client"], row["campaign"]) for row in rows if row["campaign"] is not None]


def page() -> None:
    """The whole page."""
    sections: dict[str, picking.Section] = {
        "outbound": (mark("Outbound"), campaigns.show),
        "sales": (mark("Sales"), sales.show),
        "collections": (mark("Collections"), collections.show),
        "surveys": (mark("Surveys and fund-raising"), surveys.show),
    }
    picking.show(sections, _PERIODS, _campaigns)


page()
