"""The killing: two places where a worker always runs and is killed again and again, and a guest beside them.

Each worker gets a fate when it starts: a point at which it kills itself, or a random moment at which it is killed. The
guest joins and leaves in order, leaves while it is being killed, and is stopped past its session and woken again (a
zombie); brokers that keep their log are restarted and killed.
"""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle, islice

from tests.chaos.fleet import SESSION_SECONDS, ChaosError, Fleet, Worker
from tests.chaos.saboteur import ALL_POINTS, FIRST_POINTS, POINTS, STOP_POINTS
from tests.support.broker import Broker

PLACES = 2
#: A point that was not met in this time is no longer waited for: the worker is killed where it stands.
_PATIENCE_SECONDS = 12.0
#: For sealing the load has to come to a midnight.
_SEAL_PATIENCE_SECONDS = 35.0
_RANDOM_SECONDS = (0.0, 3.0)
_STOP_SECONDS = 10.0
_JOIN_SECONDS = 60.0
_TICK_SECONDS = 0.05
#: What the kills fall into, in turn.
_TURNS = (
    *("flush", "chunk", "base", "publish", "rebalance", "random"),
    *("chunk", "publish", "flush", "rebalance", "random", "seal"),
)


@dataclass
class Kill:
    """One worker that was killed; ``at`` in seconds since 1970."""

    at: float
    #: The point that was met, or "random moment".
    how: str

    @property
    def inside(self) -> str:
        """What was going on, as far as it is known."""
        point = ALL_POINTS.get(self.how.partition(",")[0])
        return point.inside if point else self.how


@dataclass
class Account:
    """What was done."""

    kills: list[Kill] = field(default_factory=list)
    broker_restarts: int = 0
    broker_kills: int = 0
    zombies: int = 0
    joined: int = 0
    left_in_order: int = 0
    stop_seconds: list[float] = field(default_factory=list)
    #: Of workers that were asked to leave while the group was still sorting itself out after they had been stopped.
    zombie_stop_seconds: list[float] = field(default_factory=list)


class _Place:
    """A worker that is replaced whenever it dies."""

    def __init__(self, storm: Storm, number: int) -> None:
        self._storm, self._number = storm, number
        self.start()

    def start(self) -> None:
        self.fate = self._storm.next_fate()
        sabotage = None
        if self.fate in ALL_POINTS:
            rng = self._storm.rng
            sabotage = (self.fate, rng.randint(1, ALL_POINTS[self.fate].most_calls), rng.getrandbits(32))
        self.worker = self._storm.fleet.worker(f"place-{self._number}-{self.fate}", sabotage)
        self._kill_at: float | None = None

    def tick(self) -> None:
        code = self.worker.code()
        if code is not None:
            met = self.worker.met_its_point()
            if code != -signal.SIGKILL or met is None:
                raise unexpected(self.worker, code)
            self._died(met)
            return
        now = time.monotonic()
        if self._kill_at is None and self.worker.holds_partitions():
            self._kill_at = now + self._patience_seconds()
        if self._kill_at is not None and now > self._kill_at and self._storm.may_kill():
            self.worker.send(signal.SIGKILL)
            self.worker.wait(_STOP_SECONDS)
            self._died(self.worker.met_its_point() or "random moment")

    def _patience_seconds(self) -> float:
        if self.fate == "random":
            return self._storm.rng.uniform(*_RANDOM_SECONDS)
        return _SEAL_PATIENCE_SECONDS if ALL_POINTS[self.fate].inside == "seal" else _PATIENCE_SECONDS

    def _died(self, how: str) -> None:
        self._storm.account.kills.append(Kill(time.time(), how))
        self.start()


class Storm:
    """One run's killing."""

    def __init__(self, fleet: Fleet, broker: Broker, seed: int, kills: int) -> None:
        """``kills``: how many workers are to be killed at least."""
        self.fleet, self.rng, self.account = fleet, random.Random(seed), Account()
        self._broker, self._wanted = broker, kills
        self._fates = self._draw_fates()
        self._error: BaseException | None = None
        self._over = threading.Event()
        self._quiet = threading.Event()

    def _draw_fates(self) -> list[str]:
        """First what only a new store has; then by turns, and in each every point before any comes again."""
        fates = list(FIRST_POINTS)
        decks: dict[str, list[str]] = {}
        for turn in islice(cycle(_TURNS), 2 * self._wanted + PLACES):
            if not decks.get(turn):
                decks[turn] = [name for name, point in POINTS.items() if point.inside == turn] or ["random"]
                self.rng.shuffle(decks[turn])
            fates.append(decks[turn].pop())
        return fates

    def next_fate(self) -> str:
        """The fate of the next worker."""
        return self._fates.pop(0) if self._fates else "random"

    def may_kill(self) -> bool:
        """No: the broker is away, and a worker that waits for it is not the loaded worker that is to be killed."""
        return not self._quiet.is_set()

    def rage(self) -> None:
        """Kill until there were enough kills and the guest has done everything."""
        places = [_Place(self, number) for number in range(PLACES)]
        guest = threading.Thread(target=self._guest, name="guest")
        guest.start()
        try:
            while len(self.account.kills) < self._wanted or guest.is_alive():
                for place in places:
                    place.tick()
                if self._error is not None:
                    raise self._error
                time.sleep(_TICK_SECONDS)
        finally:
            self._over.set()
            guest.join()
        if self._error is not None:
            raise self._error
        for place in places:
            place.worker.send(signal.SIGKILL)
            place.worker.wait(_STOP_SECONDS)
            self.account.kills.append(Kill(time.time(), "end of the storm"))

    # --- the guest, in a thread of its own ------------------------------------------------------------------------

    def _guest(self) -> None:
        steps: list[Callable[[], None]] = [self._come_and_go, self._zombie, self._killed_while_leaving]
        if self._broker.keeps_log:
            steps += [self._restart_broker, self._kill_broker]
        self.rng.shuffle(steps)
        try:
            for number, step in enumerate(steps):
                self._wait_for_kills(self._wanted * (number + 1) // (len(steps) + 2))
                step()
        except BaseException as error:
            self._error = error

    def _wait_for_kills(self, number: int) -> None:
        while len(self.account.kills) < number:
            if self._over.wait(_TICK_SECONDS):
                raise ChaosError("the killing ended early")

    def _join(self, name: str, sabotage: tuple[str, int, int] | None = None) -> Worker:
        worker = self.fleet.worker(name, sabotage)
        deadline = time.monotonic() + _JOIN_SECONDS
        while not worker.holds_partitions():
            if worker.code() is not None:
                raise unexpected(worker, worker.code())
            if time.monotonic() > deadline:
                raise ChaosError(f"{worker.log.name}: a worker that joined held no partition in {_JOIN_SECONDS:.0f} s")
            if self._over.wait(_TICK_SECONDS):
                raise ChaosError("the killing ended early")
        self.account.joined += 1
        return worker

    def _come_and_go(self) -> None:
        worker = self._join("guest")
        time.sleep(self.rng.uniform(0.5, 2.0))
        self.account.stop_seconds.append(leave(worker))
        self.account.left_in_order += 1

    def _zombie(self) -> None:
        worker = self._join("guest-zombie")
        time.sleep(self.rng.uniform(0.0, 1.0))
        worker.send(signal.SIGSTOP)
        try:
            time.sleep(1.7 * SESSION_SECONDS)
        finally:
            worker.send(signal.SIGCONT)
        self.account.zombies += 1
        time.sleep(self.rng.uniform(0.5, 3.0))
        self.account.zombie_stop_seconds.append(leave(worker))
        self.account.left_in_order += 1

    def _killed_while_leaving(self) -> None:
        for point in STOP_POINTS:
            worker = self._join(f"guest-{point}", (point, 1, self.rng.getrandbits(32)))
            worker.send(signal.SIGTERM)
            code = worker.wait(3 * _STOP_SECONDS)
            if code not in {-signal.SIGKILL, 0}:  # 0: it was done before the random moment came
                raise unexpected(worker, code)
            if code != 0:
                self.account.kills.append(Kill(time.time(), worker.met_its_point() or point))

    def _restart_broker(self) -> None:
        self._broker_away(kill=False)
        self.account.broker_restarts += 1

    def _kill_broker(self) -> None:
        self._broker_away(kill=True)
        self.account.broker_kills += 1

    def _broker_away(self, *, kill: bool) -> None:
        self._quiet.set()
        self._broker.restart(kill=kill, down_seconds=self.rng.uniform(1.0, 4.0))
        self._quiet.clear()


def leave(worker: Worker) -> float:
    """Ask a worker to leave in order; returns the seconds it took."""
    began = time.monotonic()
    worker.send(signal.SIGTERM)
    code = worker.wait(3 * _STOP_SECONDS)
    if code != 0:
        raise unexpected(worker, code)
    return time.monotonic() - began


def unexpected(worker: Worker, code: int | None) -> ChaosError:
    """What to look at."""
    what = "did not end when asked to" if code is None else f"ended by itself with code {code}"
    return ChaosError(f"a worker {what}: {worker.last_words()} (see {worker.log.name})")
