"""Contract events that are refused because a person stands in them, among some that are good."""

from __future__ import annotations

from pathlib import Path

from tests.canary.person import BROKEN
from tests.canary.table import CARD, CARD_DIGITS, EMAIL, NAME, PHONE, TEXT, Canary
from tests.strategies import example, line


def _write(folder: Path) -> list[str]:
    good = [line(example(id=f"good-{number}", time="2026-03-02T09:00:00Z")) for number in range(3)]
    refused = [
        line(example(id="b-1", data_interaction=CARD)),
        line(example(id=CARD_DIGITS)),
        line(example(id="b-2", data_channel=f"{NAME} {CARD} {TEXT}")),
        line(example(id="b-3", data_direction=EMAIL)),
        line(example(id="b-4", time=PHONE)),
        line(example(type=f"{NAME}.{EMAIL}", subject=CARD)),
        BROKEN.encode(),
        f"{NAME}, {PHONE}".encode(),
    ]
    (folder / "day.jsonl").write_bytes(b"\n".join([*good, *refused]) + b"\n")
    return ["day.jsonl"]


CANARIES = [Canary("cloudevents", _write, events=3)]
