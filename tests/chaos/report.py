"""The verdict: one line, and the same with all details as JSON."""

from __future__ import annotations

import json
import platform
import statistics
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.chaos.account import Check
from tests.chaos.calm import ALONE
from tests.chaos.fleet import SESSION_SECONDS
from tests.chaos.killer import Account, Kill

_PACKAGES = ("callboard", "faust-streaming", "aiokafka", "kafka-python", "duckdb", "pyarrow")


def versions(broker: str) -> dict[str, str]:
    """Of everything that took part."""
    return {"python": platform.python_version(), "broker": broker, **{name: version(name) for name in _PACKAGES}}


def recoveries(kills: list[Kill], samples: list[Any]) -> list[float]:
    """For each kill, the seconds until a reader saw every partition published by an owner that lives.

    ``samples``: the watcher's (time, published_at by partition), in order.
    """
    found = []
    for kill in kills:
        known = {name for at, published in samples if at <= kill.at for name in published}
        for at, published in samples:
            if at > kill.at and known <= set(published) and min(published.values()) > kill.at:
                found.append(at - kill.at)
                break
    return found


def _spread(seconds: list[float]) -> dict[str, float | int | None]:
    p50, most = (round(statistics.median(seconds), 2), round(max(seconds), 2)) if seconds else (None, None)
    return {"count": len(seconds), "p50": p50, "max": most}


def document(
    *,
    broker: str,
    seed: int,
    account: Account,
    partitions: list[dict[str, Any]],
    checks: list[Check],
    watched: dict[str, Any],
    rebalances: int,
    drain_seconds: float,
    seconds: float,
) -> dict[str, Any]:
    """All figures of a run, as plain JSON values."""
    alone = [kill for kill in account.kills if kill.how == ALONE]
    names = ("sent", "stored", "duplicates", "rejected", "missing")
    totals = {name: sum(p[name] for p in partitions) for name in names}
    return {
        "verdict": "PASS" if all(check.ok for check in checks) else "FAIL",
        "seed": seed,
        "seconds": round(seconds, 1),
        "kills": len(account.kills),
        "kills_inside": dict(sorted(Counter(kill.inside for kill in account.kills).items())),
        "kills_by_point": dict(sorted(Counter(kill.how.partition(",")[0] for kill in account.kills).items())),
        "broker_restarts": account.broker_restarts,
        "broker_kills": account.broker_kills,
        "workers_joined": account.joined,
        "workers_left_in_order": account.left_in_order,
        "workers_stopped_and_woken": account.zombies,
        "longest_stop_seconds": round(max(account.stop_seconds, default=0.0), 2),
        "longest_zombie_stop_seconds": round(max(account.zombie_stop_seconds, default=0.0), 2),
        "rebalances": rebalances,
        "records": totals,
        "partitions": partitions,
        "recovery_seconds": {
            **_spread(recoveries(account.kills, watched["samples"])),
            "alone": _spread(recoveries(alone, watched["samples"])),
        },
        "session_timeout_seconds": SESSION_SECONDS,
        "drain_seconds": round(drain_seconds, 2),
        "reader": {name: watched[name] for name in ("polls", "errors", "torn", "examples")},
        "checks": [check._asdict() for check in checks],
        "versions": versions(broker),
    }


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items())


def verdict_line(doc: dict[str, Any]) -> str:
    """The run in one line."""
    records, recovery, reader = doc["records"], doc["recovery_seconds"], doc["reader"]
    packages = doc["versions"]
    return (
        f"{doc['verdict']} chaos on {packages['broker']}: "
        f"{doc['kills']} workers killed ({_listed(doc['kills_inside'])}), "
        f"{doc['broker_restarts']} broker restarts and {doc['broker_kills']} broker kills, "
        f"{doc['workers_stopped_and_woken']} zombies, {doc['rebalances']} rebalances; "
        f"{records['sent']} sent = {records['stored']} stored + {records['duplicates']} duplicates "
        f"+ {records['rejected']} dead letters, {records['missing']} missing; "
        f"{reader['polls']} reads, {reader['errors']} errors, {reader['torn']} torn; "
        f"recovery p50 {recovery['p50']} s, max {recovery['max']} s (a single kill {recovery['alone']['max']} s); "
        f"seed {doc['seed']}; callboard {packages['callboard']}, DuckDB {packages['duckdb']}, "
        f"faust {packages['faust-streaming']}, Python {packages['python']}"
    )


def write(doc: dict[str, Any], file: Path) -> None:
    """Write the JSON report."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(doc, indent=1, default=str) + "\n")
