"""A broker behind a wire that a test can cut: it goes away for its clients and keeps its log."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.broker import EmbeddedBroker
from tests.support.ports import free_port

_CHUNK_BYTES = 64 * 1024


class Link:
    """Forwards connections on loopback from ``port`` to another port, while it is up."""

    def __init__(self, port: int, to_port: int) -> None:
        self.port = port
        self._to = ("127.0.0.1", to_port)
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def up(self) -> None:
        """Accept connections; nothing to do when it is up."""
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self._start(self._accept, self._listener)

    def down(self) -> None:
        """Cut every connection and accept none."""
        listener, self._listener = self._listener, None
        if listener is not None:
            # A thread that waits in accept keeps the port open until it is woken.
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._lock:
            for end in self._open:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        self._threads = []

    def _start(self, what: object, *arguments: object) -> None:
        thread = threading.Thread(target=what, args=arguments, daemon=True)  # type: ignore[arg-type]
        thread.start()
        self._threads.append(thread)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._to)
            except OSError:
                near.close()
                continue
            with self._lock:
                self._open |= {near, far}
            self._start(self._carry, near, far)

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        back = threading.Thread(target=self._pump, args=(far, near), daemon=True)
        back.start()
        self._pump(near, far)
        back.join()
        with self._lock:
            self._open -= {near, far}
        near.close()
        far.close()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK_BYTES):
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class LinkedBroker(EmbeddedBroker):
    """The embedded broker, to be reached through its ``link`` only: ``link.down()`` is an outage without a loss."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir)
        self.link = Link(free_port(), self.port)

    @property
    def bootstrap(self) -> str:
        """What a client is given: the near end of the wire."""
        return f"127.0.0.1:{self.link.port}"

    def command(self) -> list[str]:
        """The broker listens on its port and tells its clients to come through the link."""
        command = super().command()
        command[command.index("--listener-url") + 1] = f"tcp://127.0.0.1:{self.port}"
        return command

    def __enter__(self) -> Self:
        self.link.up()
        super().__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.link.down()
        super().__exit__(kind, error, traceback)
