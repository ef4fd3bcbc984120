"""The members of a document, whichever way their names are written, as the kinds of values that adapters need."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from pipeline.producers.adapters.words import identifier, word

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = re.compile(r"\d")
#: From here on a name may be somebody's telephone number.
_PHONE_DIGITS = 7
#: Greater numbers are milliseconds since 1970; smaller ones, up to the year 5138, are seconds.
_MOST_SECONDS = 100_000_000_000


_UUID_OR_DATE = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\d{4}-\d\d-\d\d")
_FIRST_YEAR, _LAST_YEAR = 1990, 2200
#: The contract's limit of a duration in milliseconds, about four months.
_MOST = 10_000_000_000


class UnreadableError(ValueError):
    """A record's member is not what it must be. The message names the member and never its value."""


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """AgentInfo, agentInfo and agent_info are one name."""
    return name.replace("_", "").replace("-", "").lower()


class Fields:
    """A JSON object. Names are asked for folded: lower case, no underscores. What is null or '' is not there."""

    __slots__ = ("_values",)

    def __init__(self, value: Mapping[str, Any]) -> None:
        """``value`` as decoded."""
        self._values = {folded(name): each for name, each in value.items()}

    def __bool__(self) -> bool:
        """Whether it has any member."""
        return bool(self._values)

    def __contains__(self, name: str) -> bool:
        """Whether there is such a member, null or not."""
        return name in self._values

    def names(self) -> set[str]:
        """The members' names, folded."""
        return set(self._values)

    def text(self, name: str) -> str | None:
        """A string (or a number as one)."""
        value = self._values.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int):
            return None
        return str(value).strip() or None

    def name(self, name: str) -> str | None:
        """A name fit for an event: no control characters, and nothing that may be a telephone number or address."""
        return safe_name(self.text(name))

    def word(self, name: str) -> str | None:
        """A name as a lower-case word, such as after_call_work."""
        return word(self.name(name))

    def moment(self, name: str) -> datetime | None:
        """A time in UTC: ISO 8601 (without an offset: UTC), or a number since 1970 in seconds or milliseconds.

        Raises:
            UnreadableError: it is there and no time.
        """
        value = self._values.get(name)
        if value is None or value == "":
            return None
        try:
            found = _moment(value)
        except (ValueError, OverflowError):
            found = None
        # Nobody measured a call in another century; and no sum with such a time leaves the calendar.
        if found is not None and _FIRST_YEAR <= found.year <= _LAST_YEAR:
            return found
        raise UnreadableError(f"{name} is not a time")

    def number(self, name: str) -> float | None:
        """A number from 0 to ten thousand million.

        Raises:
            UnreadableError: it is there and no such number.
        """
        value = self._values.get(name)
        if value is None or value == "":
            return None
        try:
            found = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
        except (ValueError, OverflowError):
            found = math.nan
        if not 0 <= found <= _MOST:  # as nothing else is, nan is neither
            raise UnreadableError(f"{name} is not a number from 0")
        return found

    def truth(self, name: str) -> bool | None:
        """True or false."""
        value = self._values.get(name)
        return value if isinstance(value, bool) else None

    def part(self, name: str) -> Fields:
        """An object in it; one without members where there is none."""
        value = self._values.get(name)
        return Fields(value) if isinstance(value, dict) else NOTHING

    def parts(self, name: str) -> list[Fields]:
        """The objects of a list in it."""
        value = self._values.get(name)
        return [Fields(each) for each in value if isinstance(each, dict)] if isinstance(value, list) else []

    def names_in(self, name: str) -> list[str]:
        """The names in a list in it."""
        value = self._values.get(name)
        values = value if isinstance(value, list) else []
        return [found for each in values if isinstance(each, str) and (found := safe_name(each)) is not None]


NOTHING = Fields({})


def _moment(value: object) -> datetime | None:
    if isinstance(value, str):
        found = datetime.fromisoformat(value.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _EPOCH + timedelta(seconds=value if abs(value) < _MOST_SECONDS else value / 1000)
    return None


def safe_name(text: str | None) -> str | None:
    """A name without control characters; None for what looks like an email address or holds a telephone number.

    A UUID has many digits and is no number: a name counts as a number if little else is in it.
    """
    name = identifier(text)
    if name is None or "@" in name:
        return None
    digits = len(_DIGITS.findall(name))
    return None if digits >= _PHONE_DIGITS and digits * 2 > len(re.sub(r"[\W_]", "", name)) and not _id(name) else name


def _id(name: str) -> bool:
    """Whether it has the form of a UUID, which may by chance be mostly digits, or of a date, as versions do."""
    return _UUID_OR_DATE.fullmatch(name) is not None


def milliseconds(seconds: float | None) -> int | None:
    """Whole milliseconds of seconds."""
    return None if seconds is None else round(seconds * 1000)
