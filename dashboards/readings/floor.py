"""What the floor's pages read out of their answers: targets, levels, words, trends. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.look import formats
from dashboards.look.definitions import Definition
from dashboards.look.formats import Number
from dashboards.look.states import Level, Limits
from dashboards.look.words import say
from dashboards.readings.places import Row, Terms

LONGEST_WAIT = "longest_wait_now_seconds"
#: The level that each number had before, which keeps one at its limit from blinking.
Memory = dict[tuple[Any, ...], Level]


def limits_of(definition: Definition, target: float | None = None) -> Limits:
    """From where on a number with a target is an exception, and from where on a serious one.

    Ten points below a target that is to be reached or beyond one that is to be kept about; twice a limit to stay under.
    ``target``: instead of the catalogue's.
    """
    target = definition.target if target is None else target
    if target is None:
        raise ValueError(f"{definition.name} has no target")
    if definition.higher_is_better:
        return Limits(target, target - 0.1, definition.unit)
    return Limits(target, target + 0.1 if definition.higher_is_better is None else 2 * target, definition.unit)


@dataclass(slots=True)
class Judge:
    """Says how numbers stand against their targets; ``memory`` is updated, so that nothing blinks at its limit."""

    known: Mapping[str, Definition]
    memory: Memory
    key: tuple[Any, ...] = ()

    def level(self, name: str, value: Number | None, target: float | None = None, *key: Any) -> tuple[str, Level]:
        """The words and the level of a number under one target (the catalogue's if there is none)."""
        limits, place = limits_of(self.known[name], target), (name, *self.key, *key)
        self.memory[place] = limits.level(value, self.memory.get(place, Level.QUIET))
        return limits.words(value, self.memory[place]), self.memory[place]

    def under(
        self, name: str, value: Number | None, terms: Terms, missed: tuple[int, int], *key: Any
    ) -> tuple[str, Level]:
        """As ``level``; where queues have targets of their own: how many (``missed``) of how many miss theirs."""
        if terms.target is not None:
            return self.level(name, value, terms.target, *key)
        under, of = missed
        if value is None:
            return say("each queue has its own target"), Level.QUIET
        words = say("{under} of {queues} miss their own target", under=under, queues=formats.plural(of, "queue"))
        return words, Level.WARNING if under else Level.QUIET


def missed(rows: Iterable[Row], contracts: Sequence[Row], known: Definition, column: str, pace: str) -> tuple[int, int]:
    """How many of these queues miss their own target for service level in an answer, and how many had traffic."""
    targets = {(row["client"], row["queue"]): row["service_level_target"] for row in contracts}
    found = []
    for row in rows:
        queue = (row["of_client"], row["place"])
        if row["dimension"] == "queue" and row["pace"] == pace and row[column] is not None and queue in targets:
            target = known.target if targets[queue] is None else targets[queue]
            found.append(float(row[column]) < float(target or 0))
    return sum(found), len(found)


def trend(now: Number | None, before: Number | None, unit: str) -> str:
    """How a number moved in the hour: an arrow and words, as a tile's small print."""
    if now is None or before is None:
        return ""
    change = float(now) - float(before)
    if round(change, 3) == 0:
        return say("→ as an hour ago")
    if unit == "ratio":
        size = say("{number} points", number=formats.decimal(abs(change) * 100))
    else:
        size = formats.count(abs(change))
    return say("↑ {size} in an hour", size=size) if change > 0 else say("↓ {size} in an hour", size=size)
