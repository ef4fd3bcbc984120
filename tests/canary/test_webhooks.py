"""Calls full of a person, in the body, in headers, in the URL and its query: taken or refused, nothing of it stays."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx
import pytest

from tests.canary.search import found_in_files, found_in_tables, found_in_text
from tests.canary.table import CARD, EMAIL, NAME, NEEDLES, PHONE, TEXT, canaries
from tests.e2e.command import COMMAND, callboard, environment
from tests.e2e.published import totals
from tests.e2e.topics import create_topics
from tests.e2e.worker import Worker, wait_until
from tests.support.broker import EmbeddedBroker
from tests.support.ports import free_port

pytestmark = pytest.mark.thorough

SECRET = "a-secret-of-the-tests"  # noqa: S105
ORIGIN = "https://hooks.example.org"
#: By adapter: what a call is signed with. Each has its canaries in its package, one record a line.
ADAPTERS = (
    "chatwoot", "cloudevents", "connect-contacts", "genesys-conversations", "genesys-metrics", "intercom", "twilio",
    "zendesk",
)  # fmt: skip
#: What anybody can say beside the body: none of it is asked for.
HEADERS = {"user-agent": quote(NAME), "from": EMAIL, "x-note": quote(TEXT), "referer": f"https://x.example/?c={CARD}"}
QUERY = urlencode({"caller": PHONE, "name": NAME, "mail": EMAIL, "note": TEXT})


def mac(content: bytes, algorithm: str = "sha256") -> bytes:
    return hmac.new(SECRET.encode(), content, algorithm).digest()


def signed(adapter: str, body: bytes) -> tuple[str, bytes, dict[str, str]]:
    """Query, body and headers of a call."""
    now = datetime.now(UTC)
    json_type = {"content-type": "application/json"}
    if adapter == "chatwoot":
        return f"?token={SECRET}&{QUERY}", body, json_type
    if adapter == "cloudevents":
        kind = "application/cloudevents+json"
        return f"?{QUERY}", body, {"content-type": kind, "authorization": f"Bearer {SECRET}"}
    if adapter == "intercom":
        return f"?{QUERY}", body, {**json_type, "x-hub-signature": f"sha1={mac(body, 'sha1').hex()}"}
    if adapter == "twilio":
        query = f"?bodySHA256={hashlib.sha256(body).hexdigest()}"
        signature = base64.b64encode(mac(f"{ORIGIN}/twilio/twilio{query}".encode(), "sha1")).decode()
        return query, body, {**json_type, "x-twilio-signature": signature}
    if adapter == "zendesk":
        stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
        signature = base64.b64encode(mac(stamp.encode() + body)).decode()
        beside = {"x-zendesk-webhook-signature": signature, "x-zendesk-webhook-signature-timestamp": stamp}
        return f"?{QUERY}", body, {**json_type, **beside}
    return f"?{QUERY}", body, {**json_type, "x-api-key": SECRET}


@contextmanager
def receiving(folder: Path, bootstrap: str) -> Iterator[str]:
    """``callboard webhooks`` as its own process; its address."""
    sources = [
        {"name": name, "adapter": name, "client": "acme", "secret_env": "HOOK_SECRET", "url": f"{ORIGIN}/{name}/{name}"}
        for name in ADAPTERS
    ]
    config = {"sources": sources, "calls_per_minute": 100_000}
    (folder / "webhooks.yaml").write_text(json.dumps(config))
    port = free_port()
    with (folder / "receiver.log").open("ab") as log:
        process = subprocess.Popen(
            [COMMAND, "webhooks", "--port", str(port), "--state", "hooks", "--bootstrap-servers", bootstrap],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment(HOOK_SECRET=SECRET, CALLBOARD_CUSTOMER_KEY="a key", CALLBOARD_PHONE_REGION="GB"),
        )
        try:
            wait_until(lambda: is_well(port), (folder / "receiver.log").read_text)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def is_well(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.broker
@pytest.mark.timeout(240)
def test_what_calls_say_of_a_person_is_nowhere(tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    out.mkdir()
    bodies: dict[str, list[bytes]] = {}
    for canary in canaries():
        if canary.adapter in ADAPTERS and canary.adapter not in bodies:
            folder = source / canary.adapter
            folder.mkdir(parents=True)
            file = folder / canary.write(folder)[0]
            bodies[canary.adapter] = [line for line in file.read_bytes().splitlines() if line.strip()]
    assert set(bodies) == set(ADAPTERS)
    answers, events, taken = "", 0, dict.fromkeys(ADAPTERS, 0)
    with EmbeddedBroker(tmp_path / "broker") as broker:
        create_topics(broker.bootstrap)
        with receiving(out, broker.bootstrap) as address, httpx.Client(timeout=30) as http:
            for adapter, records in bodies.items():
                for body in records:
                    query, content, headers = signed(adapter, body)
                    url = f"{address}/{adapter}/{adapter}{query}"
                    answer = http.post(url, content=content, headers={**HEADERS, **headers})
                    answers += answer.text
                    assert answer.status_code in {200, 400, 422}, answer.text
                    taken[adapter] += answer.status_code == 200
                    events += answer.json().get("events", 0)
            for path in (f"/twilio/{quote(NAME)}", f"/{quote(EMAIL)}", f"/zendesk/zendesk?{QUERY}", f"/health?{QUERY}"):
                answers += http.post(f"{address}{path}", content=TEXT.encode(), headers=HEADERS).text
        assert all(number >= 3 for number in taken.values()), taken
        with Worker(out / "store", broker.bootstrap, out / "worker.log", "--verbose") as worker:
            wait_until(lambda: sum(totals(out / "store")) == events, lambda: f"{totals(out / 'store')} of {events}")
            assert worker.terminate()[0] == 0
    assert totals(out / "store")[2] == 0
    assert any((out / "hooks").rglob("*.json")), "there are checkpoints"
    said = callboard("doctor", "--store", out / "store", cwd=out)
    found = found_in_text("answers and commands", answers + said.stdout + said.stderr, NEEDLES)
    found += found_in_tables(out / "store", NEEDLES)[0]
    found += found_in_files(out, NEEDLES)
    assert not sorted(set(found))
