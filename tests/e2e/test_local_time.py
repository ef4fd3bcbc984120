"""Hours and days by the queue's own clocks, through both changes of them; from events, and in DuckDB's own shell."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.clock import ManualClock
from pipeline.store.process import FileProcessor
from tests.e2e.published import rows
from tests.oracle import QueueSettings
from tests.support.calls import call
from tests.support.settings import settle
from tests.support.strict import require

#: In Berlin the clocks go from 02:00 to 03:00 on 29 March 2026, and from 03:00 back to 02:00 on 25 October 2026.
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
HOURS = (
    "SELECT strftime(local_hour_start AT TIME ZONE time_zone, '%H:%M') AS shown, utc_offset, local_hour_start, offered "
    "FROM kpi_local_hour ORDER BY local_hour_start"
)


def publish(folder: Path, starts: list[datetime], *settings: QueueSettings) -> Path:
    """A call at each of these moments."""
    lines = [line for nth, at in enumerate(starts) for line in call(nth, at, answered_after_seconds=5)]
    with FileProcessor(folder, ManualClock(datetime(2027, 1, 1, tzinfo=UTC))) as processor:
        processor.process(lines)
    return settle(folder, *settings)


def half_hours(day: date, hours: int) -> list[datetime]:
    """Moments half an hour apart that cover a local day of Berlin and an hour to both sides."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=1 if day == SPRING else 2)
    return [midnight + timedelta(minutes=30 * n) for n in range(-2, 2 * hours + 2)]


BERLIN = QueueSettings(time_zone="Europe/Berlin")


def test_the_hour_that_the_clocks_repeat_is_two_rows_and_the_day_one(tmp_path: Path) -> None:
    publish(tmp_path, half_hours(AUTUMN, 25), BERLIN)
    shown = rows(tmp_path, HOURS)[1:-1]
    assert [hour for hour, *_ in shown] == ["00:00", "01:00", "02:00", "02:00", *(f"{h:02}:00" for h in range(3, 24))]
    assert [offset for _, offset, *_ in shown[:4]] == ["+02:00", "+02:00", "+02:00", "+01:00"]
    assert {offered for *_, offered in shown} == {2}
    days = rows(tmp_path, "SELECT local_day, time_zone, offered FROM kpi_local_day ORDER BY local_day")
    assert days[1] == (AUTUMN, "Europe/Berlin", 50)
    assert [offered for *_, offered in days] == [2, 50, 2]


def test_the_hour_that_the_clocks_leave_out_is_no_row(tmp_path: Path) -> None:
    publish(tmp_path, half_hours(SPRING, 23), BERLIN)
    shown = rows(tmp_path, HOURS)[1:-1]
    assert [hour for hour, *_ in shown] == ["00:00", "01:00", *(f"{h:02}:00" for h in range(3, 24))]
    assert [offset for _, offset, *_ in shown[:3]] == ["+01:00", "+01:00", "+02:00"]
    assert rows(tmp_path, f"SELECT offered FROM kpi_local_day WHERE local_day = '{SPRING}'") == [(46,)]


@pytest.mark.parametrize(
    ("zone", "hour", "offset", "day"),
    [
        ("Asia/Kolkata", "2026-03-01 22:30:00+00", "+05:30", date(2026, 3, 2)),
        ("America/St_Johns", "2026-03-01 22:30:00+00", "-03:30", date(2026, 3, 1)),
        ("Asia/Kathmandu", "2026-03-01 22:15:00+00", "+05:45", date(2026, 3, 2)),
        (None, "2026-03-01 22:00:00+00", "+00:00", date(2026, 3, 1)),
    ],
    ids=str,
)
def test_hours_begin_where_the_clocks_of_the_queue_say_so(
    tmp_path: Path, zone: str | None, hour: str, offset: str, day: date
) -> None:
    publish(tmp_path, [datetime(2026, 3, 1, 22, 45, tzinfo=UTC)], QueueSettings(time_zone=zone))
    found = rows(tmp_path, "SELECT local_hour_start, utc_offset, local_day FROM kpi_local_hour")
    assert found == [(datetime.fromisoformat(hour), offset, day)]


def test_a_queue_that_moves_to_another_zone_keeps_its_past(tmp_path: Path) -> None:
    moves = datetime(2026, 3, 2, 12, tzinfo=UTC)
    publish(
        tmp_path,
        [moves - timedelta(minutes=1), moves],
        QueueSettings(valid_to=moves, time_zone="Europe/Riga"),
        QueueSettings(valid_from=moves, time_zone="Asia/Tokyo"),
    )
    found = rows(tmp_path, "SELECT time_zone, utc_offset, offered FROM kpi_local_hour ORDER BY local_hour_start")
    assert found == [("Europe/Riga", "+02:00", 1), ("Asia/Tokyo", "+09:00", 1)]


def test_duckdbs_own_shell_reads_them(tmp_path: Path) -> None:
    shell = shutil.which("duckdb", path=str(Path(sys.executable).parent)) or shutil.which("duckdb")
    require(shell is not None, "there is no duckdb shell: make setup installs one")
    publish(tmp_path, half_hours(AUTUMN, 25), BERLIN)
    said = subprocess.run(
        [
            *(str(shell), "-readonly", "-csv", "-noheader", str(tmp_path / "live.duckdb")),
            f"SET TimeZone = 'UTC'; SELECT offered FROM kpi_local_day WHERE local_day = '{AUTUMN}'; "
            "SELECT count(*) FROM kpi_local_hour; "
            "SELECT count(*) FROM service_levels('2026-10-25', '2026-10-26') WHERE client IS NULL;",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert said.stdout.split() == ["50", "27", "14"]
