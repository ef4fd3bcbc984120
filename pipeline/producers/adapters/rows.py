"""One row to its events, by a plan. Pure: no file, no clock of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from pipeline.contract.decode import decode
from pipeline.contract.events import Event
from pipeline.contract.rejects import Rejection
from pipeline.producers.adapters.mapping import EVENT_ORDER, EventName
from pipeline.producers.adapters.plan import NEEDS_AGENT, Plan, PlannedRule, Row
from pipeline.producers.adapters.template import ROW_DATE, Template
from pipeline.producers.adapters.times import CellError, Start, parse_date, parse_number

_WITHOUT_SEGMENT: frozenset[EventName] = frozenset({"started", "interaction_ended"})
_WITH_AGENT: frozenset[EventName] = NEEDS_AGENT | {"held", "resumed", "transferred", "ended", "wrapped_up"}
#: The mapping's detail and the event's member it becomes.
_DETAILS: Mapping[EventName, Mapping[str, str]] = {
    "declined": {"decline_reason": "reason"},
    "transferred": {"transfer_kind": "kind", "to_queue": "to_queue", "to_agent": "to_agent"},
    "left_queue": {"left_reason": "reason"},
    "ended": {"ended_by": "ended_by"},
    "interaction_ended": {"ended_by": "ended_by"},
    "wrapped_up": {"disposition": "disposition", "amount": "amount", "currency": "currency"},
}


@dataclass(frozen=True, slots=True)
class RowEvents:
    """The events of one row, in the order of a contact's life, and the name of the rule that made them."""

    rule: str
    events: list[Event]


class RowReader:
    """Reads the rows of one file, in order: it remembers the keys it has seen."""

    def __init__(self, plan: Plan, file_date: date | None, now: datetime) -> None:
        """``file_date`` is the date of times of day when no column has it; ``now`` as in the contract's decode."""
        self._plan = plan
        self._file_date = file_date
        self._now = now
        self._seen: dict[tuple[str, str], list[bytes]] = {}

    def read(self, cells: Row) -> RowEvents:
        """Read a row: column name -> stripped cell. Raises CellError when it cannot be read."""
        rule = next((rule for rule in self._plan.rules if rule.fits(cells)), None)
        if rule is None:
            columns = dict.fromkeys(column for rule in self._plan.rules for column, _ in rule.conditions)
            raise CellError("no rule of the mapping fits", ", ".join(columns))
        if not rule.moments:
            return RowEvents(rule.name, [])
        day = self._day(cells)
        row = {**cells, ROW_DATE: day.isoformat() if day else ""}
        interaction, segment = self._key(row)
        times = self._times(rule, row, day)
        return RowEvents(
            rule.name,
            [self._event(name, times, row, interaction, segment) for name in EVENT_ORDER if name in times],
        )

    def _day(self, cells: Row) -> date | None:
        template = self._plan.date.template
        if template is None:
            return self._file_date
        with _blaming(template):
            return parse_date(template.fill(cells), self._plan.date.format)

    def _key(self, row: Row) -> tuple[str, str]:
        """Interaction and segment, made distinct where the file repeats a key for a different row."""
        parts = []
        for member in ("interaction", "segment"):
            template = self._plan.values[member].template
            if empty := template.empty_columns(row):
                raise CellError("empty, but part of the key", ", ".join(empty))
            parts.append(template.fill(row))
        interaction, segment = parts
        digest = hashlib.blake2b("\x1f".join(row.values()).encode(), digest_size=8).digest()
        seen = self._seen.setdefault((interaction, segment), [])
        if digest not in seen:
            seen.append(digest)
        occurrence = seen.index(digest) + 1
        if occurrence == 1:
            return interaction, segment
        match self._plan.mapping.repeated_key:
            case "another_segment":
                return interaction, f"{segment}~{occurrence}"
            case "another_interaction":
                return f"{interaction}~{occurrence}", segment
            case "refuse":
                names = (*self._plan.values["interaction"].template.names, *self._plan.values["segment"].template.names)
                raise CellError("this key is an earlier row's (see `repeated_key`)", ", ".join(dict.fromkeys(names)))

    def _times(self, rule: PlannedRule, row: Row, day: date | None) -> dict[EventName, datetime]:
        style = self._plan.style
        start: Start | None = None
        times: dict[EventName, datetime] = {}
        for moment in rule.moments:
            if moment.at is not None:
                text = moment.at.fill(row)
                if moment.optional and (not text or len(moment.at.empty_columns(row)) == len(moment.at.names)):
                    continue
                with _blaming(moment.at):
                    reading = style.moment(text, day, start)
                start = start or reading
                times[moment.event] = reading.moment
            elif moment.after in times:
                seconds = moment.seconds
                text = "0" if seconds is None else seconds.fill(row)
                if moment.optional and not text:
                    continue
                with _blaming(seconds):
                    times[moment.event] = times[moment.after] + style.seconds(text)
            elif not moment.optional:
                raise CellError(f"`{moment.event}` is counted from `{moment.after}`, which this row does not have")
        return times

    def _event(
        self, name: EventName, times: Mapping[EventName, datetime], row: Row, interaction: str, segment: str
    ) -> Event:
        kind = "ended" if name == "interaction_ended" else name
        data: dict[str, Any] = self._texts(row, {"client": "client", "channel": "channel", "direction": "direction"})
        data["interaction"] = interaction
        if name not in _WITHOUT_SEGMENT:
            data["segment"] = segment
            data |= self._texts(row, {"queue": "queue"})
            if name in _WITH_AGENT and not times.keys().isdisjoint(NEEDS_AGENT):
                data |= self._texts(row, {"agent": "agent"})
        data |= self._texts(row, {f"details.{ours}": theirs for ours, theirs in _DETAILS.get(name, {}).items()})
        if name == "wrapped_up":
            self._finish_wrap_up(data, row)
        document = {
            "specversion": "1.0",
            "id": f"{interaction}/{segment}/{name}",
            "source": self._plan.values["source"].of(row),
            "type": f"interaction.{kind}.v1",
            "time": times[name],
            "subject": interaction,
            "datacontenttype": "application/json",
            "data": data,
        }
        event = decode(msgspec.json.encode(document), self._now)
        if isinstance(event, Rejection):
            raise CellError(f"the event `{name}` is not valid: {event.detail}", self._blame(event.detail))
        return event

    def _texts(self, row: Row, members: Mapping[str, str]) -> dict[str, Any]:
        """The members that have a text in this row."""
        found = {}
        for ours, theirs in members.items():
            value = self._plan.values.get(ours)
            if value is not None and (text := value.of(row)):
                found[theirs] = text
        return found

    def _finish_wrap_up(self, data: dict[str, Any], row: Row) -> None:
        data["flags"] = [flag for flag, rule in self._plan.flags if rule.fits(row)]
        if "amount" in data:
            template = self._plan.values["details.amount"].template
            with _blaming(template):
                data["amount"] = f"{parse_number(data['amount'], self._plan.style.decimal_mark):f}"

    def _blame(self, detail: str) -> str:
        """The columns behind the member that a rejection names, as far as there are any."""
        member = detail.rpartition("`$.")[2].rstrip("`").removeprefix("data.")
        missing = detail.partition("required field `")[2].partition("`")[0]
        value = self._plan.values.get(missing or member) or self._plan.values.get(f"details.{missing or member}")
        return value.template.label if value else ""


@contextmanager
def _blaming(template: Template | None) -> Iterator[None]:
    """Give the template's columns to an error of what is read from them."""
    label = template.label if template else ""
    try:
        yield
    except CellError as error:
        raise CellError(str(error), error.column or label) from None
    except OverflowError:
        raise CellError("a time that no calendar has", label) from None
