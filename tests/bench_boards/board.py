"""The board as ``callboard dashboard`` serves it, with its queries of the store counted.

``python -m tests.bench_boards.board PORT FILE``: the store is that of the settings; ``FILE`` gets a line of JSON each
second: queries so far, and seconds in them.
"""

from __future__ import annotations

import os
import runpy
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from dashboards import run
from dashboards.data.connection import Rows, StoreConnection
from pipeline.settings import load_settings

_asked = {"queries": 0, "seconds": 0.0}


def count_queries() -> None:
    """Wrap what every query of the board goes through."""
    rows = StoreConnection.rows

    def counted(self: StoreConnection, sql: str, values: Mapping[str, Any]) -> Rows:
        began = time.perf_counter()
        try:
            return rows(self, sql, values)
        finally:
            _asked["queries"] += 1
            _asked["seconds"] += time.perf_counter() - began

    StoreConnection.rows = counted  # type: ignore[method-assign]


def _write(file: Path) -> None:
    with file.open("wb", buffering=0) as out:
        while True:
            out.write(msgspec.json.encode({"at": time.monotonic(), **_asked}) + b"\n")
            time.sleep(1)


def main(port: int, file: Path) -> None:
    """Serve until ended."""
    os.environ.update(run.environment(load_settings(), port, "127.0.0.1"))
    count_queries()
    threading.Thread(target=_write, args=(file,), daemon=True).start()
    # The command without the interpreter and its -m.
    sys.argv = run.command(port, "127.0.0.1")[2:]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
