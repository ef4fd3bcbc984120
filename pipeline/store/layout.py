"""Where things lie in a store's folder.

::

    DIR/live.duckdb                       what readers open: views over the files below; swapped by rename
    DIR/partitions/calls-0.duckdb         one file per partition, opened by its owner alone; never given to readers
    DIR/published/calls-0/*.parquet       immutable; a name is written once, ever
    DIR/published/calls-0/manifest.json   which of those files are current; swapped by rename
    DIR/chunks/calls-0/TABLE-*.parquet    rows of tables that only grow, until they are sealed
    DIR/sealed/calls-0/TABLE/*.parquet    sealed days
    DIR/publish.lock                      held while live.duckdb is rebuilt
    DIR/health/worker-*.json              touched by each turn of a worker's loop
    DIR/centre.yaml                       the description of the centre that is in force; swapped by rename
    DIR/centre/NNNN-*.yaml                every version of it that was in force
"""

from __future__ import annotations

import zlib
from pathlib import Path

LIVE = "live.duckdb"
#: The folders of the Parquet files that the views of ``live.duckdb`` read.
READ_FOLDERS = ("published", "chunks", "sealed")


class StoreLayout:
    """Paths of a store's folder."""

    def __init__(self, folder: Path) -> None:
        """``folder`` need not exist yet."""
        # Absolute: the views of live.duckdb name their files, and a reader's working directory is not ours.
        self.folder = folder = folder.resolve()
        self.live = folder / LIVE
        self.publish_lock = folder / "publish.lock"
        self.health = folder / "health"
        self.centre = folder / "centre.yaml"
        self.centre_versions = folder / "centre"

    def partition_file(self, topic: str, partition: int) -> Path:
        """The DuckDB file of a partition."""
        return self.folder / "partitions" / f"{topic}-{partition}.duckdb"

    def published(self, topic: str, partition: int) -> Path:
        """The folder of a partition's published files."""
        return self.folder / "published" / f"{topic}-{partition}"

    def manifest(self, topic: str, partition: int) -> Path:
        """The list of a partition's current files."""
        return self.published(topic, partition) / "manifest.json"

    def manifests(self) -> list[Path]:
        """All manifests, in a stable order."""
        return sorted((self.folder / "published").glob("*/manifest.json"))

    def chunks(self, topic: str, partition: int) -> Path:
        """The folder of a partition's chunks: rows of tables that only grow, and are not sealed yet."""
        return self.folder / "chunks" / f"{topic}-{partition}"

    def relative(self, file: str) -> str:
        """A file of the store as its tables name it: the folder may be moved, or restored elsewhere."""
        return str(Path(file).relative_to(self.folder))

    def absolute(self, file: str) -> str:
        """The file that the store's tables name so."""
        return str(self.folder / file)

    def sealed(self, topic: str, partition: int, table: str) -> Path:
        """The folder of a partition's sealed days of one table."""
        return self.folder / "sealed" / f"{topic}-{partition}" / table


def first_entity_no(topic: str, partition: int) -> int:
    """Where a partition's row numbers begin. They are unique over the store: readers join versions by one integer."""
    return ((zlib.crc32(topic.encode()) & 0x7FFF) << 48) | (partition << 36)
