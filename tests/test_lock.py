"""The lock is complete, hashed, free of index addresses, and says what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNNING = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
DEVELOPING = [*RUNNING, *PROJECT["dependency-groups"]["dev"]]


def entries(lock: str) -> dict[str, list[tuple[str, str]]]:
    """For each package, its pins (one per environment it differs in) as (version, the pin's whole text)."""
    found: dict[str, list[tuple[str, str]]] = {}
    text = (ROOT / "requirements" / lock).read_text()
    for block in re.split(r"\n(?=[a-zA-Z0-9])", re.sub(r"^\s*#.*\n", "", text, flags=re.M)):
        match = re.match(r"([A-Za-z0-9._-]+)==([^ ;\\\n]+)", block)
        assert match, f"not a pin: {block[:80]}"
        found.setdefault(canonicalize_name(match[1]), []).append((match[2], block))
    return found


@pytest.mark.parametrize("lock", ["run.txt", "dev.txt"])
def test_every_pin_has_hashes_and_no_address(lock: str) -> None:
    for name, pins in entries(lock).items():
        for _, text in pins:
            assert re.search(r"--hash=sha256:[0-9a-f]{64}", text), f"{name} has no hash in {lock}"
    everything = (ROOT / "requirements" / lock).read_text()
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", everything)


@pytest.mark.parametrize(("lock", "wanted"), [("run.txt", RUNNING), ("dev.txt", DEVELOPING)])
def test_the_lock_satisfies_the_project(lock: str, wanted: list[str]) -> None:
    pins = entries(lock)
    for text in wanted:
        requirement = Requirement(text)
        name = canonicalize_name(requirement.name)
        assert name in pins, f"{name} is not in {lock}: run make lock"
        for version, _ in pins[name]:
            assert requirement.specifier.contains(version), f"{lock} pins {name} {version}, {text} is asked for"


def test_what_is_tested_is_what_runs() -> None:
    running, developing = entries("run.txt"), entries("dev.txt")
    for name, pins in running.items():
        assert [version for version, _ in developing[name]] == [version for version, _ in pins], name
