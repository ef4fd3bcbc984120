"""Why an event is refused: a closed list, so that every dead letter can be counted and acted on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RejectReason(StrEnum):
    """The closed list of reasons. Adding one is a change of the contract."""

    UNDECODABLE = "undecodable"
    SCHEMA = "schema"
    UNKNOWN_TYPE = "unknown_type"
    IMPLAUSIBLE_TIME = "implausible_time"
    TOO_LARGE = "too_large"
    CARD_NUMBER = "card_number"


@dataclass(frozen=True, slots=True)
class Rejection:
    """A refusal. ``detail`` says where and what was expected, never what was sent: it may be personal data."""

    reason: RejectReason
    detail: str
