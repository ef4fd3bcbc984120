"""Write and check the contract's generated files in a checkout: ``callboard contract write | check``."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipeline.contract.asyncapi import asyncapi_text
from pipeline.contract.compatibility import WHAT_TO_DO, check_released
from pipeline.contract.constructors import constructors
from pipeline.contract.events import EVENT_TYPES
from pipeline.contract.reference import events_page
from pipeline.contract.schemas import event_schemas, file_name, schema_text
from pipeline.contract.topics import Topic, load_topics
from pipeline.errors import CallboardError

_EVENTS = Path("schemas/events")
_RELEASED = Path("schemas/released")
_VOICES = Path("pipeline/producers/voices")


def generated_files(folder: Path) -> dict[Path, str]:
    """What the generated files of the checkout at ``folder`` should hold, by path relative to it.

    Raises:
        CallboardError: ``folder`` is not a checkout, or its topics are not those of the events.
    """
    topics = _topics(folder)
    files = {_EVENTS / file_name(name): schema_text(schema) for name, schema in event_schemas().items()}
    files[Path("schemas/asyncapi.yaml")] = asyncapi_text(topics)
    files[Path("docs/reference/events.md")] = events_page(topics)
    files |= {_VOICES / name: text for name, text in constructors().items()}
    return files


def write_contract(folder: Path) -> list[Path]:
    """Bring the generated files up to date; the paths that were written or removed, relative to ``folder``.

    Raises:
        CallboardError: as ``generated_files``.
    """
    files = generated_files(folder)
    stale = _stale(folder, files)
    for path in stale:
        target = folder / path
        if path in files:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(files[path], encoding="utf-8", newline="\n")
        else:
            target.unlink()
    return stale


def check_contract(folder: Path) -> list[str]:
    """What is wrong with the contract's files, one line each; empty if nothing is.

    Raises:
        CallboardError: as ``generated_files``.
    """
    problems = [
        f"{path} is not what the event classes say: run `callboard contract write` and commit the result"
        for path in _stale(folder, generated_files(folder))
    ]
    released = folder / _RELEASED
    if not any(released.glob("*/*.schema.json")):
        problems.append(f"{_RELEASED} is empty: restore the released schemas, breaking changes cannot be seen without")
    current = {file_name(name): schema for name, schema in event_schemas().items()}
    problems += [f"{change}; {WHAT_TO_DO}" for change in check_released(current, released)]
    return problems


def release_contract(folder: Path, version: str = "v1") -> Path:
    """Make today's schemas the released baseline ``schemas/released/<version>``: done once, when a release is made.

    Raises:
        CallboardError: the contract's files are stale, or the change would break the baseline.
    """
    target = folder / _RELEASED / version
    first = not any((folder / _RELEASED).glob("*/*.schema.json"))
    problems = [] if first else check_contract(folder)
    if problems:
        raise CallboardError(f"the contract cannot be released: {problems[0]}")
    write_contract(folder)
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted((folder / _EVENTS).glob("*.schema.json")):
        shutil.copyfile(path, target / path.name)
    return target


def _stale(folder: Path, files: dict[Path, str]) -> list[Path]:
    orphans = [path.relative_to(folder) for path in sorted((folder / _EVENTS).glob("*.schema.json"))]
    outdated = [path for path, text in files.items() if _text(folder / path) != text]
    return outdated + [path for path in orphans if path not in files]


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode()
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def _topics(folder: Path) -> dict[str, Topic]:
    path = folder / "schemas" / "topics.yaml"
    if not path.is_file():
        raise CallboardError(f"{folder} is no checkout of callboard (it has no schemas/topics.yaml): run this in one")
    topics = dict(load_topics(path))
    listed = sorted((event_type, topic.name) for topic in topics.values() for event_type in topic.event_types)
    expected = sorted((name, topic) for name, cls in EVENT_TYPES.items() for topic in cls.topics)
    if listed != expected:
        wrong = sorted({name for name, _ in {*listed} ^ {*expected}})
        raise CallboardError(
            f"{path} must list each event type once under each topic of its class: see {', '.join(wrong) or 'twice'}"
        )
    return topics
