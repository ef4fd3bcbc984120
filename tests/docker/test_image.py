"""docker/Dockerfile is clean, and what it copies and installs is there."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.docker.compose import DOCKERFILE, OWN_SERVICES, ROOT, service

HADOLINT = Path(sys.executable).with_name("hadolint")


def hadolint(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(HADOLINT), str(path)], capture_output=True, text=True, check=False, timeout=60)


def copied() -> list[str]:
    """What the image takes from the repository."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE.read_text(), flags=re.M)
    return [source for line in lines for source in line.split()[:-1]]


def test_hadolint_finds_nothing() -> None:
    done = hadolint(DOCKERFILE)
    assert done.returncode == 0, done.stdout


def test_hadolint_would_find_something(tmp_path: Path) -> None:
    careless = tmp_path / "Dockerfile"
    careless.write_text("FROM python\nRUN cd /tmp && pip install duckdb\n")
    assert "DL3006" in hadolint(careless).stdout


def test_the_image_runs_as_a_numbered_user_that_the_compose_file_names() -> None:
    users = re.findall(r"^USER (\S+)$", DOCKERFILE.read_text(), flags=re.M)
    assert users == ["10001:10001"]
    assert {service(name)["user"] for name in OWN_SERVICES} == set(users)


def test_what_is_copied_exists_and_reaches_the_builder() -> None:
    allowed = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), flags=re.M))
    assert copied()
    for source in copied():
        assert (ROOT / source).exists(), source
    assert allowed == set(copied())


@pytest.mark.slow
def test_the_wheel_holds_code_contract_and_licence(tmp_path: Path) -> None:
    """What the image installs, built from what it copies with what the lock pins: no network, no build environment."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert "pipeline/py.typed" in names
    assert "pipeline/_schemas/topics.yaml" in names
    assert {"LICENSE", "NOTICE"} <= {Path(name).name for name in names if "dist-info/licenses" in name}
    own = {f"pipeline/{path.relative_to(ROOT / 'pipeline')}" for path in (ROOT / "pipeline").rglob("*.y*ml")}
    assert own <= names
