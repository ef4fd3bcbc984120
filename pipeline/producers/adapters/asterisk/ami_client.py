"""The manager interface of a running Asterisk: a connection that is made anew whenever it is lost."""

from __future__ import annotations

import logging
import socket
import ssl
import time
from urllib.parse import urlsplit

from pipeline.errors import CallboardError
from pipeline.producers.adapters.asterisk.ami_wire import BANNER, CONNECTED, TICK, Message, fields, stamped
from pipeline.producers.adapters.base import LiveRequest

_log = logging.getLogger(__name__)

_PORT, _TLS_PORT = 5038, 5039
_SCHEMES = {"tcp": False, "ami": False, "tls": True, "amis": True}
#: What is asked for after each log-in: who waits now, who is a member, and which calls there are.
_SNAPSHOT = ("QueueStatus", "CoreShowChannels")
_CONNECT_SECONDS = 10.0
_ASK_AFTER_SECONDS = 15.0
_DEAD_AFTER_SECONDS = 45.0
_TICK_SECONDS = 5.0
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.5, 30.0
_BLOCK_BYTES = 1 << 16
_MOST_BYTES = 1 << 24
_END = b"\r\n\r\n"
_LINE_END = b"\r\n"


class AmiReader:
    """Gives the messages of a running Asterisk as they come; after each new connection one that says so.

    It asks for a snapshot then, whose messages follow. While nothing happens it asks whether anybody is there, so a
    connection that is dead without a word is noticed, and gives a message for the time that passed.
    """

    def __init__(self, request: LiveRequest) -> None:
        """Raises CallboardError for a URL that is none, and if Asterisk refuses the log-in or cannot be reached."""
        self._host, self._port, self._tls = _address(request.target)
        self._username, self._password = request.username, request.password
        if not (self._username and self._password):
            raise CallboardError(
                "Asterisk asks who listens: give tcp://USER@HOST:5038, and the password as CALLBOARD_SOURCE_PASSWORD"
            )
        self._rest = b""
        self._waits_seconds = _FIRST_WAIT_SECONDS
        self._retry_at = 0.0
        self._heard_at = self._asked_at = self._ticked_at = time.monotonic()
        self._socket: socket.socket | None = None
        try:
            self._pending = self._connect()
        except OSError as error:
            raise CallboardError(f"cannot reach Asterisk at {self._host}:{self._port}: {_why(error)}") from None

    def poll(self, timeout_seconds: float) -> list[Message]:
        """The next messages. Raises CallboardError when Asterisk does not let us in any more."""
        pending, self._pending = self._pending, []
        if pending:
            return pending
        if self._socket is None:
            return self._reconnect(timeout_seconds)
        try:
            return self._receive(self._socket, timeout_seconds)
        except OSError as error:
            self._drop(_why(error))
            return []

    def position(self) -> bytes:
        """A running system has no place to go back to: what was missed is found out by the snapshot."""
        return b""

    def close(self) -> None:
        """Let it go."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _reconnect(self, timeout_seconds: float) -> list[Message]:
        wait_seconds = self._retry_at - time.monotonic()
        if wait_seconds > 0:
            time.sleep(min(wait_seconds, timeout_seconds))
            return []
        try:
            return self._connect()
        except OSError as error:
            self._drop(_why(error))
            return []

    def _drop(self, why: str) -> None:
        self.close()
        self._retry_at = time.monotonic() + self._waits_seconds
        _log.warning("no connection to %s:%s (%s); trying again", self._host, self._port, why)
        self._waits_seconds = min(2 * self._waits_seconds, _LONGEST_WAIT_SECONDS)

    def _connect(self) -> list[Message]:
        """A new connection, logged in, and the snapshot asked for."""
        self._rest = b""
        plain = socket.create_connection((self._host, self._port), timeout=_CONNECT_SECONDS)
        try:
            opened = ssl.create_default_context().wrap_socket(plain, server_hostname=self._host) if self._tls else plain
        except BaseException:
            plain.close()
            raise
        self._socket = opened
        try:
            self._log_in(opened)
        except BaseException:
            self.close()
            raise
        self._waits_seconds = _FIRST_WAIT_SECONDS
        self._heard_at = self._asked_at = time.monotonic()
        _log.info("connected to %s:%s", self._host, self._port)
        return [_received({"Event": CONNECTED})]

    def _log_in(self, opened: socket.socket) -> None:
        deadline = time.monotonic() + _CONNECT_SECONDS
        while _LINE_END not in self._rest:
            self._read(opened, deadline)
        banner, _, self._rest = self._rest.partition(_LINE_END)
        if not banner.startswith(BANNER.encode()):
            raise CallboardError(f"{self._host}:{self._port} is no manager interface of Asterisk")
        self._send(opened, "Login", Username=self._username, Secret=self._password, Events="on")
        while True:
            for message in self._messages():
                if message.get("Response") == "Success":
                    for action in _SNAPSHOT:
                        self._send(opened, action)
                    return
                if message.get("Response") == "Error":
                    raise CallboardError(
                        f"Asterisk at {self._host}:{self._port} refuses the log-in of {self._username}: see secret, "
                        "permit and read in its manager.conf, and CALLBOARD_SOURCE_PASSWORD"
                    )
            self._read(opened, deadline)

    def _receive(self, opened: socket.socket, timeout_seconds: float) -> list[Message]:
        found = self._messages()
        if not found:
            try:
                self._read(opened, time.monotonic() + timeout_seconds)
            except TimeoutError:
                return self._silence(opened)
            self._heard_at = time.monotonic()
            found = self._messages()
        return found

    def _silence(self, opened: socket.socket) -> list[Message]:
        now = time.monotonic()
        if now - self._heard_at > _DEAD_AFTER_SECONDS:
            raise TimeoutError("no answer")
        if now - self._asked_at > _ASK_AFTER_SECONDS:
            self._asked_at = now
            self._send(opened, "Ping")
        if now - self._ticked_at < _TICK_SECONDS:
            return []
        self._ticked_at = now
        return [_received({"Event": TICK})]

    def _read(self, opened: socket.socket, deadline: float) -> None:
        opened.settimeout(max(0.001, deadline - time.monotonic()))
        block = opened.recv(_BLOCK_BYTES)
        if not block:
            raise ConnectionError("closed by Asterisk")
        self._rest += block
        if len(self._rest) > _MOST_BYTES:
            raise ConnectionError("a message without an end")

    def _messages(self) -> list[Message]:
        *whole, self._rest = self._rest.split(_END)
        return [_received(fields(text.decode(errors="replace").split("\r\n"))) for text in whole]

    def _send(self, opened: socket.socket, action: str, **fields: str) -> None:
        # A line end inside of a value would be a field of its own.
        values = {"Action": action, "ActionID": action, **fields}.items()
        lines = [f"{name}: {' '.join(value.split())}" for name, value in values]
        opened.settimeout(_CONNECT_SECONDS)
        opened.sendall("\r\n".join([*lines, "", ""]).encode())


def _received(message: Message) -> Message:
    return stamped(message, time.time())


def _address(url: str) -> tuple[str, int, bool]:
    try:
        parts = urlsplit(url)
        tls = _SCHEMES[parts.scheme]
        host, port = parts.hostname or "", parts.port or (_TLS_PORT if tls else _PORT)
    except (KeyError, ValueError):
        host, port, tls = "", 0, False
    if not host:
        raise CallboardError(f"{url} is no address of a manager interface: give tcp://USER@HOST:5038, or tls://")
    return host, port, tls


def _why(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__
