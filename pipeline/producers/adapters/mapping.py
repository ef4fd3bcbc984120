"""The shape of a CSV mapping: one class per part of the YAML file, and nothing else.

Three ideas carry it:

* a value is text in which ``{column}`` stands for the cell of that column: ``client: bank``, ``queue: "{type}"``;
* ``rows`` is a list of rules, the first whose ``when`` fits a row decides which events the row becomes;
* an event happens ``at`` a time in the file, or ``after`` another event of the row, a number of seconds later.

``mappings/bank-day.yaml`` is a complete example with comments.
"""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct

EventName = Literal[
    "started",
    "queued",
    "offered",
    "declined",
    "answered",
    "held",
    "resumed",
    "transferred",
    "abandoned",
    "left_queue",
    "ended",
    "interaction_ended",
    "wrapped_up",
]
#: The events a row can become, in the order of a contact's life. ``ended`` ends the segment,
#: ``interaction_ended`` the whole contact; every other name is the contract's.
EVENT_ORDER: tuple[EventName, ...] = get_args(EventName)


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a mapping: a member that is not known is an error, for it is a typing mistake."""


class Translated(Part, frozen=True, kw_only=True):
    """A value with its translation into callboard's words.

    ``values`` maps the file's word to ours, ``otherwise`` holds for all other words. Without ``otherwise`` a word
    that is not listed makes the row unreadable.
    """

    text: str
    values: dict[str, str]
    otherwise: str | None = None


Value = str | Translated


class CellTest(Part, frozen=True, kw_only=True):
    """A condition on one cell beyond "is this text"; all that are given must hold.

    ``over`` and ``under`` compare numbers and hold for no cell that is not a number.
    """

    is_not: str | list[str] | None = None
    over: float | None = None
    under: float | None = None
    empty: bool | None = None


#: Column name -> the text it must be, a list of texts it may be, or a test. All columns must fit.
When = dict[str, str | list[str] | CellTest]


class Moment(Part, frozen=True, kw_only=True):
    """When an event happened: ``at`` a time in the row, or ``seconds`` after another event of the same rule.

    ``seconds`` is a number or [H:]MM:SS and is 0 when left out. ``optional``: an empty cell means that there is no such
    event, and not that the row is unreadable.
    """

    at: str | None = None
    after: EventName | None = None
    seconds: str | None = None
    optional: bool = False


#: A bare text is ``{at: text}``.
EventTime = str | Moment


class Events(Part, frozen=True, kw_only=True):
    """The events of a rule and when each happened."""

    started: EventTime | None = None
    queued: EventTime | None = None
    offered: EventTime | None = None
    declined: EventTime | None = None
    answered: EventTime | None = None
    held: EventTime | None = None
    resumed: EventTime | None = None
    transferred: EventTime | None = None
    abandoned: EventTime | None = None
    left_queue: EventTime | None = None
    ended: EventTime | None = None
    interaction_ended: EventTime | None = None
    wrapped_up: EventTime | None = None


class RowRule(Part, frozen=True, kw_only=True):
    """What a row becomes. ``events: none`` leaves it out on purpose; it is still counted under ``name``."""

    name: str
    events: Events | Literal["none"]
    when: When = {}


class DateFrom(Part, frozen=True, kw_only=True):
    """Where the date of a time of day comes from: ``text`` (columns) or ``file_name`` (a pattern with one group).

    ``format`` is a strptime pattern.
    """

    text: str | None = None
    file_name: str | None = None
    format: str = "%Y-%m-%d"


class TimeReading(Part, frozen=True, kw_only=True):
    """How times are written.

    ``format``: ``time_of_day`` (H:MM:SS, the date comes from ``date`` or from --date), ``iso``, ``epoch_seconds``, or a
    strptime pattern such as ``%d.%m.%Y %H:%M:%S``. A time with its own offset keeps it; every other is in ``zone``.

    ``day_starts_at``: the hour at which the file's day begins. With 06:00, a row that starts at 00:30 belongs to the
    night after the file's date.
    """

    zone: str
    format: str = "time_of_day"
    date: DateFrom | None = None
    day_starts_at: str = "00:00"


class FileFormat(Part, frozen=True, kw_only=True):
    """How the file is written. ``columns`` names the columns of a file that has no header line."""

    encoding: str = "utf-8-sig"
    delimiter: str = ","
    decimal_mark: Literal[".", ","] = "."
    skip_lines: int = 0
    columns: list[str] | None = None


class Details(Part, frozen=True, kw_only=True):
    """What some events say besides their time. ``flags`` maps an outcome flag to the condition that sets it."""

    ended_by: Value | None = None
    decline_reason: Value | None = None
    transfer_kind: Value | None = None
    to_queue: Value | None = None
    to_agent: Value | None = None
    left_reason: Value | None = None
    disposition: Value | None = None
    flags: dict[str, When] = {}
    amount: Value | None = None
    currency: Value | None = None


class CsvMapping(Part, frozen=True, kw_only=True):
    """A whole mapping file.

    ``interaction`` and ``segment`` are made of the key columns. ``repeated_key`` says what a second, different row
    with the same key is: another segment of the contact, another interaction, or unreadable (``refuse``). A row that
    is equal in every cell is the same row again and gives the same event ids.
    """

    description: str
    source: str
    client: Value
    interaction: str
    time: TimeReading
    rows: list[RowRule]
    channel: Value = "voice"
    direction: Value = "inbound"
    segment: str = "1"
    queue: Value | None = None
    agent: Value | None = None
    details: Details = Details()
    file: FileFormat = FileFormat()
    repeated_key: Literal["another_segment", "another_interaction", "refuse"] = "another_segment"
