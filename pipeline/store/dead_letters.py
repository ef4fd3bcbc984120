"""Dead letters: refused records as the store keeps them, and the plan to send them again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pipeline.contract.decode import decode
from pipeline.contract.events import record_key
from pipeline.contract.rejects import Rejection
from pipeline.errors import CallboardError
from pipeline.store.reader import open_live

_COLUMNS = 'topic, "partition", epoch, "offset", reason, detail, key, value, size_bytes, received_at'


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A refused record with its bytes, but for the numbers of payment cards.

    It has no representation: the bytes may hold personal data.
    """

    topic: str
    partition: int
    epoch: int
    offset: int
    reason: str
    detail: str
    key: bytes | None = field(repr=False)
    value: bytes | None = field(repr=False)
    size_bytes: int
    received_at: datetime

    @property
    def id(self) -> str:
        """How a person names it."""
        return f"{self.topic}-{self.partition}-{self.epoch}-{self.offset}"


@dataclass(slots=True)
class ReplayPlan:
    """What will be sent, and what would only be refused again."""

    records: list[tuple[str, bytes | None, bytes | None]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def find_letters(folder: Path, reason: str | None = None, limit: int = 50) -> list[DeadLetter]:
    """The newest dead letters of the published store."""
    return _select(folder, "WHERE $reason IS NULL OR reason = $reason", {"reason": reason, "limit": limit})


def get_letter(folder: Path, letter_id: str) -> DeadLetter:
    """One dead letter by its id."""
    parts = letter_id.rsplit("-", 3)
    names = ("partition", "epoch", "offset")
    if len(parts) != len(names) + 1 or not all(part.isdigit() for part in parts[1:]):
        raise CallboardError(f"{letter_id!r} is no dead letter's id: 'callboard dead-letters list' prints them")
    where = 'WHERE topic = $topic AND "partition" = $partition AND epoch = $epoch AND "offset" = $offset'
    numbers = {name: int(part) for name, part in zip(names, parts[1:], strict=True)}
    found = _select(folder, where, {"topic": parts[0], **numbers, "limit": 1})
    if not found:
        raise CallboardError(f"there is no dead letter {letter_id}: 'callboard dead-letters list' prints them all")
    return found[0]


def count_letters(folder: Path) -> dict[str, int]:
    """Number by reason."""
    con = open_live(folder)
    try:
        return dict(con.execute("SELECT reason, count(*) FROM rejects GROUP BY reason ORDER BY 2 DESC").fetchall())
    finally:
        con.close()


def _select(folder: Path, where: str, parameters: dict[str, object]) -> list[DeadLetter]:
    con = open_live(folder)
    try:
        rows = con.execute(
            f"SELECT {_COLUMNS} FROM rejects {where} "  # noqa: S608  a fixed text of this module
            'ORDER BY received_at DESC, topic, "partition", epoch, "offset" DESC LIMIT $limit',
            parameters,
        ).fetchall()
    finally:
        con.close()
    return [DeadLetter(*row) for row in rows]


def read_mended(file: Path) -> list[DeadLetter]:
    """Mended events of a file, one per line."""
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise CallboardError(f"cannot read {file}: {error.strerror}") from None
    now = datetime.now(UTC)
    return [
        DeadLetter(str(file), 0, 0, number, "", "", None, line, len(line), now)
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]


def plan_replay(letters: Iterable[DeadLetter], now: datetime, force: bool) -> ReplayPlan:
    """Sort out what is valid now; with ``force`` the rest goes back to where it came from as well."""
    plan = ReplayPlan()
    for letter in letters:
        event = decode(letter.value, now)
        if not isinstance(event, Rejection):
            plan.records.append((event.topic, record_key(event), letter.value))
        elif force and not letter.topic.endswith((".json", ".jsonl")):
            plan.records.append((letter.topic, letter.key, letter.value))
        else:
            plan.refused.append(f"{letter.id} would be refused again ({event.reason}: {event.detail})")
    return plan
