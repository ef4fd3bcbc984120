"""Errors a person can act on: one line that says what happened and what to do."""

from __future__ import annotations


class CallboardError(Exception):
    """Anything that callboard reports to a person. ``exit_code`` is the command's (2: could not run)."""

    exit_code = 2


class CheckFailedError(CallboardError):
    """A check ran and did not hold (exit code 1)."""

    exit_code = 1
