"""A store of two clients and the same store without one of them: whoever may see one client must see no difference.

The second client has queues, agents and contacts of the same names as the first one, besides some of its own: what is
mixed up by its name would be seen.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from pipeline.centre.kept import apply_centre
from pipeline.clock import ManualClock
from pipeline.simulate.default_centre import default_centre
from pipeline.simulate.described import centre_yaml
from pipeline.simulate.disturb import Disturbance, disturb, to_record
from pipeline.simulate.lines import line_centre
from pipeline.simulate.simulation import simulate
from pipeline.store.layout import StoreLayout
from pipeline.store.process import FileProcessor
from tests.dashboards.conftest import NOW
from tests.support.calls import call, line

SEEN, HIDDEN = "aurora", "borealis"
#: One for each kind of detail: dials and promises, surveys, bots and messages, backlog with a promise.
LINES = ("outbound-sales", "collections", "surveys", "chat", "email")
SITES = ("north", "south")
HOURS = 1.0


@dataclass(frozen=True, slots=True)
class TwoStores:
    """``both``: two clients. ``alone``: the first one's events only, under the same centre.yaml."""

    both: Path
    alone: Path


def _by_hand(client: str) -> Iterator[bytes]:
    """What the simulated lines have none of: who never left, who waited an hour ago, a menu, a pledge."""
    (queue,) = [queue.name for queue in line_centre(LINES[0]).queues][:1]
    yield from call(1, NOW - timedelta(hours=30), queue, client)
    yield from call(2, NOW - timedelta(minutes=75), queue, client, abandoned_after_seconds=600)
    at = NOW - timedelta(minutes=50)
    common = {"client": client, "interaction": "call-3", "channel": "voice", "direction": "inbound"}
    step = {"bot": "entrance", "kind": "menu", "step": "1", "result": "contained"}
    yield line("interaction.menu_stepped", f"{client}-3", at, {**common, **step})
    pledge = {"outcome": "o-3", "kind": "pledge", "status": "made", "amount": "12.50", "currency": "EUR"}
    yield line("interaction.outcome_changed", f"{client}-3", at, {**common, "queue": queue, **pledge})


def _events() -> Iterator[bytes]:
    for client in (SEEN, HIDDEN):
        yield from _by_hand(client)
    start = NOW - timedelta(hours=HOURS)
    everybody = simulate(default_centre(0.2), 5, start, HOURS)
    records = disturb(map(to_record, everybody), 1, Disturbance(duplicates=0.02, late=0.02, late_seconds=300, bad=0.0))
    yield from (record.value for record in records)
    for name in LINES:
        for event in simulate(line_centre(name), 6, start, HOURS):
            value = to_record(event).value
            yield value
            # The same again, under the same names, of the other client. Some is left out, so that counts differ.
            document = json.loads(value)
            if hash_of(document) % 5:
                document["data"]["client"] = HIDDEN
                document["id"] = f"other-{document['id']}"
                yield json.dumps(document).encode()


def hash_of(document: dict[str, Any]) -> int:
    """The same number for all events of a contact or an agent, in every process."""
    data = document["data"]
    return sum(str(data.get("interaction") or data.get("agent") or document["id"]).encode())


def _centre() -> bytes:
    """All queues and agents of both clients, at two sites."""
    whole: dict[str, Any] = yaml.safe_load(centre_yaml(default_centre(0.2)))
    for centre in map(line_centre, LINES):
        described = yaml.safe_load(centre_yaml(centre))
        for part in ("queues", "teams", "agents", "campaigns"):
            for client in (SEEN, HIDDEN):
                entries = described.get(part, {}).get(SEEN, {})
                whole.setdefault(part, {}).setdefault(client, {}).update(copy.deepcopy(entries))
        whole["hours"] = {**described.get("hours", {}), **whole.get("hours", {})}
        for client, entries in described.get("dispositions", {}).items():
            whole["dispositions"].setdefault(client, {}).update(entries)
    whole["sites"] = {site: {"time_zone": "Europe/Berlin"} for site in SITES}
    for part in ("queues", "teams", "agents"):
        for entries in whole[part].values():
            for number, entry in enumerate(entries.values()):
                if "site" in entry:
                    entry["site"] = SITES[number % len(SITES)]
    return yaml.safe_dump(whole, sort_keys=False).encode()


def _store(folder: Path, lines: list[bytes], now: datetime = NOW) -> Path:
    apply_centre(StoreLayout(folder), _centre(), "centre.yaml")
    with FileProcessor(folder, ManualClock(now)) as processor:
        done = processor.process(lines)
    assert done.rejected == 0
    return folder


def two_stores(folder: Path) -> TwoStores:
    """Make both stores under a folder."""
    lines = [line.replace(b"\n", b" ") for line in _events()]
    alone = [line for line in lines if json.loads(line)["data"]["client"] == SEEN]
    assert len(lines) > 1.5 * len(alone) > 3_000
    return TwoStores(_store(folder / "both", lines), _store(folder / "alone", alone))
