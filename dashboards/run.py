"""Starts the board: Streamlit on ``app.py``, with its configuration beside it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

from pipeline.settings import ENV_PREFIX

APP = Path(__file__).parent / "app.py"


def command(port: int, address: str) -> list[str]:
    """The command line; everything else is in ``.streamlit/config.toml`` beside ``app.py``."""
    return [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(APP),
        f"--server.port={port}",
        f"--server.address={address}",
    ]


def environment(store: Path) -> dict[str, str]:
    """This process's environment with the store's absolute folder."""
    return {**os.environ, f"{ENV_PREFIX}STORE": str(store.absolute())}


def run(store: Path, port: int, address: str) -> NoReturn:
    """Become the board: replaces this process, so that signals reach Streamlit itself."""
    sys.stdout.flush()
    sys.stderr.flush()
    arguments = command(port, address)
    os.execve(arguments[0], arguments, environment(store))  # noqa: S606 - no shell on purpose
