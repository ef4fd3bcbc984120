"""The evaluator as a process: one per store, judging every few seconds, delivering beside it."""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pipeline.alerts.asking import StoreQuestions
from pipeline.alerts.deliver import Deliverer
from pipeline.alerts.evaluate import Evaluator
from pipeline.alerts.parse import read_rules
from pipeline.alerts.rule import Email, Rule, RulesFile, Webhook
from pipeline.alerts.state import AlertState, state_folder
from pipeline.clock import Clock
from pipeline.errors import CallboardError
from pipeline.settings import Settings

LOCK = "alerts.lock"
_LOG = logging.getLogger(__name__)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the lock of the evaluators of a folder; the system lets it go when the process ends, however it does.

    Raises:
        CallboardError: another one holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CallboardError(f"another 'callboard alerts run' evaluates {folder}: there may be one only") from None
        yield


class AlertService:
    """Turns the evaluator and the deliverer. ``rules_file``: alerts.yaml, read anew when it changes; None: none."""

    def __init__(self, settings: Settings, rules_file: Path | None, clock: Clock, say: Callable[[str], None]) -> None:
        """Reads the file.

        Raises:
            CallboardError: it is wrong, or the state cannot be opened.
        """
        self._settings, self._file, self._clock, self._say = settings, rules_file, clock, say
        self._folder = state_folder(settings)
        self._read: tuple[int, int] | None = None
        self._content = RulesFile(version="1")
        self._state = AlertState(self._folder)
        self._questions = StoreQuestions(settings.store.resolve())
        self._evaluator = Evaluator(self._state, self._questions)
        try:
            self._take_file()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let everything go."""
        self._questions.close()
        self._state.close()

    def rules(self) -> Mapping[str, Rule]:
        """All rules: of the file, and made by form."""
        return {name: rule for name, (rule, _) in self._state.rules().items()}

    @property
    def targets(self) -> Mapping[str, Webhook | Email]:
        """Who can be told."""
        return self._content.targets

    def turn(self) -> int:
        """Judge once; how many alerts changed. A file that has become wrong is said, and the old rules stay."""
        try:
            self._take_file()
        except CallboardError as error:
            self._say(f"{error}; the rules of before stay in force")
        return self._evaluator.turn(self.rules(), self._clock.now())

    def _take_file(self) -> None:
        if self._file is None:
            if self._read is None:
                self._state.take_file({}, {}, self._clock.now())
                self._read = (0, 0)
            return
        try:
            status = self._file.stat()
        except OSError as error:
            raise CallboardError(f"cannot read {self._file}: {error.strerror}") from None
        version = (status.st_ino, status.st_mtime_ns)
        if version == self._read:
            return
        self._read = version if self._read is not None else None
        content = read_rules(self._file)
        kinds = {name: "webhook" if isinstance(t, Webhook) else "email" for name, t in content.targets.items()}
        self._state.take_file(content.rules, kinds, self._clock.now())
        self._content, self._read = content, version

    def run(self, stop: threading.Event, every_seconds: float, *, deliver: bool) -> None:
        """Until ``stop``; deliveries go out on a thread of their own, for a slow receiver must not hold up a rule."""
        with only_one(self._folder):
            thread = threading.Thread(target=self._deliver, args=(stop, every_seconds), name="alerts-deliver")
            if deliver:
                thread.start()
            waited = False
            while not stop.is_set():
                if not self._settings.store.joinpath("live.duckdb").is_file() and not waited:
                    self._say(f"waiting for a store in {self._settings.store}")
                    waited = True
                try:
                    if changed := self.turn():
                        self._say(f"{changed} alert{'s' if changed != 1 else ''} raised or cleared")
                except CallboardError as error:
                    _LOG.warning("%s", error)
                stop.wait(every_seconds)
            if deliver:
                thread.join()

    def _deliver(self, stop: threading.Event, every_seconds: float) -> None:
        state = AlertState(self._folder)
        deliverer = Deliverer(state, self._settings, self._clock)
        try:
            while not stop.is_set():
                try:
                    deliverer.turn(self.targets, stop.is_set)
                except CallboardError as error:
                    _LOG.warning("%s", error)
                except Exception:  # the thread must not end: what is owed would never be told
                    _LOG.exception("deliveries are held up")
                stop.wait(every_seconds)
        finally:
            deliverer.close()
            state.close()
