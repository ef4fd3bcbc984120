"""A store that is published again and again, as a worker does although nothing comes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pipeline.store.process import FileProcessor, Processed

_EVERY_SECONDS = 0.5


@contextmanager
def publishing(processor: FileProcessor) -> Iterator[Callable[[list[bytes]], Processed]]:
    """Publish twice a second; gives what takes new events meanwhile.

    A processor is of one thread at a time: one that took events while it published ended with an error, and the board
    said that the worker may be down. What ended the publishing is raised at the end.
    """
    stop, one_at_a_time, ended = threading.Event(), threading.Lock(), list[BaseException]()

    def publish() -> None:
        try:
            while not stop.wait(_EVERY_SECONDS):
                with one_at_a_time:
                    processor.publish()
        except BaseException as error:  # told below, where a test hears it
            ended.append(error)

    def process(lines: list[bytes]) -> Processed:
        with one_at_a_time:
            return processor.process(lines)

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        yield process
    finally:
        stop.set()
        thread.join()
    if ended:
        raise ended[0]
