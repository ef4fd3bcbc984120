"""Numbers of payment cards: found however they are written, and nothing else taken for one."""

from __future__ import annotations

import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.contract.cards import holds_card, without_cards
from pipeline.contract.decode import decode
from pipeline.contract.rejects import Rejection, RejectReason
from tests.contract.corpus import ACCEPTED_FILES, NOW
from tests.oracle.contract import names_a_card

# The numbers that the card companies publish for tests: 14 to 19 digits.
CARDS = (
    "4111111111111111",
    "5555555555554444",
    "378282246310005",
    "6011111111111117",
    "3530111333300000",
    "30569309025904",
    "6304000000000000",
    "4000000000000000006",
)
GROUPED = (
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111 - 1111 - 1111 - 1111",
    "3782 822463 10005",
    "3056-930902-5904",
    "4000 0000 0000 0000 006",
    "1234 4111 1111 1111 1111",
)


@pytest.mark.parametrize("card", [*CARDS, *GROUPED])
@pytest.mark.parametrize(
    "around", ["{}", "card {}, valid", "x_{}", "(é{}é)", "{} 123", "{}-12/27", "\n{}\t", "\u00a0{}"]
)
def test_a_card_is_found_and_masked_in_whatever_it_stands(card: str, around: str) -> None:
    said = around.format(card)
    for document in (said, {said: 1}, {"a": [{"b": said}]}):
        for escaped in (True, False):
            value = json.dumps(document, ensure_ascii=escaped).encode()
            assert holds_card(value)
            masked = without_cards(value)
            assert len(masked) == len(value)
            assert not holds_card(masked)
            assert names_a_card(document)
            digits = "".join(filter(str.isdigit, card))
            shown = "".join(filter(str.isdigit, masked.decode()))
            assert digits not in shown
            assert digits[-4:] in shown


@pytest.mark.parametrize("card", CARDS)
def test_a_card_is_found_as_a_number_too(card: str) -> None:
    assert holds_card(f'{{"paid_with":{card}}}'.encode())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le"])
def test_what_cannot_be_decoded_is_masked_too(encoding: str) -> None:
    raw = "paid with 4111 1111 1111 1111".encode(encoding)
    assert without_cards(raw).decode(encoding) == "paid with **** **** **** 1111"
    assert without_cards(b"\xff\xfe\x004111111111111111\x80") == b"\xff\xfe\x00************1111\x80"


@pytest.mark.parametrize(
    "other",
    [
        "4111111111111112",  # the check digit is wrong
        "2111111111111114",  # begins with 2
        "7111111111111119",
        "a4111111111111111",
        "4111111111111111b",
        "94111111111111111119",
        "41111111111116",  # 14 digits whose check digit is wrong
        "4111111111119",  # 13 digits
        "0.4111111111111111",
        "2026-11-22T10:00:00.123456+00:00",
        "4-20261122-000123-17",
        "4111 111 11 111 1111",
        "4111.1111.1111.1111",
        "550e8400-e29b-41d4-a716-446655440000",
        "41111111-1111-4111-8111-111111111111",
        "+442079460958",
    ],
)
def test_other_numbers_are_not_taken_for_cards(other: str) -> None:
    value = json.dumps({"id": other}).encode()
    assert not holds_card(value)
    assert without_cards(value) == value
    assert not names_a_card({"id": other})


@given(st.uuids())
def test_a_uuid_is_never_a_card(name: uuid.UUID) -> None:
    assert not holds_card(f'"{name}"'.encode())


digits = st.text("0123456789 -.a", min_size=1, max_size=40) | st.builds(
    lambda head, groups, gap: head + gap.join(groups),
    st.sampled_from(["", "x ", "4"]),
    st.lists(st.text("0123456789", min_size=1, max_size=7), min_size=1, max_size=5),
    st.sampled_from(["", " ", "-", " - "]),
)


@given(digits)
def test_the_oracle_finds_the_same(text: str) -> None:
    assert holds_card(json.dumps(text).encode()) == names_a_card(text)


@given(st.binary(max_size=80) | digits.map(str.encode))
def test_masking_changes_digits_only_and_leaves_no_card(raw: bytes) -> None:
    masked = without_cards(raw)
    assert len(masked) == len(raw)
    assert all(was == now or (chr(was).isdigit() and now == ord("*")) for was, now in zip(raw, masked, strict=True))
    assert b"\x00" in raw or not holds_card(masked)


def test_an_event_with_a_card_is_refused_in_every_member() -> None:
    document = json.loads(next(path for path in ACCEPTED_FILES if path.stem == "full").read_bytes())
    names = [("id",), ("source",), ("subject",), ("unknown",), *(("data", name) for name in ("interaction", "unknown"))]
    for *parents, name in names:
        changed = json.loads(json.dumps(document))
        (changed["data"] if parents else changed)[name] = "4111-1111-1111-1111"
        refused = decode(json.dumps(changed).encode(), NOW)
        assert isinstance(refused, Rejection)
        assert refused.reason is RejectReason.CARD_NUMBER
        assert "4111" not in refused.detail
