"""Personal data at the door: what leads to a person is replaced before an event is made of it.

A telephone number is brought into one form (E.164) first, so that the same person is the same customer whichever system
says the number and however it writes it. What goes on is a keyed hash (HMAC-SHA-256) under a key of the client's own,
made of the centre's: two clients cannot compare their customers, and nobody without the key can try all numbers out.
"""

from __future__ import annotations

import hashlib
import hmac
import re

import phonenumbers

#: 128 bits: far more than a centre has customers, and short enough to be read out.
_PSEUDONYM_CHARS = 32
#: How many pseudonyms are remembered; they can be made again at any time.
_MOST_KNOWN = 50_000
_SIP = re.compile(r"sips?:([^@;]*)", re.IGNORECASE)


class Door:
    """Makes pseudonyms. Without a key there are none: customers are left out of the events."""

    def __init__(self, key: bytes | None, region: str | None = None) -> None:
        """``key`` is the centre's secret; ``region`` (ISO 3166, such as DE) is where numbers without a prefix are."""
        self._key = key
        self._region = region
        self._client_keys: dict[str, bytes] = {}
        self._known: dict[tuple[str, str], str] = {}

    def caller(self, client: str, number: str | None) -> str | None:
        """The customer behind a telephone number, or None without a number or a key.

        A withheld number, which some systems write as zeros, is no number.
        """
        text = (number or "").strip()
        as_sip = _SIP.match(text)
        text = as_sip[1] if as_sip else text
        digits = "".join(filter(str.isdigit, text))
        return self.customer(client, _e164(text, self._region)) if digits.strip("0") else None

    def customer(self, client: str, reference: str | None) -> str | None:
        """The customer behind any other reference: an email address, a contact's number in the source."""
        text = (reference or "").strip().lower()
        if not text or self._key is None:
            return None
        known = self._known.get((client, text))
        if known is None:
            digest = hmac.new(self._client_key(self._key, client), text.encode(), hashlib.sha256)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[client, text] = digest.hexdigest()[:_PSEUDONYM_CHARS]
        return known

    def _client_key(self, key: bytes, client: str) -> bytes:
        found = self._client_keys.get(client)
        if found is None:
            found = self._client_keys[client] = hmac.new(key, client.encode(), hashlib.sha256).digest()
        return found


def _e164(text: str, region: str | None) -> str:
    """The number in E.164 where it can be understood, else its digits: an internal extension has no such form."""
    if region is None and text.startswith("00"):
        # The prefix for abroad in nearly all countries; with a region phonenumbers knows the one of that region.
        text = f"+{text[2:]}"
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return "".join(filter(str.isdigit, text))
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
