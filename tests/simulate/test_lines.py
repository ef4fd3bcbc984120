"""Each line of business: what its simulation counted itself is what the pipeline gives over the events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.centre.kept import apply_centre
from pipeline.centre.parse import parse_centre
from pipeline.centre.vocabulary import LINES
from pipeline.clock import ManualClock
from pipeline.contract.events import encode
from pipeline.errors import CallboardError
from pipeline.simulate.centre import Centre
from pipeline.simulate.default_centre import default_centre
from pipeline.simulate.described import centre_yaml
from pipeline.simulate.lines import line_centre
from pipeline.simulate.manifest import Manifest
from pipeline.simulate.simulation import simulate
from pipeline.simulate.truth import COUNTS, SUMS
from pipeline.store.layout import StoreLayout
from pipeline.store.process import FileProcessor
from pipeline.store.reader import open_live
from tests.simulate.macros import macros_of
from tests.simulate.truths import QUEUES, TRUTHS, WAITING, stored

pytestmark = pytest.mark.thorough

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
HOURS = 5

#: What a line is for: these have to be in its truth, or the comparison would be one of nothing with nothing.
ESSENTIAL = {
    "customer-service": (
        *("outcomes.payment.made", "outcomes.activation.made", "callbacks.reached", "repeated_contacts"),
        *("menu_entered", "menu.contained", "menu.handed_over", "menu_abandoned_at.step-1", "menu_abandoned_at.step-2"),
        *(f"joined.{role}" for role in ("monitor", "coach", "barge", "consult", "conference")),
        *("reentries", "transfers.cold.to_queue", "transfers.warm.to_agent"),
    ),
    "technical-support": (
        *("changes.escalated", "changes.reopened", "resolution.resolved", "answers.ces"),
        *(f"joined.{role}" for role in ("consult", "conference")),
        *("transfers.warm.to_queue", "transfers.conference.to_queue", "transfers.warm.to_agent"),
    ),
    "help-desk": ("changes.escalated", "changes.reopened", "resolution.resolved"),
    "product-support": ("changes.escalated", "changes.reopened", "resolution.resolved"),
    "inbound-sales": ("outcomes.sale.made", "outcomes.sale.cancelled", "outcomes.lead.made", "outcomes.upsell.made"),
    "outbound-sales": ("dials.human", "dials.machine", "drops", "outcomes.sale.made", "flags.right_party"),
    "collections": ("outcomes.promise.kept", "outcomes.promise.part_kept", "outcomes.promise.broken", "drops"),
    "surveys": ("surveys.completed", "surveys.refused", "answers.liking", "dials.no_answer"),
    "fund-raising": ("outcomes.pledge.fulfilled", "outcomes.pledge.cancelled", "outcomes.pledge.made"),
    "chat": ("first_responses", "bot.contained", "bot.handed_over", "bot.abandoned", "changes.reopened"),
    "messaging": ("first_responses", "bot.contained", "bot.handed_over", "bot.abandoned", "changes.reopened"),
    "email": ("first_responses", "changes.reopened", "messages.agent"),
    "letters": ("first_responses", "changes.reopened", "messages.agent"),
    "back-office": ("items", "changes.reopened", "resolution.resolved"),
    "transcription": ("audio_seconds", "resolution.resolved"),
}


def processed(folder: Path, centre: Centre, hours: float) -> tuple[dict[str, Any], duckdb.DuckDBPyConnection]:
    """Simulate, describe the centre, store: the truth and the store."""
    manifest = Manifest()
    lines = [encode(event) for event in simulate(centre, 8, START, hours, manifest, aftermath=True)]
    apply_centre(StoreLayout(folder), centre_yaml(centre), "centre.yaml")
    with FileProcessor(folder, ManualClock(START + timedelta(days=60))) as processor:
        done = processor.process(lines)
    assert (done.stored, done.rejected, done.duplicates) == (len(lines), 0, 0)
    return manifest.document(), open_live(folder)


def assert_line_agrees(document: dict[str, Any], con: duckdb.DuckDBPyConnection, line: str) -> None:
    truth = document["lines"][line]
    for asked in TRUTHS:
        expected = {name: asked.exact(value) for name, value in truth[asked.part].items()}
        assert stored(con, asked, line) == expected, asked.part
    names = (*COUNTS, *SUMS)
    columns = ", ".join(f"coalesce(sum({name}), 0)" for name in names)
    row = con.execute(QUEUES.format(columns=columns), {"line": line}).fetchone() or ()
    assert dict(zip(names, row, strict=True)) == {name: Decimal(truth["queues"][name]) for name in names}
    at_end = con.execute(
        f"SELECT {WAITING} FROM segments WHERE queue IN (SELECT queue FROM centre_queues WHERE line = $line)",
        {"line": line},
    ).fetchone()
    assert at_end == (truth["queues"]["waiting_at_end"], truth["queues"]["in_progress_at_end"])


@pytest.fixture(scope="module", params=LINES)
def line_run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dict[str, Any], duckdb.DuckDBPyConnection]]:
    """Some hours of a line's centre and what came of them, in a store."""
    line = request.param
    document, con = processed(tmp_path_factory.mktemp(line), line_centre(line), HOURS)
    yield line, document, con
    con.close()


Run = tuple[str, dict[str, Any], duckdb.DuckDBPyConnection]


def test_every_kpi_beyond_the_queue_is_what_the_simulation_counted(line_run: Run) -> None:
    line, document, con = line_run
    truth = document["lines"][line]
    expected = {name: Decimal(says(truth)) for name, (says, _) in macros_of(line).items()}
    assert sum(map(bool, expected.values())) >= 3, "there would be nothing to compare"
    told = {name: con.execute(sql).fetchone() for name, (_, sql) in macros_of(line).items()}
    # A mean is a division, and not exact: what it was made of is told from it to the microsecond.
    assert {name: round(Decimal(str(row[0])), 6) for name, row in told.items() if row} == expected


def test_every_number_of_the_truth_is_what_the_store_says(line_run: Run) -> None:
    line, document, con = line_run
    assert list(document["lines"]) == [line]
    missing = [name for name in ESSENTIAL[line] if not document["lines"][line]["counts"].get(name)]
    assert not missing
    assert_line_agrees(document, con, line)


def test_agents_plans_and_time_are_what_the_store_says(line_run: Run) -> None:
    _, document, con = line_run
    planned = con.execute(
        "SELECT activity, sum((epoch_us(ends_at) - epoch_us(starts_at)) * 0.000001::DECIMAL(7,6)) "
        "FROM schedules GROUP BY ALL"
    ).fetchall()
    assert dict(planned) == {name: Decimal(value) for name, value in document["scheduled_seconds"].items()}
    assert len(planned) >= 4
    seconds = con.execute(
        "SELECT client, agent, state, sum(seconds) FROM agent_spans WHERE ended_at IS NOT NULL GROUP BY ALL"
    ).fetchall()
    expected = {
        (agent["client"], agent["agent"], state): Decimal(value)
        for agent in document["agents"]
        for state, value in agent["seconds"].items()
    }
    assert {row[:3]: row[3] for row in seconds} == expected


def test_an_agent_has_no_more_contacts_at_once_than_there_are_slots(line_run: Run) -> None:
    line, _, con = line_run
    row = con.execute(
        """
        WITH changes AS (
          SELECT client, agent, answered_at AS moment, 1 AS step FROM segments WHERE answered_at IS NOT NULL
          UNION ALL SELECT client, agent, handle_ended_at, -1 FROM segments WHERE handle_ended_at IS NOT NULL)
        SELECT max(at_once) FROM (SELECT sum(step) OVER (PARTITION BY client, agent ORDER BY moment, step) AS at_once
        FROM changes)
        """
    ).fetchone()
    assert row == ({"chat": 3, "messaging": 5}.get(line, 1),)


def test_every_outcome_stays_within_the_aftermath(line_run: Run) -> None:
    line, document, con = line_run
    days = line_centre(line).aftermath_days
    last = datetime.fromisoformat(document["last_event_at"])
    assert last <= START + timedelta(hours=HOURS, days=days)
    (latest,) = con.execute("SELECT max(time) FROM outcome_changes").fetchone() or (None,)
    assert latest is None or latest <= last


def test_the_demos_centre_agrees_line_by_line(tmp_path: Path) -> None:
    centre = default_centre(0.4)
    document, con = processed(tmp_path, centre, 4)
    assert len(document["lines"]) >= 6
    for line in document["lines"]:
        assert_line_agrees(document, con, line)
    (channels, clients) = (
        con.execute("SELECT count(DISTINCT channel), count(DISTINCT client) FROM segments").fetchone() or ()
    )
    assert (channels, clients) >= (3, 2)
    con.close()


@pytest.mark.parametrize("line", LINES)
def test_the_same_seed_gives_the_same_events_and_truth(line: str) -> None:
    first, second = Manifest(), Manifest()
    one = list(map(encode, simulate(line_centre(line), 4, START, 1, first, aftermath=True)))
    assert one == list(map(encode, simulate(line_centre(line), 4, START, 1, second, aftermath=True)))
    assert first.document() == second.document()
    other = list(map(encode, simulate(line_centre(line), 5, START, 1, aftermath=True)))
    assert one[: len(other)] != other


def test_the_hours_are_the_same_with_and_without_their_aftermath() -> None:
    centre, end = line_centre("collections"), START + timedelta(hours=1)
    with_it = list(simulate(centre, 4, START, 1, aftermath=True))
    assert [event for event in with_it if event.time < end] == list(simulate(centre, 4, START, 1))
    assert with_it[-1].time > end + timedelta(days=1)
    assert [event.time for event in with_it] == sorted(event.time for event in with_it)


@pytest.mark.parametrize("line", LINES)
def test_a_centre_is_described_by_a_valid_centre_yaml(line: str) -> None:
    described = parse_centre(centre_yaml(line_centre(line)))
    assert {queue.line for queue in described.queues["aurora"].values()} == {line}


def test_a_line_that_there_is_not_is_refused() -> None:
    with pytest.raises(CallboardError, match="no line of business 'chats'; did you mean 'chat'"):
        line_centre("chats")
