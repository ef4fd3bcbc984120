"""The commands of the pages that promise to be run by a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.pages import commands_of, run_page
from tests.support.ports import free_port

DOCS = Path(__file__).parent.parent / "docs"


@pytest.mark.broker
@pytest.mark.timeout(240)
def test_the_tutorial_runs(tmp_path: Path) -> None:
    port = str(free_port())
    blocks = [block.replace("19092", port) for block in commands_of(DOCS / "tutorial" / "first-hour.md")]
    assert len(blocks) > 8
    output = run_page(blocks, tmp_path, 220)
    assert output.count("every row equals what its events say") == 2
    assert "Service level (abandons negative)" in output
    assert re.search(r"waiting\s+│ service", output), output[-4000:]
    assert "stopped; everything that was read is committed" in output


@pytest.mark.timeout(120)
def test_adding_a_queue_or_a_client_runs(tmp_path: Path) -> None:
    blocks = commands_of(DOCS / "how-to" / "add-a-queue-or-client.md")
    assert len(blocks) == 8
    output = run_page(blocks, tmp_path, 110)
    undescribed, described, mistakes, second, shown, versions, hours = (
        output.index(said)
        for said in (
            "borealis │ policies",
            "version 0001-",
            "wrong.yaml:16: queues.aurora.sales.line: 'inbuond-sales' is not known here; did you mean 'inbound-sales'?",
            "version 0002-",
            "<= 30 s",
            "version 0003-",
            "open_hours",
        )
    )
    assert undescribed < described < mistakes < second < shown < versions < hours
    assert "wrong.yaml:15: queues.aurora.service.site: there is no 'berln' under sites" in output
    assert "exit code 1" in output
    # On the last day of June the old threshold holds, from the first of July in Berlin the new one.
    assert output.index("<= 20 s", second) < shown
    assert output.count("abandons_ignored", second, versions) == 1
    # Back to the first version: its calendar, 58 hours a week if no clock changed.
    assert re.search(r"office Europe/Berlin\s+│ 5[789]", output[hours:]), output[hours:]


def test_a_kpi_of_ones_own(tmp_path: Path) -> None:
    blocks = commands_of(DOCS / "how-to" / "add-a-kpi.md")
    assert len(blocks) == 3
    output = run_page(blocks, tmp_path, 110)
    for said in ("declines_per_offered", "very_short_calls", "abandonment_rate"):
        assert said in output


def test_adding_a_channel_runs(tmp_path: Path) -> None:
    blocks = commands_of(DOCS / "how-to" / "add-a-channel.md")
    assert len(blocks) == 4
    output = run_page(blocks, tmp_path, 110)
    # Two came, one was answered after 25 s and one gave up: counted under the new word, in the topic of calls.
    assert re.search(r"│ kiosk +│ 2 +│ 1 +│ 1 +│ 25\.0 ", output), output[:2000]
    assert set(re.findall(r"│ (calls|chats|emails|agents) +│ interaction", output)) == {"calls"}
    assert "early.yaml:10: queues.aurora.booths.channel: 'kiosk' is not known here" in output
    # Described under another word, counted under its own, and by the target of 30 s that centre.yaml gives.
    assert re.search(r"│ booths +│ kiosk +│ video +│ customer-service +│ 1 ", output), output[-4000:]
    assert "every row equals what its events say" in output
