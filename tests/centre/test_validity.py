"""Dated settings as periods: what holds at a moment, to the edge."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.centre.model import Definitions, QueueSettings
from pipeline.centre.validity import in_force, periods
from tests.centre.files import moments_between

BERLIN = ZoneInfo("Europe/Berlin")
MICRO = timedelta(microseconds=1)


def entry(**members: Any) -> QueueSettings:
    start = members.pop("start", None)
    return QueueSettings.model_validate({**members, **({"from": start} if start else {})})


def thresholds(*entries: QueueSettings) -> list[tuple[datetime | None, datetime | None, float]]:
    return [
        (each.valid_from, each.valid_to, each.settings.threshold_seconds)
        for each in periods(QueueSettings, entries, BERLIN)
    ]


def test_without_entries_the_defaults_hold_always() -> None:
    assert thresholds() == [(None, None, 20)]
    (only,) = periods(Definitions, (), ZoneInfo("UTC"))
    assert only.settings.repeat_contact_days == 7


def test_an_entry_without_a_date_holds_always() -> None:
    assert thresholds(entry(threshold_seconds=30)) == [(None, None, 30)]


def test_before_the_first_date_the_defaults_hold() -> None:
    july = datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert thresholds(entry(start="2026-07-01", threshold_seconds=30)) == [(None, july, 20), (july, None, 30)]


def test_a_date_begins_with_the_local_day_also_where_clocks_change() -> None:
    (_, change, _), (start, _, _) = thresholds(entry(), entry(start="2026-03-29", threshold_seconds=30))
    assert change == start == datetime(2026, 3, 28, 23, tzinfo=UTC)
    (_, change, _), _ = thresholds(entry(), entry(start="2026-03-30", threshold_seconds=30))
    assert change == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_the_new_settings_hold_from_the_first_microsecond_of_the_day() -> None:
    of_time = periods(
        QueueSettings, (entry(threshold_seconds=10), entry(start="2026-07-01", threshold_seconds=30)), BERLIN
    )
    july = datetime(2026, 7, 1, tzinfo=BERLIN)
    assert in_force(of_time, july - MICRO).settings.threshold_seconds == 10
    assert in_force(of_time, july).settings.threshold_seconds == 30
    assert in_force(of_time, datetime(1990, 1, 1, tzinfo=UTC)).settings.threshold_seconds == 10
    assert in_force(of_time, datetime(2090, 1, 1, tzinfo=UTC)).settings.threshold_seconds == 30


def test_an_entry_takes_over_what_it_does_not_name() -> None:
    first, second, third, fourth = (
        period.settings
        for period in periods(
            QueueSettings,
            (
                entry(threshold_seconds=10, asa_target_seconds=25),
                entry(start="2026-01-01", service_level="answered_only"),
                entry(start="2026-02-01", asa_target_seconds=None),
                entry(start="2026-03-01", threshold_seconds=20),
            ),
            BERLIN,
        )
    )
    assert (first.threshold_seconds, first.service_level, first.asa_target_seconds) == (10, "abandons_negative", 25)
    assert (second.threshold_seconds, second.service_level, second.asa_target_seconds) == (10, "answered_only", 25)
    assert (third.threshold_seconds, third.service_level, third.asa_target_seconds) == (10, "answered_only", None)
    # Naming the default is not the same as naming nothing.
    assert (fourth.threshold_seconds, fourth.service_level) == (20, "answered_only")


dates = st.lists(st.dates(date(1990, 1, 1), date(2099, 12, 31)), unique=True, max_size=6).map(sorted)
zones = st.sampled_from([BERLIN, ZoneInfo("America/Havana"), ZoneInfo("Africa/Cairo"), ZoneInfo("Pacific/Apia")])


moments = moments_between(datetime(1989, 1, 1, tzinfo=UTC), datetime(2100, 12, 31, tzinfo=UTC))


@settings(max_examples=100, deadline=None)
@given(dates, zones, st.booleans(), moments)
def test_each_moment_has_one_period(begins: list[date], zone: ZoneInfo, always: bool, moment: datetime) -> None:
    entries = [*([entry(threshold_seconds=1)] if always else []), *(entry(start=str(day)) for day in begins)]
    of_time = periods(QueueSettings, entries, zone)
    assert of_time[0].valid_from is None
    assert of_time[-1].valid_to is None
    assert [each.valid_to for each in of_time[:-1]] == [each.valid_from for each in of_time[1:]]
    edges = [each.valid_from for each in of_time if each.valid_from]
    for each in (moment, *edges, *(edge - MICRO for edge in edges)):
        assert sum(period.holds_at(each) for period in of_time) == 1
