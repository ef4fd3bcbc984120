"""A command that follows a running source, as its own process."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.e2e.command import COMMAND, environment
from tests.e2e.worker import PATIENCE_SECONDS, wait_until


class Listener:
    """``callboard ARGUMENTS`` until it is stopped; leaving its context kills what still runs."""

    def __init__(self, *arguments: object, folder: Path, **settings: str) -> None:
        """Start it in ``folder``; what it says goes to a file there."""
        self._log = folder / f"listener-{sum(1 for _ in folder.glob('listener-*.log')) + 1}.log"
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                [str(COMMAND), *map(str, arguments)],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment(**settings),
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.kill()

    @property
    def said(self) -> str:
        """Everything this process has printed."""
        return self._log.read_text(errors="replace")

    def wait_for(self, text: str) -> None:
        """Until it has said ``text``."""

        def said() -> bool:
            assert self._process.poll() is None or text in self.said, f"it ended:\n{self.said}"
            return text in self.said

        wait_until(said, lambda: f"it says {text!r}; it said:\n{self.said}")

    def terminate(self) -> int:
        """SIGTERM; returns the exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        """SIGKILL."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
