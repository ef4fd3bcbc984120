"""Following files that a system delivers: a folder into which they come, or one file that grows."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

import msgspec

from pipeline.errors import CallboardError
from pipeline.producers.adapters.documents.delivered import GZIP, Unwrap, content, files_of
from pipeline.producers.adapters.documents.stream import Document, Documents

#: So many documents are taken in one poll.
_AT_ONCE = 1000
_LOOK_EVERY_SECONDS = 0.25
#: A document whose end has not come after so long will have none.
_PATIENCE_SECONDS = 60.0


class _Place(msgspec.Struct, array_like=True, frozen=True):
    """How far a file was read. ``size`` is the file's when it was read to its end, else 0.

    A file of the same name with another ``inode``, or shorter than it was, is another file.
    """

    inode: int
    size: int = 0
    at: int = 0
    line: int = 1


@dataclass(slots=True)
class DeliveredFiles:
    """Gives what was added since the last look, each file in its order.

    Files that are gone from the folder are forgotten, so what is remembered is as large as the folder.
    """

    path: Path
    unwrap: Unwrap
    #: What ``position`` of an earlier run gave.
    earlier: bytes | None = None
    patience_seconds: float = _PATIENCE_SECONDS
    _read: dict[str, _Place] = field(default_factory=dict)
    #: Documents read and not given out, each with its file and, if it is the last of its place, the place behind it.
    _waiting: deque[tuple[Document, str, _Place | None]] = field(default_factory=deque)
    _given: dict[str, _Place] = field(default_factory=dict)
    #: By file: the size at which it ended in the middle of a document, and since when it has not grown.
    _unfinished: dict[str, tuple[int, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take up the position of an earlier run."""
        if self.earlier is not None:
            try:
                self._read = msgspec.json.decode(self.earlier, type=dict[str, _Place])
            except msgspec.DecodeError:
                raise CallboardError("the checkpoint is not one of delivered files: delete it") from None
        self._given = dict(self._read)

    def poll(self, timeout_seconds: float) -> list[Document]:
        """The next documents, at most a thousand; none if nothing came within the time."""
        deadline = monotonic() + timeout_seconds
        while not self._waiting:
            self._look()
            if self._waiting or monotonic() >= deadline:
                break
            sleep(min(_LOOK_EVERY_SECONDS, max(0.0, deadline - monotonic())))
        taken: list[Document] = []
        while self._waiting and len(taken) < _AT_ONCE:
            document, name, place = self._waiting.popleft()
            if place is not None:
                self._given[name] = place
            taken.append(document)
        return taken

    def position(self) -> bytes:
        """How far each file was given out."""
        return msgspec.json.encode(self._given)

    def close(self) -> None:
        """Nothing is held open."""

    def _look(self) -> None:
        present = {}
        for file in files_of(self.path):
            name = str(file.relative_to(self.path)) if file != self.path else file.name
            try:
                about = file.stat()
                known = self._read.get(name, _Place(about.st_ino))
                if known.inode != about.st_ino or about.st_size < max(
                    known.size, self._unfinished.get(name, (0, 0))[0]
                ):
                    known = _Place(about.st_ino)
                present[name] = known
                if known.size != about.st_size:
                    present[name] = self._take(file, name, known, about.st_size)
            except FileNotFoundError:
                continue  # not there yet, or taken away since it was listed
        self._read = present
        self._given = {name: place for name, place in self._given.items() if name in present}

    def _take(self, file: Path, name: str, known: _Place, size: int) -> _Place:
        """Read on in a file, and the place to which that came."""
        stood_at, since = self._unfinished.get(name, (-1, 0.0))
        given_up = stood_at == size and monotonic() - since >= self.patience_seconds
        if stood_at == size and not given_up:
            return known
        data, base = _added(file, known)
        if data is None:
            data = b"{"  # a compressed file whose end has not come, like a document without its end
        documents = Documents(line=known.line)
        place = known
        for whole in documents.take(data, last=given_up):
            place = _Place(known.inode, 0, base + documents.at, documents.line)
            self._wait(self.unwrap(whole), name, place)
        if documents.at < len(data):
            self._unfinished[name] = (size, monotonic())
            return place
        self._unfinished.pop(name, None)
        place = _Place(known.inode, size, base + documents.at, documents.line)
        if self._waiting and self._waiting[-1][1] == name:
            document, _, _ = self._waiting.pop()
            self._waiting.append((document, name, place))
        else:
            self._given[name] = place
        return place

    def _wait(self, records: Iterable[Document], name: str, place: _Place) -> None:
        """Keep the records of one document. The place behind it is reached with the last of them."""
        held = list(records)
        for number, record in enumerate(held, start=1):
            self._waiting.append((record, name, place if number == len(held) else None))


def _added(file: Path, known: _Place) -> tuple[bytes | None, int]:
    """What stands behind the known place, and where that is; None: a compressed file that is not whole."""
    with file.open("rb") as stream:
        if stream.read(len(GZIP)) != GZIP:
            stream.seek(known.at)
            return stream.read(), known.at
    try:
        return content(file)[known.at :], known.at
    except CallboardError:
        return None, known.at
