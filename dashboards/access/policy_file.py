"""access.yaml as it is now: read again when it changes, so that who is taken out of it is out at once."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from dashboards.access.errors import NotAllowedError
from dashboards.access.policy import AccessFileError, Policy, parse_policy
from dashboards.saying import Saying
from pipeline.errors import CallboardError
from pipeline.files import read_whole

_LOG = logging.getLogger(__name__)


def read_policy(file: Path) -> Policy:
    """The policy in a file.

    Raises:
        CallboardError: the file cannot be read.
        AccessFileError: it is not valid.
    """
    return parse_policy(read_whole(file, "the access file "), str(file))


class PolicyFile:
    """Follows a file. For any number of threads.

    A file that is not valid lets nobody in: the mistake may stand where somebody was to be taken out.
    """

    def __init__(self, file: Path) -> None:
        """``file`` is absolute. Nothing is read yet."""
        self.file = file
        self._lock = threading.Lock()
        self._version: tuple[int, int, int] | None = None
        self._found: Policy | NotAllowedError = NotAllowedError("not read yet")

    def policy(self) -> Policy:
        """The policy that is in the file now.

        Raises:
            NotAllowedError: the file cannot be read, or is not valid: one line without what it says.
        """
        with self._lock:
            version = self._status()
            if version is None or version != self._version:
                self._found = self._read()
                self._version = version
            if isinstance(self._found, Policy):
                return self._found
            raise NotAllowedError(*self._found.args)

    def _status(self) -> tuple[int, int, int] | None:
        try:
            status = self.file.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def _read(self) -> Policy | NotAllowedError:
        try:
            return read_policy(self.file)
        except AccessFileError as error:
            # Which rule it is belongs to the operator, not to whoever looks at the board.
            _LOG.error("%s; 'callboard access check' says more", error)
            return NotAllowedError(
                Saying("The board's access file is not valid, so nobody is let in: ask your administrator.")
            )
        except CallboardError as error:
            _LOG.error("%s", error)
            return NotAllowedError(Saying("The board's access file cannot be read: ask your administrator."))
