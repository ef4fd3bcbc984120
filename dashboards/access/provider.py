"""The sign-in provider, as Streamlit wants to be told: its ``[auth]`` secrets, in memory and nowhere else."""

from __future__ import annotations

from typing import Any

from pipeline.errors import CallboardError
from pipeline.loopback import is_loopback
from pipeline.settings import Settings

_CALLBACK = "/oauth2callback"


def redirect_uri(settings: Settings, address: str, port: int) -> str:
    """Where the provider sends people back to.

    Raises:
        CallboardError: it is not set, and the address is one that nobody types into a browser.
    """
    if settings.oidc_redirect_uri:
        return settings.oidc_redirect_uri
    if not is_loopback(address):
        raise CallboardError(
            f"people come back from signing in to the board's address as they call it, which {address} is not: "
            f"set oidc_redirect_uri to it, such as https://board.example.org{_CALLBACK}"
        )
    return f"http://{f'[{address}]' if ':' in address else address}:{port}{_CALLBACK}"


def streamlit_secrets(settings: Settings) -> dict[str, Any]:
    """Streamlit's secrets; empty if nobody can sign in. ``oidc_redirect_uri`` is set by then (``dashboards.run``)."""
    if not settings.has_sign_in:
        return {}
    return {
        "auth": {
            "redirect_uri": settings.oidc_redirect_uri,
            "cookie_secret": settings.cookie_secret.get_secret_value(),
            "client_id": settings.oidc_client_id,
            "client_secret": settings.oidc_client_secret.get_secret_value(),
            "server_metadata_url": settings.oidc_metadata_url,
        }
    }
