"""Starts the board: Streamlit on ``app.py``, with its configuration beside it."""

from __future__ import annotations

import errno
import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

from pipeline.errors import CallboardError
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
    """Become the board: replaces this process, so that signals reach Streamlit itself.

    Raises:
        CallboardError: it could not listen there.
    """
    _check_free(port, address)
    sys.stdout.flush()
    sys.stderr.flush()
    arguments = command(port, address)
    os.execve(arguments[0], arguments, environment(store))  # noqa: S606 - no shell on purpose


def _check_free(port: int, address: str) -> None:
    """Streamlit itself says this with a time before it, and not what to do."""
    try:
        family, *_, where = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"port {port} is in use: stop what listens there, or choose another with --port"
        else:
            message = f"the board cannot listen on {address}, port {port}: {error.strerror}"
        raise CallboardError(message) from None
