"""The board starts with its own configuration, from any working directory."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from dashboards import run
from dashboards.data.feed import shared_feed
from pipeline.errors import CallboardError


def test_the_command_names_port_and_address_and_the_environment_the_store(tmp_path: Path) -> None:
    command = run.command(8123, "127.0.0.1")
    assert command[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert "--server.port=8123" in command
    assert "--server.address=127.0.0.1" in command
    assert run.environment(Path("some/store"))["CALLBOARD_STORE"] == str(Path.cwd() / "some/store")


def test_the_configuration_is_found_beside_the_app_and_every_option_exists(tmp_path: Path) -> None:
    script = f"""
import json, sys
from streamlit import config
config._main_script_path = {str(run.APP)!r}
options = config.get_config_options(force_reparse=True)
read = {{name: option.value for name, option in options.items() if option.where_defined.endswith("config.toml")}}
print(json.dumps(read))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    import json

    read = json.loads(done.stdout)
    written = tomllib.loads((run.APP.parent / ".streamlit" / "config.toml").read_text())
    assert read == {f"{section}.{name}": value for section, names in written.items() for name, value in names.items()}
    assert read["server.address"] == "127.0.0.1"
    assert read["runner.magicEnabled"] is False
    assert read["runner.postScriptGC"] is False
    assert read["browser.gatherUsageStats"] is False
    assert read["client.showErrorDetails"] == "none"


def test_a_wrong_setting_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLBOARD_STALE_AFTER_SECONDS", "soon")
    shared_feed.clear()
    with pytest.raises(CallboardError, match="stale_after_seconds"):
        shared_feed()


def test_the_feed_is_one_for_the_process_and_reads_the_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLBOARD_STORE", "some/store")
    monkeypatch.setenv("CALLBOARD_STALE_AFTER_SECONDS", "4")
    shared_feed.clear()
    try:
        feed = shared_feed()
        assert feed is shared_feed()
        assert feed.folder == tmp_path / "some/store"
        assert feed.stale_after_seconds == 4
    finally:
        shared_feed.clear()
