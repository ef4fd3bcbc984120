"""A running FreeSWITCH: events as they happen, and after each connection how things stand."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline.clock import Clock, SystemClock
from pipeline.errors import CallboardError
from pipeline.producers.adapters.base import Live, LiveRequest
from pipeline.producers.adapters.freeswitch.converter import SUBCLASS, FreeSwitchConverter
from pipeline.producers.adapters.freeswitch.event_socket import EventSocket, LostConnectionError
from pipeline.producers.adapters.freeswitch.names import Names
from pipeline.producers.adapters.freeswitch.records import Connected, Snapshot, table_rows

DEFAULT_PORT = 8021
#: CUSTOM must be the last: whatever follows it is taken for a subclass.
EVENTS = f"HEARTBEAT CHANNEL_HOLD CHANNEL_UNHOLD CUSTOM {SUBCLASS}"
MEMBERS = "callcenter_config queue list members"
AGENTS = "callcenter_config agent list"
CORE = "global_getvar core_uuid"
#: FreeSWITCH beats every 20 s; a connection that is silent for three beats is dead, whatever TCP believes.
SILENT_SECONDS = 65.0
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0


class EventSocketReader:
    """Reads a running FreeSWITCH, and connects anew as often as it must."""

    def __init__(self, host: str, port: int, username: str, password: str, clock: Clock) -> None:
        """``clock`` tells when a snapshot was taken; the times of events are FreeSWITCH's own."""
        self._address = host, port, username, password
        self._clock = clock
        self._socket: EventSocket | None = None
        self._was_connected = False
        self._pause_seconds = _FIRST_PAUSE_SECONDS
        self._next_try = 0.0
        self._heard = 0.0

    def poll(self, timeout_seconds: float) -> list[Any]:
        """The next events; after a connection was made, first that, then events, then how things stand.

        Raises:
            CallboardError: FreeSWITCH refuses us, has no mod_callcenter, or nobody ever answered at the address.
        """
        if self._socket is None:
            wait = self._next_try - time.monotonic()
            if wait > 0:
                time.sleep(min(wait, timeout_seconds))
                return []
            return self._connect()
        try:
            if self._socket.listen(timeout_seconds):
                self._heard = time.monotonic()
            elif time.monotonic() - self._heard > SILENT_SECONDS:
                raise LostConnectionError("silent")
        except LostConnectionError:
            # What came before the end is whole: it is given now, the new connection is made with the next poll.
            found = list(self._socket.events)
            self._lost()
            return found
        found = list(self._socket.events)
        self._socket.events.clear()
        return found

    def position(self) -> bytes:
        """Nothing: an event socket has no place to go back to; a snapshot after connecting stands in for it."""
        return b""

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connect(self) -> list[Any]:
        try:
            self._socket = EventSocket(*self._address)
            self._socket.subscribe(EVENTS)
            connected = Connected(self._clock.now(), _plain(self._socket.ask(CORE)))
            # Events that were sent before an answer happened before it: the tables know of them.
            members = _table(self._socket, MEMBERS)
            agents = _table(self._socket, AGENTS)
        except LostConnectionError as error:
            if not self._was_connected:
                host, port = self._address[:2]
                raise CallboardError(
                    f"no FreeSWITCH answers at {host}:{port} ({error}): is mod_event_socket loaded, and does it listen?"
                ) from None
            self._lost()
            return []
        snapshot = Snapshot(self._clock.now(), connected.core, tuple(table_rows(members)), tuple(table_rows(agents)))
        self._was_connected = True
        self._pause_seconds = _FIRST_PAUSE_SECONDS
        self._heard = time.monotonic()
        found = [connected, *self._socket.events, snapshot]
        self._socket.events.clear()
        return found

    def _lost(self) -> None:
        self.close()
        self._next_try = time.monotonic() + self._pause_seconds
        self._pause_seconds = min(2 * self._pause_seconds, _LONGEST_PAUSE_SECONDS)


def _plain(answer: str) -> str:
    text = answer.strip()
    return "" if text.startswith("-ERR") else text


def _table(connection: EventSocket, command: str) -> str:
    answer = connection.ask(command)
    if answer.startswith("-ERR"):
        raise CallboardError(f"FreeSWITCH does not know `{command}`: load mod_callcenter, or allow the command")
    return answer


def follow_freeswitch(request: LiveRequest) -> Live:
    """A running FreeSWITCH at ``tcp://[user@]host[:8021]``.

    Raises:
        CallboardError: the target is no such URL.
    """
    if "//" not in request.target and Path(request.target).exists():
        raise CallboardError(f"{request.target} is a file: a captured stream is read whole, leave --follow out")
    parts = urlsplit(request.target if "//" in request.target else f"tcp://{request.target}")
    try:
        port = parts.port or DEFAULT_PORT
    except ValueError:
        port = 0
    if parts.scheme != "tcp" or not parts.hostname or not port:
        raise CallboardError("give the event socket as tcp://host:8021")
    username = request.username or parts.username or ""
    return Live(
        EventSocketReader(parts.hostname, port, username, request.password, SystemClock()),
        FreeSwitchConverter(Names(request.client), request.door, request.source, request.states),
    )
