"""The customer behind an address, whatever kind of address it is."""

from __future__ import annotations

from pipeline.producers.door import Door


def customer_of(door: Door, client: str, address: str | None) -> str | None:
    """A pseudonym of a telephone number (also tel:+44...), an email or SIP address, or an identifier.

    What has letters is no number: the digits of an address alone would make one customer of many.
    """
    text = (address or "").strip().removeprefix("tel:")
    if any(map(str.isalpha, text)):
        return door.customer(client, text)
    return door.caller(client, text)
