"""Why somebody is not let in, in one line that says what to do."""

from __future__ import annotations

from pipeline.errors import CallboardError


class NotAllowedError(CallboardError):
    """This session shows nothing of the data.

    ``can_sign_in``: signing in (again) helps. ``is_signed_in``: somebody is, so signing out must be possible.
    """

    def __init__(self, message: str, *, can_sign_in: bool = False, is_signed_in: bool = False) -> None:
        """``message`` is for the person who looks."""
        super().__init__(message)
        self.can_sign_in = can_sign_in
        self.is_signed_in = is_signed_in
