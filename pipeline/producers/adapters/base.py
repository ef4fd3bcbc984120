"""What every adapter takes and gives back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from pipeline.contract.events import Event

#: Called with the rows read so far.
RowProgress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that could not be read. It never holds a value of the row: that may be personal data."""

    #: The line of the file on which the row starts; the first line is 1.
    line: int
    #: The column or columns concerned, as the file's header has them; empty where it is the row as a whole.
    column: str
    what: str

    def __str__(self) -> str:
        """One line for a person."""
        return f"line {self.line}, {self.column}: {self.what}" if self.column else f"line {self.line}: {self.what}"


@dataclass(frozen=True, slots=True)
class AdapterRequest:
    """What to read and how. ``now`` is the aware current moment against which future times are refused."""

    file: Path
    now: datetime
    mapping: str | None = None
    date: date | None = None
    #: IANA name of the zone of local times, for an adapter that has no mapping to say it.
    zone: str | None = None
    progress: RowProgress = lambda _rows: None


@dataclass(slots=True)
class Reading:
    """What came out of a file: ``rows = unreadable rows + the sum of read_as``."""

    #: In the order of (time, row, life of a contact).
    events: list[Event] = field(default_factory=list)
    rows: int = 0
    #: Rows by the name of the rule that read them, rules that make no event among them.
    read_as: Counter[str] = field(default_factory=Counter)
    problems: list[RowProblem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Adapter:
    """One kind of file. ``read`` raises CallboardError when the file as a whole cannot be read."""

    name: str
    description: str
    #: A command line that shows its use.
    example: str
    read: Callable[[AdapterRequest], Reading]
