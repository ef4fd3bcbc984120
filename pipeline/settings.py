"""All settings in one typed class.

A value is looked for, in this order: the command's option, the environment (``CALLBOARD_...``), the settings file
(``callboard.yaml`` in the working directory, or the file named by ``CALLBOARD_CONFIG``), the default.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, YamlConfigSettingsSource

from pipeline.errors import CallboardError
from pipeline.loopback import is_loopback

ENV_PREFIX = "CALLBOARD_"
DEFAULT_FILE = "callboard.yaml"
_LOOPBACK = ("127.", "localhost", "[::1]", "::1")
_FEWEST_SECRET_CHARS = 32


class Settings(BaseSettings):
    """What a person may set. Units are in the names."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, extra="forbid", validate_default=True)

    store: Path = Field(Path(".callboard/store"), description="Folder of the store.")
    bootstrap_servers: str = Field(
        "127.0.0.1:9092",
        validation_alias=AliasChoices("bootstrap_servers", "CALLBOARD_BOOTSTRAP_SERVERS", "KAFKA_BOOTSTRAP_SERVERS"),
        description="Kafka brokers, host:port, separated by commas.",
    )
    security: Literal["plaintext-local", "plaintext", "sasl-ssl", "mtls"] = Field(
        "plaintext-local",
        description="plaintext-local: no encryption, loopback only. plaintext: no encryption on a private network. "
        "sasl-ssl: SCRAM-SHA-512 over TLS. mtls: client certificate.",
    )
    sasl_username: str = Field("", description="For sasl-ssl.")
    sasl_password: SecretStr = Field(SecretStr(""), description="For sasl-ssl.")
    tls_ca_file: Path | None = Field(None, description="Certificate authority of the brokers.")
    tls_certificate_file: Path | None = Field(None, description="For mtls.")
    tls_key_file: Path | None = Field(None, description="For mtls.")
    group: str = Field("callboard", description="Consumer group that the workers share.")
    create_topics: bool = Field(True, description="Create missing topics; switch off where deployment does it.")
    batch_max_events: int = Field(5_000, ge=1, le=100_000, description="Most events in one transaction.")
    batch_max_seconds: float = Field(
        0.05, ge=0, le=10, description="Longest time that the first event of a batch waits for more."
    )
    publish_seconds: float = Field(0.12, gt=0, le=60, description="Shortest time between two publications.")
    session_timeout_seconds: float = Field(6.0, ge=1, description="A worker silent for so long loses its partitions.")
    reject_limit: int = Field(1_000, ge=0, description="Stop after so many refused events in a row; 0: never stop.")
    accept_gaps: list[str] = Field(
        default_factory=list,
        description="topic-partition:offset pairs from which to go on although retention has removed what was before.",
    )
    hot_days: int = Field(2, ge=1, description="Days kept in DuckDB before they are sealed to Parquet.")
    customer_key: SecretStr = Field(
        SecretStr(""),
        description="Secret under which adapters turn callers' numbers into pseudonyms; empty: customers are left out.",
    )
    phone_region: str = Field(
        "", pattern="^([A-Z]{2})?$", description="Country of telephone numbers without a prefix, ISO 3166, such as DE."
    )
    checkpoints: Path = Field(
        Path(".callboard/checkpoints"), description="Folder in which the places in followed sources are remembered."
    )
    source_password: SecretStr = Field(
        SecretStr(""), description="Password of the system that `callboard listen` connects to."
    )
    alerts_folder: Path | None = Field(
        None, description="Folder of alerts.sqlite, where boards write acknowledgements; not given: the store's folder."
    )
    alert_webhook_key: SecretStr = Field(
        SecretStr(""), description="Signs the alerts that are posted to webhooks; empty: they are not signed."
    )
    smtp_host: str = Field("", description="Mail server for alerts; empty: none.")
    smtp_port: int = Field(587, ge=1, le=65_535, description="Its port.")
    smtp_security: Literal["starttls", "tls", "plaintext-local"] = Field(
        "starttls", description="How mail is sent: starttls, tls, or plaintext-local (no encryption, loopback only)."
    )
    smtp_user: str = Field("", description="Name at the mail server; empty: no login.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password at the mail server.")
    smtp_from: str = Field("callboard@localhost", description="Sender of alerts.")
    smtp_ca_file: Path | None = Field(None, description="Certificate authority of the mail server, if private.")
    #: Three times the time between two publications of a worker that has nothing to do; with the time between two looks
    #: of a board, a stopped worker is seen within five seconds.
    stale_after_seconds: float = Field(3.0, gt=0, description="Older data is shown grey, under a banner.")
    access_file: Path | None = Field(
        None, description="Who may see what on the board (access.yaml); without it, only this machine itself."
    )
    oidc_metadata_url: str = Field(
        "", description="Your sign-in provider's OpenID configuration: .../.well-known/openid-configuration."
    )
    oidc_client_id: str = Field("", description="What the provider calls the board.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="The secret that goes with it.")
    oidc_redirect_uri: str = Field(
        "",
        description="Where the provider sends people back to: the board's address as they call it, then "
        "/oauth2callback; empty: made of the board's own address and port.",
    )
    cookie_secret: SecretStr = Field(
        SecretStr(""),
        description="Secret under which the board signs its sign-in cookies: at least 32 random characters.",
    )

    @model_validator(mode="after")
    def _safe_connection(self) -> Settings:
        if self.security == "plaintext-local":
            far = [s for s in self.bootstrap_servers.split(",") if not s.strip().startswith(_LOOPBACK)]
            if far:
                raise ValueError(
                    f"security 'plaintext-local' is for loopback only, but bootstrap_servers names {', '.join(far)}: "
                    "set security to sasl-ssl or mtls (or plaintext, on a private network that you trust)"
                )
        if self.security == "sasl-ssl" and not (self.sasl_username and self.sasl_password.get_secret_value()):
            raise ValueError("security 'sasl-ssl' needs sasl_username and sasl_password")
        if self.security == "mtls" and not (self.tls_certificate_file and self.tls_key_file):
            raise ValueError("security 'mtls' needs tls_certificate_file and tls_key_file")
        if self.smtp_security == "plaintext-local" and self.smtp_host and not self.smtp_host.startswith(_LOOPBACK):
            raise ValueError(
                f"smtp_security 'plaintext-local' is for loopback only, but smtp_host is {self.smtp_host}: "
                "set smtp_security to starttls or tls"
            )
        return self

    @model_validator(mode="after")
    def _safe_sign_in(self) -> Settings:
        provider = {
            "oidc_metadata_url": self.oidc_metadata_url,
            "oidc_client_id": self.oidc_client_id,
            "oidc_client_secret": self.oidc_client_secret.get_secret_value(),
        }
        missing = [name for name, value in provider.items() if not value]
        if not self.has_sign_in and len(missing) < len(provider):
            raise ValueError(f"signing in needs {', '.join(missing)} too: set them, or none of {', '.join(provider)}")
        if self.has_sign_in:
            if self.access_file is None:
                raise ValueError("signing in needs access_file too: without it the board knows nobody")
            if len(self.cookie_secret.get_secret_value()) < _FEWEST_SECRET_CHARS:
                raise ValueError(f"signing in needs cookie_secret too, of {_FEWEST_SECRET_CHARS} characters or more")
            if not _is_safe_address(self.oidc_metadata_url):
                raise ValueError("oidc_metadata_url must be an https:// address (http:// on loopback only)")
        uri = self.oidc_redirect_uri
        if uri and not (_is_safe_address(uri) and urlsplit(uri).path.endswith("/oauth2callback")):
            raise ValueError(
                "oidc_redirect_uri must be the https:// address of the board (http:// on loopback only) and end with "
                "/oauth2callback"
            )
        return self

    @property
    def has_sign_in(self) -> bool:
        """People can sign in, by OpenID Connect."""
        return bool(self.oidc_metadata_url and self.oidc_client_id and self.oidc_client_secret.get_secret_value())

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Option, environment, file: in this order, and nothing else."""
        return init_settings, env_settings, YamlConfigSettingsSource(settings_cls, yaml_file=settings_file())


def _is_safe_address(address: str) -> bool:
    """Encrypted, or on this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


def settings_file() -> Path:
    """The settings file that is read if it exists."""
    return Path(os.environ.get(f"{ENV_PREFIX}CONFIG", DEFAULT_FILE))


def load_settings(**options: Any) -> Settings:
    """Settings, with the options that a command was given (those that are ``None`` were not).

    Raises:
        CallboardError: a value is wrong; the message says which, and where it was looked for.
    """
    given = {name: value for name, value in options.items() if value is not None}
    if f"{ENV_PREFIX}CONFIG" in os.environ and not settings_file().is_file():
        raise CallboardError(f"there is no settings file {settings_file()}, which {ENV_PREFIX}CONFIG names")
    try:
        return Settings(**given)
    except ValidationError as error:
        raise CallboardError("; ".join(_explain(item, given) for item in error.errors())) from None
    except (yaml.YAMLError, ValueError, TypeError, OSError) as error:
        raise CallboardError(
            f"the settings file {settings_file()} is no YAML of names and values: {' '.join(str(error).split())}"
        ) from None


def _explain(item: Any, given: dict[str, Any]) -> str:
    name = str(item["loc"][0]) if item["loc"] else ""
    message = item["msg"].removeprefix("Value error, ")
    if not name:
        return str(message)
    variable = name if name.startswith((ENV_PREFIX, "KAFKA_")) else f"{ENV_PREFIX}{name.upper()}"
    places = [
        f"option --{name.lower().replace('_', '-')} ({'given' if name in given else 'not given'})",
        f"environment {variable} ({'set' if variable in os.environ else 'not set'})",
        f"file {settings_file()} ({'found' if settings_file().is_file() else 'not found'})",
    ]
    return f"setting {name}: {message}. Looked in: {', '.join(places)}"
