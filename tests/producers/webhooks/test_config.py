"""webhooks.yaml: what is wrong with it is said with its place, and no secret ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import CallboardError
from pipeline.producers.door import Door
from pipeline.producers.webhooks.config import read_config
from pipeline.producers.webhooks.server import Listen
from pipeline.producers.webhooks.sources import open_sources

CANARY = "canary-secret-0123456789"
GOOD = "sources:\n- {name: main, adapter: cloudevents, client: acme, secret_env: HOOK_SECRET}\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "webhooks.yaml"
    file.write_text(text)
    return file


def test_the_secret_comes_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", CANARY)
    config = read_config(written(tmp_path, GOOD))
    sources = open_sources(config, tmp_path, None, Door(None))
    assert list(sources) == ["/cloudevents/main"]
    assert sources["/cloudevents/main"].secret.get_secret_value() == CANARY
    assert CANARY not in repr(sources)
    (tmp_path / "secret").write_text(f"{CANARY}\n")
    config = read_config(written(tmp_path, GOOD.replace("secret_env: HOOK_SECRET", f"secret_file: {tmp_path}/secret")))
    assert config.sources[0].read_secret().get_secret_value() == CANARY


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("secret_env: HOOK_SECRET", f"secret: {CANARY}"), "sources.0: a secret does not belong into this file"),
        (("secret_env: HOOK_SECRET", "source: x"), "give one of secret_env, secret_file and secret"),
        (("adapter: cloudevents", "adapter: csv"), "sources.0.adapter: no adapter of that name takes calls"),
        (("client: acme", "clint: acme"), "sources.0.clint: Extra inputs are not permitted"),
        (("client: acme", "url: hooks.example.org"), "sources.0.url: not an address such as https://"),
        (("name: main", "name: Main Office"), "sources.0.name: String should match pattern"),
        ((GOOD, GOOD + GOOD.partition("\n")[2]), "two sources are named main"),
        ((GOOD, "sources: []"), "sources: List should have at least 1 item"),
        ((GOOD, "- no"), "has no `sources:`"),
        ((GOOD, "sources: {"), "is not YAML"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    with pytest.raises(CallboardError) as error:
        read_config(written(tmp_path, GOOD.replace(*change)))
    assert said in str(error.value)
    assert CANARY not in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("value", ["", "short"])
def test_a_secret_that_is_missing_or_short_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("HOOK_SECRET", value)
    with pytest.raises(CallboardError, match="source main: its secret \\(the environment variable HOOK_SECRET\\) is"):
        open_sources(read_config(written(tmp_path, GOOD)), tmp_path, None, Door(None))


def test_beyond_loopback_only_with_tls_or_a_proxy(tmp_path: Path) -> None:
    for host in ("127.0.0.1", "::1", "localhost", "127.0.0.2"):
        Listen(host).check()
    for host in ("0.0.0.0", "::", "192.0.2.1", "hooks.example.org"):  # noqa: S104  what is refused
        with pytest.raises(CallboardError, match="is not loopback, and calls would come in clear"):
            Listen(host).check()
        Listen(host, behind_proxy=True).check()
    pem = written(tmp_path, "")
    Listen("192.0.2.1", tls_certificate=pem, tls_key=pem).check()
    with pytest.raises(CallboardError, match="needs both"):
        Listen(tls_certificate=pem).check()
    with pytest.raises(CallboardError, match="cannot read"):
        Listen(tls_certificate=pem, tls_key=tmp_path / "none.pem").check()


def test_a_checkpoint_of_another_source_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", CANARY)
    (tmp_path / "main.json").write_text('{"adapter": "twilio", "target": "main", "position": "", "state": ""}')
    with pytest.raises(CallboardError, match="remembers twilio main"):
        open_sources(read_config(written(tmp_path, GOOD)), tmp_path, None, Door(None))
