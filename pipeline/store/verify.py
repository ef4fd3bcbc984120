"""Verifies a published store: everything is recomputed from its raw events and compared row by row.

The numbers come a second time from the definitions, as plain SQL over the events' JSON (``verify_sql/``), and share no
code with the merge that made the published ones. One snapshot is read: a worker may go on publishing meanwhile.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import resources
from pathlib import Path

import duckdb

from pipeline.errors import CallboardError
from pipeline.store.layout import StoreLayout
from pipeline.store.verify_report import Check, Report, shown_line
from pipeline.store.verify_rows import VIEWS, compare
from pipeline.store.verify_rules import EVENTS, IDENTITIES, PREPARE, RULES, hold

__all__ = ["Check", "Report", "verify"]

#: Memory for DuckDB; what does not fit goes to a temporary folder.
MEMORY_LIMIT = "512MB"
_RECOMPUTE = ("segments", "interactions", "agent_spans", "details", "kpis", "wait_histogram")


def verify(store: Path, progress: Callable[[str], None] | None = None, *, memory_limit: str = MEMORY_LIMIT) -> Report:
    """Recompute what the store in folder ``store`` publishes and compare. ``progress`` is told what comes next.

    Raises:
        CallboardError: there is no store, or its files cannot be read.
    """
    say = progress or (lambda _: None)
    live = StoreLayout(store).live
    if not live.is_file():
        raise CallboardError(
            f"there is no published store in {store} (no {live.name}): name the folder that a worker or "
            "'callboard process' writes to"
        )
    with tempfile.TemporaryDirectory(prefix="callboard-verify-") as spill, _attached(live, spill, memory_limit) as con:
        try:
            return Report(list(_checks(con, say)))
        except duckdb.OutOfMemoryException as error:
            raise CallboardError(
                f"{memory_limit} of memory are too few to verify {store}: free space for temporary files or allow more"
            ) from error
        except duckdb.IOException as error:
            raise CallboardError(
                f"{store} cannot be read: {_first_line(error)}. If a worker published meanwhile, run it again; "
                "otherwise published files are missing or damaged: build the store again from its events"
            ) from error
        except duckdb.Error as error:
            raise CallboardError(
                f"{store} cannot be verified ({type(error).__name__}): it was published by another version of "
                "callboard, or is damaged; build it again from its events"
            ) from error


@contextmanager
def _attached(live: Path, spill: str, memory_limit: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database of our own that sees the store as ``live``, read-only."""
    con = duckdb.connect(
        config={
            "memory_limit": memory_limit,
            "temp_directory": spill,
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
        }
    )
    try:
        con.execute("SET TimeZone = 'UTC'")
        path = str(live).replace("'", "''")
        try:
            con.execute(f"ATTACH '{path}' AS live (READ_ONLY)")
        except duckdb.Error as error:
            raise CallboardError(f"{live} cannot be opened: {_first_line(error)}") from error
        yield con
    finally:
        con.close()


def _checks(con: duckdb.DuckDBPyConnection, say: Callable[[str], None]) -> Iterator[Check]:
    say("reading the raw events anew")
    identities = _guarded(IDENTITIES.name, partial(hold, con, IDENTITIES))
    # A repeated event counts once in the definitions, whatever the store made of it.
    distinct = "" if identities.ok else "DISTINCT ON (source, id) "
    con.execute(f"CREATE TEMP VIEW distinct_events AS SELECT {distinct}* FROM live.events")  # noqa: S608
    con.execute(_sql("events"))
    con.execute(PREPARE)
    yield identities
    yield _guarded(EVENTS.name, partial(hold, con, EVENTS))
    for name in _RECOMPUTE:
        say(f"recomputing {name.replace('_', ' ')}")
        con.execute(_sql(name))
    for view in VIEWS:
        say(f"comparing {view.name}")
        yield _guarded(view.name, partial(compare, con, view))
    for rule in RULES:
        say(f"checking {rule.name}")
        yield _guarded(rule.name, partial(hold, con, rule))


def _sql(name: str) -> str:
    return resources.files("pipeline.store").joinpath("verify_sql", f"{name}.sql").read_text(encoding="utf-8")


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    """A view that cannot even be read, or lacks a column, is a difference, not an end of the verification."""
    try:
        return check()
    except (duckdb.IOException, duckdb.OutOfMemoryException):
        raise
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        return Check(name, 0, 1, [shown_line(f"cannot be compared: {_first_line(error)}")])
    except duckdb.Error as error:
        # Other messages may quote values.
        return Check(name, 0, 1, [f"cannot be read ({type(error).__name__})"])


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
