"""The definitions by AppTest: the catalogue, the same contacts under each, and what holds for each queue."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dashboards.access.people import Person, Role
from dashboards.access.scope import Scope
from dashboards.data.feed import Feed
from dashboards.look import formats
from dashboards.readings.definitions import found
from pipeline.centre.kept import apply_centre
from pipeline.clock import ManualClock
from pipeline.kpis.catalogue import catalogue
from pipeline.store.layout import StoreLayout
from tests.dashboards.conftest import NOW, publish
from tests.dashboards.floor_store import CENTRE, floor_events, publish_floor
from tests.dashboards.shown import text_of
from tests.dashboards.test_interactions_page import board

FeedOf = Callable[[Path], Feed]
Plain = Callable[[Path], duckdb.DuckDBPyConnection]
OF_TWO_TIMES = CENTRE.replace(
    b"        - {threshold_seconds: 30, service_level_target: 0.9}",
    b"        - {threshold_seconds: 15}\n"
    b"        - {from: 2026-03-01, threshold_seconds: 30, service_level: answered_only, short_abandons: excluded}",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("definitions")
    apply_centre(StoreLayout(folder), OF_TWO_TIMES, "centre.yaml")
    return publish(folder, floor_events())


def part_of(text: str, heading: str) -> str:
    return next(body for body in text.split("\n") if heading in body)


def test_every_definition_of_the_catalogue_is_listed(feed_of: FeedOf, store: Path) -> None:
    feed_of(store)
    text = text_of(board("definitions"))
    names = [kpi.name for kpi in catalogue().all()]
    assert f"Definitions: {len(names)}" in text
    assert not [name for name in names if f"<small>{name}</small>" not in text]


def test_a_search_needs_every_word(feed_of: FeedOf, store: Path) -> None:
    feed_of(store)
    text = text_of(board("definitions", q="Cisco ignored"))
    listed = part_of(text, "Definitions: ")
    assert "<small>abandons_ignored</small>" in listed
    assert "<small>answered</small>" not in listed
    assert "No definition has these words." in text_of(board("definitions", q="no such words at all"))
    rows = [{"name": "a", "title": "A", "formula": "", "description": "", "source": ""}]
    assert found(rows, None) == found(rows, "A") == rows
    assert found(rows, "a b") == []


def test_one_definition_is_shown_whole(feed_of: FeedOf, store: Path) -> None:
    feed_of(store)
    app = board("definitions", kpi="abandons_ignored")
    table = part_of(text_of(app), ">Definition</h2>")
    assert "answered_in_time / (answered + abandoned - abandoned_in_time)" in table
    assert "70 / 90 = 77.8%" in table
    assert "higher is better" in table
    assert app.text[0].value == "Abandons within the threshold are left out."
    (info,) = [each for each in board("definitions", kpi="none").info if "no definition of that name" in each.value]
    assert info


def test_the_same_contacts_under_every_definition(feed_of: FeedOf, store: Path, plain: Plain) -> None:
    feed_of(store)
    table = part_of(text_of(board("definitions")), "under every definition").split("<tr>")
    ((in_time, answered, offered),) = plain(store).execute(
        "SELECT count(*) FILTER (outcome = 'answered' AND wait_seconds <= CASE queue WHEN 'sales' THEN 30 ELSE 20 END)"
        ", count(*) FILTER (outcome = 'answered'), count(*) FROM segments WHERE queue <> 'post' AND queued_at <= $now",
        {"now": NOW},
    ).fetchall()  # fmt: skip
    for name, top, bottom in (("answered_only", in_time, answered), ("without_abandons", in_time, offered)):
        (row,) = [each for each in table if f"<small>{name}</small>" in each]
        assert f">{formats.percent(top / bottom)}<".replace("\N{NO-BREAK SPACE}", " ") in row
        assert f"{top} / {bottom}" in row


def test_what_holds_for_each_queue_and_when(feed_of: FeedOf, store: Path) -> None:
    feed_of(store)
    rows = [each for each in part_of(text_of(board("definitions")), "What holds").split("<tr>") if ">sales<" in each]
    now, before = rows
    assert "● in force" in now
    assert "≤ 30 s" in now
    assert "answered_only" in now
    assert "left out of the ratios" in now
    assert "◌ before" in before
    assert "≤ 15 s" in before
    past = part_of(text_of(board("definitions", as_of="2026-02-20T10:00:00Z")), "What holds").split("<tr>")
    (first, second) = [each for each in past if ">sales<" in each]
    assert "≤ 15 s" in first
    assert "● in force" in first
    assert "◷ later" in second


def test_a_queue_that_is_not_described_goes_by_the_defaults(feed_of: FeedOf, past_store: Path) -> None:
    feed_of(past_store)
    row = part_of(text_of(board("definitions")), "What holds")
    assert "the defaults: not described" in row
    assert "≤ 20 s" in row


def test_who_sees_one_client_sees_its_queues_only(
    feed_of: FeedOf, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed_of(store)
    bolt = Person("bolt's", Role.ANALYST, Scope.of(clients=["bolt"]))
    monkeypatch.setattr("dashboards.access.session.person", lambda: bolt)
    text = part_of(text_of(board("definitions")), "What holds")
    assert "claims" in text
    assert not [name for name in ("acme", "help", "sales") if f">{name}<" in text]


def test_empty_stale_and_unreadable_are_said(
    feed_of: FeedOf, clock: ManualClock, empty_store: Path, tmp_path: Path
) -> None:
    feed_of(empty_store)
    text = text_of(board("definitions"))
    assert "No queue is known yet." in text
    assert "no traffic" in text
    clock.sleep(34)
    assert "Data is 34 s old" in board("definitions").error[0].value
    (tmp_path / "live.duckdb").write_bytes(b"nonsense " * 4000)
    feed_of(tmp_path)
    assert "The store cannot be read" in text_of(board("definitions"))


def test_a_tile_leads_to_its_rows_and_its_definition(
    feed_of: FeedOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashboards import frame
    from dashboards.data.asking import last
    from dashboards.look import tiles
    from dashboards.queries import floor

    feed_of(publish_floor(tmp_path))
    view = frame.look(floor.PERIOD, period=last(30))
    tile = tiles.Tile("abandonment_rate", floor.PERIOD.name, (), (("dimension", "all"), ("pace", "live")))
    links = dict(tiles.links_of(tile, view))
    assert links["The rows behind it"].startswith("interactions?behind=abandonment_rate&of=cells&pace=live&as_of=")
    assert links["Its definition beside the others"] == "definitions?kpi=abandonment_rate"
    agent = Person("ann", Role.AGENT, Scope.everything())
    monkeypatch.setattr("dashboards.access.session.person", lambda: agent)
    assert tiles.links_of(tile, view) == []
