"""Reading a report: how numbers and times are written, and one line for everything that cannot be read."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.errors import CallboardError
from pipeline.producers.adapters.times import CellError
from pipeline.reconcile.mapping import bundled_reports, load_report_mapping
from pipeline.reconcile.numbers import Written
from pipeline.reconcile.report import Report, read_report

ROOT = Path(__file__).resolve().parents[2]
HEADER = "Client,Queue,Date,Offered,Answered,Abandoned,ASA,AHT,Service level"
ROW = "acme,sales,2026-11-02,10,8,2,0:12,3:20,75.0%"
#: A day of 25 hours in Berlin; its repeated hour is two rows.
INTERVALS = """\
description: Half hours
client: {text: "{Who}", values: {Acme Ltd: acme}}
queue: sales
zone: Europe/Berlin
period: {starts: "{Date} {From}", format: "%d.%m.%Y %H:%M", minutes: 30}
file: {delimiter: ";", decimal_mark: ","}
measures: {offered: Calls, asa_seconds: {column: Wait, rounding: down}}
"""


def read(folder: Path, text: str, mapping: str = "queue-day", client: str | None = None) -> Report:
    (folder / "r.csv").write_text(text)
    if ":" in mapping:
        (folder / "m.yaml").write_text(mapping)
        mapping = str(folder / "m.yaml")
    return read_report(folder / "r.csv", load_report_mapping(mapping, client, None))


def test_a_row(tmp_path: Path) -> None:
    (row,) = read(tmp_path, f"{HEADER}\n{ROW}\n").rows
    assert (row.client, row.queue, row.window.text, row.line) == ("acme", "sales", "2026-11-02", 2)
    assert (row.window.start_at, row.window.stop_at) == (
        datetime(2026, 11, 2, tzinfo=UTC),
        datetime(2026, 11, 3, tzinfo=UTC),
    )
    values = {name: number.value for name, number in row.numbers.items()}
    assert values == {
        "offered": 10,
        "answered": 8,
        "abandoned": 2,
        "asa_seconds": 12,
        "aht_seconds": 200,
        "service_level": Decimal("0.75"),
    }


def test_a_cell_without_a_number_is_no_number(tmp_path: Path) -> None:
    (row,) = read(tmp_path, f"{HEADER}\nacme,sales,2026-11-02,0,0,0,-,,n/a\n").rows
    assert set(row.numbers) == {"offered", "answered", "abandoned"}


def test_intervals_on_a_day_of_25_hours(tmp_path: Path) -> None:
    clocks = ["01:30", "02:00", "02:30", "02:00", "02:30", "03:00"]
    rows = "".join(f"Acme Ltd;25.10.2026;{clock};3;7,5\n" for clock in clocks)
    found = read(tmp_path, f"Who;Date;From;Calls;Wait\n{rows}", INTERVALS).rows
    assert {row.client for row in found} == {"acme"}
    starts = [row.window.start_at for row in found]
    assert [f"{start:%d %H:%M}" for start in starts] == [
        "24 23:30", "25 00:00", "25 00:30", "25 01:00", "25 01:30", "25 02:00",
    ]  # fmt: skip
    assert all(row.window.stop_at - row.window.start_at == starts[1] - starts[0] for row in found)


@pytest.mark.parametrize(
    ("kind", "rounding", "text", "equal", "unequal"),
    [
        ("number", "nearest", "12.5", ("12.45", "12.55"), ("12.44", "12.56")),
        ("number", "down", "12", ("12", "12.999"), ("11.999", "13.01")),
        ("duration", "nearest", "1:02:03", ("3722.5", "3723.5"), ("3722.4", "3723.6")),
        ("duration", "nearest", "90", ("89.5", "90.5"), ("89.4", "90.6")),
        ("percent", "nearest", "81 %", ("0.805", "0.815"), ("0.8049", "0.8151")),
        ("percent", "nearest", "81.25", ("0.81245", "0.81255"), ("0.8124", "0.8126")),
    ],
)
def test_what_equals_a_rounded_number(
    kind: str, rounding: str, text: str, equal: tuple[str, ...], unequal: tuple[str, ...]
) -> None:
    number = Written(kind, ".", rounding).read(text, exact=False)  # type: ignore[arg-type]
    assert all(number.equals(Decimal(ours)) for ours in equal)
    assert not any(number.equals(Decimal(ours)) for ours in unequal)
    assert not number.equals(None)


@pytest.mark.parametrize("text", ["1:60", "1:2:3:4", "a:b", "-3", "1e5", "", "12,5"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(CellError):
        Written("duration", ".", "nearest").read(text, exact=False)


WRONG = [
    (f"{HEADER.replace('Offered', 'Ofered')}\n{ROW}\n", "queue-day", "no column 'Offered'.*did you mean 'Ofered'"),
    (f"{HEADER}\n{ROW},7\n", "queue-day", "line 2: 10 cells instead of 9"),
    (f"{HEADER}\n{ROW.replace('2026-11-02', '02.11.2026')}\n", "queue-day", "line 2, column Date: does not fit"),
    (
        f"{HEADER}\n{ROW.replace(',10,', ',ten,')}\n",
        "queue-day",
        "line 2, column Offered: not a number.*offered",
    ),
    (f"{HEADER}\n{ROW.replace(',10,', ',10.5,')}\n", "queue-day", "column Offered: a count that is not whole"),
    (f"{HEADER}\n{ROW}\n{ROW}\n", "queue-day", "line 3: a second row about the same queue and time as line 2"),
    (f"{HEADER}\n", "queue-day", "has no rows"),
    ("", "queue-day", "has no header line"),
    (f"{HEADER}\n{ROW}\n", "queue-week", "no mapping is named 'queue-week': choose one of queue-day, queue-interval"),
    (
        f"{HEADER}\n{ROW}\n",
        INTERVALS.replace("asa_seconds", "asa"),
        "m.yaml: measures.asa: no such measure; ",
    ),
    (f"{HEADER}\n{ROW}\n", INTERVALS.replace("Europe/Berlin", "Berlin"), "zone: no time zone 'Berlin'"),
    (f"{HEADER}\n{ROW}\n", INTERVALS.replace("minutes: 30", "minutes: 7"), "period.minutes: write how many minutes"),
    (f"{HEADER}\n{ROW}\n", INTERVALS.replace("queue: sales", "que: sales"), "m.yaml: .*que"),
]


@pytest.mark.parametrize(("text", "mapping", "message"), WRONG, ids=range(len(WRONG)))
def test_one_line_says_what_is_wrong(tmp_path: Path, text: str, mapping: str, message: str) -> None:
    with pytest.raises(CallboardError, match=message) as raised:
        read(tmp_path, text, mapping)
    assert "\n" not in str(raised.value)
    assert raised.value.exit_code == 2


def test_the_mapping_of_the_page_can_be_read(tmp_path: Path) -> None:
    page = (ROOT / "docs/how-to/reconcile-with-your-report.md").read_text()
    mapping = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert mapping
    text = "Skill;Day;Calls;Handled;Lost;Avg wait;SL %\nSales hotline;02.11.2026;10;8;2;0:12;75,5\n"
    (row,) = read(tmp_path, text, mapping[1]).rows
    assert (row.client, row.queue, row.window.text) == ("acme", "sales", "2026-11-02")
    assert row.numbers["service_level"].value == Decimal("0.755")


def test_every_bundled_mapping_can_be_read() -> None:
    assert bundled_reports() == ["queue-day", "queue-interval"]
    for name in bundled_reports():
        assert load_report_mapping(name, "acme", "Europe/Berlin").zone.key == "Europe/Berlin"
