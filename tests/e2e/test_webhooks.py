"""Signed webhook calls into a live store: a real receiver, a real broker, a real worker, and what breaks in between."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from pipeline.producers.adapters.twilio.record import read_record
from tests.e2e.command import COMMAND, callboard, environment
from tests.e2e.conftest import StartWorker
from tests.e2e.worker import SOON, wait_until
from tests.producers.pushed.recorded import Stored, documents, facts_of, pushed
from tests.support.broker import EmbeddedBroker
from tests.support.ports import free_port

STREAM = Path(__file__).parents[1] / "producers" / "twilio" / "taskrouter.jsonl"
TOKEN = "an-auth-token-of-the-tests"  # noqa: S105
PUBLIC = "https://hooks.example.org/twilio/main"
CONFIG = f"""\
max_body_bytes: 16384
sources:
- {{name: main, adapter: twilio, client: acme, source: twilio, secret_env: TWILIO_AUTH_TOKEN, url: "{PUBLIC}"}}
"""

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]


class Receiver:
    """``callboard webhooks`` as its own process."""

    def __init__(self, folder: Path, bootstrap: str) -> None:
        self._folder = folder
        self._bootstrap = bootstrap
        self.port = free_port()
        self._log = (folder / "receiver.log").open("ab")
        (folder / "webhooks.yaml").write_text(CONFIG)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def said(self) -> str:
        return (self._folder / "receiver.log").read_text()

    def start(self) -> None:
        options = ("--port", self.port, "--state", "hooks", "--bootstrap-servers", self._bootstrap)
        self._process = subprocess.Popen(
            [str(COMMAND), "webhooks", *map(str, options)],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env=environment(
                TWILIO_AUTH_TOKEN=TOKEN, CALLBOARD_CUSTOMER_KEY="the tests' own key", CALLBOARD_PHONE_REGION="GB"
            ),
        )
        wait_until(self._is_well, lambda: f"the receiver answers; it said:\n{self.said}")

    def end(self, how: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(how)
        return process.wait(60)

    def close(self) -> None:
        self.end(signal.SIGKILL)
        self._log.close()

    def post(self, record: dict[str, Any], token: str = TOKEN, **changed: str) -> httpx.Response:
        """Post a record as Twilio does: a callback's fields as a form, anything else as JSON."""
        if "EventType" in record:
            fields = {**record, **changed}
            content = urlencode(fields).encode()
            signed = PUBLIC + "".join(name + fields[name] for name in sorted(fields))
            query, kind = "", "application/x-www-form-urlencoded"
        else:
            content = json.dumps([record]).encode()
            query, kind = f"?bodySHA256={hashlib.sha256(content).hexdigest()}", "application/json"
            signed = PUBLIC + query
        signature = base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()
        url = f"http://127.0.0.1:{self.port}/twilio/main{query}"
        return httpx.post(
            url, content=content, headers={"content-type": kind, "x-twilio-signature": signature}, timeout=30
        )

    def _is_well(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"the receiver ended:\n{self.said}"
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/health", timeout=5).status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def receiving(folder: Path, bootstrap: str) -> Iterator[Receiver]:
    receiver = Receiver(folder, bootstrap)
    try:
        receiver.start()
        yield receiver
    finally:
        receiver.close()


def test_calls_reach_the_live_store_once_whatever_breaks(
    embedded_broker: EmbeddedBroker, start_worker: StartWorker, tmp_path: Path
) -> None:
    records = [record for record in documents(STREAM) if read_record(record) is not None]
    records.sort(key=lambda record: read_record(record).time)  # type: ignore[union-attr]
    events = list({event.id: event for event in pushed("twilio", records)}.values())
    expected = Stored(tmp_path / "expected", events).facts()
    store = tmp_path / "store"

    def stored() -> int:
        return int(facts_count(store)) if (store / "live.duckdb").exists() else 0

    with receiving(tmp_path, embedded_broker.bootstrap) as receiver:
        worker = start_worker(embedded_broker.bootstrap, **SOON)
        worker.wait_for("holds")
        # What may not come in does not, and costs nothing.
        assert receiver.post(records[0], "another-token-of-somebody").status_code == 401
        too_large = receiver.post(records[0], EventDescription="x" * 20_000)
        assert (too_large.status_code, set(too_large.json())) == (413, {"error"})
        # The first part, each call twice, as a sender does who missed the answer.
        third = len(records) // 3
        for record in records[:third]:
            assert receiver.post(record).status_code == 200
            assert receiver.post(record).status_code == 200
        # The receiver dies between two calls, with contacts under way.
        receiver.end(signal.SIGKILL)
        receiver.start()
        for record in records[third - 1 : 2 * third]:
            assert receiver.post(record).status_code == 200
        # Kafka goes away. This broker forgets its log, so the worker has to have it all before.
        so_far = len({event.id for event in pushed("twilio", records[: 2 * third])})
        wait_until(lambda: stored() == so_far, lambda: f"{so_far} events are stored, not {stored()}")
        embedded_broker.stop()
        answer = receiver.post(records[2 * third])
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert httpx.get(f"http://127.0.0.1:{receiver.port}/health").status_code == 503
        embedded_broker.start()
        for record in records[2 * third :]:
            wait_until(lambda record=record: receiver.post(record).status_code == 200, lambda: "the call is taken")
        wait_until(lambda: stored() == len(events), lambda: f"{len(events)} events are stored, not {stored()}")
        assert facts_of(store) == expected
        # Asked to end, it ends in order.
        began = time.monotonic()
        assert receiver.end(signal.SIGTERM) == 0
        assert time.monotonic() - began < 20
    said = receiver.said
    assert "main: 401, the call is not signed with this source's secret" in said
    for canary in ("Canary", "+4420", "4420794601", TOKEN, "Traceback", "bodySHA256"):
        assert canary not in said


def test_what_cannot_be_received_is_one_line(tmp_path: Path) -> None:
    """The command says what is wrong before it listens, and never the secret."""

    def refused(*options: object, **settings: str) -> str:
        done = callboard("webhooks", *options, cwd=tmp_path, **settings)
        assert done.returncode == 2, done.stderr
        assert done.stderr.count("\n") == 1
        assert TOKEN not in done.stderr
        return done.stderr

    assert "there is no webhooks.yaml, which says what is received" in refused()
    (tmp_path / "webhooks.yaml").write_text(CONFIG)
    assert "the environment variable TWILIO_AUTH_TOKEN) is empty, or not there" in refused()
    secret = {"TWILIO_AUTH_TOKEN": TOKEN}
    assert "0.0.0.0 is not loopback" in refused("--host", "0.0.0.0", **secret)  # noqa: S104  what is refused
    (tmp_path / "webhooks.yaml").write_text(CONFIG.replace("adapter: twilio", "adapter: twillio"))
    assert "choose one of chatwoot, cloudevents, connect-contacts, genesys-conversations" in refused(**secret)


def test_two_receivers_do_not_share_a_state_or_a_port(embedded_broker: EmbeddedBroker, tmp_path: Path) -> None:
    secret = {"TWILIO_AUTH_TOKEN": TOKEN}
    with receiving(tmp_path, embedded_broker.bootstrap) as receiver:
        same_state = callboard("webhooks", "--port", free_port(), "--state", "hooks", cwd=tmp_path, **secret)
        assert same_state.returncode == 2
        assert "another receiver uses hooks" in same_state.stderr
        same_port = callboard("webhooks", "--port", receiver.port, "--state", "other", cwd=tmp_path, **secret)
        assert same_port.returncode == 2
        assert f"cannot listen on 127.0.0.1:{receiver.port}" in same_port.stderr


def facts_count(store: Path) -> int:
    from pipeline.store.reader import run_query

    return int(run_query(store, "SELECT count(*) FROM events")[1][0][0])
