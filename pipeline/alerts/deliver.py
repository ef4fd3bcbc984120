"""Telling people: by webhook and by email. What is owed is in the state until somebody has taken it."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import smtplib
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from pipeline.alerts.rule import Email, Webhook
from pipeline.alerts.state import AlertState, Row, stamp
from pipeline.alerts.words import in_words
from pipeline.clock import Clock
from pipeline.settings import Settings

SIGNATURE = "Callboard-Signature"
TIMESTAMP = "Callboard-Timestamp"
KEY = "Idempotency-Key"
TIMEOUT_SECONDS = 10.0
#: At once, for what passes in a moment; after that later and later, until a day is over.
QUICK_TRIES = 3
FIRST_PAUSE_SECONDS = 15.0
LONGEST_PAUSE_SECONDS = 3_600.0
GIVE_UP_AFTER = timedelta(days=1)
#: Answers that say that another try may do.
_PASSING = frozenset({408, 425, 429})
_SERVER_ERROR = 500
_LOG = logging.getLogger(__name__)


class NotDeliveredError(Exception):
    """In one line, why; without what was sent."""


class PassingError(NotDeliveredError):
    """It may work in a moment."""


def signature(key: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 over ``timestamp.body``: a receiver that checks both cannot be fooled by an old message."""
    return "v1=" + hmac.new(key.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


class Deliverer:
    """Delivers what is due. At least once: a receiver knows a second one by its key."""

    def __init__(
        self, state: AlertState, settings: Settings, clock: Clock, transport: httpx.BaseTransport | None = None
    ) -> None:
        """``transport``: for tests."""
        self._state, self._settings, self._clock = state, settings, clock
        self._http = httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False, transport=transport)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def turn(self, targets: Mapping[str, Webhook | Email], stopping: Callable[[], bool] = lambda: False) -> int:
        """Try what is due; how many were taken."""
        taken = 0
        for delivery in self._state.due(self._clock.now()):
            if stopping():
                break
            taken += self._try(delivery, targets.get(delivery["target"]))
        return taken

    def _try(self, delivery: Row, target: Webhook | Email | None) -> int:
        problem: str | None = None
        try:
            if target is None:
                raise NotDeliveredError(f"alerts.yaml has no target {delivery['target']} any more")
            for attempt in Retrying(
                retry=retry_if_exception_type(PassingError), stop=stop_after_attempt(QUICK_TRIES),
                wait=wait_exponential_jitter(multiplier=0.2, max=2), sleep=self._clock.sleep, reraise=True,
            ):  # fmt: skip
                with attempt:
                    self._send(delivery, target)
        except NotDeliveredError as error:
            problem = str(error)
            _LOG.warning("%s was not delivered to %s: %s", delivery["key"], delivery["target"], problem)
        self._note(delivery, problem)
        return problem is None

    def _send(self, delivery: Row, target: Webhook | Email) -> None:
        if isinstance(target, Webhook):
            self._post(delivery, target.webhook)
        else:
            self._mail(delivery, target.email)

    def _note(self, delivery: Row, problem: str | None) -> None:
        now, attempts = self._clock.now(), delivery["attempts"] + 1
        pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(delivery["attempts"], 20))
        gone = problem is not None and now - datetime.fromisoformat(delivery["made_at"]) >= GIVE_UP_AFTER
        self._state.change(
            "UPDATE deliveries SET attempts = :attempts, next_at = :next_at, delivered_at = :delivered_at, "
            "given_up_at = :given_up_at, problem = :problem WHERE key = :key",
            {
                "key": delivery["key"], "attempts": attempts, "problem": problem,
                "next_at": stamp(now + timedelta(seconds=pause)),
                "delivered_at": stamp(now) if problem is None else None, "given_up_at": stamp(now) if gone else None,
            },
        )  # fmt: skip

    def _post(self, delivery: Row, address: str) -> None:
        body, at = delivery["body"].encode(), int(self._clock.now().timestamp())
        headers = {"Content-Type": "application/json", KEY: delivery["key"], TIMESTAMP: str(at)}
        if key := self._settings.alert_webhook_key.get_secret_value():
            headers[SIGNATURE] = signature(key, at, body)
        try:
            answer = self._http.post(address, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise PassingError(f"{type(error).__name__}: the address cannot be reached") from None
        if answer.status_code in _PASSING or answer.status_code >= _SERVER_ERROR:
            raise PassingError(f"it answered {answer.status_code}")
        if not answer.is_success:
            raise NotDeliveredError(f"it answered {answer.status_code}")

    def _mail(self, delivery: Row, addresses: tuple[str, ...]) -> None:
        settings = self._settings
        if not settings.smtp_host:
            raise NotDeliveredError("the setting smtp_host names no mail server")
        try:
            if settings.smtp_security == "tls":
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_SECONDS, context=_context(settings)
                )
            else:
                server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_SECONDS)
            with server:
                if settings.smtp_security == "starttls":
                    server.starttls(context=_context(settings))
                if settings.smtp_user:
                    server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
                server.send_message(mail(delivery, settings.smtp_from, addresses, self._clock.now()))
        except smtplib.SMTPResponseException as error:
            kind = PassingError if error.smtp_code < _SERVER_ERROR else NotDeliveredError
            raise kind(f"the mail server answered {error.smtp_code}") from None
        except smtplib.SMTPRecipientsRefused:
            raise NotDeliveredError("the mail server refused every address") from None
        except (OSError, smtplib.SMTPException) as error:
            raise PassingError(f"{type(error).__name__}: the mail server cannot be reached or used") from None


def _context(settings: Settings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=None if settings.smtp_ca_file is None else str(settings.smtp_ca_file))


def mail(delivery: Row, sender: str, addresses: tuple[str, ...], now: datetime) -> EmailMessage:
    """The mail of a delivery. Its id is made of the key, so that a second one of the same is known as such."""
    body: dict[str, Any] = json.loads(delivery["body"])
    subject, text = in_words(body)
    found = EmailMessage()
    found["Subject"], found["From"], found["To"] = subject, sender, ", ".join(addresses)
    found["Date"] = now
    found["Message-ID"] = f"<{delivery['key']}@{sender.rpartition('@')[2]}>"
    found["Auto-Submitted"] = "auto-generated"
    found.set_content(text)
    return found
