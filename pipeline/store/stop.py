"""Asks a job in the background to end: whoever lets a partition go must not wait for a file of two million rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from threading import Event
from typing import TypeVar

T = TypeVar("T")


class StoppedError(Exception):
    """The job was asked to end before it was done."""


class Stop:
    """The job looks at it between two portions of its rows."""

    def __init__(self) -> None:
        """Not asked yet."""
        self._asked = Event()

    def ask(self) -> None:
        """End soon, from any thread."""
        self._asked.set()

    def watched(self, portions: Iterable[T]) -> Iterator[T]:
        """The portions; raises ``StoppedError`` before the next one when it was asked."""
        for portion in portions:
            if self._asked.is_set():
                raise StoppedError
            yield portion
