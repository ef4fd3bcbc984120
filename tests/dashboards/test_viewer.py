"""Whose numbers, words and zone: of the address, of the browser, of the place that is looked at."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from dashboards import frame
from dashboards.look import chart_locale, formats, viewer

MOMENT = datetime(2026, 3, 2, 10, 7, 3, 999_000, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("query", "browser", "tag", "language"),
    [
        ("", "", "en", "en"),
        ("", "de-DE", "de_DE", "de"),
        ("", "fr-FR", "fr_FR", "en"),
        ("lang=de", "en-US", "de", "de"),
        ("lang=de", "de-CH", "de_CH", "de"),
        ("lang=de-AT", "de-CH", "de_AT", "de"),
        ("client=a&lang=en", "de-DE", "en", "en"),
        ("lang=tlh", "de-DE", "de_DE", "de"),
        ("lang=../../etc", "de-DE", "de_DE", "de"),
        ("lang=", "nonsense-nonsense", "en", "en"),
    ],
)
def test_the_address_comes_before_the_browser(
    monkeypatch: pytest.MonkeyPatch, query: str, browser: str, tag: str, language: str
) -> None:
    run = SimpleNamespace(query_string=query, context_info=SimpleNamespace(locale=browser))
    monkeypatch.setattr(viewer, "get_script_run_ctx", lambda **_: run)
    assert str(viewer.locale()) == tag
    assert viewer.language() == language


def test_outside_of_a_run_it_is_english_dark_and_utc() -> None:
    assert viewer.language() == "en"
    assert viewer.is_dark()
    assert viewer.zone() is UTC


@pytest.mark.parametrize(("name", "zone"), [("Europe/Berlin", BERLIN), ("", UTC), ("No/Where", UTC), ("../x", UTC)])
def test_the_zone_of_the_browser(monkeypatch: pytest.MonkeyPatch, name: str, zone: object) -> None:
    run = SimpleNamespace(query_string="", context_info=SimpleNamespace(timezone=name, color_scheme="light"))
    monkeypatch.setattr(viewer, "get_script_run_ctx", lambda **_: run)
    assert viewer.zone() == zone
    assert not viewer.is_dark()


def test_the_zone_is_that_of_the_site_then_of_the_client_then_of_the_browser() -> None:
    rows = {
        "zones": [{"client": "aurora", "time_zone": "Europe/Berlin"}, {"client": "gone", "time_zone": "No/Where"}],
        "sites": [{"site": "porto", "time_zone": "Europe/Lisbon"}],
    }
    view: Any = SimpleNamespace(rows=rows.__getitem__)
    assert frame.zone(view, "aurora", "porto") == ZoneInfo("Europe/Lisbon")
    assert frame.zone(view, "aurora", "elsewhere") == BERLIN
    assert frame.zone(view, "aurora") == BERLIN
    assert frame.zone(view, "gone") is frame.zone(view, "new") is frame.zone(view) is UTC


ENGLISH = {
    "count": "1,234,567",
    "percent": f"81.3{NBSP}%",
    "whole": f"80{NBSP}%",
    "money": "€1,234.50",
    "exact": "1234.05",
    "clock": "11:07:03",
    "time": "11:07",
    "day": "2026-03-02",
    "minute": "2026-03-02 11:07",
    "stamp": "2026-03-02 11:07:03 CET",
    "age": "12 min",
}
GERMAN = {
    "count": "1.234.567",
    "percent": f"81,3{NBSP}%",
    "whole": f"80{NBSP}%",
    "money": f"1.234,50{NBSP}€",
    "exact": "1234,05",
    "clock": "11:07:03",
    "time": "11:07",
    "day": "02.03.2026",
    "minute": "02.03.2026 11:07",
    "stamp": "02.03.2026 11:07:03 MEZ",
    "age": "12 min",
}


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", ENGLISH),
        ("en_US", ENGLISH),
        ("en_IN", {**ENGLISH, "count": "12,34,567"}),
        ("de_DE", GERMAN),
        ("de_CH", {"count": "1’234’567", "percent": "81.3%", "stamp": "02.03.2026 11:07:03 MEZ"}),
        ("da", {"time": "11.07", "day": "02.03.2026"}),
    ],
)
def test_numbers_and_times_by_locale(monkeypatch: pytest.MonkeyPatch, tag: str, expected: dict[str, str]) -> None:
    monkeypatch.setattr(viewer, "locale", lambda: Locale.parse(tag))
    shown = {
        "count": formats.count(1_234_567),
        "percent": formats.percent(0.8131),
        "whole": formats.percent(0.8, 0),
        "money": formats.money(Decimal("1234.5"), "EUR"),
        "exact": formats.exact(Decimal("1234.0500")),
        "clock": formats.clock(MOMENT, BERLIN),
        "time": formats.time(MOMENT, BERLIN),
        "day": formats.day(MOMENT, BERLIN),
        "minute": formats.minute(MOMENT, BERLIN),
        "stamp": formats.stamp(MOMENT, BERLIN),
        "age": formats.age(720),
    }
    assert {name: shown[name] for name in expected} == expected


def test_money_has_the_digits_of_its_currency_and_null_is_no_traffic() -> None:
    assert formats.money(1234.4, "JPY") == "¥1,234"
    assert formats.money(1234.4, None) == "1,234.40"
    assert formats.money(None, "EUR") == formats.decimal(None) == formats.exact(None) == "no traffic"
    assert formats.day(date(2026, 3, 2), BERLIN) == "2026-03-02"
    assert formats.day(None, BERLIN) == formats.minute(None, BERLIN) == "never"
    assert formats.day(datetime(2026, 3, 2, 23, 30, tzinfo=UTC), BERLIN) == "2026-03-03"


def test_a_moment_must_have_a_zone_to_be_the_same_everywhere() -> None:
    assert formats.stamp(MOMENT, ZoneInfo("America/New_York")) == "2026-03-02 05:07:03 EST"


def test_charts_have_the_numbers_of_the_locale_and_weeks_that_begin_on_sunday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer, "locale", lambda: Locale("de"))
    found = chart_locale.of_viewer()
    assert (found["number"]["decimal"], found["number"]["thousands"]) == (",", ".")
    # d3 counts from Sunday, Babel from Monday.
    assert found["time"]["days"] == "Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag".split()
    assert found["time"]["months"][0] == "Januar"
    assert len(found["time"]["shortMonths"]) == 12


def test_every_file_of_messages_is_of_a_language_that_exists() -> None:
    for path in Path(viewer.MESSAGES).glob("*.po"):
        assert Locale.parse(path.stem).english_name
