"""FreeSWITCH's call detail records as files: JSON of mod_json_cdr, CSV of mod_cdr_csv, one file or a folder of them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

from pipeline.errors import CallboardError

#: The columns of the template that docs/how-to/connect-freeswitch.md gives for cdr_csv.conf.xml, in its order.
COLUMNS = (
    "uuid direction start_epoch answer_epoch end_epoch hangup_cause sip_hangup_disposition caller_id_number "
    "hold_accum_ms transfer_history cc_side cc_queue cc_member_uuid cc_member_session_uuid cc_agent cc_agent_uuid "
    "cc_cause cc_cancel_reason cc_queue_joined_epoch cc_queue_answered_epoch cc_queue_terminated_epoch "
    "cc_queue_canceled_epoch"
).split()
_SUFFIXES = (".json", ".csv")


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A channel's record: its variables, and how often it went into a queue (0: the record does not tell)."""

    line: int
    variables: Mapping[str, str]
    queue_entries: int = 0


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A piece of a file that is no record; ``what`` holds nothing of it."""

    line: int
    what: str


def records(source: Path) -> Iterator[CallRecord | Unreadable]:
    """The records of a file, or of all files of a folder in the order of their names.

    Raises:
        CallboardError: there is nothing to read.
    """
    files = [source]
    if source.is_dir():
        files = sorted(file for file in source.rglob("*") if file.suffix in _SUFFIXES)
        if not files:
            raise CallboardError(f"{source} holds no .json and no .csv file: name the folder of the records")
    for file in files:
        try:
            text = file.read_bytes().decode("utf-8", "replace")
        except OSError as error:
            raise CallboardError(f"cannot read {file}: {error.strerror}") from None
        yield from _of_json(text) if text.lstrip()[:1] in {"{", "["} else _of_csv(text)


def _of_json(text: str) -> Iterator[CallRecord | Unreadable]:
    """One document, an array of them, or one a line."""
    whole = _decoded(text)
    if whole is not None:
        for document in whole if isinstance(whole, list) else [whole]:
            yield _record(1, document)
        return
    for line, part in enumerate(text.splitlines(), start=1):
        if part.strip():
            yield _record(line, _decoded(part))


def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None


def _record(line: int, document: Any) -> CallRecord | Unreadable:
    variables = document.get("variables") if isinstance(document, dict) else None
    if not isinstance(variables, dict):
        return Unreadable(line, "not JSON" if document is None else "no record of a call: it has no variables")
    applications = document.get("app_log", {})
    applications = applications.get("applications", []) if isinstance(applications, dict) else []
    entries = sum(1 for each in applications if isinstance(each, dict) and each.get("app_name") == "callcenter")
    # mod_json_cdr percent-encodes values unless it is told not to.
    return CallRecord(line, {str(name): unquote(str(value)) for name, value in variables.items()}, entries)


def _of_csv(text: str) -> Iterator[CallRecord | Unreadable]:
    """Rows of the template; a header line is allowed, and then says what the columns are."""
    columns = COLUMNS
    for number, cells in enumerate(csv.reader(text.splitlines()), start=1):
        columns = header_of(cells) or columns
        if cells and not header_of(cells):
            yield _row(number, cells, columns)


def line_record(number: int, line: str, columns: list[str]) -> CallRecord | Unreadable | None:
    """The record of one line, CSV or JSON; None if there is nothing on it, or a header."""
    if line.lstrip()[:1] == "{":
        return _record(number, _decoded(line))
    cells = next(csv.reader([line]), [])
    return None if not cells or header_of(cells) else _row(number, cells, columns)


def header_of(cells: list[str]) -> list[str] | None:
    """The names of the columns, where this row has them."""
    names = [cell.strip() for cell in cells]
    return names if "uuid" in names and "cc_queue" in names else None


def _row(number: int, cells: list[str], columns: list[str]) -> CallRecord | Unreadable:
    if len(cells) != len(columns):
        return Unreadable(number, f"{len(cells)} cells instead of {len(columns)}: use the template callboard")
    return CallRecord(number, dict(zip(columns, (cell.strip() for cell in cells), strict=True)))
