"""The adapter ``intercom``: its notifications, pushed or kept in a file, and the rows of its history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.errors import CallboardError
from pipeline.producers.adapters.base import Adapter, AdapterRequest, Hook, LiveRequest, Reading
from pipeline.producers.adapters.intercom.converter import Intercom
from pipeline.producers.adapters.intercom.fields import CONVERSATION_COLUMNS, PART_COLUMNS
from pipeline.producers.adapters.intercom.signature import check
from pipeline.producers.adapters.pushed.documents import json_objects, read_documents, read_records, table_rows
from pipeline.producers.adapters.pushed.values import moment

_TABLES = ("conversation_history", "conversation_part_history")


def read(request: AdapterRequest) -> Reading:
    """The events of a file of notifications, one a line, or of a folder with both tables of an export.

    The versions of a conversation do not say who wrote, and its parts do not say what it was: only both tell a story.

    Raises:
        CallboardError: the file cannot be read, or a folder does not have the two tables.
    """
    live = LiveRequest(str(request.file), client=request.client, source=request.source, door=request.door)
    converter = Intercom(live)
    if request.file.is_dir():
        return read_records(request, converter, _is_record, _in_order(_both_tables(request.file)))
    return read_documents(request, converter, _is_record)


def _is_record(raw: Any) -> bool:
    return isinstance(raw, dict) and ("topic" in raw or PART_COLUMNS <= set(raw) or CONVERSATION_COLUMNS <= set(raw))


def _both_tables(folder: Path) -> Iterator[tuple[int, Any]]:
    for table in _TABLES:
        files = sorted(folder.glob(f"{table}*.csv"))
        if not files:
            raise CallboardError(f"{folder} has no {table}*.csv: the adapter intercom needs {' and '.join(_TABLES)}")
        for file in files:
            yield from table_rows(file)


def _in_order(rows: Iterator[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
    """Conversation by conversation, each in the order of time: exports have an order of their own."""
    conversations: dict[str, list[tuple[int, Any]]] = defaultdict(list)
    for line, row in rows:
        conversations[_conversation(row)].append((line, row))
    for rows_of_one in conversations.values():
        yield from sorted(rows_of_one, key=_place)


def _conversation(row: Any) -> str:
    return str(row.get("conversation_id", row.get("id"))) if isinstance(row, dict) else ""


def _place(numbered: tuple[int, Any]) -> tuple[float, int]:
    line, row = numbered
    if not isinstance(row, dict):
        return 0.0, line
    time = moment(row.get("created_at" if "part_type" in row else "updated_at"))
    return time.timestamp() if time else 0.0, line


ADAPTERS = [
    Adapter(
        name="intercom",
        description="Intercom's notifications, by HTTP or a file; or a folder with its two history tables as CSV.",
        example="callboard publish intercom export/ --client acme",
        read=read,
        reads_folder=True,
        hook=Hook(check, json_objects, Intercom),
    )
]
