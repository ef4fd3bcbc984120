"""A fake manager interface of Asterisk: real TCP, plays a recorded dialogue, and can lose its connections."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.e2e.worker import wait_until

SECRET = "not a secret of anybody"  # noqa: S105  of the fake below
_TIMESTAMP = re.compile(r"(?m)^Timestamp: (\d+)")
_CHANNELS = "CoreShowChannel"
_STAMP = re.compile(r"(?m)^Timestamp: .*\n")
#: The second 0 of the recorded dialogue, in seconds since 1970.
RECORDED_AT = 1772442000


def sections(file: Path) -> dict[str, list[str]]:
    """The messages of a recorded dialogue by the names of its sections: ``=== name`` begins one."""
    found: dict[str, list[str]] = {}
    for part in file.read_text().split("=== ")[1:]:
        name, _, text = part.partition("\n")
        found[name.strip()] = [block for block in text.split("\n\n") if block.strip()]
    return found


def message(block: str) -> dict[str, str]:
    """The fields of a recorded message."""
    return dict(line.split(": ", 1) if ": " in line else (line.rstrip(":"), "") for line in block.splitlines())


class FakeAsterisk:
    """Answers log-ins and the questions for a snapshot; sends what it is told to whoever is logged in."""

    def __init__(self, shift_seconds: int = 0, secret: str = SECRET) -> None:
        """``shift_seconds`` is added to the time of every recorded message."""
        self.snapshot: list[str] = []
        self.log_ins = 0
        self.sees_channels = True
        self._shift, self._secret = shift_seconds, secret
        self._connections: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._start(self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()
        for thread in self._threads:
            thread.join()

    @property
    def url(self) -> str:
        return f"tcp://callboard@127.0.0.1:{self.port}"

    def play(self, blocks: list[str]) -> None:
        """Send recorded messages; nobody hears them while nobody is logged in."""
        for connection in list(self._connections):
            # Whoever was killed a moment ago hears nothing.
            with suppress(OSError):
                self._send(connection, blocks)

    def drop(self) -> None:
        """Lose every connection without a word."""
        connections, self._connections = self._connections, []
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def wait_for_log_in(self, number: int) -> None:
        """Until somebody has logged in for that many times in all, and asked for the snapshot."""
        wait_until(lambda: self.log_ins >= number, lambda: f"{number} log-ins; there were {self.log_ins}")

    def _start(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.sendall(b"Asterisk Call Manager/9.0.0\r\n")
            rest = b""
            while block := connection.recv(4096):
                *actions, rest = (rest + block).split(b"\r\n\r\n")
                for action in actions:
                    self._answer(connection, message(action.decode().replace("\r\n", "\n")))
        with suppress(ValueError):
            self._connections.remove(connection)

    def _answer(self, connection: socket.socket, action: dict[str, str]) -> None:
        asked, answer = action["Action"], "Response: Success\nActionID: {0}\nMessage: {0}"
        if asked == "Login":
            if action.get("Secret") != self._secret:
                self._send(connection, ["Response: Error\nActionID: Login\nMessage: Authentication failed"])
                raise OSError("refused")
        elif asked == "CoreShowChannels" and not self.sees_channels:
            self._send(connection, [f"Response: Error\nActionID: {asked}\nMessage: Permission denied"])
            return
        self._send(connection, [answer.format(asked)])
        if asked == "QueueStatus":
            self._send(connection, [block for block in self.snapshot if _CHANNELS not in block])
        elif asked == "CoreShowChannels":
            self._send(connection, [block for block in self.snapshot if _CHANNELS in block])
            self._connections.append(connection)
            self.log_ins += 1

    def _send(self, connection: socket.socket, blocks: list[str]) -> None:
        text = _TIMESTAMP.sub(lambda found: f"Timestamp: {int(found[1]) + self._shift}", "\n\n".join([*blocks, ""]))
        connection.sendall(text.replace("\n", "\r\n").encode())


def captured(file: Path, end: str = "\r\n") -> str:
    """A recorded dialogue as a capture of its connections has it: lists without times, and a Ping around them."""
    said: list[str] = []
    for name, blocks in sections(file).items():
        if name.startswith("snapshot"):
            log_in = "Asterisk Call Manager/9.0.0\nResponse: Success\nMessage: Authentication accepted"
            ping = f"Response: Success\nPing: Pong\nTimestamp: {RECORDED_AT + int(name.split()[1])}.000000"
            lists = [_STAMP.sub("", block) for block in blocks]
            said += [log_in, ping, "Response: Success\nMessage: Queue status will follow", *lists, ping]
        else:
            said += blocks
    return "".join(f"{block.strip()}\n\n" for block in said).replace("\n", end)
