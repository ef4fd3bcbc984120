"""The data-health page by AppTest: conservation, lag, refusals, repetitions, corrections, workers."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
from streamlit.testing.v1 import AppTest

from dashboards.data.feed import Feed
from dashboards.data.heartbeats import heartbeats
from dashboards.look import formats
from pipeline.clock import ManualClock
from tests.dashboards.conftest import NOW, publish
from tests.dashboards.shown import numbers, text_of
from tests.dashboards.test_live_page import APP
from tests.support.calls import call, line

FeedOf = Callable[[Path], Feed]
Plain = Callable[[Path], duckdb.DuckDBPyConnection]


def health() -> AppTest:
    app = AppTest.from_file(APP, default_timeout=30).run()
    app.switch_page("boards/health.py").run()
    assert not app.exception
    return app


def test_numbers_shown_are_those_of_the_store(feed_of: FeedOf, centre_store: Path, plain: Plain) -> None:
    feed_of(centre_store)
    app = health()
    con = plain(centre_store)
    row = con.execute("SELECT lag, duplicates, rejected, corrections FROM meta").fetchone()
    lag, duplicates, rejected, corrections = (formats.count(number) for number in row or ())
    assert numbers(app) == {
        "Data age": "0 s",
        "Lag": lag,
        "Conservation": "holds",
        "Dead letters": rejected,
        "Duplicates": duplicates,
        "Corrections": corrections,
    }
    page = text_of(app)
    partitions = con.execute("SELECT count(*) FROM offsets WHERE next_offset > first_offset").fetchone()
    assert (page.count("✓ holds"),) == partitions == (9,)
    assert "none conflicting" in page
    for reason in ("undecodable", "schema", "unknown_type", "implausible_time"):
        assert reason in page
    latest = con.execute("SELECT queue, client FROM corrections ORDER BY noted_at DESC, minute DESC LIMIT 1").fetchone()
    assert latest is not None
    assert f"{latest[0]}<small>{latest[1]}</small>" in page
    assert "No worker has left a heartbeat" in page


def test_stale_data_is_grey_here_too(feed_of: FeedOf, clock: ManualClock, centre_store: Path) -> None:
    feed_of(centre_store)
    clock.sleep(700)
    app = health()
    assert "Data is 12 min old; the worker may be down." in app.error[0].value
    assert "older than 10 s" in text_of(app)
    assert "/* stale */" in text_of(app)


def test_a_gap_in_the_accounts_is_a_serious_exception(feed_of: FeedOf, tmp_path: Path) -> None:
    publish(tmp_path, call(1, NOW))
    with duckdb.connect(str(tmp_path / "live.duckdb")) as con:
        con.execute("UPDATE offsets SET stored = stored - 1, lag = 20000 WHERE stored > 0")
    feed_of(tmp_path)
    app = health()
    assert numbers(app)["Conservation"] == "does not hold"
    assert numbers(app)["Lag"] == "20,000"
    page = text_of(app)
    assert "◆ in 1 partition" in page
    assert "◆ does not hold" in page
    assert "▲ most in calls-" in page


def test_a_conflicting_duplicate_is_an_exception(feed_of: FeedOf, tmp_path: Path) -> None:
    (queued,) = call(1, NOW)
    feed_of(publish(tmp_path, [queued, queued, queued.replace(b'"sales"', b'"service"')]))
    app = health()
    assert numbers(app)["Duplicates"] == "2"
    assert "▲ 1 conflicting" in text_of(app)


def test_an_empty_store_has_no_dead_letters_and_no_corrections(feed_of: FeedOf, empty_store: Path) -> None:
    feed_of(empty_store)
    app = health()
    assert numbers(app)["Dead letters"] == "0"
    assert "nothing was refused" in text_of(app)
    assert "no published minute was changed" in text_of(app)


def test_dead_letters_show_the_reason_and_never_the_content(feed_of: FeedOf, tmp_path: Path) -> None:
    feed_of(publish(tmp_path, [b'{"secret": "0170 1234567"', *call(1, NOW)]))
    page = text_of(health())
    assert "undecodable" in page
    assert "1234567" not in page


def test_without_a_store_it_says_what_to_start(feed_of: FeedOf, tmp_path: Path) -> None:
    feed_of(tmp_path / "none")
    assert "Waiting for data" in text_of(health())


def test_workers_are_shown_by_their_heartbeats(feed_of: FeedOf, tmp_path: Path) -> None:
    publish(tmp_path, call(1, NOW))
    folder = tmp_path / "health"
    folder.mkdir(exist_ok=True)
    for name, silent_seconds, content in (
        (
            "worker-a-1",
            1,
            '{"pid": 7, "turned_at": "2026-03-02T10:07:22Z", "partitions": ["calls-0", "calls-1"], '
            '"commit_seconds": 0.123456}',
        ),
        ("worker-b-2", 60, "cut off {"),
    ):
        (folder / f"{name}.json").write_text(content)
        at = (NOW - timedelta(seconds=silent_seconds)).timestamp()
        os.utime(folder / f"{name}.json", (at, at))
    found = heartbeats(tmp_path)
    assert found[0].says == (("pid", "7"), ("partitions", "calls-0, calls-1"), ("commit_seconds", "0.12"))
    assert found[1].says == ()
    feed_of(tmp_path)
    page = text_of(health())
    assert "✓ turns" in page
    assert "◆ silent" in page
    assert "60 s ago" in page


def notice(number: int, kind: str, name: str, client: str = "acme", **more: Any) -> bytes:
    at = NOW - timedelta(minutes=number)
    said = {"client": client, "adapter": "queue_log", "kind": kind, "name": name, **more}
    return line("source.noticed", f"n{number}", at, said)


def test_what_was_noticed_of_the_sources_is_shown_gaps_first(feed_of: FeedOf, tmp_path: Path) -> None:
    lost_from = (NOW - timedelta(minutes=9, seconds=91)).isoformat()
    lines = [
        notice(1, "unknown_verb", "TRANSFERRED_TWICE", count=4),
        notice(2, "unknown_verb", "TRANSFERRED_TWICE"),
        notice(3, "contradiction", "<b>answered & abandoned</b>", client="beta"),
        notice(9, "gap", "QUEUESTART", lost_from=lost_from),
    ]
    feed_of(publish(tmp_path, [*lines, *call(1, NOW)]))
    page = text_of(health())
    section = page.partition("Noticed of the sources")[2].partition("</table>")[0]
    shown = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in section.split("<tr>")[2:]]
    source = "test/telephony · {}<small>queue_log</small>"
    assert [row[:5] for row in shown] == [
        [source.format("acme"), "▲ gap", "QUEUESTART", "1", "1:31"],
        [source.format("acme"), "unknown verb", "TRANSFERRED_TWICE", "5", ""],
        [source.format("beta"), "contradiction", "&lt;b&gt;answered &amp; abandoned&lt;/b&gt;", "1", ""],
    ]
    assert "10:06:23" in shown[1][5], "the latest of the two"
    assert "gaps first" not in page, "nothing is left out"


def test_a_long_list_of_what_was_noticed_says_that_it_is_cut(feed_of: FeedOf, tmp_path: Path) -> None:
    lines = [notice(number, "unknown_field", f"field_{number}") for number in range(1, 31)]
    feed_of(publish(tmp_path, [*lines, notice(31, "gap", "restart"), *call(1, NOW)]))
    page = text_of(health())
    assert "Noticed of the sources (15 of 31, gaps first)" in page
    section = page.partition("Noticed of the sources")[2].partition("</table>")[0]
    assert section.index("restart") < section.index("field_1<")
    assert "not known" in section
    assert "field_30" not in section


def test_sources_of_which_nothing_was_noticed(feed_of: FeedOf, tmp_path: Path) -> None:
    feed_of(publish(tmp_path, call(1, NOW)))
    assert "No source had a gap, and none said anything unknown." in text_of(health())
