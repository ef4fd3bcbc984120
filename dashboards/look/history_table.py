"""The table of the history: every number with what it differs by in words, and what was corrected in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from dashboards.look import dimensions, formats, tables
from dashboards.look.definitions import Definition
from dashboards.look.export import Field, Kind
from dashboards.look.tables import Cell, Column
from dashboards.look.words import say
from dashboards.readings.history import Choice, Line, change_of, corrected

#: Rows on the page; a file has all.
SHOWN_ROWS = 400


def number(value: Any, definition: Definition, currency: str | None = None) -> str:
    """A number as people read it, by its unit."""
    if definition.unit == "ratio":
        return formats.percent(value)
    if definition.unit == "seconds":
        return formats.duration(value)
    if definition.unit == "money":
        return formats.money(value, currency)
    return formats.count(value)


def difference(change: Any, definition: Definition, currency: str | None = None) -> str:
    """What a number is more or less than it was before, in words."""
    if definition.unit == "ratio":
        points = round(float(change) * 100, 1)
        size, nothing = say("{number} points", number=formats.decimal(abs(points))), points == 0
    else:
        size = number(abs(change), definition, currency)
        nothing = size == number(0, definition, currency)
    if nothing:
        return say("the same")
    return say("{size} more", size=size) if change > 0 else say("{size} less", size=size)


def bucket_words(bucket: datetime, choice: Choice) -> str:
    """When a bucket begins, as long as its grain needs; in the hour that the clocks repeat, with the zone's name."""
    zone = choice.span.zone
    if choice.grain in ("quarter", "hour"):
        local = bucket.astimezone(zone)
        twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
        return f"{formats.minute(bucket, zone)}{f' {local:%Z}' if twice else ''}"
    return formats.day(bucket, zone)


def show(
    title: str,
    choice: Choice,
    lines: Sequence[Line],
    known: Mapping[str, Definition],
    links: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Draw the table; rows stand in the order of time and name. ``links``: where a number, by its name, leads to."""
    columns = [Column(head, "left") for head in _heads(choice)]
    columns += [Column(known[name].shown, "head") for name in choice.numbers]
    # Nothing to compare with is said once, below the table, and not in each cell.
    compared = any(line.before for line in lines)
    rows = []
    for line in lines[:SHOWN_ROWS]:
        first = {measure: value for measure, value, _ in corrected(line, choice.numbers)}
        cells = [Cell(text) for text in _keys(line, choice)]
        cells += [
            _number_cell(name, line, known[name], first, compared=compared, link=links.get(name, ""))
            for name in choice.numbers
        ]
        rows.append(cells)
    tables.show(title, columns, rows, say("no traffic"))


def show_corrections(title: str, choice: Choice, lines: Sequence[Line], known: Mapping[str, Definition]) -> None:
    """Draw what was corrected in the rows: what each number was first, and what it is now."""
    columns = [Column(head, "left") for head in _heads(choice)]
    columns += [Column(say("Number"), "left"), Column(say("Was first")), Column(say("Is now"))]
    rows: list[list[Cell]] = []
    for line in lines:
        currency = line.values.get("currency")
        for measure, first, now in corrected(line, choice.numbers):
            if len(rows) < SHOWN_ROWS:
                was = say("not known") if first is None else number(first, known[measure], currency)
                texts = (*_keys(line, choice), known[measure].shown, was, number(now, known[measure], currency))
                rows.append([Cell(text) for text in texts])
    tables.show(title, columns, rows, say("Nothing was corrected."))


def _heads(choice: Choice) -> list[str]:
    heads = [] if choice.grain == "whole" else [say("From")]
    if choice.grouping != "all":
        heads += [say("Client")] if choice.grouping != "client" else []
        heads.append(say(dimensions.TITLES[choice.grouping]))
    return heads


def _keys(line: Line, choice: Choice) -> list[str]:
    keys = [] if choice.grain == "whole" else [bucket_words(line.bucket, choice)]
    if choice.grouping != "all":
        keys += [line.client or ""] if choice.grouping != "client" else []
        keys.append(line.part or say("not said"))
    return keys


def _number_cell(
    name: str, line: Line, definition: Definition, first: Mapping[str, Any], *, compared: bool, link: str
) -> Cell:
    value, currency = line.values.get(name), line.values.get("currency")
    below = [_compared_words(name, line, definition)] if compared else []
    text = number(value, definition, currency)
    if first.get(name) is not None and number(first[name], definition, currency) != text:
        below.append(say("✎ first {number}", number=number(first[name], definition, currency)))
    return Cell(text, "muted" if value is None else "", below=" · ".join(below), link=link)


def _compared_words(name: str, line: Line, definition: Definition) -> str:
    change, then = change_of(name, line), line.before.get(name)
    if change is not None:
        return difference(change, definition, line.values.get("currency"))
    if then is not None:
        return say("was {number}", number=number(then, definition, line.before.get("currency")))
    return say("none then")


def corrections_words(line: Line, choice: Choice, known: Mapping[str, Definition]) -> list[str]:
    """What was corrected, a phrase each: "Offered was 118"."""
    words = []
    for measure, first, now in corrected(line, choice.numbers):
        definition = known[measure]
        if first is None:
            change = difference(line.corrections[measure], definition)
            words.append(say("{name}: {change}", name=definition.shown, change=change))
        else:
            was = number(first, definition, line.values.get("currency"))
            if was != number(now, definition, line.values.get("currency")):
                words.append(say("{name} was {number}", name=definition.shown, number=was))
    return words


def fields_of(choice: Choice, known: Mapping[str, Definition]) -> tuple[Field, ...]:
    """The columns of a file of the same rows."""
    keys = [Field("from", "time")] + ([] if choice.grain == "whole" else [Field("grain", "text")])
    if choice.grouping != "all":
        keys += [Field("client", "text")] if choice.grouping != "client" else []
        keys.append(Field(choice.grouping, "text"))
    numbers = []
    for name in choice.numbers:
        kind: Kind = "count" if known[name].unit == "count" else "number"
        numbers.append(Field(name, kind))
        if choice.compare != "none":
            numbers += [Field(f"{name}_before", kind), Field(f"{name}_change", kind)]
    money = [Field("currency", "text")] if "revenue" in choice.numbers else []
    return *keys, *numbers, *money, Field("corrections", "text")


def values_of(line: Line, choice: Choice, known: Mapping[str, Definition]) -> tuple[Any, ...]:
    """The values of a row, in the order of ``fields_of``."""
    keys: list[Any] = [line.bucket] + ([] if choice.grain == "whole" else [choice.grain])
    if choice.grouping != "all":
        keys += [line.client] if choice.grouping != "client" else []
        keys.append(line.part)
    numbers: list[Any] = []
    for name in choice.numbers:
        numbers.append(line.values.get(name))
        if choice.compare != "none":
            numbers += [line.before.get(name), change_of(name, line)]
    money = [line.values.get("currency")] if "revenue" in choice.numbers else []
    return *keys, *numbers, *money, "; ".join(corrections_words(line, choice, known))
