"""Why somebody is not let in, in one line that says what to do."""

from __future__ import annotations

from pipeline.errors import CallboardError


class NotAllowedError(CallboardError):
    """This session shows nothing of the data. ``can_sign_in``: signing in (again) may help, so a button is offered."""

    def __init__(self, message: str, *, can_sign_in: bool = False) -> None:
        """``message`` is for the person who looks."""
        super().__init__(message)
        self.can_sign_in = can_sign_in
