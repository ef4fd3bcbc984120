"""The connection settings in the words of each Kafka client."""

from __future__ import annotations

import ssl
from typing import Any

from pipeline.settings import Settings


def kafka_python_options(settings: Settings) -> dict[str, Any]:
    """Keyword arguments of any kafka-python client."""
    options: dict[str, Any] = {"bootstrap_servers": settings.bootstrap_servers.split(",")}
    if settings.security == "sasl-ssl":
        options |= {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": settings.sasl_username,
            "sasl_plain_password": settings.sasl_password.get_secret_value(),
            "ssl_context": tls_context(settings),
        }
    elif settings.security == "mtls":
        options |= {"security_protocol": "SSL", "ssl_context": tls_context(settings)}
    return options


def tls_context(settings: Settings) -> ssl.SSLContext:
    """TLS that checks the broker's certificate and name."""
    context = ssl.create_default_context(cafile=str(settings.tls_ca_file) if settings.tls_ca_file else None)
    if settings.tls_certificate_file and settings.tls_key_file:
        context.load_cert_chain(str(settings.tls_certificate_file), str(settings.tls_key_file))
    return context
