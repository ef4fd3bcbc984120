"""Questions that are asked once: searches, long periods, the rows behind a number."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from dashboards.data.asking import Answer, Ask
from dashboards.data.connection import Rows, StoreConnection
from dashboards.saying import Saying
from pipeline.errors import CallboardError

#: Answers that are kept, so that viewers of the same link share one.
KEPT_ANSWERS = 64
#: After this a question is interrupted.
PATIENCE_SECONDS = 30.0
_LOG = logging.getLogger(__name__)


class SingleQuestions:
    """Answers questions one at a time, over a connection of their own: a slow one does not hold up the boards."""

    def __init__(self, folder: Path) -> None:
        """Nothing is opened yet."""
        self._connection = StoreConnection(folder)
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Ask, datetime], Answer] = OrderedDict()

    def answer(self, question: Ask, at: datetime) -> Answer:
        """The answer; the same object while the store is the same."""
        # Moments of the last minute are one: a question with a period up to now is not new each second.
        at = question.as_of or at.replace(second=0, microsecond=0)
        with self._lock:
            try:
                if self._connection.follow():
                    self._kept.clear()
                key = (question, at)
                if key not in self._kept:
                    self._kept[key] = Answer(at, self._patiently(question, at))
                    while len(self._kept) > KEPT_ANSWERS:
                        self._kept.popitem(last=False)
                self._kept.move_to_end(key)
                return self._kept[key]
            except duckdb.InterruptException:
                raise CallboardError(
                    Saying(
                        "This question took longer than {number} s: choose a shorter period or fewer rows.",
                        number=f"{PATIENCE_SECONDS:.0f}",
                    )
                ) from None
            except (OSError, duckdb.IOException) as error:
                self._connection.close()
                raise CallboardError(Saying("The store cannot be read: {reason}", reason=first_line(error))) from error
            except duckdb.Error as error:
                # The next question may be a better one; what is wrong with the connection itself goes with it.
                _LOG.exception("the query %s cannot be answered", question.query.name)
                self._connection.close()
                raise CallboardError(
                    Saying(
                        "The query {query} cannot be answered: {reason}",
                        query=question.query.name,
                        reason=first_line(error),
                    )
                ) from error

    def _patiently(self, question: Ask, at: datetime) -> Rows:
        timer = threading.Timer(PATIENCE_SECONDS, self._connection.interrupt)
        timer.start()
        try:
            return rows_of(self._connection, question, at)
        finally:
            timer.cancel()

    def close(self) -> None:
        """Let the store go."""
        with self._lock:
            self._connection.close()


def rows_of(connection: StoreConnection, question: Ask, at: datetime) -> Rows:
    """Ask the store: the query's text for the scope, with the scope's values and all others as parameters."""
    values: dict[str, Any] = {**question.bound(at), **question.scope.parameters()}
    sql = question.query.sql(question.scope)
    return connection.rows(sql, values)


def first_line(error: Exception) -> str:
    """What an error says, in one line."""
    return (str(error).splitlines() or [type(error).__name__])[0]
