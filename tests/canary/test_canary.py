"""Values of a person go in at every door and come out nowhere: no file, no log, no page, nothing a command prints."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboards
from dashboards.data import feed as feeds
from dashboards.data.feed import Feed
from pipeline.clock import SystemClock
from pipeline.producers import EventProducer, InvalidEventError
from pipeline.producers.adapters import adapters
from pipeline.producers.door import Door
from tests.canary.search import found_in_files, found_in_tables, found_in_text
from tests.canary.table import CARD, CARD_DIGITS, EMAIL, NAME, NEEDLES, PHONE, TEXT, Canary, canaries
from tests.e2e.command import callboard
from tests.e2e.published import totals
from tests.e2e.topics import create_topics, send
from tests.e2e.worker import Worker, wait_until
from tests.strategies import example, line
from tests.support.broker import EmbeddedBroker
from tests.support.looking import at_the_machine  # noqa: F401 - a fixture

#: By adapter: the file of its events, and what the command printed.
Published = dict[str, tuple[Path, str]]
KEY = "the canaries' key"
PAGES = ("boards/live.py", "boards/health.py")
#: What is kept of a refused record on purpose: its bytes, so that it can be mended. Card numbers are masked in it.
DEAD_LETTERS = frozenset(f"{table}.{column}" for table in ("rejects", "rejects_rows") for column in ("value", "key"))
CARDS = tuple(needle for needle in NEEDLES if needle.startswith("4"))


@pytest.fixture
def pages_of(
    monkeypatch: pytest.MonkeyPatch,
    at_the_machine: None,  # noqa: F811
) -> Iterator[Callable[[Path], str]]:
    """Everything that the board's pages say of a store."""
    made: list[Feed] = []

    def shown(store: Path) -> str:
        feed = Feed(store, SystemClock(), 10.0)
        made.append(feed)
        monkeypatch.setattr(feeds, "shared_feed", lambda: feed)
        app = AppTest.from_file(Path(dashboards.__file__).parent / "app.py", default_timeout=60).run()
        said = []
        for page in PAGES:
            app.switch_page(page).run()
            assert not app.exception
            said += [str(element.proto) for element in app.get("html")] + [repr(app.main)]
        return "\n".join(said)

    yield shown
    for feed in made:
        feed.stop()


def printed(store: Path) -> str:
    """What the commands that look at a store print."""
    said = ""
    for arguments in (
        ["verify", "--json", "report.json"],
        ["dead-letters", "list"],
        ["doctor"],
        ["query", "FROM meta", "--format", "json"],
    ):
        done = callboard(*arguments, "--store", store, cwd=store.parent)
        assert done.stdout + done.stderr
        said += done.stdout + done.stderr
    return said + (store.parent / "report.json").read_text()


def test_every_adapter_that_reads_files_has_canaries() -> None:
    with_files = {name for name, each in adapters().items() if each.read is not None}
    missing = with_files - {canary.adapter for canary in canaries()}
    assert not missing, "add a row for them, see tests/canary/table.py"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """What ``callboard publish`` makes of each adapter's canaries, and says of them."""
    out, found = tmp_path_factory.mktemp("out"), {}
    for canary in canaries():
        source = tmp_path_factory.mktemp(canary.adapter)
        arguments = canary.write(source)
        content = b"".join(path.read_bytes() for path in source.rglob("*") if path.is_file()).decode()
        assert any(needle in content for needle in NEEDLES), "the file is to hold canaries"
        done = callboard(
            *("publish", canary.adapter, *arguments, "--to", out / f"{canary.adapter}.jsonl"),
            cwd=source,
            CALLBOARD_CUSTOMER_KEY=KEY,
            CALLBOARD_PHONE_REGION="GB",
        )
        found[canary.adapter] = (out / f"{canary.adapter}.jsonl", done.stdout + done.stderr)
    return found


@pytest.mark.parametrize("canary", canaries(), ids=lambda canary: canary.adapter)
def test_what_an_adapter_reads_of_a_person_is_in_no_event(canary: Canary, published: Published) -> None:
    events, said = published[canary.adapter]
    assert len(events.read_bytes().splitlines()) >= canary.events, said
    found = found_in_text("what the command prints", said, NEEDLES) + found_in_text(
        canary.adapter, events.read_text(), NEEDLES
    )
    assert not sorted(set(found))


@pytest.mark.thorough
def test_what_adapters_read_of_a_person_is_nowhere_in_a_store(
    published: Published, tmp_path: Path, pages_of: Callable[[Path], str]
) -> None:
    files, out = [events for events, _ in published.values()], tmp_path / "out"
    out.mkdir()
    processed = callboard("process", *files, "--store", out / "store", cwd=out)
    checked = [callboard("check", file, cwd=out) for file in files]
    said = "\n".join(done.stdout + done.stderr for done in (processed, *checked))
    assert all(done.returncode == 0 for done in checked), said
    found, cells = found_in_tables(out / "store", NEEDLES)
    assert cells > 10 * sum(canary.events for canary in canaries())
    found += found_in_text("what the commands print", said + printed(out / "store"), NEEDLES)
    found += found_in_text("the board's pages", pages_of(out / "store"), NEEDLES)
    found += found_in_files(out, NEEDLES)
    assert not sorted(set(found))


@pytest.mark.broker
def test_what_a_producer_says_of_a_person_is_nowhere(
    tmp_path: Path, pages_of: Callable[[Path], str], caplog: pytest.LogCaptureFixture
) -> None:
    """By the library, and as bytes that are no events, through the broker and a worker."""
    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    out = tmp_path / "out"
    out.mkdir()
    door = Door(KEY.encode(), "GB")
    errors = ""
    bad = [
        line(example(id="b-1", data_interaction=CARD)),
        line(example(id="b-2", subject=f"{NAME} {CARD_DIGITS}")),
        f"{NAME}, {PHONE}, {EMAIL}, {CARD}: {TEXT}".encode(),
        f"{NAME} {CARD}".encode("utf-16"),
        line(example(data_channel=f"{NAME} {CARD} {TEXT}")),
        line(example(type=f"{NAME}.{EMAIL}", subject=CARD)),
        json.dumps({NAME: {EMAIL: CARD_DIGITS}}).encode(),
    ]
    with EmbeddedBroker(tmp_path / "broker") as broker, caplog.at_level("INFO"):
        create_topics(broker.bootstrap)
        connection = {"bootstrap_servers": broker.bootstrap}
        with EventProducer("acme/pbx-1", spool=out / "spool.db", connection=connection) as centre:
            call = centre.contact("acme", "c-1")
            call.queued(at, segment="1", queue="sales")
            call.described(at, customer=door.caller("acme", PHONE))
            call.described(at, customer=door.customer("acme", EMAIL))
            for member in ("product", "ticket", "customer"):
                with pytest.raises(InvalidEventError) as refused:
                    call.described(at, **{member: f"{NAME} {CARD}"})
                errors += str(refused.value)
            centre.flush(30)
        send(broker.bootstrap, [("calls", f"acme/{CARD}".encode(), value) for value in bad])
        with Worker(out / "store", broker.bootstrap, out / "worker.log", "--verbose") as worker:
            wait_until(lambda: sum(totals(out / "store")) == 3 + len(bad), lambda: worker.said)
            assert worker.terminate()[0] == 0
    assert totals(out / "store") == (3, 0, len(bad))
    shown = printed(out / "store") + pages_of(out / "store")
    log = (out / "worker.log").read_text()
    found, cells = found_in_tables(out / "store", NEEDLES, but=DEAD_LETTERS)
    assert cells > 100
    found += found_in_tables(out / "store", CARDS)[0]
    found += found_in_files(out, CARDS)
    for where, text in {"errors": errors, "logs": caplog.text + log, "pages and commands": shown}.items():
        found += found_in_text(where, text, NEEDLES)
    assert not found


def test_the_search_finds_what_is_there(tmp_path: Path, pages_of: Callable[[Path], str]) -> None:
    """Guards the tests above against passing because they look at nothing."""
    now = datetime.now(UTC).isoformat()
    said = [
        line(example(time=now, data_queue=NAME)),
        line(example(id="2", time=now, data_interaction=PHONE)),
        f"{EMAIL} {TEXT}".encode(),
    ]
    (tmp_path / "events.jsonl").write_bytes(b"\n".join(said))
    callboard("process", "events.jsonl", "--store", "store", cwd=tmp_path)
    (tmp_path / "events.jsonl").unlink()
    found = "\n".join(found_in_tables(tmp_path / "store", NEEDLES)[0])
    for needle, place in ((NAME, "events.queue"), (PHONE, "events.interaction"), (EMAIL, "rejects.value")):
        assert f"{needle!r} in live.duckdb, {place}" in found
    assert ".parquet" in found
    assert "calls-" in found
    assert NAME in pages_of(tmp_path / "store")
    (tmp_path / "note.txt").write_text(TEXT)
    assert any("note.txt" in each for each in found_in_files(tmp_path, NEEDLES))
