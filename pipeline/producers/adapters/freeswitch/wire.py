"""Events as FreeSWITCH writes them: text of headers, JSON, and the frames of the event socket."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

import msgspec

from pipeline.producers.adapters.freeswitch.records import Garbled, Headers

_json = msgspec.json.Decoder(dict[str, object])


@dataclass(frozen=True, slots=True)
class Frame:
    """A message of the event socket."""

    headers: Headers
    body: str

    @property
    def kind(self) -> str:
        """Its content type."""
        return self.headers.get("Content-Type", "")


class Frames:
    """Cuts what comes from the socket into frames."""

    def __init__(self) -> None:
        """Nothing was received."""
        self._received = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are complete with ``data``."""
        self._received += data
        while True:
            head, separator, rest = self._received.partition(b"\n\n")
            if not separator:
                return
            headers = text_headers(head.decode(errors="replace").splitlines())
            length = headers.get("Content-Length", "0")
            size = int(length) if length.isdigit() else 0
            if len(rest) < size:
                return
            self._received = rest[size:]
            # A frame may follow an empty line of its predecessor.
            if headers:
                yield Frame(headers, bytes(rest[:size]).decode(errors="replace"))


def text_headers(lines: Iterable[str]) -> dict[str, str]:
    """Headers, one a line, their values percent-decoded; a line without a colon is none."""
    found = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            found[name.strip()] = unquote(value.strip())
    return found


def json_headers(text: str | bytes) -> dict[str, str] | None:
    """The headers of an event in JSON; None if it is none."""
    try:
        document = _json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    # A header that is set several times is an array; text does not tell it from one value either.
    return {name: _text(value) for name, value in document.items()}


def _text(value: object) -> str:
    return "|:".join(map(str, value)) if isinstance(value, list) else str(value)


def stream_records(lines: Iterable[str]) -> Iterator[tuple[int, Headers | Garbled]]:
    """The events of a captured stream, each with the line on which it starts.

    Understood are blocks of headers with an empty line after each, with or without the frames of the socket around
    them, and JSON, one event per line. A block without that line, at the end, is cut off.
    """
    block: list[str] = []
    start = 1
    number = 0
    for number, line in enumerate(lines, start=1):
        text = line.rstrip("\r\n")
        if text.startswith("{"):
            yield from _block(start, block)
            block = []
            headers = json_headers(text)
            yield number, Garbled(number, "json") if headers is None else headers
        elif text.strip():
            if not block:
                start = number
            block.append(text)
        else:
            yield from _block(start, block)
            block = []
    if "Event-Name" in text_headers(block):
        # Half an event may lack what would change its meaning, and half a number is another number.
        yield start, Garbled(start, "cut")


#: What stands in a capture besides events: frames of the socket and their answers, and fs_cli's announcements.
_NO_EVENT = ("Content-Length", "Content-Type", "Reply-Text")


def _block(start: int, block: list[str]) -> Iterator[tuple[int, Headers | Garbled]]:
    headers = text_headers(block)
    if "Event-Name" in headers:
        yield start, headers
    elif headers and not any(name in headers for name in _NO_EVENT):
        yield start, Garbled(start, "headers")
