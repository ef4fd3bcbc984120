"""The compose file as the tests see it: anchors resolved, validated against the Compose specification."""

from __future__ import annotations

import json
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import compose_spec
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE_FILE = ROOT / "docker" / "compose.yaml"
DOCKERFILE = ROOT / "docker" / "Dockerfile"
#: Services that run callboard's own image.
OWN_SERVICES = ("worker", "alerts", "board", "simulator")


@cache
def document() -> dict[str, Any]:
    """The file, validated twice: by the Rust parser of the specification and by its model."""
    # PyYAML resolves the merge keys ("<<"), which the parser does not know.
    loaded = yaml.safe_load(COMPOSE_FILE.read_text())
    compose_spec.PyCompose.from_json(json.dumps(loaded)).to_spec()
    return dict(loaded)


def service(name: str) -> dict[str, Any]:
    """One service."""
    found: dict[str, Any] = document()["services"][name]
    return found


def health_commands(name: str) -> list[list[str]]:
    """The commands of a service's health check; a shell line is split at its ``&&``."""
    test = service(name).get("healthcheck", {}).get("test", [])
    match test:
        case ["CMD", *words]:
            return [words]
        case ["CMD-SHELL", line]:
            return [shlex.split(part) for part in line.split("&&")]
        case _:
            return []


def callboard_commands() -> list[tuple[str, list[str]]]:
    """Every callboard command line in the file, as (service, arguments after ``callboard``)."""
    found = [(name, list(service(name)["command"])) for name in OWN_SERVICES]
    for name in OWN_SERVICES:
        found += [(name, words[1:]) for words in health_commands(name) if words[0] == "callboard"]
    return found
