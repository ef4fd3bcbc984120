"""The installed ``callboard`` command as its own process, with nothing of this machine's own settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).with_name("callboard")
#: A command that hangs is a failure; a busy machine is not.
LONGEST_SECONDS = 90.0


def environment(**settings: str) -> dict[str, str]:
    """The environment without settings of callboard, and then ``settings``."""
    ours = ("CALLBOARD_", "KAFKA_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    # As wide as it takes: a table that is cut could not be read.
    return {**kept, "COLUMNS": "250", "TERM": "dumb", **settings}


def callboard(*arguments: object, cwd: Path, stdin: bytes = b"", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, in the folder ``cwd``."""
    done = subprocess.run(
        [str(COMMAND), *map(str, arguments)],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        check=False,
        timeout=LONGEST_SECONDS,
        env=environment(**settings),
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def succeed(*arguments: object, cwd: Path, stdin: bytes = b"", **settings: str) -> str:
    """Run a command that must succeed; returns what it printed, standard error first."""
    done = callboard(*arguments, cwd=cwd, stdin=stdin, **settings)
    assert done.returncode == 0, f"exit code {done.returncode}: {done.stderr}{done.stdout}"
    return done.stderr + done.stdout


def query(store: Path, sql: str) -> list[dict[str, Any]]:
    """The rows of ``callboard query --format json``."""
    done = callboard("query", sql, "--store", store, "--format", "json", cwd=store)
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows
