"""A skip that matters is a failure under CALLBOARD_STRICT, and only there."""

from __future__ import annotations

import pytest

from tests.support.strict import require


@pytest.mark.parametrize("strict", [None, "", "0", "1"])
def test_what_is_there_goes_on(monkeypatch: pytest.MonkeyPatch, strict: str | None) -> None:
    set_strict(monkeypatch, strict)
    require(True, "there is no browser")


@pytest.mark.parametrize("strict", [None, "", "0"])
def test_what_is_missing_is_skipped_on_a_developers_machine(
    monkeypatch: pytest.MonkeyPatch, strict: str | None
) -> None:
    set_strict(monkeypatch, strict)
    with pytest.raises(pytest.skip.Exception, match="there is no browser"):
        require(False, "there is no browser")


def test_what_is_missing_fails_on_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    set_strict(monkeypatch, "1")
    with pytest.raises(pytest.fail.Exception, match="there is no browser"):
        require(False, "there is no browser")


def set_strict(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    if value is None:
        monkeypatch.delenv("CALLBOARD_STRICT", raising=False)
    else:
        monkeypatch.setenv("CALLBOARD_STRICT", value)
