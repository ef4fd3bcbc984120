"""The board's own connection to a store, for as long as a test reads it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dashboards.data.connection import StoreConnection


@contextmanager
def reading(folder: Path) -> Iterator[StoreConnection]:
    """A connection to what is published in a store's folder."""
    connection = StoreConnection(folder)
    connection.follow()
    try:
        yield connection
    finally:
        connection.close()
