"""Faust's credentials. SASL is never offered without TLS: Faust would silently send the password in clear text."""

from __future__ import annotations

import faust

from pipeline.settings import Settings
from pipeline.transport.connection import tls_context


def broker_credentials(settings: Settings) -> faust.SASLCredentials | faust.SSLCredentials | None:
    """What Faust needs to sign in, or ``None`` for a plaintext connection."""
    if settings.security == "sasl-ssl":
        return faust.SASLCredentials(
            username=settings.sasl_username,
            password=settings.sasl_password.get_secret_value(),
            mechanism="SCRAM-SHA-512",
            ssl_context=tls_context(settings),
        )
    if settings.security == "mtls":
        return faust.SSLCredentials(context=tls_context(settings))
    return None
