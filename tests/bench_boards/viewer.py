"""One viewer of the board: a browser's websocket session without the browser, as Streamlit's own front end speaks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

_OPEN_SECONDS = 60.0
_LARGEST_BYTES = 64 * 1024 * 1024


@dataclass(slots=True)
class Seen:
    """What a viewer measured. Moments are of the monotonic clock."""

    #: (when the rerun was asked for, seconds until the server said that it is finished, the panel's interval).
    reruns: list[tuple[float, float, float]] = field(default_factory=list)
    #: Seconds from opening the connection to the end of the page's first run.
    first_run_seconds: float = 0.0
    received_bytes: int = 0
    messages: int = 0
    #: Runs of the whole page after the first: none is expected.
    full_runs: int = 0
    #: Asked for while the rerun before was not finished; the server makes one of the two.
    overtaken: int = 0
    #: What the board said in an error box or as an exception, each once.
    errors: set[str] = field(default_factory=set)


class Viewer:
    """Opens a page, and asks for its panels again as often as the page says."""

    def __init__(self, address: str, query: str, on_text: Callable[[str], None] | None = None) -> None:
        """``address``: ``host:port`` of the board. ``on_text``: is given the text of every banner that is drawn."""
        self._address, self._query, self._on_text = address, query, on_text
        self._page = ""
        self.asked: dict[str, float] = {}
        self.intervals: dict[str, float] = {}
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._socket: ClientConnection | None = None
        self._first_ended = False
        self.seen = Seen()

    async def watch(self, until: float) -> Seen:
        """Look on until a moment of the monotonic clock.

        Raises:
            ConnectionClosed: the server has closed the connection.
        """
        began = time.monotonic()
        async with connect(
            f"ws://{self._address}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=_LARGEST_BYTES,
            open_timeout=_OPEN_SECONDS,
            origin=f"http://{self._address}",  # type: ignore[arg-type]
        ) as self._socket:
            try:
                await self._send("", auto=False)
                async with asyncio.timeout_at(asyncio.get_running_loop().time() + until - began):
                    async for payload in self._socket:
                        assert isinstance(payload, bytes)
                        self.take(payload, began)
            except TimeoutError:
                pass
            finally:
                self._stop_timers(list(self._timers))
                # What was never answered counts with the wait so far: it is not left out.
                ended = time.monotonic()
                self.seen.reruns += [
                    (asked, ended - asked, self.intervals[fragment]) for fragment, asked in self.asked.items()
                ]
        return self.seen

    async def _send(self, fragment: str, *, auto: bool) -> None:
        state = ClientState(
            query_string=self._query, page_script_hash=self._page, fragment_id=fragment, is_auto_rerun=auto
        )
        state.context_info.timezone = "Europe/Berlin"
        state.context_info.timezone_offset = -60
        state.context_info.locale = "en-GB"
        state.context_info.url = f"http://{self._address}/"
        state.context_info.color_scheme = "dark"
        assert self._socket is not None
        await self._socket.send(BackMsg(rerun_script=state).SerializeToString())

    def take(self, payload: bytes, began: float) -> None:
        """Take one message of the server; ``began``: when the connection was opened."""
        message = ForwardMsg.FromString(payload)
        self.seen.received_bytes += len(payload)
        self.seen.messages += 1
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._begun(message)
        elif kind == "auto_rerun":
            self._start_timer(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            self._stop_timers(list(message.stop_auto_rerun.fragment_ids))
        elif kind == "script_finished":
            if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                self._finished(list(message.metadata.run.fragment_ids), began)
        elif kind == "delta":
            self._look_at(message)

    def _begun(self, message: ForwardMsg) -> None:
        self._page = message.new_session.page_script_hash
        if not message.metadata.run.fragment_ids:
            # As the browser does: the run of a whole page names its timers anew.
            self._stop_timers(list(self._timers))
            self.seen.full_runs += self._first_ended

    def _finished(self, fragments: list[str], began: float) -> None:
        now = time.monotonic()
        if not self._first_ended:
            self._first_ended = True
            self.seen.first_run_seconds = now - began
        for fragment in fragments:
            asked = self.asked.pop(fragment, None)
            if asked is not None:
                self.seen.reruns.append((asked, now - asked, self.intervals[fragment]))
        if not fragments:
            self.asked.clear()

    def _look_at(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.seen.errors.add(element.exception.message)
        elif kind == "alert":
            if self._on_text is not None:
                self._on_text(element.alert.body)
            if element.alert.format == element.alert.ERROR:
                self.seen.errors.add(element.alert.body)

    def _start_timer(self, fragment: str, interval_seconds: float) -> None:
        self._stop_timers([fragment])
        self.intervals[fragment] = interval_seconds
        self._timers[fragment] = asyncio.create_task(self._tick(fragment, interval_seconds))

    def _stop_timers(self, fragments: list[str]) -> None:
        for fragment in fragments:
            timer = self._timers.pop(fragment, None)
            if timer is not None:
                timer.cancel()

    async def _tick(self, fragment: str, interval_seconds: float) -> None:
        due = time.monotonic()
        while True:
            # The clock goes on whatever the server does: a slow answer does not thin out the questions.
            due += interval_seconds
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if fragment in self.asked:
                self.seen.overtaken += 1
            # The wait of the first of them counts.
            self.asked.setdefault(fragment, time.monotonic())
            await self._send(fragment, auto=True)
