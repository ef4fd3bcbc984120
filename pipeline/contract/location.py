"""Where the contract's files are: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import CallboardError

_PACKAGE = Path(__file__).resolve().parents[1]


def schemas_folder(package: Path = _PACKAGE) -> Path:
    """The folder with ``topics.yaml``, ``events/`` and ``examples/``.

    A wheel carries it as ``pipeline/_schemas``; that comes first, because beside an installed package a folder named
    ``schemas`` may belong to anybody.

    Raises:
        CallboardError: neither folder is there.
    """
    for folder in (package / "_schemas", package.parent / "schemas"):
        if (folder / "topics.yaml").is_file():
            return folder
    raise CallboardError(
        "the contract's files (topics.yaml) are missing from this installation: install callboard again"
    )
