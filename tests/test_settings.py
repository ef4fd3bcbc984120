"""Secrets among the settings are shown nowhere, and a wrong one is refused without being repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.clock import SystemClock
from pipeline.doctor import check_everything
from pipeline.errors import CallboardError
from pipeline.settings import Settings, load_settings

KEY = "canary-7366151-of-the-centre"
OTHER_KEY = "canary-9201473-of-kafka"


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    monkeypatch.setenv("CALLBOARD_CUSTOMER_KEY", KEY)
    monkeypatch.setenv("CALLBOARD_SASL_PASSWORD", OTHER_KEY)
    monkeypatch.setenv("CALLBOARD_PHONE_REGION", "DE")
    return load_settings(store=tmp_path, bootstrap_servers="127.0.0.1:1")


def test_secrets_are_read_and_never_shown(settings: Settings) -> None:
    assert settings.customer_key.get_secret_value() == KEY
    assert settings.phone_region == "DE"
    findings = check_everything(settings, SystemClock())
    for text in (str(settings), repr(settings), settings.model_dump_json(), repr(findings)):
        assert KEY not in text
        assert OTHER_KEY not in text
    assert any("phone_region='DE'" in finding.said for finding in findings), "the doctor shows what is no secret"


@pytest.mark.parametrize("region", ["de", "DEU", "49", "D\n"])
def test_a_region_is_two_capital_letters(monkeypatch: pytest.MonkeyPatch, region: str) -> None:
    monkeypatch.setenv("CALLBOARD_CUSTOMER_KEY", KEY)
    monkeypatch.setenv("CALLBOARD_PHONE_REGION", region)
    with pytest.raises(CallboardError, match="setting phone_region: ") as refused:
        load_settings()
    assert KEY not in str(refused.value)
