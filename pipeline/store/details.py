"""Details of contacts, agents' plans and notices of sources: each event is one row of its type's table, for ever.

The tables follow the contract: a member of an event's data is a column of that name. So order, repetition and place
cannot matter here. What a row means together with others (a promise kept, a first response) is for the views to say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, get_type_hints

import pyarrow as pa
from msgspec.structs import fields

from pipeline.contract import events as ev
from pipeline.domain.segment import amount_units
from pipeline.store.rows import arrow_table
from pipeline.store.tables import I32, I64, STR, TS, Table

_NAMES: dict[type[ev.CloudEvent], str] = {
    ev.InteractionDescribed: "descriptions",
    ev.InteractionMenuStepped: "menu_steps",
    ev.InteractionMessageSent: "messages",
    ev.InteractionCallbackChanged: "callback_changes",
    ev.InteractionSurveyed: "survey_answers",
    ev.InteractionOutcomeChanged: "outcome_changes",
    ev.InteractionResolutionChanged: "resolution_changes",
    ev.InteractionDialled: "dials",
    ev.InteractionParticipated: "participations",
    ev.InteractionReported: "reports",
    ev.AgentScheduled: "schedules",
    ev.SourceNoticed: "source_notices",
}
_KINDS: dict[Any, pa.DataType] = {str: STR, int: I64, bool: pa.bool_(), datetime: TS, date: pa.date32()}
#: Columns in ten-thousandths, published as decimals.
MONEY = ("amount",)
_ENVELOPE = (("seq", I64), ("topic", STR), ("partition", I32), ("epoch", I32), ("offset", I64), ("source", STR),
             ("id", STR), ("time", TS))  # fmt: skip


def _kind(annotation: Any) -> pa.DataType:
    """The column of a member: its type without None, without limits, and a choice of words as text."""
    for part in getattr(annotation, "__args__", (annotation,)):
        if part in _KINDS:
            return _KINDS[part]
    return STR


def _members(cls: type[ev.CloudEvent]) -> list[tuple[str, pa.DataType]]:
    data = get_type_hints(cls)["data"]
    hints = get_type_hints(data)
    return [(field.name, I64 if field.name in MONEY else _kind(hints[field.name])) for field in fields(data)]


def _table(cls: type[ev.CloudEvent], name: str) -> Table:
    return Table(name, (*_ENVELOPE, *_members(cls)), versioned=False, day="time")


#: The table of each event type.
DETAIL_TABLES: Mapping[type[ev.CloudEvent], Table] = {cls: _table(cls, name) for cls, name in _NAMES.items()}


def detail_rows(accepted: Iterable[tuple[int, ev.Event, int]], constants: Mapping[str, Any]) -> dict[str, pa.Table]:
    """Arrow rows by table of those of the (offset, event, time in microseconds) that are details."""
    found: dict[type, list[tuple[int, ev.Event, int]]] = defaultdict(list)
    for row in accepted:
        if type(row[1]) in DETAIL_TABLES:
            found[type(row[1])].append(row)
    return {DETAIL_TABLES[cls].name: _rows(DETAIL_TABLES[cls], rows, constants) for cls, rows in found.items()}


def _rows(table: Table, rows: list[tuple[int, ev.Event, int]], constants: Mapping[str, Any]) -> pa.Table:
    columns: dict[str, list[Any]] = {
        "offset": [offset for offset, _, _ in rows],
        "source": [event.source for _, event, _ in rows],
        "id": [event.id for _, event, _ in rows],
        "time": [time_us for _, _, time_us in rows],
    }
    for name, _ in table.columns[len(_ENVELOPE) :]:
        values = [getattr(event.data, name) for _, event, _ in rows]
        columns[name] = [None if v is None else amount_units(v) for v in values] if name in MONEY else values
    return arrow_table(table, columns, constants)
