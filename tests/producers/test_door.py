"""Personal data at the door: one person is one pseudonym however the number is written, and of one client only."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from pipeline.producers import door as doors
from pipeline.producers.door import Door

KEY = b"a secret of the centre"
LONDON = "+442079460958"


def expected(client: str, text: str) -> str:
    """The definition: HMAC-SHA-256 under a key of the client's own, the first 128 bits in hexadecimal."""
    key = hmac.digest(KEY, client.encode(), "sha256")
    return hmac.digest(key, text.encode(), hashlib.sha256).hex()[:32]


def test_the_pseudonym_is_the_one_it_always_was() -> None:
    """Written out: another one tomorrow would make every customer a new one."""
    assert Door(KEY).caller("acme", LONDON) == expected("acme", LONDON) == "d3711c0b5c3fb8c62e86f4f880ee1eeb"


@pytest.mark.parametrize(
    ("written", "region"),
    [
        ("+442079460958", None),
        ("+44 20 7946 0958", None),
        ("+44 (0)20 7946 0958", None),
        ("+44-20-7946-0958", "DE"),
        ("00442079460958", None),
        ("0044 20 7946 0958", "GB"),
        ("011 44 20 7946 0958", "US"),
        ("020 7946 0958", "GB"),
        ("(020) 7946-0958", "GB"),
        ("020 7946 0958 ext. 12", "GB"),
        (" tel:+44-20-7946-0958 ", None),
        ("sip:+442079460958@pbx.example.org;user=phone", None),
        ("SIPS:02079460958@10.0.0.1", "GB"),
        ("whatsapp:+442079460958", None),
    ],
)
def test_one_number_in_any_spelling_is_one_customer(written: str, region: str | None) -> None:
    assert Door(KEY, region).caller("acme", written) == expected("acme", LONDON)


def test_a_number_without_a_prefix_is_of_the_region() -> None:
    assert Door(KEY, "US").caller("acme", "202-555-0123") == expected("acme", "+12025550123")
    assert Door(KEY, "DE").caller("acme", "030 901820") == expected("acme", "+4930901820")
    assert Door(KEY).caller("acme", "030 901820") == expected("acme", "030901820"), "its digits, for want of a region"


def test_clients_and_keys_are_strangers_to_each_other() -> None:
    found = {
        Door(KEY).caller("acme", LONDON),
        Door(KEY).caller("borealis", LONDON),
        Door(b"another").caller("acme", LONDON),
        Door(KEY).caller("acme", "+442079460959"),
    }
    assert len(found) == 4


@pytest.mark.parametrize(
    "nobody", [None, "", "  ", "anonymous", "Restricted", "0", "0000000000", "sip:anonymous@anonymous.invalid"]
)
def test_a_withheld_number_is_nobody(nobody: str | None) -> None:
    assert Door(KEY, "GB").caller("acme", nobody) is None


def test_without_a_key_there_are_no_customers() -> None:
    assert Door(None, "GB").caller("acme", LONDON) is None
    assert Door(None).customer("acme", "erika@example.org") is None


def test_other_references_are_the_same_in_either_case() -> None:
    door = Door(KEY)
    assert door.customer("acme", " Erika@Example.org ") == expected("acme", "erika@example.org")
    assert door.customer("acme", None) is None
    assert door.customer("acme", " ") is None


def test_the_pseudonym_says_nothing_of_the_number() -> None:
    door = Door(KEY)
    for number in range(200):
        said = door.caller("acme", f"+4420794{number:05}") or ""
        assert len(said) == 32
        assert "794" + f"{number:05}" not in said


def test_what_is_remembered_is_bounded_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "_MOST_KNOWN", 10)
    door = Door(KEY)
    first = [door.caller("acme", f"+442079460{number:03}") for number in range(35)]
    assert [door.caller("acme", f"+442079460{number:03}") for number in range(35)] == first
    assert len(vars(door)["_known"]) <= 10
