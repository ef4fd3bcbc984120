"""The live modes of the cloud systems: delivered files are followed, over a restart, without loss or repetition."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipeline.contract.events import Event
from pipeline.errors import CallboardError
from pipeline.producers.adapters import Call, LiveRequest, adapter
from pipeline.producers.adapters.documents.delivered import files_of
from pipeline.producers.adapters.documents.follow import DeliveredFiles
from pipeline.producers.live import Checkpoint, Place, follow
from tests.support.streams import DOOR, NOW, facts, read, stored

STREAMS = {
    "connect-ctr": Path(__file__).parent / "connect" / "ctr",
    "connect-contacts": Path(__file__).parent / "connect" / "contact-events.jsonl",
    "connect-agents": Path(__file__).parent / "connect" / "agent-events.json",
    "genesys-conversations": Path(__file__).parent / "genesys" / "details",
    "genesys-metrics": Path(__file__).parent / "genesys" / "metrics.jsonl",
}
CLIENTS = ",".join(
    (
        "aaaaaaaa-0000-4000-8000-000000000001=acme,bbbbbbbb-0000-4000-8000-000000000002=zenith",
        "a0000000-1111-4000-8000-000000000001=acme,b0000000-1111-4000-8000-000000000002=zenith",
    )
)


@dataclass
class Collecting:
    """A sink that keeps what was flushed, and loses what was not when it fails."""

    fail_at: int | None = None
    safe: list[Event] = field(default_factory=list)
    buffered: list[Event] = field(default_factory=list)

    def publish(self, event: Event) -> None:
        if self.fail_at is not None and len(self.safe) + len(self.buffered) >= self.fail_at:
            self.buffered.clear()
            raise CallboardError("Kafka is away")
        self.buffered.append(event)

    def flush(self) -> None:
        self.safe += self.buffered
        self.buffered = []


def run(name: str, target: Path, checkpoint: Checkpoint, sink: Collecting, patience: float = 60) -> None:
    """Follow until nothing more comes."""
    opener = adapter(name).live
    assert opener is not None
    place = checkpoint.load(name, str(target))
    live = opener(
        LiveRequest(str(target), client=CLIENTS, door=DOOR, position=None if place is None else place.position)
    )
    if place is not None:
        live.converter.restore(place.state)
    assert isinstance(live.reader, DeliveredFiles)
    live.reader.patience_seconds = patience
    looks = 0

    def stopped() -> bool:
        nonlocal looks
        looks += 1
        return looks > 2

    follow(live, sink, lambda at, state: checkpoint.save(Place(name, str(target), at, state)), stopped)


@pytest.mark.parametrize("name", STREAMS)
def test_delivered_files_are_followed_over_failures_and_restarts(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.producers.live._POLL_SECONDS", 0.0)
    target, checkpoint = tmp_path / "in", Checkpoint(tmp_path / "checkpoint.json")
    target.mkdir()
    sink = Collecting()
    for number, file in enumerate(files_of(STREAMS[name])):
        data = file.read_bytes()
        arrived = target / f"{number}-{file.name}"
        half = len(data) // 2
        if file.suffix == ".gz":
            shutil.copy(file, arrived)
        else:
            arrived.write_bytes(data[:half])
            run(name, target, checkpoint, sink)
            with arrived.open("ab") as stream:
                stream.write(data[half:])
        sink.fail_at = len(sink.safe) + 5
        with pytest.raises(CallboardError, match="Kafka is away"):
            run(name, target, checkpoint, sink)
        sink.fail_at = None
        run(name, target, checkpoint, sink)
    # What has no end is given up in the end.
    run(name, target, checkpoint, sink, patience=0)
    whole, _ = read(name, STREAMS[name], CLIENTS)
    assert Counter(event.id for event in sink.safe) == Counter(event.id for event in whole)
    with stored(tmp_path / "whole", whole) as con:
        truth = facts(con)
    with stored(tmp_path / "followed", sink.safe) as con:
        assert facts(con) == truth


@pytest.mark.parametrize("name", [name for name in STREAMS if adapter(name).hook is not None])
def test_posted_events_are_those_of_the_file(name: str) -> None:
    hook = adapter(name).hook
    assert hook is not None
    files = files_of(STREAMS[name])
    converter = hook.converter(LiveRequest("hook", client=CLIENTS, door=DOOR))
    posted: list[Event] = []
    for file in files:
        call = Call("https://example.com/hook", {"x-api-key": "s3cret"}, file.read_bytes(), NOW)
        hook.check(call, "s3cret")
        posted += [event for record in hook.records(call) for event in converter.convert(record)]
    whole, _ = read(name, STREAMS[name], CLIENTS)
    assert {event.id for event in posted} == {event.id for event in whole}


@pytest.mark.parametrize("name", STREAMS)
def test_options_that_have_no_meaning_are_refused(name: str) -> None:
    from pipeline.producers.adapters import AdapterRequest

    method: Callable[[AdapterRequest], object] | None = adapter(name).read
    assert method is not None
    with pytest.raises(CallboardError, match="leave --zone out"):
        method(AdapterRequest(STREAMS[name], NOW, zone="Europe/Berlin"))
