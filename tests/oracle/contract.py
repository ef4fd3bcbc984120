"""When a line is an event: contract version 1, written a second time.

Not part of what is checked here, because JSON itself leaves it open: a document that names a member twice, and a
number too large for a double.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from .model import Event

LARGEST_LINE_BYTES = 262_144
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
FURTHEST_AHEAD = timedelta(minutes=10)
#: What is planned or promised may lie ahead of ``FURTHEST_AHEAD``, but must be before this.
END_OF_PLANS = datetime(2100, 1, 1, tzinfo=UTC)
LARGEST_NUMBER = 1_000_000_000

UNDECODABLE = "undecodable"
SCHEMA = "schema"
UNKNOWN_TYPE = "unknown_type"
IMPLAUSIBLE_TIME = "implausible_time"
TOO_LARGE = "too_large"
CARD_NUMBER = "card_number"

Check = Callable[[Any], bool]


@dataclass(frozen=True)
class Rejected:
    """A line that is not an event, and the reason from the closed list."""

    reason: str


# --- What a single value may be ---------------------------------------------------------------------------------------


def is_text(value: Any) -> bool:
    """Any string."""
    return isinstance(value, str)


def is_identifier(value: Any) -> bool:
    """1 to 200 characters, none of them a control character or a line or paragraph separator of Unicode."""
    return isinstance(value, str) and re.fullmatch(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,200}", value) is not None


def is_word(value: Any) -> bool:
    """A lower-case word of at most 60 characters."""
    return isinstance(value, str) and re.fullmatch(r"[a-z][a-z0-9_]{0,59}", value) is not None


def is_amount(value: Any) -> bool:
    """A decimal number as a string: at most 12 digits before the point and 4 after it."""
    return isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,4})?", value) is not None


def is_currency(value: Any) -> bool:
    """Three capital letters."""
    return isinstance(value, str) and re.fullmatch(r"[A-Z]{3}", value) is not None


def is_flags(value: Any) -> bool:
    """At most 20 words."""
    return isinstance(value, list) and len(value) <= 20 and all(is_word(item) for item in value)


def is_language(value: Any) -> bool:
    """A BCP 47 tag: two or three small letters, then parts of two to eight letters or digits; at most 35 characters."""
    return (
        isinstance(value, str)
        and len(value) <= 35
        and re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", value) is not None
    )


def is_moment(value: Any) -> bool:
    """An RFC 3339 time with an offset."""
    return instant(value) is not None


def is_day(value: Any) -> bool:
    """A day of the calendar, YYYY-MM-DD."""
    return day(value) is not None


def is_truth(value: Any) -> bool:
    """True or false."""
    return isinstance(value, bool)


def is_whole(value: Any) -> bool:
    """A whole number written without point or exponent, of at most a thousand millions either way."""
    return isinstance(value, Number) and value.whole is not None and abs(value.whole) <= LARGEST_NUMBER


def is_count(value: Any) -> bool:
    """A whole number that is not negative."""
    return is_whole(value) and value.whole >= 0


def is_milliseconds(value: Any) -> bool:
    """A whole number of milliseconds, at most ten thousand millions of them."""
    return isinstance(value, Number) and value.whole is not None and 0 <= value.whole <= 10_000_000_000


def is_revision(value: Any) -> bool:
    """A whole number that a double can hold exactly, not negative."""
    return isinstance(value, Number) and value.whole is not None and 0 <= value.whole <= 2**53


def one_of(*allowed: str) -> Check:
    """Exactly one of the ``allowed`` strings."""
    return lambda value: isinstance(value, str) and value in allowed


def or_null(check: Check) -> Check:
    """``check``, or JSON's null."""
    return lambda value: value is None or check(value)


# --- What each type of event may say ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shape:
    """The members of an object: those it must have, and those it may have. Others are ignored."""

    required: dict[str, Check]
    optional: dict[str, Check]

    def allows(self, document: Any) -> bool:
        """Whether ``document`` is an object of this shape."""
        if not isinstance(document, dict):
            return False
        known = {**self.required, **self.optional}
        return all(name in document for name in self.required) and all(
            check(document[name]) for name, check in known.items() if name in document
        )

    def known_members(self, document: dict[str, Any]) -> dict[str, Any]:
        """The members of ``document`` that this shape names."""
        return {
            name: value.whole if isinstance(value, Number) else value
            for name, value in document.items()
            if name in self.required or name in self.optional
        }

    def having(self, required: dict[str, Check] | None = None, optional: dict[str, Check] | None = None) -> Shape:
        """This shape with more members; one that was optional may become required."""
        now_required = {**self.required, **(required or {})}
        now_optional = {**self.optional, **(optional or {})}
        return Shape(now_required, {name: check for name, check in now_optional.items() if name not in now_required})


STATES = one_of("available", "on_contact", "wrap_up", "break", "unavailable")

INTERACTION = Shape(
    {
        "client": is_identifier,
        "interaction": is_identifier,
        "channel": is_word,
        "direction": one_of("inbound", "outbound", "internal"),
    },
    {},
)
NAMES_QUEUE_AND_AGENT = {"queue": or_null(is_identifier), "agent": or_null(is_identifier)}
SEGMENT = INTERACTION.having({"segment": is_identifier}, {**NAMES_QUEUE_AND_AGENT, "revision": is_revision})
SEGMENT_WITH_AGENT = SEGMENT.having({"agent": is_identifier})
DETAIL = INTERACTION.having(optional={**NAMES_QUEUE_AND_AGENT, "segment": or_null(is_identifier)})
AGENT = Shape({"client": is_identifier, "agent": is_identifier}, {})
AXES = {"reason": or_null(is_word), "presence": or_null(is_word)}

SHAPES: dict[str, Shape] = {
    "interaction.started.v1": INTERACTION,
    "interaction.queued.v1": SEGMENT.having({"queue": is_identifier}),
    "interaction.offered.v1": SEGMENT_WITH_AGENT,
    "interaction.declined.v1": SEGMENT_WITH_AGENT.having(optional={"reason": is_word}),
    "interaction.answered.v1": SEGMENT_WITH_AGENT,
    "interaction.held.v1": SEGMENT,
    "interaction.resumed.v1": SEGMENT,
    "interaction.transferred.v1": SEGMENT.having(
        optional={
            "kind": one_of("cold", "warm", "conference"),
            "to_queue": or_null(is_identifier),
            "to_agent": or_null(is_identifier),
        }
    ),
    "interaction.abandoned.v1": SEGMENT,
    "interaction.left_queue.v1": SEGMENT.having({"reason": one_of("timeout", "key", "closed", "callback")}),
    "interaction.ended.v1": INTERACTION.having(
        optional={
            **NAMES_QUEUE_AND_AGENT,
            "segment": or_null(is_identifier),
            "ended_by": or_null(one_of("customer", "agent", "system")),
            "revision": is_revision,
        }
    ),
    "interaction.wrapped_up.v1": SEGMENT.having(
        optional={
            "disposition": or_null(is_identifier),
            "flags": is_flags,
            "amount": or_null(is_amount),
            "currency": or_null(is_currency),
        }
    ),
    "agent.signed_in.v1": AGENT.having(optional={"state": STATES, **AXES}),
    "agent.state_changed.v1": AGENT.having({"state": STATES}, AXES),
    "agent.signed_out.v1": AGENT,
}

#: The events that stand for themselves: none of them says anything of a segment, an interaction or a span.
DETAIL_SHAPES: dict[str, Shape] = {
    "interaction.described.v1": DETAIL.having(
        optional={
            "customer": or_null(is_identifier),
            "language": or_null(is_language),
            "skill": or_null(is_word),
            "product": or_null(is_identifier),
            "reason": or_null(is_identifier),
            "ticket": or_null(is_identifier),
            "campaign": or_null(is_identifier),
            "tier": or_null(is_count),
            "priority": or_null(is_whole),
            "promised_at": or_null(is_moment),
            "audio_seconds": or_null(is_count),
            "items": or_null(is_count),
        }
    ),
    "interaction.menu_stepped.v1": DETAIL.having(
        {"bot": is_identifier, "step": is_identifier},
        {
            "kind": one_of("menu", "bot"),
            "intent": or_null(is_identifier),
            "result": one_of("continued", "contained", "handed_over", "abandoned"),
            "reason": or_null(is_word),
        },
    ),
    "interaction.message_sent.v1": DETAIL.having({"sender": one_of("customer", "agent", "bot", "system")}),
    "interaction.callback_changed.v1": DETAIL.having(
        {
            "callback": is_identifier,
            "status": one_of("requested", "scheduled", "attempted", "reached", "not_reached", "cancelled", "expired"),
        },
        {"due_at": or_null(is_moment)},
    ),
    "interaction.surveyed.v1": DETAIL.having(
        {"survey": is_identifier, "status": one_of("sent", "answered", "completed", "refused")},
        {"question": or_null(is_word), "score": or_null(is_whole)},
    ),
    "interaction.outcome_changed.v1": DETAIL.having(
        {"outcome": is_identifier, "kind": is_word},
        {
            "status": one_of("made", "part_kept", "kept", "broken", "fulfilled", "cancelled"),
            "amount": or_null(is_amount),
            "currency": or_null(is_currency),
            "quantity": is_count,
            "due_on": or_null(is_day),
            "product": or_null(is_identifier),
            "campaign": or_null(is_identifier),
        },
    ),
    "interaction.resolution_changed.v1": DETAIL.having(
        {"status": one_of("resolved", "reopened", "pending", "escalated")},
        {
            "actor": one_of("agent", "bot", "customer", "system"),
            "tier": or_null(is_count),
            "product": or_null(is_identifier),
        },
    ),
    "interaction.dialled.v1": DETAIL.having(
        {
            "attempt": is_identifier,
            "campaign": is_identifier,
            "result": one_of("human", "machine", "busy", "no_answer", "invalid", "blocked", "failed"),
        },
        {
            "list": or_null(is_identifier),
            "lead": or_null(is_identifier),
            "rung_seconds": or_null(is_count),
            "greeting_ended_at": or_null(is_moment),
            "connected_at": or_null(is_moment),
            "dropped": is_truth,
        },
    ),
    "interaction.participated.v1": DETAIL.having(
        {
            "agent": is_identifier,
            "role": one_of("monitor", "coach", "barge", "consult", "conference"),
            "change": one_of("joined", "left"),
        }
    ),
    "interaction.reported.v1": DETAIL.having(
        {"segment": is_identifier},
        {
            **dict.fromkeys(("wait_ms", "ring_ms", "talk_ms", "hold_ms", "wrap_ms"), or_null(is_milliseconds)),
            "outcome": or_null(is_word),
        },
    ),
    "agent.scheduled.v1": AGENT.having(
        {"schedule": is_identifier, "activity": is_word, "starts_at": is_moment, "ends_at": is_moment},
        {"revision": is_count, "paid": is_truth},
    ),
    "source.noticed.v1": Shape(
        {
            "client": is_identifier,
            "adapter": is_word,
            "kind": one_of("gap", "unknown_verb", "unknown_field", "unknown_version", "unreadable", "contradiction"),
            "name": is_identifier,
        },
        {"count": is_count, "lost_from": or_null(is_moment)},
    ),
}
SHAPES |= DETAIL_SHAPES

#: What holds where an optional member is left out.
DEFAULTS: dict[str, dict[str, Any]] = {
    "interaction.transferred.v1": {"kind": "cold"},
    "agent.signed_in.v1": {"state": "unavailable"},
    "interaction.menu_stepped.v1": {"kind": "menu", "result": "continued"},
    "interaction.outcome_changed.v1": {"status": "made", "quantity": 1},
    "interaction.resolution_changed.v1": {"actor": "agent"},
    "interaction.dialled.v1": {"dropped": False},
    "agent.scheduled.v1": {"revision": 0, "paid": True},
    "source.noticed.v1": {"count": 1},
}

for _type_name, _shape in SHAPES.items():
    if "revision" in _shape.optional:
        DEFAULTS.setdefault(_type_name, {}).setdefault("revision", 0)

#: The members, of whatever type of event, that hold a moment and those that hold a day.
MOMENTS = ("promised_at", "due_at", "greeting_ended_at", "connected_at", "starts_at", "ends_at", "lost_from")
DAYS = ("due_on",)

ENVELOPE = Shape(
    {
        "specversion": one_of("1.0"),
        "id": is_identifier,
        "source": is_identifier,
        "time": lambda value: instant(value) is not None,
    },
    {
        "subject": or_null(is_identifier),
        "datacontenttype": one_of("application/json"),
        "dataschema": or_null(is_text),
    },
)


# --- A line -----------------------------------------------------------------------------------------------------------


RFC_3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):?([0-9]{2}))"
)


def instant(text: Any) -> datetime | None:
    """An RFC 3339 time with an offset, as an aware datetime; None if it is not one.

    Digits beyond the microsecond are rounded, half up. Like the contract: no leap second, and the colon in the offset
    may be missing.
    """
    parts = RFC_3339.fullmatch(text) if isinstance(text, str) else None
    if not parts:
        return None
    day, clock, fraction, sign, offset_hours, offset_minutes = parts.groups()
    offset = timedelta(0)
    if sign:
        if int(offset_hours) > 23 or int(offset_minutes) > 59:
            return None
        offset = timedelta(hours=int(offset_hours), minutes=int(offset_minutes)) * (-1 if sign == "-" else 1)
    microseconds = 0
    if fraction:
        seven_digits = int(fraction[:7].ljust(7, "0"))
        microseconds = (seven_digits + 5) // 10
    try:
        whole = datetime.strptime(f"{day} {clock}", "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone(offset))
        return whole + timedelta(microseconds=microseconds)
    except (ValueError, OverflowError):
        return None


def day(text: Any) -> date | None:
    """A day that exists, written YYYY-MM-DD; None if it is not one."""
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def parsed(line: bytes) -> Any:
    """The JSON document of a line.

    Raises:
        ValueError: it is not JSON in UTF-8 (RFC 8259: no NaN, no lone surrogate, no byte order mark).
        RecursionError: it is nested too deeply to be read.
    """
    document = json.loads(line.decode("utf-8"), parse_constant=_no_such_number, parse_int=Number, parse_float=Number)
    json.dumps(document, ensure_ascii=False, default=str).encode("utf-8")  # fails on a lone surrogate
    return document


def _no_such_number(name: str) -> None:
    raise ValueError(f"JSON has no {name}")


class Number:
    """A JSON number of any size. ``whole``: its value, if it is written as a whole number that anybody could mean."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.whole = int(text) if re.fullmatch(r"-?[0-9]{1,20}", text) else None


def classify(line: bytes | None, now: datetime) -> Event | Rejected:
    """What one line is. ``now`` is the aware current time; a trailing line feed is not part of the event."""
    value = (line or b"").removesuffix(b"\n")
    if not value:
        return Rejected(UNDECODABLE)
    if len(value) > LARGEST_LINE_BYTES:
        return Rejected(TOO_LARGE)
    try:
        document = parsed(value)
    except (ValueError, RecursionError):
        return Rejected(UNDECODABLE)
    verdict = _classify_document(document, now)
    return Rejected(CARD_NUMBER) if isinstance(verdict, Event) and names_a_card(document) else verdict


def _classify_document(document: Any, now: datetime) -> Event | Rejected:
    type_name = document.get("type") if isinstance(document, dict) else None
    if not isinstance(type_name, str):
        return Rejected(SCHEMA)
    if type_name not in SHAPES:
        return Rejected(UNKNOWN_TYPE)
    shape = SHAPES[type_name]
    if not ENVELOPE.allows(document) or not shape.allows(document.get("data")):
        return Rejected(SCHEMA)
    time = instant(document["time"])
    if time is None or time < EARLIEST or time > now + FURTHEST_AHEAD or _plans_beyond_reason(document["data"], shape):
        return Rejected(IMPLAUSIBLE_TIME)
    data = {**DEFAULTS.get(type_name, {}), **shape.known_members(document["data"])}
    return Event(type_name, document["source"], document["id"], time.astimezone(UTC), data)


# --- What must not stand in it ----------------------------------------------------------------------------------------


def names_a_card(document: Any) -> bool:
    """Whether a text, a name or a number anywhere in the document holds the number of a payment card."""
    if isinstance(document, dict):
        return any(names_a_card(part) for pair in document.items() for part in pair)
    if isinstance(document, list):
        return any(names_a_card(part) for part in document)
    if isinstance(document, Number):
        return _has_card(document.text)
    return isinstance(document, str) and _has_card(document)


def _has_card(text: str) -> bool:
    """14 to 19 digits, the first 3 to 6, in one run or in a card's groups, no part of a longer word or a fraction."""
    runs = [[n] for n in range(14, 20)]
    fours = [[4, 4, 4, n] for n in range(2, 8)] + [[4, 4, 4, 4, n] for n in (1, 2, 3)]
    for start, first in enumerate(text):
        if first not in "3456" or _in_a_word(text[:start]):
            continue
        for layout in [*runs, *fours, [4, 6, 4], [4, 6, 5]]:
            pattern = "[ -]{1,3}".join(f"[0-9]{{{n}}}" for n in layout) + "(?![0-9A-Za-z])"
            found = re.match(pattern, text[start:])
            if found and _luhn([int(digit) for digit in found[0] if digit.isdecimal()]):
                return True
    return False


def _in_a_word(before: str) -> bool:
    return re.search(r"[0-9A-Za-z]\Z|[0-9]\.\Z", before) is not None


def _luhn(digits: list[int]) -> bool:
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def _plans_beyond_reason(data: dict[str, Any], shape: Shape) -> bool:
    """Whether a moment or a day that this shape knows is before 1990 or after 2099."""
    known = shape.known_members(data)
    moments = [moment for name in MOMENTS if (moment := instant(known.get(name)))]
    days = [named for name in DAYS if (named := day(known.get(name)))]
    return any(not EARLIEST <= moment < END_OF_PLANS for moment in moments) or any(
        not EARLIEST.date() <= named < END_OF_PLANS.date() for named in days
    )
