"""The history's queries against the segments, grouped by other means; its files, read again; its words."""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pyarrow.parquet as pq
import pytest

from dashboards.access.scope import Scope
from dashboards.data.asking import Filters, Period, ask
from dashboards.data.single import rows_of
from dashboards.look import export, history_table
from dashboards.look.definitions import Definition
from dashboards.queries import history
from dashboards.queries.registry import QUERIES
from dashboards.queries.runnable import runnable_sql
from dashboards.queries.scoped import Query
from dashboards.readings.history import Choice, Line, Span, bucket_at, lines_of, place_of, span_of
from pipeline.kpis.catalogue import catalogue
from tests.dashboards.history_store import BERLIN, PUBLISHED, STRICTER_FROM, history_store
from tests.dashboards.reading import reading

__all__ = ["history_store"]

EVERYTHING = Scope.everything()
#: Two days by the clocks, of which the first has 25 hours.
SPAN = Span(datetime(2026, 10, 24, 22, 0, tzinfo=UTC), datetime(2026, 10, 26, 13, 0, tzinfo=UTC), BERLIN)
Row = dict[str, Any]


@pytest.fixture
def asked(history_store: Path) -> Iterator[Callable[..., list[Row]]]:
    def rows(query: Query, grain: str = "whole", grouping: str = "all", span: Span = SPAN, **more: Any) -> list[Row]:
        question = ask(
            query,
            more.get("scope", EVERYTHING),
            as_of=more.get("as_of"),
            period=Period("between", start=span.start, stop=span.stop),
            filters=more.get("filters", Filters()),
            arguments={"grain": grain, "grouping": grouping, "zone": str(span.zone),
                       "definitions_at": more.get("definitions_at"), "definition": "contract"},
        )  # fmt: skip
        return [dict(row) for row in rows_of(connection, question, question.as_of or PUBLISHED)]

    with reading(history_store) as connection:
        yield rows


@pytest.fixture(scope="module")
def segments(history_store: Path) -> list[Row]:
    """All queued segments with the attributes that the centre's description gives them, by hand."""
    places = {
        ("acme", "sales"): {"line": "inbound-sales", "site": "north", "language": None},
        ("acme", "support"): {"line": "customer-service", "site": None, "language": "de"},
    }
    nowhere = {"line": None, "site": None, "language": None}
    con = duckdb.connect(str(history_store / "live.duckdb"), read_only=True)
    con.execute("SET TimeZone = 'UTC'")
    rows = con.execute("FROM segments WHERE queued_at IS NOT NULL").to_arrow_table().to_pylist()
    con.close()
    return [{**row, "skill": None, **places.get((row["client"], row["queue"]), nowhere)} for row in rows]


def bucket(moment: datetime, grain: str) -> datetime:
    """The start of a bucket by Python's own time zones."""
    local = moment.astimezone(BERLIN)
    day = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if grain == "whole":
        return SPAN.start
    if grain in ("quarter", "hour"):
        minute = local.minute - local.minute % 15 if grain == "quarter" else 0
        return local.replace(minute=minute, second=0, microsecond=0).astimezone(UTC)
    if grain == "week":
        day = datetime.combine(day.date() - timedelta(days=day.weekday()), day.time(), BERLIN)
    if grain == "month":
        day = day.replace(day=1)
    return max(day.astimezone(UTC), SPAN.start)


def threshold(row: Row, moment: datetime) -> int:
    """What the queue promises at a moment."""
    is_stricter = (row["client"], row["queue"]) == ("acme", "sales") and moment >= STRICTER_FROM
    return 5 if is_stricter else 20


def counted(rows: list[Row], definitions_at: datetime | None = None) -> Row:
    answered = [row for row in rows if row["outcome"] == "answered"]
    abandoned = [row for row in rows if row["outcome"] == "abandoned"]
    in_time = [r for r in answered if r["wait_seconds"] <= threshold(r, definitions_at or r["queued_at"])]
    waits = sorted(row["wait_seconds"] for row in (*answered, *abandoned))
    return {
        "offered": len(rows),
        "answered": len(answered),
        "abandoned": len(abandoned),
        "sales": sum("sale" in row["flags"] for row in rows),
        "service_level_abandons_negative": len(in_time) / len(answered + abandoned) if answered + abandoned else None,
        "asa_seconds": float(sum(row["wait_seconds"] for row in answered)) / len(answered) if answered else None,
        "wait_p90_seconds": float(waits[math.ceil(0.9 * len(waits)) - 1]) if waits else None,
    }


def expected(segments: list[Row], grain: str, grouping: str, definitions_at: datetime | None = None) -> dict[Any, Row]:
    groups: dict[Any, list[Row]] = {}
    for row in segments:
        if SPAN.start <= row["queued_at"] < SPAN.stop:
            key = (None, None) if grouping == "all" else (row["client"], row[grouping])
            groups.setdefault((bucket(row["queued_at"], grain), *key), []).append(row)
    return {key: counted(rows, definitions_at) for key, rows in groups.items()}


def same(found: list[Row], wanted: dict[Any, Row]) -> None:
    assert wanted
    assert {(row["bucket"], row["client"], row["part"]) for row in found} == set(wanted)
    for row in found:
        for name, value in wanted[row["bucket"], row["client"], row["part"]].items():
            tolerance = {"rel": 0.021} if name == "wait_p90_seconds" else {"rel": 1e-9}
            assert row[name] == (value if value is None else pytest.approx(value, **tolerance)), name


@pytest.mark.parametrize("grain", history.GRAINS)
@pytest.mark.parametrize("grouping", ["all", "queue"])
def test_every_grain_over_the_night_of_the_clocks(
    asked: Callable[..., list[Row]], segments: list[Row], grain: str, grouping: str
) -> None:
    same(asked(history.CELLS, grain, grouping), expected(segments, grain, grouping))


@pytest.mark.parametrize("grouping", history.CELL_GROUPINGS)
def test_every_grouping(asked: Callable[..., list[Row]], segments: list[Row], grouping: str) -> None:
    same(asked(history.CELLS, "day", grouping), expected(segments, "day", grouping))


def test_the_day_on_which_the_clocks_go_back_has_25_hours(asked: Callable[..., list[Row]]) -> None:
    hours = [row["bucket"] for row in asked(history.CELLS, "hour")]
    sunday = [hour for hour in hours if hour.astimezone(BERLIN).date() == date(2026, 10, 25)]
    assert len(sunday) == 25
    assert [hour.astimezone(BERLIN).hour for hour in sunday[1:5]] == [1, 2, 2, 3]


@pytest.mark.parametrize("moment", [None, STRICTER_FROM + timedelta(hours=1), STRICTER_FROM - timedelta(hours=1)])
def test_definitions_of_their_time_or_of_one_moment(
    asked: Callable[..., list[Row]], segments: list[Row], moment: datetime | None
) -> None:
    same(asked(history.CELLS, "day", "queue", definitions_at=moment), expected(segments, "day", "queue", moment))


def test_the_three_ways_to_judge_differ(asked: Callable[..., list[Row]]) -> None:
    """Guards the test above: settings that make no difference would prove nothing."""
    levels = {
        asked(history.CELLS, "whole", "all", definitions_at=moment)[0]["service_level_abandons_negative"]
        for moment in (None, STRICTER_FROM + timedelta(hours=1), STRICTER_FROM - timedelta(hours=1))
    }
    assert len(levels) == 3


@pytest.mark.parametrize("grouping", ["all", "agent"])
def test_by_agent(asked: Callable[..., list[Row]], segments: list[Row], grouping: str) -> None:
    wanted: dict[Any, list[Row]] = {}
    for row in segments:
        if SPAN.start <= row["queued_at"] < SPAN.stop and row["outcome"] == "answered":
            key = (None, None) if grouping == "all" else (row["client"], row["agent"])
            wanted.setdefault((bucket(row["queued_at"], "day"), *key), []).append(row)
    names = ("answered", "sales", "asa_seconds")
    same(
        asked(history.ANSWERS, "day", grouping),
        {key: {name: counted(rows)[name] for name in names} for key, rows in wanted.items()},
    )


def test_filters_narrow_and_a_client_sees_its_own(asked: Callable[..., list[Row]], segments: list[Row]) -> None:
    of_sales = [row for row in segments if row["line"] == "inbound-sales"]
    found = asked(history.CELLS, "day", "queue", filters=Filters(line="inbound-sales"))
    same(found, expected(of_sales, "day", "queue"))
    other = [row for row in segments if row["client"] == "other"]
    for grouping in ("all", "queue"):
        found = asked(history.CELLS, "day", grouping, scope=Scope.of(clients=["other"]))
        same(found, expected(other, "day", grouping))


@pytest.mark.parametrize("query", history.QUERIES, ids=lambda query: query.name)
@pytest.mark.parametrize("grouping", ["client", "queue"])
def test_no_query_says_anything_of_another_client(asked: Callable[..., list[Row]], query: Query, grouping: str) -> None:
    more = {"as_of": PUBLISHED} if query.name.endswith("as_of") else {}
    assert asked(query, "day", grouping, **more)
    assert "acme" not in str(asked(query, "day", grouping, scope=Scope.of(clients=["other"]), **more))
    assert not [r for r in asked(query, "day", grouping, scope=Scope.of(clients=["nobody"]), **more) if r.get("client")]


def test_every_definition_is_that_of_its_own_macro(asked: Callable[..., list[Row]], history_store: Path) -> None:
    con = duckdb.connect(str(history_store / "live.duckdb"), read_only=True)
    levels = dict(
        con.execute(
            "SELECT definition, service_level FROM service_levels($a, $b) WHERE client IS NULL AND denominator > 0",
            {"a": SPAN.start, "b": SPAN.stop},
        ).fetchall()
    )
    con.close()
    found = {row["definition"]: row["service_level"] for row in asked(history.LEVELS)}
    assert len(levels) > 10
    assert {name: level for name, level in found.items() if level is not None} == pytest.approx(levels)


@pytest.mark.parametrize("query", [q for q in QUERIES.values() if q.past], ids=lambda query: query.name)
def test_a_question_of_the_past_has_the_same_columns(asked: Callable[..., list[Row]], query: Query) -> None:
    past = query.at(PUBLISHED)
    assert past is not query
    assert query.at(None) is query
    assert list(asked(query, "day")[0]) == list(asked(past, "day", as_of=PUBLISHED)[0])


def test_the_past_knows_no_later_outcome(asked: Callable[..., list[Row]], segments: list[Row]) -> None:
    as_of = SPAN.stop - timedelta(hours=3)
    waiting = next(r for r in segments if r["outcome"] == "answered" and r["wait_seconds"] > 30 and
                   SPAN.start < r["queued_at"] < as_of)  # fmt: skip
    before = waiting["queued_at"] + timedelta(seconds=1)
    (then,) = asked(history.CELLS_AS_OF, as_of=before)
    known = [row for row in segments if SPAN.start <= row["queued_at"] <= before]
    assert then["offered"] == len(known)
    assert then["answered"] == sum(bool(row["answered_at"]) and row["answered_at"] <= before for row in known)
    assert then["answered"] < sum(row["outcome"] == "answered" for row in known)


def test_corrections_say_what_a_number_was_first(asked: Callable[..., list[Row]], history_store: Path) -> None:
    choice = chosen("hour", "all")
    lines = lines_of(choice, asked(history.CELLS, "hour"), (), asked(history.CORRECTIONS, "hour"))
    corrected = {line.bucket.hour: line for line in lines if line.corrections.get("offered")}
    assert list(corrected) == [9]
    con = duckdb.connect(str(history_store / "live.duckdb"), read_only=True)
    (change,) = con.execute("SELECT sum(after - before) FROM corrections WHERE measure = 'offered'").fetchone() or (0,)
    con.close()
    (offered, *_) = history_table.corrections_words(corrected[9], choice, known())
    assert corrected[9].values["offered"] == change == 3
    assert offered == "Offered was 0"


# --- Periods ----------------------------------------------------------------------------------------------------------


def test_a_week_before_has_the_same_hours_by_the_clocks() -> None:
    monday = Span(datetime(2026, 10, 26, 8, 0, tzinfo=UTC), datetime(2026, 10, 26, 9, 0, tzinfo=UTC), BERLIN)
    assert monday.earlier(7).start == datetime(2026, 10, 19, 7, 0, tzinfo=UTC), "nine o'clock, before the change"
    assert SPAN.days == 2
    assert SPAN.earlier(7).start == datetime(2026, 10, 17, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize("grain", [grain for grain in history.GRAINS if grain != "whole"])
def test_each_bucket_stands_beside_that_of_its_place(asked: Callable[..., list[Row]], grain: str) -> None:
    choice = chosen(grain, "all", compare="week")
    assert choice.compared is not None
    now, then = asked(history.CELLS, grain), asked(history.CELLS, grain, span=choice.compared)
    lines = lines_of(choice, now, then)
    assert [line.bucket for line in lines] == sorted({line.bucket for line in lines})
    assert all(bucket_at(place_of(row["bucket"], SPAN, grain), SPAN, grain) == row["bucket"] for row in now)
    assert sum(line.before.get("offered", 0) for line in lines) == sum(row["offered"] for row in then)
    if grain in ("quarter", "hour"):
        # The repeated hour has no other to stand beside.
        alone = [line.bucket for line in lines if line.values and not line.before]
        assert {moment.hour for moment in alone} == {1}
        beside = next(line for line in lines if line.bucket.astimezone(BERLIN).hour == 9)
        assert beside.before["bucket"].astimezone(BERLIN).hour == 9


@pytest.mark.parametrize(
    ("preset", "start", "stop"),
    [
        ("today", "2026-10-26T00:00", "2026-10-26T15:30"),
        ("yesterday", "2026-10-25T00:00", "2026-10-26T00:00"),
        ("7days", "2026-10-20T00:00", "2026-10-26T15:30"),
        ("month", "2026-10-01T00:00", "2026-10-26T15:30"),
        ("last_month", "2026-09-01T00:00", "2026-10-01T00:00"),
    ],
)
def test_presets_begin_at_midnight_of_the_zone(preset: str, start: str, stop: str) -> None:
    span = span_of(preset, PUBLISHED, BERLIN)
    local = (span.start.astimezone(BERLIN), span.stop.astimezone(BERLIN))
    assert tuple(moment.replace(tzinfo=None).isoformat(timespec="minutes") for moment in local) == (start, stop)


# --- Words and files --------------------------------------------------------------------------------------------------


def known() -> dict[str, Definition]:
    return {
        kpi.name: Definition(kpi.name, kpi.title, kpi.unit, "", kpi.description, kpi.source)
        for kpi in (*catalogue().measures, *catalogue().ratios)
    }


NUMBERS = ("offered", "abandoned", "abandonment_rate", "asa_seconds", "wait_seconds_answered", "revenue")


def chosen(grain: str, grouping: str, compare: str = "none") -> Choice:
    return Choice(SPAN, grain, grouping, NUMBERS, compare, Filters())


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("offered", 12, "12 more"),
        ("offered", -1, "1 less"),
        ("offered", 0, "the same"),
        ("abandonment_rate", 0.0312, "3.1 points more"),
        ("abandonment_rate", -0.0004, "the same"),
        ("asa_seconds", Decimal("-75.5"), "1:15 less"),
        ("asa_seconds", 0.4, "the same"),
    ],
)
def test_a_difference_in_words(name: str, change: Any, words: str) -> None:
    assert history_table.difference(change, known()[name]) == words


def test_nothing_is_compared_with_no_number() -> None:
    line = Line(SPAN.start, None, None, {"offered": 3, "asa_seconds": None}, {"offered": 1, "asa_seconds": 4.0})
    choice = chosen("whole", "all", "week")
    fields = [field.name for field in history_table.fields_of(choice, known())]
    values = dict(zip(fields, history_table.values_of(line, choice, known()), strict=True))
    assert (values["offered"], values["offered_before"], values["offered_change"]) == (3, 1, 2)
    assert (values["asa_seconds"], values["asa_seconds_before"], values["asa_seconds_change"]) == (None, 4.0, None)


@pytest.fixture
def sheet(asked: Callable[..., list[Row]]) -> export.Sheet:
    choice = chosen("hour", "queue", "week")
    assert choice.compared is not None
    lines = lines_of(
        choice,
        asked(history.CELLS, "hour", "queue"),
        asked(history.CELLS, "hour", "queue", span=choice.compared),
        asked(history.CORRECTIONS, "hour", "queue"),
    )
    rows = tuple(history_table.values_of(line, choice, known()) for line in lines)
    assert len(rows) > 50
    return export.Sheet(history_table.fields_of(choice, known()), rows, (("zone", "Europe/Berlin"),), BERLIN)


def test_a_csv_read_again_is_the_table(sheet: export.Sheet) -> None:
    head, *rows = csv.reader(io.StringIO(export.written(sheet, "CSV").decode("utf-8-sig")))
    assert head == [field.name for field in sheet.fields]
    assert len(rows) == len(sheet.rows)
    for got, row in zip(rows, sheet.rows, strict=True):
        for text, value, field in zip(got, row, sheet.fields, strict=True):
            if value is None:
                assert text == "", "no traffic is nothing, never 0"
            elif field.kind == "time":
                assert datetime.fromisoformat(text) == value
                assert text.endswith(("+01:00", "+02:00"))
            elif field.kind == "text":
                assert text == value
            else:
                assert float(text) == float(value)


def test_a_parquet_file_read_again_is_the_table(sheet: export.Sheet) -> None:
    table = pq.read_table(io.BytesIO(export.written(sheet, "Parquet")))
    assert str(table.schema.field("from").type) == "timestamp[us, tz=Europe/Berlin]"
    assert table.schema.metadata[b"zone"] == b"Europe/Berlin"
    # In UTC: Python takes no time of an hour that is there twice to equal one of another zone.
    found = [(row.pop("from").astimezone(UTC), *row.values()) for row in table.to_pylist()]
    assert found == [tuple(row) for row in sheet.rows]


def test_an_excel_file_read_again_is_the_table(sheet: export.Sheet) -> None:
    numbers, about = sheets_of(export.written(sheet, "Excel"))
    head = [numbers[0, column] for column in range(len(sheet.fields) + 1)]
    assert head == ["from", "from_utc_offset", *(field.name for field in sheet.fields[1:])]
    assert (about[0, 0], about[0, 1]) == ("zone", "Europe/Berlin")
    for line, row in enumerate(sheet.rows, 1):
        local = row[0].astimezone(BERLIN)
        days = (local.replace(tzinfo=None) - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001 - a sheet knows no zones
        assert numbers[line, 0] == pytest.approx(days, abs=1e-6)
        assert numbers[line, 1] == ("+02:00" if local.utcoffset() == timedelta(hours=2) else "+01:00")
        for column, (value, field) in enumerate(zip(row[1:], sheet.fields[1:], strict=True), 2):
            cell = numbers.get((line, column))
            if field.kind == "text":
                assert (cell or "") == (value or "")
            else:
                assert cell == (None if value is None else pytest.approx(float(value)))


def sheets_of(content: bytes) -> list[dict[tuple[int, int], Any]]:
    """The cells of each sheet, by the file's own XML: text as text, numbers as numbers."""
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        shared = ElementTree.fromstring(file.read("xl/sharedStrings.xml"))  # noqa: S314 - made just now
        texts = ["".join(part.text or "" for part in item.iter(f"{main}t")) for item in shared]
        found = []
        for number in (1, 2):
            cells: dict[tuple[int, int], Any] = {}
            for cell in ElementTree.fromstring(file.read(f"xl/worksheets/sheet{number}.xml")).iter(f"{main}c"):  # noqa: S314
                letters, line = re.fullmatch(r"([A-Z]+)(\d+)", cell.attrib["r"]).groups()  # type: ignore[union-attr]
                column = 0
                for letter in letters:
                    column = column * 26 + ord(letter) - 64
                value = cell.find(f"{main}v")
                if value is not None and value.text is not None:
                    is_text = cell.attrib.get("t") == "s"
                    cells[int(line) - 1, column - 1] = texts[int(value.text)] if is_text else float(value.text)
            found.append(cells)
    return found


def test_a_name_that_looks_like_a_formula_is_no_formula() -> None:
    hostile = "=HYPERLINK(1)"
    sheet = export.Sheet((export.Field("queue", "text"),), ((hostile,),), (), BERLIN)
    assert export.written(sheet, "CSV").decode("utf-8-sig").splitlines() == ["queue", f"'{hostile}"]
    assert sheets_of(export.written(sheet, "Excel"))[0][1, 0] == hostile


def test_the_sql_shown_gives_the_same_rows(asked: Callable[..., list[Row]], history_store: Path) -> None:
    choice = replace(chosen("hour", "queue"), definitions_at=STRICTER_FROM)
    question = ask(
        history.CELLS, Scope.of(clients=["acme"]), period=Period("between", start=SPAN.start, stop=SPAN.stop),
        filters=Filters(queue="sales"),
        arguments={"grain": "hour", "grouping": "queue", "zone": "Europe/Berlin",
                   "definitions_at": choice.definitions_at},
    )  # fmt: skip
    con = duckdb.connect(str(history_store / "live.duckdb"), read_only=True)
    con.execute("SET TimeZone = 'UTC'")
    cursor = con.execute(runnable_sql(question, PUBLISHED))
    names = [column[0] for column in cursor.description]
    shown = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    con.close()
    found = asked(history.CELLS, "hour", "queue", scope=Scope.of(clients=["acme"]), filters=Filters(queue="sales"),
                  definitions_at=choice.definitions_at)  # fmt: skip
    assert len(shown) > 20
    assert shown == found
