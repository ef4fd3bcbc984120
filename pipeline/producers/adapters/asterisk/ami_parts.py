"""A captured stream of the manager interface, cut into what it consists of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from typing import Literal

from pipeline.producers.adapters.asterisk.ami_wire import BANNER, TIMESTAMP
from pipeline.producers.log_file import Cut

#: After each message that has a time. What an action is answered with has none; it is of the time that follows.
WITH_A_TIME = Cut(re.compile(rb"(?m)^%b:[^\n]*\n(?:[^\r\n][^\n]*\n)*\r?\n" % TIMESTAMP.encode()), 1 << 22, "")
_BANNER = re.compile(rf"{BANNER}/\d+(\.\d+)*$")
_ANSWER = "Response:"
_READ_BYTES = 1 << 20

#: A connection begins; a message; a message that was cut off before the empty line that ends it.
Kind = Literal["connected", "message", "cut_off"]


@dataclass(frozen=True, slots=True)
class Part:
    """Something that stands in a captured stream, on its ``line`` of the text (the first is 0) and after it."""

    kind: Kind
    line: int
    lines: tuple[str, ...] = ()


def pieces(stream: BufferedReader) -> Iterator[str]:
    """The text of a whole stream in pieces as WITH_A_TIME cuts them, and what follows the last of them."""
    rest = b""
    while block := stream.read1(_READ_BYTES):
        rest += block
        end = 0
        for found in WITH_A_TIME.end.finditer(rest):
            yield rest[end : found.end()].decode(errors="replace")
            end = found.end()
        rest = rest[end:]
        if len(rest) >= WITH_A_TIME.most_bytes:
            yield rest.decode(errors="replace")
            rest = b""
    if rest:
        yield rest.decode(errors="replace")


def parts(text: str) -> Iterator[Part]:
    """What a text consists of, in order. Lines end with CRLF, as Asterisk writes them, or with LF."""
    lines: list[str] = []
    first = 0
    for number, line in enumerate(line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")):
        if _BANNER.fullmatch(line):
            if lines:
                yield Part("cut_off", first, tuple(lines))
            yield Part("connected", number)
            lines = []
        elif lines and line.startswith(_ANSWER) and _BANNER.search(lines[-1]):
            # The connection before was lost in the middle of a line. That somebody is named so is no new connection:
            # another field follows a name, and an answer to the log-in follows this.
            yield Part("cut_off", first, tuple(lines[:-1]))
            yield Part("connected", number - 1)
            lines, first = [line], number
        elif line:
            if not lines:
                first = number
            lines.append(line)
        else:
            if lines:
                yield Part("message", first, tuple(lines))
            lines = []
    if lines:
        yield Part("cut_off", first, tuple(lines))
