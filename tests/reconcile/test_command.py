"""The command itself: what it prints in each format, and its exit codes. And a whole simulated day."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

from tests.e2e.command import callboard, succeed
from tests.reconcile.day import Pass, write
from tests.reconcile.test_causes import outcome_of


def reconcile(store: Path, report: Path, *more: object) -> tuple[int, str, str]:
    done = callboard(
        "reconcile", "--report", report, "--mapping", "queue-day", "--zone", "Europe/Berlin", "--store", store, *more,
        cwd=report.parent,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_it_prints_what_it_found_in_each_format(tmp_path: Path, day_store: Path, passes: list[Pass]) -> None:
    report = write(tmp_path / "r.csv", passes, outcome_of("callback", "abandoned"))
    code, out, err = reconcile(day_store, report)
    assert code == 0, err
    assert "a request for a callback counts as abandoned" in out
    assert "4 explained, 0 unexplained" in err
    document = json.loads(reconcile(day_store, report, "--format", "json")[1])
    assert document["summary"] == {"numbers": 12, "equal": 8, "explained": 4, "unexplained": 0}
    assert [each["for"] for each in document["accepted"]] == ["all counts"]
    (abandoned,) = [f for f in document["findings"] if (f["queue"], f["measure"]) == ("sales", "abandoned")]
    assert abandoned["report"] - abandoned["store"] == abandoned["difference"] == abandoned["causes"][0]["amount"] > 0
    table = list(csv.DictReader(io.StringIO(reconcile(day_store, report, "--format", "csv", "--all")[1])))
    assert len(table) == 12
    assert Counter(row["cause"] for row in table) == {"": 8, "callbacks": 4}


def test_its_exit_codes(tmp_path: Path, day_store: Path, passes: list[Pass]) -> None:
    report = write(tmp_path / "r.csv", passes)
    assert reconcile(day_store, report)[0] == 0
    text = report.read_text()
    report.write_text(text.replace("Offered", "Calls"))
    code, _, err = reconcile(day_store, report)
    assert (code, err.count("\n")) == (2, 1)
    assert "has no column 'Offered'" in err
    rows = [line.split(",") for line in text.splitlines()]
    rows[1][5] = "999"
    report.write_text("\n".join(map(",".join, rows)))
    code, out, err = reconcile(day_store, report)
    assert code == 1
    assert "unexplained: +" in out
    assert "1 of the report's numbers differ and no cause explains them" in err
    assert reconcile(tmp_path / "nowhere", report)[0] == 2


def test_a_simulated_day(tmp_path: Path) -> None:
    """Its manifest is the truth of another program: equal by our rule, and explained by another."""
    start = ("--start", "2026-03-02T00:00:00Z", "--hours", 24, "--scale", 0.1, "--seed", 5)
    succeed("simulate", *start, "--to", "day.jsonl", "--manifest", "truth.json", cwd=tmp_path)
    succeed("process", "day.jsonl", "--store", "store", cwd=tmp_path)
    truth = json.loads((tmp_path / "truth.json").read_text())
    own = _by_queue(truth, ())
    assert _run(tmp_path, own) == (0, {"equal": len(own) * 4})
    others = _by_queue(truth, ("left_timeout", "left_closed"))
    changed = sum(one["Abandoned"] != other["Abandoned"] for one, other in zip(own, others, strict=True))
    assert changed
    assert _run(tmp_path, others) == (0, {"equal": len(own) * 4 - changed, "definition": changed})


def _by_queue(truth: dict[str, Any], also_abandoned: tuple[str, ...]) -> list[dict[str, Any]]:
    """The day's report from the cells of a manifest."""
    sums: dict[tuple[str, str], Counter[str]] = {}
    for cell in truth["cells"]:
        place = sums.setdefault((cell["client"], cell["queue"]), Counter())
        for name in ("offered", "answered", "abandoned", "wait_seconds_answered", *also_abandoned):
            place[name] += Decimal(cell[name])  # type: ignore[assignment]
    return [
        {
            "Client": client,
            "Queue": queue,
            "Date": "2026-03-02",
            "Offered": n["offered"],
            "Answered": n["answered"],
            "Abandoned": n["abandoned"] + sum(n[name] for name in also_abandoned),
            "ASA": (Decimal(n["wait_seconds_answered"]) / n["answered"]).quantize(Decimal("0.1"), ROUND_HALF_EVEN),
        }
        for (client, queue), n in sorted(sums.items())
        if n["answered"]
    ]


MAPPING = """\
description: A queue and day
client: "{Client}"
queue: "{Queue}"
zone: UTC
period: {starts: "{Date}"}
measures: {offered: Offered, answered: Answered, abandoned: Abandoned, asa_seconds: ASA}
"""


def _run(folder: Path, rows: list[dict[str, Any]]) -> tuple[int, dict[str, int]]:
    """The exit code, and how many numbers were equal or had which cause."""
    (folder / "day.yaml").write_text(MAPPING)
    with (folder / "r.csv").open("w", newline="") as stream:
        out = csv.DictWriter(stream, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    done = callboard(
        "reconcile", "--report", "r.csv", "--mapping", "day.yaml", "--store", "store", "--format", "json", "--all",
        cwd=folder,
    )  # fmt: skip
    found = json.loads(done.stdout)["findings"]
    return done.returncode, dict(Counter(f["causes"][0]["cause"] if f["causes"] else f["status"] for f in found))
