"""Webhooks and mail, to real servers on loopback: signed, tried again with the same key, and never lost by a kill."""

from __future__ import annotations

import email
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.alerts.deliver import KEY, SIGNATURE, TIMESTAMP, Deliverer, signature
from pipeline.alerts.reading import deliveries
from pipeline.alerts.rule import Email, Webhook
from pipeline.alerts.state import AlertState, stamp
from pipeline.clock import ManualClock
from pipeline.errors import CallboardError
from pipeline.settings import Settings, load_settings
from tests.alerts.receivers import Hook, MailServer, certificate, running
from tests.alerts.stores import START, published
from tests.e2e.command import environment
from tests.support.calls import call

BODY = {
    "version": 1, "alert": "a1", "event": "raised", "rule": "many", "title": "Many wait", "severity": "serious",
    "measure": "waiting", "unit": "count", "comparison": ">=", "threshold": 2.0, "per": "queue", "client": "acme",
    "subject": "sales", "since": stamp(START), "raised_at": stamp(START), "value": 3.0, "peak": 4.0,
    "escalated_at": None, "cleared_at": None, "cleared_because": None,
}  # fmt: skip


@pytest.fixture
def state(tmp_path: Path) -> Iterator[AlertState]:
    made = AlertState(tmp_path)
    names = ("rule", "title", "severity", "measure", "unit", "comparison", "threshold", "per", "client", "subject")
    made.add_alert(
        {
            **{name: BODY[name] for name in names}, "id": "a1", "of_agents": 0, "since": stamp(START),
            "raised_at": stamp(START), "value": 3.0, "peak": 4.0, "sql": "", "evidence": "[]",
        }
    )  # fmt: skip
    made.owe("a1", "raised", "duty", BODY, START)
    yield made
    made.close()


def delivered(state: AlertState, target: Any, clock: ManualClock, **settings: Any) -> dict[str, Any]:
    deliverer = Deliverer(state, Settings(**settings), clock)
    deliverer.turn({"duty": target})
    deliverer.close()
    (row,) = deliveries(state.path.parent, "a1")
    return row


def test_a_webhook_gets_the_alert_signed_with_the_time(state: AlertState) -> None:
    with running(Hook()) as hook:
        row = delivered(state, Webhook(webhook=hook.address), ManualClock(START), alert_webhook_key="secret")
    ((headers, body),) = hook.got
    assert json.loads(body) == BODY
    assert headers[KEY] == "a1.raised.duty"
    assert headers[TIMESTAMP] == str(int(START.timestamp()))
    assert headers[SIGNATURE] == signature("secret", int(START.timestamp()), body)
    assert row["delivered_at"] is not None


def test_the_signature_is_what_others_compute() -> None:
    """By the hmac of the command line: printf '1.{}' | openssl dgst -sha256 -hmac secret."""
    assert signature("secret", 1, b"{}") == "v1=1122767b193110cfec322b6f199b599edbf608ed087f2d27afb0b97d99523908"


def test_what_passes_in_a_moment_is_tried_at_once_with_the_same_key(state: AlertState) -> None:
    with running(Hook(503, 429, 200)) as hook:
        row = delivered(state, Webhook(webhook=hook.address), ManualClock(START))
    assert [headers[KEY] for headers, _ in hook.got] == ["a1.raised.duty"] * 3
    assert SIGNATURE not in hook.got[0][0]
    assert row["delivered_at"] is not None


def test_what_is_refused_is_tried_later_and_given_up_after_a_day(state: AlertState) -> None:
    clock = ManualClock(START)
    with running(Hook(404)) as hook:
        row = delivered(state, Webhook(webhook=hook.address), clock)
        assert (row["attempts"], row["delivered_at"], row["problem"]) == (1, None, "it answered 404")
        assert delivered(state, Webhook(webhook=hook.address), clock)["attempts"] == 1, "not before its time"
        clock.sleep(20)
        assert delivered(state, Webhook(webhook=hook.address), clock)["attempts"] == 2
        clock.sleep(86_400)
        row = delivered(state, Webhook(webhook=hook.address), clock)
        assert row["given_up_at"] is not None
        clock.sleep(86_400)
        assert delivered(state, Webhook(webhook=hook.address), clock)["attempts"] == 3, "given up is given up"


def test_nobody_there_is_said_and_tried_later(state: AlertState) -> None:
    row = delivered(state, Webhook(webhook="http://127.0.0.1:9/x"), ManualClock(START))
    assert row["problem"] == "ConnectError: the address cannot be reached"
    clock = ManualClock(START + timedelta(minutes=1))
    deliverer = Deliverer(state, Settings(), clock)
    deliverer.turn({})
    deliverer.close()
    assert deliveries(state.path.parent, "a1")[0]["problem"] == "alerts.yaml has no target duty any more"


def test_mail_goes_out_encrypted_with_a_login(state: AlertState, tmp_path: Path) -> None:
    authority, context = certificate(tmp_path)
    with running(MailServer(context)) as server:
        row = delivered(
            state, Email(email=("leads@example.com",)), ManualClock(START), smtp_host="localhost",
            smtp_port=server.port, smtp_user="board", smtp_password="pass",  # noqa: S106
            smtp_from="callboard@example.com",
            smtp_ca_file=authority,
        )  # fmt: skip
    assert row["problem"] is None
    assert server.encrypted == [True]
    assert len(server.login) == 1
    mail = email.message_from_string(server.got[0])
    assert mail["Subject"] == "[serious] Many wait: acme, sales"
    assert mail["Message-ID"] == "<a1.raised.duty@example.com>"
    assert "Value 3, worst 4; the limit is at or above 2." in mail.get_payload()


def test_a_mail_server_without_encryption_gets_nothing(state: AlertState) -> None:
    with running(MailServer(None)) as server:
        row = delivered(
            state, Email(email=("a@example.com",)), ManualClock(START), smtp_host="127.0.0.1", smtp_port=server.port
        )
        assert "cannot be reached or used" in row["problem"]
        assert server.got == []
    with pytest.raises(CallboardError, match="smtp_security 'plaintext-local' is for loopback only"):
        load_settings(smtp_security="plaintext-local", smtp_host="mail.example.com")


@pytest.mark.timeout(60)
def test_a_kill_between_raising_and_telling_loses_nothing(tmp_path: Path) -> None:
    """The evaluator is killed while the receiver keeps it waiting; the next one tells, with the same key."""
    minutes = [START + timedelta(minutes=number) for number in range(3)]
    store = published(tmp_path / "store", call(1, minutes[0]), minutes[2])
    with running(Hook(503)) as hook:
        rules = tmp_path / "alerts.yaml"
        rules.write_text(
            f"version: 1\ntargets:\n  duty: {{webhook: '{hook.address}'}}\nrules:\n  any:\n    title: Somebody waits\n"
            '    measure: waiting\n    comparison: ">"\n    threshold: 0\n    tell: [duty]\n'
        )
        command = [
            sys.executable, "-m", "pipeline.cli", "alerts", "run", "--store", str(store), "--rules", str(rules),
            "--every-seconds", "0.2",
        ]  # fmt: skip
        first = subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL)
        wait_for(lambda: bool(hook.got))
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        state = AlertState(store)
        (alert,) = state.rows("SELECT id FROM alerts")
        assert state.rows("SELECT 1 FROM deliveries WHERE delivered_at IS NOT NULL") == []
        # What was tried before the kill may have been noted; its time has come.
        state.change("UPDATE deliveries SET next_at = :now", {"now": stamp(START)})
        state.close()
        tried = len(hook.got)
        hook.answers = [200]
        second = subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL)
        wait_for(lambda: bool(deliveries(store, alert["id"])[0]["delivered_at"]))
        second.terminate()
        assert second.wait(20) == 0
    assert len(hook.got) == tried + 1, "told once, after the kill"
    assert {headers[KEY] for headers, _ in hook.got} == {f"{alert['id']}.raised.duty"}
    assert len({body for _, body in hook.got}) == 1


def wait_for(happened: Any, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
