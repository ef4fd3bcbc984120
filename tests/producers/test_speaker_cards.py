"""An adapter that meets a card number has an unreadable record, and no stream that stops."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from pipeline.contract import events as ev
from pipeline.producers.adapters.speaker import Speaker

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ABOUT = {"client": "acme", "channel": "voice", "direction": "inbound"}


@pytest.mark.parametrize("name", ["4111111111111111", "pay 4111 1111 1111 1111", "3782-822463-10005"])
def test_no_member_may_hold_a_card(name: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="payment card") as refused:
        Speaker("acme/pbx-1", "pbx").say(ev.InteractionStarted, NOW, interaction=name, **ABOUT)
    assert "4111" not in str(refused.value)


def test_what_only_tells_records_apart_may_look_like_one() -> None:
    said = Speaker("acme/pbx-1", "pbx").say(
        ev.InteractionStarted, NOW, apart="4111111111111111", interaction="c-1", **ABOUT
    )
    assert b"4111" not in ev.encode(said)
