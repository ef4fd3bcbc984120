"""The store's copy of centre.yaml: replaced atomically, every version kept, and read again when it has changed.

::

    STORE/centre.yaml                 what is in force; replaced by 'callboard centre apply', never by halves
    STORE/centre/0003-1f2e3d4c.yaml   every version that was in force, by number and by its content's SHA-256
    STORE/centre/lock                 held while a version is added
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pipeline.centre.model import Centre
from pipeline.centre.parse import parse_centre
from pipeline.centre.problems import CentreFileError
from pipeline.errors import CallboardError
from pipeline.files import write_whole
from pipeline.store.layout import StoreLayout

log = logging.getLogger(__name__)

_DIGEST_CHARS = 8
_VERSION = re.compile(r"[0-9]{4,}-[0-9a-f]{8}\.yaml")
#: What tells one state of the file from another without reading it.
_Identity = tuple[int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class InForce:
    """A centre in force. The same object as long as nothing changes, so it is compared by identity.

    ``version`` names the content: its number among the store's versions and its digest. Both are None without a file.
    """

    centre: Centre | None
    version: str | None


NO_CENTRE = InForce(None, None)


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a file that was applied."""

    version: str
    changed: bool


def apply_centre(layout: StoreLayout, content: bytes, file: str) -> Applied:
    """Put a file's content in force in a store, from its next publication on.

    Raises:
        CentreFileError: it is not valid; nothing was changed. ``file`` is its name in the message.
    """
    parse_centre(content, file)
    with _adding(layout):
        versions = _versions(layout)
        newest = versions[-1] if versions else None
        if newest is None or newest.read_bytes() != content:
            newest = _add_version(layout, versions, content)
        changed = not layout.centre.is_file() or layout.centre.read_bytes() != content
        if changed:
            write_whole(layout.centre, content)
        return Applied(newest.stem, changed)


class KeptCentre:
    """A store's centre, read again when its file has changed. ``current`` is cheap enough for every publication."""

    def __init__(self, layout: StoreLayout, publisher: bool = False) -> None:
        """``publisher``: says in the log what it finds, and keeps a version of a file that was edited by hand."""
        self._layout = layout
        self._publisher = publisher
        self._identity: _Identity | None = None
        self._in_force: InForce | None = None
        #: Why the file as it is now is not in force; None if it is, or if there is none.
        self.refused: CallboardError | None = None

    def current(self) -> InForce:
        """What is in force: the file, or the last good version if the file is not valid. No file: no centre."""
        identity = _identity(self._layout.centre)
        if self._in_force is None or identity != self._identity:
            self._identity = identity
            self.refused = None
            self._in_force = NO_CENTRE if identity is None else self._read()
        return self._in_force

    def _read(self) -> InForce:
        try:
            content = self._layout.centre.read_bytes()
            centre = parse_centre(content, self._layout.centre.name)
        except OSError as error:
            self.refused = CallboardError(f"cannot read the store's {self._layout.centre.name}: {error.strerror}")
        except CentreFileError as error:
            self.refused = error
        else:
            found = InForce(centre, self._version(content))
            if self._publisher:
                log.info("centre %s is in force", found.version)
            return found
        last = self._in_force or _last_good(self._layout)
        if self._publisher:
            # Numbers of lines only: what stands in them may be somebody's name, and this goes to a log.
            log.error(
                "%s: %s; 'callboard centre check' says what is wrong, 'callboard centre apply' puts a good file there",
                self.refused,
                f"version {last.version} stays in force" if last.version else "no centre is in force",
            )
        return last

    def _version(self, content: bytes) -> str:
        digest = _digest(content)
        same = [path.stem for path in _versions(self._layout) if path.stem.endswith(digest)]
        if same:
            return same[-1]
        if not self._publisher:
            return f"edited-{digest}"
        try:
            with _adding(self._layout):
                return _add_version(self._layout, _versions(self._layout), content).stem
        except OSError as error:
            log.error("the store's centre.yaml was edited, and could not be kept as a version: %s", error.strerror)
            return f"edited-{digest}"


@lru_cache(maxsize=16)
def publishers_centre(folder: Path) -> KeptCentre:
    """The centre of the store in ``folder`` for whoever publishes it: one per process and store."""
    return KeptCentre(StoreLayout(folder), publisher=True)


def _last_good(layout: StoreLayout) -> InForce:
    """The newest version that can be read: a process that starts while the file is not valid."""
    for path in reversed(_versions(layout)):
        try:
            return InForce(parse_centre(path.read_bytes(), path.name), path.stem)
        except (OSError, CentreFileError):
            continue
    return NO_CENTRE


def _identity(path: Path) -> _Identity | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _versions(layout: StoreLayout) -> list[Path]:
    """The files of all versions, oldest first."""
    found = [path for path in layout.centre_versions.glob("*.yaml") if _VERSION.fullmatch(path.name)]
    return sorted(found, key=_number)


def _number(version: Path) -> int:
    return int(version.stem.partition("-")[0])


def _add_version(layout: StoreLayout, versions: list[Path], content: bytes) -> Path:
    number = _number(versions[-1]) + 1 if versions else 1
    path = layout.centre_versions / f"{number:04d}-{_digest(content)}.yaml"
    write_whole(path, content)
    return path


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_DIGEST_CHARS]


@contextmanager
def _adding(layout: StoreLayout) -> Iterator[None]:
    """One process at a time gives numbers. The system lets the lock go if the process is killed."""
    layout.centre_versions.mkdir(parents=True, exist_ok=True)
    with (layout.centre_versions / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
