"""What is to be received: a small YAML file, read once, each mistake with its place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from pipeline.contract.values import MAX_IDENTIFIER_CHARS
from pipeline.errors import CallboardError
from pipeline.producers.adapters import Hook, adapter, adapters
from pipeline.producers.adapters.states import Meaning

_FEWEST_SECRET_CHARS = 16
_MOST_CLIENT_CHARS = 64 * 1024
_MIB = 1024 * 1024
#: One name, or for an adapter that tells clients apart ID=name,ID=name.
_Clients = Annotated[str, Field(min_length=1, max_length=_MOST_CLIENT_CHARS, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")]
_Name = Annotated[str, Field(min_length=1, max_length=MAX_IDENTIFIER_CHARS, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")]


class SourceConfig(BaseModel):
    """One system that pushes. It calls ``POST /ADAPTER/NAME``."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="Its name in the path, unique.")
    adapter: str = Field(description="How its calls are read.")
    client: _Clients | None = Field(None, description="Whose contacts these are. It may speak of no other client.")
    source: _Name | None = Field(None, description="How it is named in its events. It may speak as no other.")
    zone: str | None = Field(None, description="IANA zone of its local times.")
    secret_env: str | None = Field(None, description="Environment variable that holds the secret of its signatures.")
    secret_file: Path | None = Field(None, description="File that holds the secret, and nothing else.")
    secret: SecretStr | None = Field(None, description="The secret itself, only with secret_in_clear: true.")
    secret_in_clear: bool = Field(False, description="That the secret may stand in this file.")
    url: str | None = Field(None, description="Its address as the sender calls it, where a proxy is in between.")
    states: dict[str, Meaning] = Field(default_factory=dict, description="What its names of agents' states mean.")

    @model_validator(mode="after")
    def _one_secret(self) -> SourceConfig:
        if sum(each is not None for each in (self.secret_env, self.secret_file, self.secret)) != 1:
            raise ValueError("give one of secret_env, secret_file and secret")
        if self.secret is not None and not self.secret_in_clear:
            raise ValueError("a secret does not belong into this file: use secret_env, or say secret_in_clear: true")
        return self

    @field_validator("adapter")
    @classmethod
    def _takes_calls(cls, name: str) -> str:
        if name not in hooks():
            raise ValueError(f"no adapter of that name takes calls: choose one of {', '.join(hooks())}")
        return name

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        if url is not None:
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
                raise ValueError("not an address such as https://hooks.example.org/twilio/main, without a query")
        return url

    @model_validator(mode="after")
    def _names_clients(self) -> SourceConfig:
        try:
            clients = self.clients or ()
        except CallboardError:
            raise ValueError(
                "client: not understood: give one name or, where an adapter tells clients apart, ID=name,ID=name"
            ) from None
        if any(len(client) > MAX_IDENTIFIER_CHARS for client in clients):
            raise ValueError(f"client: a name has at most {MAX_IDENTIFIER_CHARS} characters")
        return self

    @model_validator(mode="after")
    def _names_states(self) -> SourceConfig:
        if self.states and not adapter(self.adapter).names_states:
            raise ValueError("states: this adapter knows no names of agents' states: leave it out")
        return self

    @property
    def clients(self) -> frozenset[str] | None:
        """Of whom it may speak; None: of everybody."""
        return None if self.client is None else self.hook.clients(self.client)

    @property
    def hook(self) -> Hook:
        """How its calls are taken."""
        found = adapter(self.adapter).hook
        assert found is not None, "validated"  # noqa: S101
        return found

    @property
    def path(self) -> str:
        """Where it calls."""
        return f"/{self.adapter}/{self.name}"

    def read_secret(self) -> SecretStr:
        """The secret of its signatures. Raises CallboardError when it is not there, or so short that one could try."""
        if self.secret is not None:
            text, where = self.secret.get_secret_value(), "secret"
        elif self.secret_file is not None:
            where = f"the file {self.secret_file}"
            try:
                text = self.secret_file.read_text().strip()
            except (OSError, UnicodeDecodeError):
                raise CallboardError(f"source {self.name}: {where} cannot be read") from None
        else:
            where = f"the environment variable {self.secret_env}"
            text = os.environ.get(self.secret_env or "", "")
        if len(text) < _FEWEST_SECRET_CHARS:
            what = f"shorter than {_FEWEST_SECRET_CHARS} characters" if text else "empty, or not there"
            raise CallboardError(f"source {self.name}: its secret ({where}) is {what}")
        return SecretStr(text)


class WebhooksConfig(BaseModel):
    """The file as a whole."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    sources: list[SourceConfig] = Field(min_length=1, description="The systems that push.")
    max_body_bytes: int = Field(_MIB, ge=1024, le=16 * _MIB, description="A larger call is refused (413).")
    calls_per_minute: int = Field(6000, ge=1, description="More from one address to one source are refused (429).")
    answer_within_seconds: float = Field(8.0, gt=0, le=60, description="Later a call is put off (503).")
    waiting_calls: int = Field(1000, ge=1, le=100_000, description="With more waiting for Kafka, calls are put off.")

    @model_validator(mode="after")
    def _names_apart(self) -> WebhooksConfig:
        names = [source.name for source in self.sources]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two sources are named {', '.join(twice)}")
        return self


def hooks() -> dict[str, Hook]:
    """Every adapter that takes calls, by its name."""
    return {name: found.hook for name, found in adapters().items() if found.hook is not None}


def read_config(file: Path) -> WebhooksConfig:
    """Read the file.

    Raises:
        CallboardError: it cannot be read, or says something wrong; the message names every place, and no value.
    """
    try:
        document: Any = yaml.safe_load(file.read_text())
    except FileNotFoundError:
        raise CallboardError(
            f"there is no {file}, which says what is received: `callboard webhooks --help` shows an example of one"
        ) from None
    except OSError as error:
        raise CallboardError(f"cannot read {file}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise CallboardError(f"{file} is not YAML: `callboard webhooks --help` shows an example") from None
    if not isinstance(document, dict):
        raise CallboardError(f"{file} has no `sources:`: `callboard webhooks --help` shows an example")
    try:
        return WebhooksConfig.model_validate(document)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'the file'}: {item['msg'].removeprefix('Value error, ')}"
            for item in error.errors(include_input=False, include_url=False)
        )
        raise CallboardError(f"{file}: {problems}") from None
