"""A table that is shown as a file: CSV, Parquet or Excel. Numbers stay numbers, and times have their zone. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

Kind = Literal["time", "text", "count", "number"]
#: File ending and media type, by the name of the format.
FORMATS = {
    "CSV": ("csv", "text/csv"),
    "Parquet": ("parquet", "application/vnd.apache.parquet"),
    "Excel": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
_TEXT_LIMIT = 32_767
_SECONDS = pa.decimal128(38, 6)
#: What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its name as in the store."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is exported: values by row, in the order of ``fields``; ``about`` are pairs that say what it is."""

    fields: tuple[Field, ...]
    rows: tuple[tuple[Any, ...], ...]
    about: tuple[tuple[str, str], ...]
    zone: ZoneInfo


def written(sheet: Sheet, kind: str) -> bytes:
    """The file of a format of ``FORMATS``."""
    return {"CSV": _csv, "Parquet": _parquet, "Excel": _excel}[kind](sheet)


def _csv(sheet: Sheet) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in sheet.fields])
    for row in sheet.rows:
        writer.writerow([_csv_value(value, field, sheet.zone) for value, field in zip(row, sheet.fields, strict=True)])
    # With the mark that makes spreadsheets read it as UTF-8.
    return text.getvalue().encode("utf-8-sig")


def _csv_value(value: Any, field: Field, zone: ZoneInfo) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat()
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return str(value)


def _parquet(sheet: Sheet) -> bytes:
    columns = [[row[number] for row in sheet.rows] for number in range(len(sheet.fields))]
    kinds = [_type(field, column, sheet.zone) for field, column in zip(sheet.fields, columns, strict=True)]
    arrays = [pa.array(_fitted(column, kind), kind) for column, kind in zip(columns, kinds, strict=True)]
    table = pa.table(arrays, names=[field.name for field in sheet.fields])
    about = {name.encode(): text.encode() for name, text in sheet.about}
    target = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(about), target)
    return target.getvalue()


def _type(field: Field, column: Sequence[Any], zone: ZoneInfo) -> pa.DataType:
    if field.kind == "time":
        return pa.timestamp("us", tz=str(zone))
    if field.kind == "text":
        return pa.string()
    if field.kind == "count":
        return pa.int64()
    return _SECONDS if any(isinstance(value, Decimal) for value in column) else pa.float64()


def _fitted(column: Sequence[Any], kind: pa.DataType) -> Sequence[Any]:
    if kind == _SECONDS:
        return [None if value is None else Decimal(value).quantize(Decimal("0.000001")) for value in column]
    return [float(value) if value is not None and kind == pa.float64() else value for value in column]


def _excel(sheet: Sheet) -> bytes:
    """Two sheets: the numbers, and what they are. A time is local; the column after it says its offset."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        numbers = book.add_worksheet("numbers")
        column = 0
        for number, field in enumerate(sheet.fields):
            values = [row[number] for row in sheet.rows]
            numbers.write_string(0, column, field.name, head)
            numbers.set_column(column, column, max(12, len(field.name) + 2))
            for line, value in enumerate(values, 1):
                _write(numbers, line, column, value, sheet.zone, moment)
            column += 1
            if field.kind == "time":
                numbers.write_string(0, column, f"{field.name}_utc_offset", head)
                for line, value in enumerate(values, 1):
                    if value is not None:
                        numbers.write_string(line, column, value.astimezone(sheet.zone).isoformat()[-6:])
                column += 1
        numbers.freeze_panes(1, 0)
        about = book.add_worksheet("about")
        about.set_column(0, 0, 28)
        about.set_column(1, 1, 110)
        for line, (name, text) in enumerate(sheet.about):
            about.write_string(line, 0, name, head)
            about.write_string(line, 1, text[:_TEXT_LIMIT], wrapped)
    return target.getvalue()


def _write(page: Any, line: int, column: int, value: Any, zone: ZoneInfo, moment: Any) -> None:
    if value is None:
        return  # no traffic is an empty cell, never 0
    if isinstance(value, datetime):
        page.write_datetime(line, column, value.astimezone(zone).replace(tzinfo=None), moment)
    elif isinstance(value, str):
        page.write_string(line, column, value[:_TEXT_LIMIT])
    else:
        page.write_number(line, column, float(value))
