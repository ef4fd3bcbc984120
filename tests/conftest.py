"""Fixtures that every suite may use."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import kafka
from tests.support.broker import Broker, EmbeddedBroker
from tests.support.strict import require


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """Streamlit makes a page under test the main module, for good: a process that a later test spawned ran the page."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture
def embedded_broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    """A running embedded broker of the test's own, empty."""
    with EmbeddedBroker(tmp_path / "embedded-broker") as running:
        yield running


@pytest.fixture
def apache_kafka(tmp_path: Path) -> Iterator[kafka.ApacheKafka]:
    """A running Apache Kafka of the test's own, empty (about three seconds)."""
    reason = kafka.why_unavailable()
    require(reason is None, str(reason))
    with kafka.ApacheKafka(tmp_path / "apache-kafka") as running:
        yield running


@pytest.fixture(
    params=[
        pytest.param("embedded_broker", marks=pytest.mark.broker, id="embedded"),
        # A JVM for each test: of the thorough tests, but for those that ask for it by name.
        pytest.param("apache_kafka", marks=[pytest.mark.broker, pytest.mark.kafka, pytest.mark.thorough], id="apache"),
    ]
)
def broker(request: pytest.FixtureRequest) -> Broker:
    """Either broker, running and empty: the same test against both keeps the embedded one honest."""
    running: Broker = request.getfixturevalue(request.param)
    return running
