"""The commands of a page of the documentation, run as a reader would: in order, in one folder, in one shell."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path


def commands_of(page: Path) -> list[str]:
    """The blocks of a page that are marked as bash."""
    return re.findall(r"^```bash\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


def run_page(blocks: list[str], folder: Path, seconds: float) -> str:
    """Run the blocks without this machine's own settings; returns what they printed. The first failure ends it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CALLBOARD_", "KAFKA_"))}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    process = subprocess.Popen(
        ["bash", "-c", "set -euo pipefail\n" + "\n".join(blocks)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=seconds)
    finally:
        # What the page starts is in the shell's session: whatever happens, nothing stays behind.
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    assert process.returncode == 0, output[-4000:]
    return output
