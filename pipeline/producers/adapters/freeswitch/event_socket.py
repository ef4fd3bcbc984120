"""A client of FreeSWITCH's event socket: log in, ask, listen. It knows one connection and makes no second one."""

from __future__ import annotations

import select
import socket
import time
from collections import deque
from types import TracebackType
from typing import Self

from pipeline.errors import CallboardError
from pipeline.producers.adapters.freeswitch.records import Headers
from pipeline.producers.adapters.freeswitch.wire import Frame, Frames, json_headers, text_headers

_ANSWER_SECONDS = 10.0
_CHUNK_BYTES = 65_536
_OK = "+OK"


class LostConnectionError(Exception):
    """The connection is gone; a new one may work."""


class EventSocket:
    """One connection, from the log-in on."""

    def __init__(self, host: str, port: int, username: str, password: str) -> None:
        """Connect and log in.

        Raises:
            LostConnectionError: nobody answers there, or not in time.
            CallboardError: FreeSWITCH refuses us; waiting does not help.
        """
        self._where = f"{host}:{port}"
        self._frames = Frames()
        self._waiting: deque[Frame] = deque()
        self.events: deque[Headers] = deque()
        try:
            self._socket = socket.create_connection((host, port), _ANSWER_SECONDS)
        except OSError as error:
            raise LostConnectionError(error.strerror or str(error)) from None
        try:
            self._log_in(username, password)
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Self:
        """The connection itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let it go."""
        self._socket.close()

    def ask(self, command: str) -> str:
        """The answer to an ``api`` command. Events that come meanwhile wait in ``events``."""
        return self._command(f"api {command}", "api/response").body

    def subscribe(self, events: str) -> None:
        """Have events sent. Ordinary names come first: whatever follows CUSTOM is taken for a subclass.

        Raises:
            CallboardError: they are refused to this user.
        """
        answer = self._command(f"event plain {events}", "command/reply").headers.get("Reply-Text", "")
        if not answer.startswith(_OK):
            raise CallboardError(f"FreeSWITCH at {self._where} refuses its events to this user: allow them there")

    def listen(self, timeout_seconds: float) -> bool:
        """Wait for something to come; events go to ``events``. False if nothing came within the time.

        Raises:
            LostConnectionError: the other side has gone.
        """
        ready, _, _ = select.select([self._socket], [], [], timeout_seconds)
        if not ready:
            return False
        try:
            data = self._socket.recv(_CHUNK_BYTES)
        except OSError as error:
            raise LostConnectionError(error.strerror or str(error)) from None
        if not data:
            raise LostConnectionError("closed by FreeSWITCH")
        for frame in self._frames.feed(data):
            self._take(frame)
        return True

    def _take(self, frame: Frame) -> None:
        if frame.kind == "text/event-plain":
            self.events.append(_event(frame.body))
        elif frame.kind == "text/event-json":
            headers = json_headers(frame.body)
            if headers is not None:
                self.events.append(headers)
        elif frame.kind == "text/rude-rejection":
            raise CallboardError(
                f"FreeSWITCH at {self._where} refuses this machine: "
                "add it to apply-inbound-acl in event_socket.conf.xml"
            )
        elif frame.kind == "text/disconnect-notice":
            raise LostConnectionError("FreeSWITCH ended the connection")
        else:
            self._waiting.append(frame)

    def _log_in(self, username: str, password: str) -> None:
        self._answer("auth/request")
        # A password is one line: a line break in it would be a command of its own.
        if "\n" in username + password:
            raise CallboardError("the password of the event socket has a line break: give it in one line")
        command = f"userauth {username}:{password}" if username else f"auth {password}"
        try:
            reply = self._command(command, "command/reply").headers.get("Reply-Text", "")
        except LostConnectionError:
            # It may hang up as fast as it refuses.
            reply = ""
        if not reply.startswith(_OK):
            raise CallboardError(
                f"FreeSWITCH at {self._where} refuses the password: it stands in its event_socket.conf.xml; "
                "give it as CALLBOARD_SOURCE_PASSWORD"
            )

    def _command(self, command: str, kind: str) -> Frame:
        try:
            self._socket.sendall(f"{command}\n\n".encode())
        except OSError as error:
            raise LostConnectionError(error.strerror or str(error)) from None
        return self._answer(kind)

    def _answer(self, kind: str) -> Frame:
        deadline = time.monotonic() + _ANSWER_SECONDS
        while True:
            while self._waiting:
                frame = self._waiting.popleft()
                if frame.kind == kind:
                    return frame
            left = deadline - time.monotonic()
            if left <= 0 or not self.listen(left):
                raise LostConnectionError(f"no {kind} within {_ANSWER_SECONDS:g} s")


def _event(body: str) -> Headers:
    """The headers of an event; what follows after an empty line is its own body, which no event here needs."""
    return text_headers(body.partition("\n\n")[0].splitlines())
