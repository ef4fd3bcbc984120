"""Business hours: wall clocks, holidays, and the days on which clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.centre.hours import Calendar, TimeRange, business_seconds, open_intervals, parse_range
from pipeline.centre.local_time import moment_of, start_of_day
from tests.centre.files import moments_between

BERLIN, NEW_YORK, HAVANA = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("America/Havana")
LORD_HOWE, APIA, CAIRO = ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Apia"), ZoneInfo("Africa/Cairo")
ZONES = (ZoneInfo("UTC"), BERLIN, NEW_YORK, HAVANA, LORD_HOWE, APIA, CAIRO, ZoneInfo("Asia/Kathmandu"))
HOUR = 3_600.0
CLOSED: tuple[TimeRange, ...] = ()
#: Days on which Berlin's clocks are put forward and back.
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def week(*ranges: str, days: int = 7) -> tuple[tuple[TimeRange, ...], ...]:
    """The same ranges on the first days of the week, the others closed."""
    return (tuple(map(parse_range, ranges)),) * days + (CLOSED,) * (7 - days)


def calendar(*ranges: str, zone: ZoneInfo = BERLIN, days: int = 7) -> Calendar:
    return Calendar("test", zone, week(*ranges, days=days))


def on(day: date, what: Calendar) -> float:
    """Business hours of one local day."""
    start, stop = (start_of_day(each, what.zone) for each in (day, day + timedelta(days=1)))
    return business_seconds(what, start, stop) / HOUR


def test_a_working_week() -> None:
    office = calendar("08:00-12:00", "13:00-17:30", days=5)
    monday = datetime(2026, 3, 2, tzinfo=BERLIN)
    assert business_seconds(office, monday, monday + timedelta(days=7)) == 5 * 8.5 * HOUR
    assert business_seconds(office, monday.replace(hour=11, minute=30), monday.replace(hour=13, minute=15)) == 45 * 60
    assert business_seconds(office, monday.replace(hour=12), monday.replace(hour=13)) == 0
    # From Friday afternoon over the weekend until Monday morning.
    friday = monday + timedelta(days=4, hours=17)
    assert business_seconds(office, friday, monday + timedelta(days=7, hours=8, minutes=10)) == 40 * 60


def test_microseconds_count() -> None:
    office = calendar("08:00-17:00")
    start = datetime(2026, 3, 2, 16, 59, 59, 250_001, tzinfo=BERLIN)
    assert business_seconds(office, start, start + timedelta(hours=1)) == 0.749999


def test_a_day_has_23_24_or_25_hours() -> None:
    for whole in (calendar("00:00-24:00"), Calendar("always", BERLIN)):
        assert [on(day, whole) for day in (SPRING, date(2026, 5, 1), AUTUMN)] == [23, 24, 25]
    by_night = calendar("00:00-06:00")
    assert [on(day, by_night) for day in (SPRING, date(2026, 5, 1), AUTUMN)] == [5, 6, 7]
    assert on(date(2026, 4, 5), calendar("00:00-24:00", zone=LORD_HOWE)) == 24.5


def test_what_opens_or_closes_in_the_missing_hour_does_so_at_the_change() -> None:
    assert on(SPRING, calendar("02:30-05:00")) == 2  # 03:00, which is 01:00 UTC, until 05:00
    assert on(SPRING, calendar("00:00-02:30")) == 2
    assert on(SPRING, calendar("02:00-03:00")) == 0
    assert moment_of(SPRING, 150, BERLIN) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert moment_of(SPRING, 150, BERLIN, last=True) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_in_the_repeated_hour_a_place_opens_the_first_time_and_closes_the_second() -> None:
    assert on(AUTUMN, calendar("02:30-05:00")) == 3.5
    assert on(AUTUMN, calendar("00:00-02:30")) == 3.5
    # Open from the first to the second 02:30, and from the first 02:30: counted once.
    assert on(AUTUMN, calendar("01:00-02:30", "02:30-04:00")) == 4


def test_a_midnight_that_is_skipped_or_repeated() -> None:
    # Cairo: 00:00 on Friday 24 April 2026 is 01:00. Havana: at 01:00 on 1 November 2026 it is 00:00 again.
    assert start_of_day(date(2026, 4, 24), CAIRO) == datetime(2026, 4, 23, 22, 0, tzinfo=UTC)
    whole = calendar("00:00-24:00", zone=CAIRO)
    assert [on(date(2026, 4, day), whole) for day in (23, 24, 25)] == [24, 23, 24]
    assert start_of_day(date(2026, 11, 1), HAVANA) == datetime(2026, 11, 1, 4, 0, tzinfo=UTC)
    whole = calendar("00:00-24:00", zone=HAVANA)
    assert [on(date(2026, 11, day), whole) for day in (1, 2)] == [25, 24]
    assert on(date(2026, 10, 31), whole) == 24


def test_clocks_that_go_back_over_midnight() -> None:
    """In Newfoundland it was 23:01 again one minute after the midnight of 7 November 2010, at 02:31 UTC."""
    evening = calendar("22:00-23:30", zone=ZoneInfo("America/St_Johns"))
    in_the_new_day = datetime(2010, 11, 7, 2, 30, 30, tzinfo=UTC)
    assert in_the_new_day.astimezone(evening.zone).date() == date(2010, 11, 7)
    assert business_seconds(evening, in_the_new_day, in_the_new_day + timedelta(hours=2)) == 30 + 29 * 60


def test_a_date_that_never_was() -> None:
    """Samoa had no 30 December 2011."""
    whole = calendar("00:00-24:00", zone=APIA)
    assert [on(date(2011, 12, day), whole) for day in (29, 30, 31)] == [24, 0, 24]


def test_a_holiday_is_closed_or_open_for_shorter_and_always_is_always() -> None:
    eve, christmas = date(2026, 12, 24), date(2026, 12, 25)
    holidays = {eve: (parse_range("08:00-12:00"),), christmas: CLOSED}
    office = Calendar("office", BERLIN, week("08:00-18:00"), holidays)
    assert [on(day, office) for day in (eve, christmas, date(2026, 12, 27))] == [4, 0, 10]
    assert on(christmas, Calendar("always", BERLIN, None, holidays)) == 24


def test_intervals_are_apart_in_order_and_cut_off() -> None:
    nights = calendar("00:00-06:00", "22:00-24:00", zone=ZoneInfo("UTC"))
    start, stop = datetime(2026, 3, 2, 23, tzinfo=UTC), datetime(2026, 3, 4, 1, tzinfo=UTC)
    assert list(open_intervals(nights, start, stop)) == [
        (start, datetime(2026, 3, 3, 6, tzinfo=UTC)),
        (datetime(2026, 3, 3, 22, tzinfo=UTC), stop),
    ]
    assert list(open_intervals(nights, start, start)) == []
    assert list(open_intervals(Calendar("always", BERLIN), start, start)) == []


def test_business_time_runs_forwards() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    with pytest.raises(ValueError, match="runs forwards"):
        business_seconds(calendar("08:00-09:00"), now, now - timedelta(seconds=1))


def test_a_week_has_seven_days() -> None:
    with pytest.raises(ValueError, match="a week has 7 days, not 5"):
        Calendar("five", BERLIN, week("08:00-09:00")[:5])


@pytest.mark.parametrize("text", ["08:00-24:00", "00:00-00:01", "09:05-17:59"])
def test_a_range_is_written_as_it_is_read(text: str) -> None:
    assert str(parse_range(text)) == text


@pytest.mark.parametrize("text", ["8:00-9:00", "08:00 - 09:00", "08:60-09:00", "24:01-24:02", "09:00-09:00", "", "x"])
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(ValueError, match=f"'{text}' "):
        parse_range(text)


@st.composite
def days(draw: st.DrawFn) -> tuple[TimeRange, ...]:
    """The ranges of a day: none, some, or the whole day."""
    limits = sorted(draw(st.sets(st.integers(0, 24 * 4), max_size=6)))
    limits = limits[: len(limits) // 2 * 2]
    return tuple(TimeRange(opens * 15, closes * 15) for opens, closes in zip(limits[::2], limits[1::2], strict=True))


calendars = st.builds(
    Calendar,
    st.just("any"),
    st.sampled_from(ZONES),
    st.none() | st.tuples(*[days()] * 7),
    st.dictionaries(st.dates(date(2026, 3, 20), date(2026, 4, 30)), days(), max_size=4),
)
#: Around the clock changes of 2026, to the microsecond.
moments = moments_between(datetime(2026, 3, 6, tzinfo=UTC), datetime(2026, 4, 28, tzinfo=UTC)) | moments_between(
    datetime(2026, 10, 23, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC)
)
properties = settings(max_examples=150, deadline=None)


@properties
@given(calendars, moments, moments, moments)
def test_business_time_adds_up_over_adjacent_intervals(what: Calendar, a: datetime, b: datetime, c: datetime) -> None:
    a, b, c = sorted((a, b, c))
    parts = business_seconds(what, a, b) + business_seconds(what, b, c)
    assert business_seconds(what, a, c) == pytest.approx(parts, abs=1e-6)


@properties
@given(calendars, moments, moments)
def test_intervals_lie_within_in_order_and_apart(what: Calendar, a: datetime, b: datetime) -> None:
    a, b = sorted((a, b))
    limits = [moment for interval in open_intervals(what, a, b) for moment in interval]
    assert all(earlier < later for earlier, later in zip(limits, limits[1:], strict=False))
    assert all(a <= moment <= b for moment in limits)
    assert 0 <= business_seconds(what, a, b) <= (b - a).total_seconds()


@properties
@given(st.sampled_from(ZONES), st.dates(date(2026, 3, 1), date(2026, 11, 10)))
def test_a_place_that_is_open_all_day_is_open_as_long_as_the_day_lasts(zone: ZoneInfo, day: date) -> None:
    start, stop = start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone)
    whole = calendar("00:00-24:00", zone=zone)
    assert business_seconds(whole, start, stop) == (stop - start).total_seconds()
    halves = calendar("00:00-11:15", "11:15-24:00", zone=zone)
    assert business_seconds(halves, start, stop) == (stop - start).total_seconds()


@properties
@given(calendars, moments)
def test_open_is_what_the_wall_clock_says(what: Calendar, moment: datetime) -> None:
    """On days on which no clock changes, asked second by second rather than computed by intervals."""
    local = moment.astimezone(what.zone)
    day_seconds = (
        start_of_day(local.date() + timedelta(days=1), what.zone) - start_of_day(local.date(), what.zone)
    ).total_seconds()
    if day_seconds != 24 * HOUR:
        return
    minute = local.hour * 60 + local.minute
    is_open = any(each.opens <= minute < each.closes for each in what.ranges_on(local.date()))
    micro = timedelta(microseconds=1)
    assert business_seconds(what, moment, moment + micro) == (1e-6 if is_open else 0)
