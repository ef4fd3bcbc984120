"""Files that nobody names any more: what a killed owner left in the folders of its partition, and when it may go.

A kill in the middle of sealing or publishing leaves files that neither the partition's tables nor its manifest name:
half-written ones, whole ones that were never registered, and those whose time of grace the owner did not live to see.
The next owner removes them by the rule for its own files: a reader may still use whatever ``live.duckdb`` named less
than the grace time ago.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import duckdb

from pipeline.store.layout import StoreLayout

#: Files that are no longer current are kept so long for readers that still have them open.
GRACE_SECONDS = 120.0


def find_strays(layout: StoreLayout, topic: str, partition: int, known: Iterable[str]) -> list[Path]:
    """All files in the partition's folders, published, chunks and sealed, that are not among the ``known`` paths.

    Only the partition's owner may ask: whatever it does not know is then nobody's. Names are compared, which are used
    once ever, and not folders: the store may have been moved.
    """
    names = {Path(path).name for path in known}
    return sorted(file for file in _files(layout, topic, partition) if file.name not in names)


def _files(layout: StoreLayout, topic: str, partition: int) -> Iterator[Path]:
    manifest = layout.manifest(topic, partition)
    yield from (file for file in layout.published(topic, partition).glob("*") if file != manifest)
    yield from layout.chunks(topic, partition).glob("*")
    yield from layout.sealed(topic, partition, "").glob("*/*")


def out_of_use(layout: StoreLayout, manifest: Path, strays: Collection[Path]) -> list[Path]:
    """Those of ``strays`` that no reader can need: nothing has named them for longer than the grace time.

    That is known only if ``live.duckdb`` and the partition's ``manifest`` are as old as that themselves and do not
    name the file: a manifest that its owner did not live to publish is newer than what readers see.
    """
    before = time.time() - GRACE_SECONDS
    if not strays or not all(_is_older(path, before) for path in (layout.live, manifest)):
        return []
    try:
        named = manifest.read_text(encoding="utf-8") + _views(layout.live)
    except (OSError, UnicodeDecodeError, duckdb.Error):
        # Damaged, or somebody in this process has it open: what cannot be asked is no reason to remove anything.
        return []
    return [file for file in strays if _is_older(file, before) and file.name not in named]


def _is_older(path: Path, before: float) -> bool:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime < before
    return False


def _views(live: Path) -> str:
    """The text of all views of ``live.duckdb``, in which the files stand that it reads."""
    # An instance of its own: the file may be swapped at any moment, and the process's instance would hold on to it.
    with closing(duckdb.connect(str(live), read_only=True)) as con:
        return "\n".join(sql for (sql,) in con.execute("SELECT sql FROM duckdb_views() WHERE NOT internal").fetchall())
