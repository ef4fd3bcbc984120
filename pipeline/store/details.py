"""Details of contacts, agents' plans and notices of sources: each event is one row, and no row ever changes.

The columns follow the contract: a member of an event's data is a column of that name. So order, repetition and place
cannot matter here. What a row means together with others (a promise kept, a first response) is for the views to say.

All kinds lie in one table, in which a row has the columns of its kind and nothing in the others: what is empty costs
next to nothing, and a dozen small tables would cost a batch a dozen inserts and a publication a dozen files. Readers
see a view for each kind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, get_type_hints

import pyarrow as pa
from msgspec.structs import astuple, fields

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


#: The rows of each kind, as readers see them.
DETAIL_KINDS: Mapping[type[ev.CloudEvent], Table] = {
    cls: Table(name, (*_ENVELOPE, *_members(cls)), versioned=False, day="time") for cls, name in _NAMES.items()
}


def _all_columns() -> tuple[tuple[str, pa.DataType], ...]:
    columns: dict[str, pa.DataType] = dict((*_ENVELOPE, ("kind_name", STR)))
    for table in DETAIL_KINDS.values():
        for name, kind in table.columns:
            if columns.setdefault(name, kind) != kind:
                raise TypeError(f"details of two kinds have a member {name!r}, of two types: name them apart")
    return tuple(columns.items())


#: All kinds; ``kind_name`` is the name of the row's kind.
DETAILS = Table("details", _all_columns(), versioned=False, day="time")


_NAMED_KINDS = {
    cls: Table(kind.name, (*kind.columns, ("kind_name", STR)), versioned=False, day="time")
    for cls, kind in DETAIL_KINDS.items()
}


def detail_rows(
    offsets: Iterable[int], events: Iterable[ev.Event], times_us: Iterable[int], constants: Mapping[str, Any]
) -> pa.Table | None:
    """Arrow rows of those events that are details, by kind; None without any."""
    found: dict[type, list[tuple[int, ev.Event, int]]] = defaultdict(list)
    for row in zip(offsets, events, times_us, strict=True):
        if (cls := type(row[1])) in DETAIL_KINDS:
            found[cls].append(row)
    if not found:
        return None
    together = pa.concat_tables([_rows(cls, rows, constants) for cls, rows in found.items()], promote_options="default")
    # Made by Arrow, not out of lists: most columns of most rows are empty.
    there = set(together.column_names)
    nulls: Any = pa.nulls  # its stubs list every type but the general one
    arrays = [together[name] if name in there else nulls(together.num_rows, kind) for name, kind in DETAILS.columns]
    return pa.Table.from_arrays(arrays, schema=DETAILS.schema).combine_chunks()


def _rows(cls: type[ev.CloudEvent], rows: list[tuple[int, ev.Event, int]], constants: Mapping[str, Any]) -> pa.Table:
    kind = DETAIL_KINDS[cls]
    offsets, events, times_us = zip(*rows, strict=True)
    # The members of the data are the kind's columns, in their order.
    names = [name for name, _ in kind.columns[len(_ENVELOPE) :]]
    members = zip(*[astuple(event.data) for event in events], strict=True)
    columns: dict[str, Sequence[Any]] = dict(zip(names, members, strict=True))
    for name in MONEY:
        if name in columns:
            columns[name] = [None if amount is None else amount_units(amount) for amount in columns[name]]
    columns["offset"], columns["time"] = offsets, times_us
    columns["source"], columns["id"] = [event.source for event in events], [event.id for event in events]
    return arrow_table(_NAMED_KINDS[cls], columns, {**constants, "kind_name": kind.name})
