"""Which published files of a partition are current: one JSON document, swapped by rename."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from pipeline.files import write_whole


class EpochOffsets(msgspec.Struct, kw_only=True):
    """One row of the ``offsets`` view: where reading stands in one log."""

    epoch: int
    log_id: str
    first_offset: int
    next_offset: int
    stored: int
    duplicates: int
    rejected: int
    watermark_us: int | None


class Files(msgspec.Struct, kw_only=True):
    """The files of one table, by age: later ones outweigh earlier ones in a versioned table."""

    sealed: list[str] = []
    base: list[str] = []
    recent: list[str] = []


class Manifest(msgspec.Struct, kw_only=True):
    """What a partition has published. All files belong to one committed state, that of ``seq``.

    In the file the paths are relative to the store's folder, which may be moved or restored elsewhere.
    """

    topic: str
    partition: int
    seq: int
    #: The state that the base files hold; what came later is in the recent files.
    base_seq: int
    published_at: datetime
    log_end_offset: int
    epochs: list[EpochOffsets]
    tables: dict[str, Files]


def read_manifest(path: Path) -> Manifest | None:
    """The manifest, or ``None`` if nothing was published yet."""
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError:
        # Not synced, so a power failure may leave it empty; what it says can be published anew from the store.
        return None
    folder = _store_folder(path)
    return _with_paths(manifest, lambda file: str(folder / file))


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Swap the manifest."""
    folder = _store_folder(path)
    stored = _with_paths(manifest, lambda file: str(Path(file).relative_to(folder)))
    write_whole(path, msgspec.json.encode(stored), sync=False)


def _store_folder(manifest: Path) -> Path:
    return manifest.parents[2]  # DIR/published/calls-0/manifest.json


def _with_paths(manifest: Manifest, change: Callable[[str], str]) -> Manifest:
    tables = {
        name: Files(
            sealed=[change(file) for file in files.sealed],
            base=[change(file) for file in files.base],
            recent=[change(file) for file in files.recent],
        )
        for name, files in manifest.tables.items()
    }
    return msgspec.structs.replace(manifest, tables=tables)
