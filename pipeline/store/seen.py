"""Which keys a partition has ever seen: 'surely not' without a look-up, 'perhaps' for the store to decide.

Almost every event and every segment is new; without this each batch would search the whole history for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rbloom import Bloom

#: A wrong 'perhaps' costs a scan of the whole history, and a batch asks for thousands of keys, of several filters.
_FALSE_POSITIVE_RATE = 1e-6
_FIRST_CAPACITY = 100_000


class SeenKeys:
    """A set of strings that only grows and may say 'perhaps' for one new key in a million."""

    def __init__(self, expected: int = 0) -> None:
        """``expected``: how many keys are about to be added."""
        self._capacity = max(_FIRST_CAPACITY, 2 * expected)
        self._filters = [Bloom(self._capacity, _FALSE_POSITIVE_RATE)]
        self._room = self._capacity

    def update(self, keys: Sequence[str]) -> None:
        """Add keys. A filter without room for them is followed by one of twice its size, and of theirs at least."""
        if self._room < len(keys):
            self._capacity = max(2 * self._capacity, 2 * len(keys))
            self._filters.append(Bloom(self._capacity, _FALSE_POSITIVE_RATE))
            self._room = self._capacity
        self._filters[-1].update(keys)
        self._room -= len(keys)

    def add(self, key: str) -> None:
        """Add a key."""
        self.update((key,))

    def add_new(self, key: str) -> None:
        """Add a key that may have been added: what is there twice must not take up room twice."""
        if key not in self:
            self.add(key)

    def among(self, keys: Sequence[str]) -> list[int]:
        """The places of those keys that were perhaps added."""
        if len(self._filters) > 1:
            return [place for place, key in enumerate(keys) if key in self]
        (bloom,) = self._filters  # asked for every event: without a call of our own for each
        return [place for place, key in enumerate(keys) if key in bloom]

    def __contains__(self, key: str) -> bool:
        """False: never added. True: perhaps added."""
        for bloom in self._filters:  # a plain loop: this is asked for every event
            if key in bloom:
                return True
        return False


@dataclass(slots=True)
class Seen:
    """What a partition has seen up to batch ``seq``. An owner that gets a partition back adds only what came since."""

    events: SeenKeys = field(default_factory=SeenKeys)
    entities: SeenKeys = field(default_factory=SeenKeys)
    seq: int = -1
