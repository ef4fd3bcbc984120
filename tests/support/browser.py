"""The Chromium that is on the machine; no browser is ever downloaded."""

from __future__ import annotations

import shutil

#: What a page test starts Chromium with: no calls home, and no sandbox because CI runs as root in a container.
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str | None:
    """The path of a Chromium or Chrome, or None."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    return None
