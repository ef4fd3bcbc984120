"""A FreeSWITCH for tests: a real event socket on loopback that knows a password, tables, and how to go away."""

from __future__ import annotations

import socket
import threading
import time
from types import TracebackType
from typing import Self

from tests.support.freeswitch import CORE, framed
from tests.support.ports import free_port

Row = dict[str, str]
#: FreeSWITCH's own default.
PASSWORD = "ClueCon"  # noqa: S105
MEMBER_COLUMNS = (
    "queue instance_id uuid session_uuid cid_number cid_name system_epoch joined_epoch rejoined_epoch bridge_epoch "
    "abandoned_epoch base_score skill_score serving_agent serving_system state score"
).split()
AGENT_COLUMNS = "name instance_id uuid type contact status state".split()
_PATIENCE_SECONDS = 20.0


def member(uuid: str, session: str, queue: str, joined: str, state: str = "Waiting", **more: str) -> Row:
    """A row of ``queue list members``; a caller's name that holds a bar, as names do."""
    numbers = {name: "0" for name in MEMBER_COLUMNS if name.endswith(("_epoch", "_score", "score"))}
    return {
        **dict.fromkeys(MEMBER_COLUMNS, ""),
        **numbers,
        **{"queue": queue, "uuid": uuid, "session_uuid": session, "joined_epoch": joined, "state": state},
        **{"cid_name": "Invented | Caller", "cid_number": "+442079460001"},
        **more,
    }


def agent(name: str, status: str, state: str, uuid: str = "") -> Row:
    """A row of ``agent list``."""
    contact = "user/1001|user/1002"
    return dict(zip(AGENT_COLUMNS, (name, "single_box", uuid, "callback", contact, status, state), strict=True))


class FakeEventSocket:
    """Serves any number of connections. What it is told to send goes to those who asked for such events."""

    def __init__(self, port: int | None = None) -> None:
        self.password = PASSWORD
        self.port = port or free_port()
        self.core = CORE
        self.members: list[Row] = []
        self.agents: list[Row] = []
        #: What was asked for, over all connections.
        self.commands: list[str] = []
        self.refuses_address = False
        self._listeners: dict[socket.socket, set[str]] = {}
        self._lock = threading.Lock()
        self._server: socket.socket | None = None
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._server = socket.create_server(("127.0.0.1", self.port))
        self._start(self._accept, self._server)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()
        for thread in self._threads:
            thread.join(_PATIENCE_SECONDS)

    @property
    def url(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Refuse new connections and end those there are."""
        server, self._server = self._server, None
        if server is not None:
            # Only this wakes a thread that waits in accept.
            server.shutdown(socket.SHUT_RDWR)
            server.close()
        self.drop()

    def drop(self) -> None:
        """End all connections in the middle of everything."""
        with self._lock:
            for connection in self._listeners:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # gone by itself

    def send(self, *events: Row) -> None:
        """Send events to all who asked for their kind."""
        for event in events:
            kind = event.get("Event-Subclass") or event["Event-Name"]
            with self._lock:
                for connection, kinds in self._listeners.items():
                    if kind in kinds:
                        # In two pieces: a reader must not take a packet for a message.
                        data = framed(event).encode()
                        connection.sendall(data[:40])
                        connection.sendall(data[40:])

    def wait_for_snapshots(self, number: int) -> None:
        """Until so many have asked how agents stand, which is the last thing asked after connecting."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while sum("agent list" in command for command in list(self.commands)) < number:
            assert time.monotonic() < deadline, f"nobody asked; asked was {self.commands}"
            time.sleep(0.02)

    def _start(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            with self._lock:
                self._listeners[connection] = set()
            try:
                self._talk(connection)
            except OSError:
                pass  # the other side, or drop()
            finally:
                with self._lock:
                    del self._listeners[connection]

    def _talk(self, connection: socket.socket) -> None:
        if self.refuses_address:
            text = "Access Denied, go away.\n"
            connection.sendall(f"Content-Type: text/rude-rejection\nContent-Length: {len(text)}\n\n{text}".encode())
            return
        connection.sendall(b"Content-Type: auth/request\n\n")
        received = b""
        trusted = False
        while data := connection.recv(4096):
            received += data
            while b"\n\n" in received:
                command, _, received = received.partition(b"\n\n")
                text = command.decode().strip()
                if not trusted:
                    trusted = text in {f"auth {self.password}", f"userauth callboard:{self.password}"}
                    self._reply(connection, "+OK accepted" if trusted else "-ERR invalid")
                    if not trusted:
                        return
                else:
                    self._do(connection, text)

    def _do(self, connection: socket.socket, command: str) -> None:
        if command.startswith("event plain "):
            names = command.removeprefix("event plain ").split()
            # As FreeSWITCH reads it: whatever follows CUSTOM names a subclass.
            custom = names.index("CUSTOM") + 1 if "CUSTOM" in names else len(names)
            known = {"HEARTBEAT", "CHANNEL_HOLD", "CHANNEL_UNHOLD"}
            with self._lock:
                self._listeners[connection] = {n for n in names[:custom] if n in known} | {
                    name for name in names[custom:] if "::" in name
                }
            self._reply(connection, "+OK event listener enabled plain")
        elif command.startswith("api "):
            answer = self._answer(command.removeprefix("api ")).encode()
            with self._lock:
                connection.sendall(f"Content-Type: api/response\nContent-Length: {len(answer)}\n\n".encode() + answer)
        else:
            self._reply(connection, "-ERR command not found")
        self.commands.append(command)

    def _answer(self, command: str) -> str:
        tables = {"callcenter_config queue list members": self.members, "callcenter_config agent list": self.agents}
        if command == "global_getvar core_uuid":
            return self.core
        if command not in tables:
            return f"-ERR {command.split(maxsplit=1)[0]} Command not found!\n"
        rows = tables[command]
        # Without rows there are no column names either.
        lines = ["|".join(rows[0])] if rows else []
        return "\n".join([*lines, *("|".join(row.values()) for row in rows), "+OK"]) + "\n"

    def _reply(self, connection: socket.socket, text: str) -> None:
        with self._lock:
            connection.sendall(f"Content-Type: command/reply\nReply-Text: {text}\n\n".encode())
