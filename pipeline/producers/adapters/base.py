"""What every adapter takes and gives back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from pipeline.centre.model import Centre
from pipeline.contract.events import Event
from pipeline.errors import CallboardError
from pipeline.producers.door import Door

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
    #: Whose contacts these are, where the records do not say it themselves.
    client: str | None = None
    #: How the source is named in its events, where not by the adapter.
    source: str | None = None
    #: What dispositions mean, and which queues there are; None where nobody has said it.
    centre: Centre | None = None
    door: Door = field(default_factory=lambda: Door(None))
    #: What the source's own names of agents' states mean, such as {'Team Meeting': 'unavailable'}.
    states: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Reading:
    """What came out of a file: ``rows = unreadable rows + the sum of read_as``."""

    #: In the order in which they are to be published. They may be made while they are read from here, and only once;
    #: then what follows grows meanwhile, and is complete after the last event.
    events: Iterable[Event] = field(default_factory=list)
    rows: int = 0
    #: Rows by the name of the rule that read them, rules that make no event among them.
    read_as: Counter[str] = field(default_factory=Counter)
    problems: list[RowProblem] = field(default_factory=list)


class Converter(Protocol):
    """Records of a source into events: pure, without a clock or I/O, so the same records give the same events."""

    def convert(self, record: Any) -> Iterable[Event]:
        """The events of one record. Raises nothing for a record that is wrong: that is an event, too (a notice)."""

    def state(self) -> bytes:
        """What it remembers of the records so far, to go on from after a restart."""

    def restore(self, state: bytes) -> None:
        """Remember what ``state`` said."""


class LiveReader(Protocol):
    """Where the records of a running system come from."""

    def poll(self, timeout_seconds: float) -> list[Any]:
        """The next records; none if nothing came within the time.

        A connection that is lost is made anew by the reader itself, which then gives a record that says so.

        Raises:
            CallboardError: waiting does not help, for instance the password is wrong.
        """

    def position(self) -> bytes:
        """The place after the last record of the last ``poll``, for ``LiveRequest.position`` of the next run."""

    def close(self) -> None:
        """Let the source go."""


@dataclass(frozen=True, slots=True)
class Live:
    """A running source: where its records come from, and what makes events of them."""

    reader: LiveReader
    converter: Converter


@dataclass(frozen=True, slots=True)
class LiveRequest:
    """What to follow and how. ``target`` is a file or a URL; ``password`` is for a URL that needs one.

    ``position`` is what the reader's ``position`` gave when an earlier run ended; None: from the start.
    """

    target: str
    client: str | None = None
    source: str | None = None
    zone: str | None = None
    centre: Centre | None = None
    door: Door = field(default_factory=lambda: Door(None))
    username: str = ""
    password: str = field(default="", repr=False)
    position: bytes | None = None
    states: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request of a system that pushes. Header names are in lower case; ``url`` is as the sender called it."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


class RefusedCallError(CallboardError):
    """A call that is answered with ``status`` (4xx) and the message, which holds nothing of the call's content."""

    def __init__(self, status: int, message: str) -> None:
        """``status``: 400 no JSON, 401 not signed by who may, 413 too large, 415 another type, 422 read and wrong."""
        super().__init__(message)
        self.status = status


def one_client(said: str) -> frozenset[str]:
    """The client that ``said`` names, for an adapter that cannot tell one client's records from another's."""
    if "=" in said:
        raise CallboardError("this adapter does not tell clients apart: give one name")
    return frozenset({said})


@dataclass(frozen=True, slots=True)
class Hook:
    """How an adapter takes calls over HTTP."""

    #: Raises RefusedCallError unless the call was signed with the secret, and lately.
    check: Callable[[Call, str], None]
    #: The records of a call. Raises RefusedCallError when there are none to be understood.
    records: Callable[[Call], list[Any]]
    converter: Callable[[LiveRequest], Converter]
    #: All clients that a source's ``client`` names. Raises CallboardError for what this adapter does not understand.
    clients: Callable[[str], frozenset[str]] = one_client


@dataclass(frozen=True, slots=True)
class Adapter:
    """One kind of source. ``read`` and ``live`` raise CallboardError when it cannot be read as a whole."""

    name: str
    description: str
    #: A command line that shows its use.
    example: str
    #: Reads a file; None where the source has none.
    read: Callable[[AdapterRequest], Reading] | None = None
    #: Follows a file that grows, or a running system; None where it can only be read as a whole.
    live: Callable[[LiveRequest], Live] | None = None
    #: Takes calls over HTTP; None where the source does not push.
    hook: Hook | None = None
    #: A command line that shows how a running system is listened to, where ``example`` reads a file.
    live_example: str = ""
    #: Whether the source names agents' states itself, so that ``states`` may say what the names mean.
    names_states: bool = False
    #: Whether ``read`` takes a folder, and whether ``live`` follows one.
    reads_folder: bool = False
    follows_folder: bool = False
    #: Whether ``client`` may be ``ID=acme,OTHER-ID=zenith``: the source itself tells its clients' records apart.
    tells_clients_apart: bool = False

    def check_states(self, states: Mapping[str, str]) -> None:
        """Raise CallboardError where meanings are given for names that the source does not have."""
        if states and not self.names_states:
            raise CallboardError(f"leave --state out: {self.name} knows no names of agents' states")

    def check_client(self, client: str | None) -> None:
        """Raise CallboardError where several clients are named for a source that does not tell them apart."""
        if client is not None and not self.tells_clients_apart:
            one_client(client)

    def check_readable(self, file: Path) -> None:
        """Raise CallboardError for a folder that is to be read as a file."""
        if file.is_dir() and not self.reads_folder:
            raise CallboardError(f"{file} is a folder, and {self.name} reads a file: name one file of it")

    def check_followable(self, target: str) -> None:
        """Raise CallboardError for a folder that is to be followed as a file."""
        if "://" not in target and Path(target).is_dir() and not self.follows_folder:
            raise CallboardError(f"{target} is a folder, and {self.name} follows a file that grows: name that file")
