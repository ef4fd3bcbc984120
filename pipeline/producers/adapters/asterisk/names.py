"""Names as Asterisk has them: whose queue it is, and agents whose name is a telephone number."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.centre.model import Centre
from pipeline.errors import CallboardError
from pipeline.producers.adapters.words import LONG_NUMBER, identifier, word
from pipeline.producers.door import Door

#: What Asterisk writes where there is no queue, agent or call.
NOBODY = frozenset({"", "NONE", "REALTIME", "MANAGER", "CLI"})
_PSEUDONYM_CHARS = 12
_DIGITS_SHOWN = 3


class Clients:
    """Whose queue a queue is: by centre.yaml where it names the queue for one client, else the one that was given."""

    def __init__(self, given: str | None, centre: Centre | None) -> None:
        """Raises CallboardError when nothing says whose contacts these are."""
        named: Mapping[str, Mapping[str, object]] = centre.queues if centre is not None else {}
        owners: dict[str, list[str]] = {}
        for client, queues in named.items():
            for queue in queues:
                owners.setdefault(queue, []).append(client)
        self._owners = {queue: found[0] for queue, found in owners.items() if len(found) == 1}
        everybody = [given, *(client for client in named if client != given)] if given else list(named)
        if not everybody:
            raise CallboardError(
                "say whose contacts these are: --client NAME, or --centre FILE with the queues of each client"
            )
        #: Everybody whose queues these may be; what belongs to no queue is said for the first.
        self.all: tuple[str, ...] = tuple(client for client in everybody if client)
        self._otherwise = given or (self.all[0] if len(self.all) == 1 else None)

    def of(self, queue: str) -> str | None:
        """The client of a queue, or None where nothing says it."""
        return self._owners.get(queue, self._otherwise)


class Agents:
    """Agents' names as events have them."""

    def __init__(self, door: Door) -> None:
        """``door`` makes the pseudonyms."""
        self._door = door
        self._known: dict[str, str | None] = {}

    def name(self, text: str) -> str | None:
        """The agent, or None for nobody.

        A name with a telephone number in it, of somebody who works from home, is told by a pseudonym; without a key by
        the last digits.
        """
        try:
            return self._known[text]
        except KeyError:
            found = self._known[text] = None if text in NOBODY else identifier(self._without_number(text))
            return found

    def _without_number(self, text: str) -> str:
        number = LONG_NUMBER.search(text)
        if number is None:
            return text
        pseudonym = self._door.caller("*", number[0])
        shown = f"agent-{pseudonym[:_PSEUDONYM_CHARS]}" if pseudonym else f"agent-{number[0][-_DIGITS_SHOWN:]}"
        return shown if pseudonym else LONG_NUMBER.sub(shown, text)


def code(text: str) -> str | None:
    """A reason that somebody typed, as a word; None for nothing, and for what leads to somebody."""
    return word(text)


def whole(text: str, most: int = 10_000_000) -> int | None:
    """A whole number from 0, or None where there is none, or one beyond belief."""
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(most)):
        return None
    found = int(text)
    return found if found <= most else None
