"""A skip that matters becomes a failure where CALLBOARD_STRICT=1, as on CI: nothing goes untested in silence."""

from __future__ import annotations

import os

import pytest


def is_strict() -> bool:
    """Whether a missing tool is a failure here."""
    return os.environ.get("CALLBOARD_STRICT", "") not in {"", "0"}


def require(condition: object, reason: str) -> None:
    """Go on only if ``condition`` holds; otherwise skip with ``reason``, or fail where skips are failures."""
    if condition:
        return
    if is_strict():
        pytest.fail(f"{reason} (a failure, not a skip, because CALLBOARD_STRICT is set)", pytrace=False)
    pytest.skip(reason)
