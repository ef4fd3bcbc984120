"""``callboard check``: what is wrong with the events of a file, line by line, and how to mend it.

Whether a line is an event is for the contract's ``decode`` alone to say. What is here explains its verdict, and warns
of what is allowed and probably not meant.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import msgspec

from pipeline.contract.decode import MAX_EVENT_BYTES, decode
from pipeline.contract.events import Event
from pipeline.contract.rejects import Rejection, RejectReason
from pipeline.producers.mending import (
    Problem,
    card_problems,
    schema_problems,
    time_problems,
    type_problems,
    undecodable_problem,
)
from pipeline.producers.suspicions import suspicions

Severity = Literal["error", "warning"]

#: The reason of a second line with the same (source, id) that says something else: a worker would drop it.
CONFLICT = "conflict"
#: The reason of what is allowed and probably not meant.
SUSPICION = "suspicion"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about one line. No value of the line stands in it, except a moment."""

    line: int
    severity: Severity
    #: Of the closed list of the dead letters, or ``conflict`` or ``suspicion``.
    reason: str
    #: JSON path, such as $.data.queue.
    path: str
    problem: str
    mend: str

    def __str__(self) -> str:
        """One line for a person."""
        mend = f": {self.mend}" if self.mend else ""
        return f"line {self.line}: {self.severity} ({self.reason}) at {self.path}: {self.problem}{mend}"


@dataclass(slots=True)
class Conformance:
    """How much was checked; grows while the findings are read."""

    lines: int = 0
    valid: int = 0
    refused: int = 0
    #: Valid lines that repeat an event of the file, to the letter or as another event under the same identity.
    repeated: int = 0
    conflicting: int = 0
    warnings: int = 0
    _seen: dict[tuple[str, str], tuple[int, bytes]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether every line is an event, and no two contradict each other."""
        return not self.refused and not self.conflicting

    def check(self, lines: Iterable[tuple[int, bytes]], now: datetime) -> Iterator[Finding]:
        """The findings of (line number, value) pairs, as ``eventfile.read_values`` gives them."""
        for number, value in lines:
            self.lines += 1
            event = decode(value, now)
            if isinstance(event, Rejection):
                self.refused += 1
                for problem in _explained(value, event, now):
                    yield _finding(number, "error", str(event.reason), problem)
                continue
            self.valid += 1
            yield from self._identity(number, event, value)
            for problem in suspicions(msgspec.json.decode(value), event):
                self.warnings += 1
                yield _finding(number, "warning", SUSPICION, problem)

    def _identity(self, number: int, event: Event, value: bytes) -> Iterator[Finding]:
        identity = (event.source, event.id)
        said = hashlib.blake2b(_canonical(value), digest_size=16).digest()
        first, before = self._seen.setdefault(identity, (number, said))
        if first == number:
            return
        self.repeated += 1
        if said == before:
            return
        self.conflicting += 1
        problem = Problem(
            "$.id",
            f"source and id are those of line {first}, which says something else",
            "give each event an id of its own; what was said already keeps its id",
        )
        yield _finding(number, "error", CONFLICT, problem)


def _finding(line: int, severity: Severity, reason: str, problem: Problem) -> Finding:
    return Finding(line, severity, reason, problem.path, problem.what, problem.mend)


def _canonical(value: bytes) -> bytes:
    """The document, however its members are ordered and spaced."""
    return msgspec.json.encode(msgspec.json.decode(value), order="deterministic")


def _explained(value: bytes, refused: Rejection, now: datetime) -> list[Problem]:
    """What is wrong with a refused line; at least what ``decode`` said."""
    found: list[Problem] = []
    if refused.reason is RejectReason.UNDECODABLE:
        found = [undecodable_problem(value)]
    elif refused.reason is RejectReason.TOO_LARGE:
        mend = f"an event is at most {MAX_EVENT_BYTES} bytes: leave out bodies, transcripts and recordings"
        found = [Problem("$", f"the line has {len(value)} bytes", mend)]
    else:
        document: Any = msgspec.json.decode(value)
        if refused.reason is RejectReason.UNKNOWN_TYPE:
            found = type_problems(document)
        elif refused.reason is RejectReason.SCHEMA:
            found = schema_problems(document)
        elif refused.reason is RejectReason.IMPLAUSIBLE_TIME:
            found = time_problems(document, refused, now)
        elif refused.reason is RejectReason.CARD_NUMBER:
            found = card_problems(document)
    detail, _, where = refused.detail.partition(" - at ")
    return found or [Problem(where.strip("`") or "$", detail, "")]
