"""A rejection says where and what was expected, never what was sent: it may be about a person."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from pipeline.contract.decode import MAX_EVENT_BYTES, decode
from pipeline.contract.events import EVENT_TYPES
from pipeline.contract.rejects import Rejection, RejectReason
from tests.contract.corpus import EXAMPLES, NOW, members

CANARY = "Canary7366151"
NUMBER = 7366151

#: Wrong in one way or another wherever they are put, each carrying a canary.
BAD: list[Any] = [
    CANARY,
    CANARY + "\x00",
    CANARY * 40,
    f"{CANARY} - at `$.data`",
    f"Invalid value '{CANARY}'",
    NUMBER,
    -NUMBER - 0.5,
    int(f"{NUMBER}" * 5),
    [CANARY],
    [CANARY] * 30,
    {CANARY: CANARY},
    [{CANARY: NUMBER}],
]


def refused_detail(raw: bytes) -> str | None:
    result = decode(raw, NOW)
    return f"{result.reason} {result.detail}" if isinstance(result, Rejection) else None


def assert_clean(detail: str) -> None:
    assert CANARY.lower() not in detail.lower()
    assert str(NUMBER) not in detail


@pytest.mark.parametrize("event_type", list(EVENT_TYPES))
def test_no_member_leaks_its_value(event_type: str) -> None:
    full = json.loads((EXAMPLES / event_type / "full.json").read_bytes())
    for *parents, name in [("type",), *members(EVENT_TYPES[event_type])]:
        refused = 0
        for value in BAD:
            document = copy.deepcopy(full)
            (document["data"] if parents else document)[name] = value
            detail = refused_detail(json.dumps(document).encode())
            if detail is not None:
                assert_clean(detail)
                refused += 1
        assert refused >= 4, f"{name}: too few of the bad values were refused for this test to mean anything"


@pytest.mark.parametrize("event_type", list(EVENT_TYPES))
def test_other_members_do_not_leak_when_one_is_wrong(event_type: str) -> None:
    """A document full of canaries, with each required member missing in turn."""
    full = json.loads((EXAMPLES / event_type / "full.json").read_bytes())
    for part in (full, full["data"]):
        part[CANARY] = CANARY
        part |= {name: CANARY for name in part if name in {"id", "source", "subject", "client", "interaction", "agent"}}
    cls = EVENT_TYPES[event_type]
    for *parents, name in [("type",), *(path for path, info in members(cls).items() if info.required)]:
        document = copy.deepcopy(full)
        del (document["data"] if parents else document)[name]
        detail = refused_detail(json.dumps(document).encode())
        assert detail is not None
        assert name in detail
        assert_clean(detail)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (f"{CANARY}".encode(), RejectReason.UNDECODABLE),
        (f'{{"id": "{CANARY}"'.encode(), RejectReason.UNDECODABLE),
        (f'{{"id": {CANARY}}}'.encode(), RejectReason.UNDECODABLE),
        (f'{{"id": "{CANARY}'.encode() + b'\xff"}', RejectReason.UNDECODABLE),
        (f'"{CANARY}"'.encode(), RejectReason.SCHEMA),
        (f'["{CANARY}", {NUMBER}]'.encode(), RejectReason.SCHEMA),
        (f'{{"type": "{CANARY}"}}'.encode(), RejectReason.UNKNOWN_TYPE),
        (f'{{"{CANARY}": {NUMBER}}}'.encode(), RejectReason.SCHEMA),
        (CANARY.encode() * (MAX_EVENT_BYTES // 8), RejectReason.TOO_LARGE),
    ],
)
def test_broken_documents_do_not_leak(raw: bytes, reason: RejectReason) -> None:
    result = decode(raw, NOW)
    assert isinstance(result, Rejection)
    assert result.reason is reason
    assert_clean(result.detail)


@pytest.mark.parametrize("time", ["1971-12-13T14:15:16.171819Z", "2431-12-13T14:15:16.171819Z"])
def test_an_implausible_time_is_not_repeated(time: str) -> None:
    document = json.loads((EXAMPLES / "interaction.queued.v1" / "minimal.json").read_bytes())
    result = decode(json.dumps({**document, "time": time}).encode(), NOW)
    assert isinstance(result, Rejection)
    assert result.reason is RejectReason.IMPLAUSIBLE_TIME
    assert not any(part in result.detail for part in ("1971", "2431", "12-13", "14:15", "171819"))
