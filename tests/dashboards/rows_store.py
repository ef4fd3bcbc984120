"""A store in which every rule for short abandons, every boundary and several definitions are in force somewhere."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from pipeline.centre.kept import apply_centre
from pipeline.simulate.default_centre import default_centre
from pipeline.simulate.described import centre_yaml
from pipeline.simulate.disturb import Disturbance, disturb, to_record
from pipeline.simulate.simulation import simulate
from pipeline.store.layout import StoreLayout
from tests.dashboards.conftest import NOW, publish
from tests.dashboards.floor_store import ago
from tests.support.calls import call

SHORT = ("counted", "excluded", "not_offered")
LEVELS = ("abandons_negative", "with_callbacks", "rolling_30min", "short_abandons_positive", "without_abandons")


def _centre() -> bytes:
    whole: dict[str, Any] = yaml.safe_load(centre_yaml(default_centre(0.4)))
    number = 0
    for queues in whole["queues"].values():
        for queue in queues.values():
            queue["settings"] = [
                {
                    "threshold_seconds": (20, 8, 60)[number % 3],
                    "threshold_boundary": ("inclusive", "exclusive")[number % 2],
                    "short_abandon_seconds": (5, 15)[number % 2],
                    "short_abandons": SHORT[number % 3],
                    "service_level": LEVELS[number % len(LEVELS)],
                }
            ]
            number += 1
    return yaml.safe_dump(whole, sort_keys=False).encode()


def publish_rows(folder: Path) -> Path:
    """Two hours of the default centre, and one call that nobody ended two days ago."""
    events = simulate(default_centre(0.4), 14, NOW - timedelta(hours=2), 2)
    records = disturb(map(to_record, events), 1, Disturbance(duplicates=0.0, late=0.01, late_seconds=300, bad=0.0))
    lines = [record.value.replace(b"\n", b" ") for record in records]
    apply_centre(StoreLayout(folder), _centre(), "centre.yaml")
    return publish(folder, [*call(1, ago(2 * 86_400), "service", "aurora"), *lines])
