"""NULL is "no traffic" everywhere, and a number at its limit does not blink."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from dashboards.look import formats
from dashboards.look.definitions import Definition
from dashboards.look.states import Level, Limits
from dashboards.readings.floor import limits_of

SERVICE_LEVEL = Limits(0.8, 0.7, "ratio")
WAIT = Limits(120, 240, "seconds")


@pytest.mark.parametrize("show", [formats.count, formats.percent, formats.duration])
def test_null_is_no_traffic_and_zero_is_not(show: object) -> None:
    assert show(None) == "no traffic"  # type: ignore[operator]
    assert show(0) in {"0", "0.0\N{NO-BREAK SPACE}%", "0:00"}  # type: ignore[operator]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(Decimal("59.999999"), "0:59"), (60, "1:00"), (Decimal("3661.5"), "1:01:01"), (Decimal("0.000001"), "0:00")],
)
def test_durations_are_cut_off_like_a_clock(seconds: Decimal, text: str) -> None:
    assert formats.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(3.2, "3 s"), (119, "119 s"), (120, "2 min"), (660, "11 min"), (9000, "2 h"), (4e5, "5 d")]
)
def test_ages_stay_short(seconds: float, text: str) -> None:
    assert formats.age(seconds) == text


def test_moments_carry_their_zone() -> None:
    assert formats.stamp(datetime(2026, 3, 2, 10, 7, tzinfo=UTC), UTC) == "2026-03-02 10:07:00 UTC"
    assert formats.stamp(None, UTC) == "never"


@pytest.mark.parametrize(
    ("limits", "value", "level", "words"),
    [
        (SERVICE_LEVEL, 0.8, Level.QUIET, "on target 80 %"),
        (SERVICE_LEVEL, 0.796, Level.WARNING, "0.4 points under 80 %"),
        (SERVICE_LEVEL, 0.7999, Level.WARNING, "just under 80 %"),
        (WAIT, Decimal("120.4"), Level.WARNING, "just over 2:00"),
        (SERVICE_LEVEL, 0.69, Level.SERIOUS, "11.0 points under 80 %"),
        (SERVICE_LEVEL, None, Level.QUIET, "target 80 %"),
        (WAIT, Decimal("120"), Level.QUIET, "within 2:00"),
        (WAIT, Decimal("183.2"), Level.WARNING, "1:03 over 2:00"),
        (WAIT, Decimal("241"), Level.SERIOUS, "2:01 over 2:00"),
    ],
)
def test_number_target_and_state_in_words(limits: Limits, value: float | None, level: Level, words: str) -> None:
    assert limits.level(value) is level
    assert limits.words(value).replace("\N{NO-BREAK SPACE}", " ") == words


def test_a_level_is_left_only_when_the_number_is_clearly_back() -> None:
    assert SERVICE_LEVEL.level(0.805, Level.QUIET) is Level.QUIET
    assert SERVICE_LEVEL.level(0.805, Level.WARNING) is Level.WARNING
    assert SERVICE_LEVEL.words(0.805, Level.WARNING).startswith("just back on target")
    assert SERVICE_LEVEL.level(0.811, Level.WARNING) is Level.QUIET
    assert SERVICE_LEVEL.level(0.705, Level.SERIOUS) is Level.SERIOUS
    assert SERVICE_LEVEL.level(0.72, Level.SERIOUS) is Level.WARNING


def test_levels_differ_by_sign_and_not_only_by_colour() -> None:
    assert len({level.icon for level in Level}) == len(Level)


def test_a_target_is_a_floor_a_ceiling_or_a_middle() -> None:
    def limits(higher_is_better: bool | None) -> Limits:
        return limits_of(Definition("n", "N", "ratio", "f", "d", "s", higher_is_better, 0.2))

    assert limits(True).serious == pytest.approx(0.1)
    assert limits(False).serious == pytest.approx(0.4)
    assert limits(None).serious == pytest.approx(0.3)
    with pytest.raises(ValueError, match="no target"):
        limits_of(Definition("n", "N", "ratio", "f", "d", "s"))
