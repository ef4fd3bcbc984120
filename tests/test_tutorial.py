"""The tutorial's commands, run as a reader would: in order, in an empty folder, in one shell."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.ports import free_port

ROOT = Path(__file__).parent.parent
TUTORIAL = ROOT / "docs" / "tutorial" / "first-hour.md"


@pytest.mark.broker
@pytest.mark.timeout(240)
def test_the_tutorial_runs(tmp_path: Path) -> None:
    blocks = re.findall(r"^```bash\n(.*?)^```", TUTORIAL.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) > 8
    port = str(free_port())
    script = "set -euo pipefail\n" + "\n".join(blocks).replace("19092", port)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CALLBOARD_", "KAFKA_"))}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    process = subprocess.Popen(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=220)
    finally:
        # Broker and worker are in the shell's session: whatever happens, nothing stays behind.
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    assert process.returncode == 0, output[-4000:]
    assert output.count("every row equals what its events say") == 2
    assert "Service level (abandons negative)" in output
    assert re.search(r"waiting\s+│ service", output), output[-4000:]
    assert "stopped; everything that was read is committed" in output
