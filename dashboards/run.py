"""Starts the board: Streamlit on ``served.py``, with its configuration beside it; or says why it must not start."""

from __future__ import annotations

import errno
import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

from dashboards.access.policy_file import read_policy
from dashboards.access.provider import redirect_uri
from pipeline.errors import CallboardError
from pipeline.loopback import is_loopback
from pipeline.settings import ENV_PREFIX, Settings

APP = Path(__file__).parent / "app.py"
SERVED = Path(__file__).parent / "served.py"


def command(port: int, address: str) -> list[str]:
    """The command line, without secrets; everything else is in ``.streamlit/config.toml`` beside ``app.py``."""
    return [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(SERVED),
        f"--server.port={port}",
        f"--server.address={address}",
    ]


def environment(settings: Settings, port: int, address: str) -> dict[str, str]:
    """This process's environment with what was an option or follows from one; secrets stay where they were.

    Raises:
        CallboardError: it is not known where people come back to from signing in.
    """
    told = {f"{ENV_PREFIX}STORE": str(settings.store.absolute())}
    if settings.access_file is not None:
        told[f"{ENV_PREFIX}ACCESS_FILE"] = str(settings.access_file.absolute())
    if settings.has_sign_in:
        told[f"{ENV_PREFIX}OIDC_REDIRECT_URI"] = redirect_uri(settings, address, port)
    return {**os.environ, **told}


def run(settings: Settings, port: int, address: str) -> NoReturn:
    """Become the board: replaces this process, so that signals reach Streamlit itself.

    Raises:
        CallboardError: it could not listen there, or everybody there could see everything.
    """
    check_access(settings, address)
    told = environment(settings, port, address)
    _check_free(port, address)
    sys.stdout.flush()
    sys.stderr.flush()
    arguments = command(port, address)
    os.execve(arguments[0], arguments, told)  # noqa: S606 - no shell on purpose


def check_access(settings: Settings, address: str) -> None:
    """Refuse to start where nobody would be let in, or everybody.

    Raises:
        CallboardError: the access file is not there or not valid, or the address is open to others without one.
    """
    if settings.access_file is not None:
        read_policy(settings.access_file)
    elif not is_loopback(address):
        raise CallboardError(
            f"on {address} others could see the board, and nobody would have to sign in: set access_file and "
            "oidc_metadata_url (docs/how-to/sign-in.md), or leave --host out to show it on this machine only"
        )


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
