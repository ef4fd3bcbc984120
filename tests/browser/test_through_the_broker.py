"""The whole way: an event is published to a broker, a worker reads it, and a number changes on a screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pipeline.clock import SystemClock
from pipeline.contract.decode import decode
from pipeline.contract.events import Event
from pipeline.contract.rejects import Rejection
from pipeline.producers.publisher import Publisher
from pipeline.store.layout import StoreLayout
from pipeline.transport.topics import ensure_topics
from tests.browser.test_board import FIRST_MS, NEXT_MS, value
from tests.e2e.worker import SOON, Worker, wait_until
from tests.support.broker import EmbeddedBroker
from tests.support.calls import call

pytestmark = [pytest.mark.browser, pytest.mark.broker]


def events(lines: list[bytes]) -> list[Event]:
    decoded = [decode(line, SystemClock().now()) for line in lines]
    return [event for event in decoded if not isinstance(event, Rejection)]


def test_a_number_changes_on_screen_after_an_event_is_published(
    page: Page, serve: Callable[[Path], str], embedded_broker: EmbeddedBroker, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    connection = {"bootstrap_servers": [embedded_broker.bootstrap]}
    ensure_topics(connection)
    with (
        Worker(store, embedded_broker.bootstrap, tmp_path / "worker.log", **SOON),
        Publisher(connection, SystemClock()) as publisher,
    ):
        wait_until(StoreLayout(store).live.exists, lambda: "a published store")
        address = serve(store)
        now = SystemClock().now()
        for event in events(call(1, now - timedelta(seconds=20))):
            publisher.publish(event)
        publisher.flush()
        page.goto(address)
        expect(value(page, "Waiting now")).to_have_text("1", timeout=FIRST_MS)

        now = SystemClock().now()
        for event in events([*call(2, now), *call(3, now, answered_after_seconds=0.2)]):
            publisher.publish(event)
        publisher.flush()
        expect(value(page, "Waiting now")).to_have_text("2", timeout=NEXT_MS)
