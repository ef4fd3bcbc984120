"""The kinds of values in centre.yaml, as annotated types. Each says what is wrong with a value and what to do.

The file's scalars come as text (see ``tree``): nothing is guessed, so ``no`` is a language and ``20260701`` no date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

import msgspec
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from pipeline.centre.definitions import BOUNDARIES
from pipeline.centre.hours import TimeRange, check_day, parse_range
from pipeline.centre.vocabulary import ALWAYS, CHANNELS, DROP_RULES, EVERY_CLIENT, FLAGS, LINES, hint
from pipeline.contract.plain_text import is_plain
from pipeline.contract.values import MAX_IDENTIFIER_CHARS
from pipeline.contract.values import Currency as ContractCurrency
from pipeline.domain.definitions import SERVICE_LEVEL_DEFINITIONS, SHORT_ABANDON_BEHAVIOURS

#: Language, script, region, variants, in their usual letter cases: one language is written in one way only.
_LANGUAGE = re.compile(
    r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*", re.ASCII
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORD = re.compile(r"[\w.-]+")
_OUTBOUND = ("outbound",)
_FIRST_YEAR, _LAST_YEAR = 1990, 2099
_TEN_YEARS_SECONDS = 315_360_000


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value is, for people."""

    text: str


def wrong(message: str) -> PydanticCustomError:
    """An error whose message is for the person who wrote the file."""
    # Through the context, not the template: a brace in somebody's name is no placeholder.
    return PydanticCustomError("centre", "{message}", {"message": message})


def _named(value: str) -> str:
    # ``Identifier`` as ``plain_text`` holds events to it.
    if not 1 <= len(value) <= MAX_IDENTIFIER_CHARS or not is_plain(value):
        raise wrong(f"is no name; give 1 to {MAX_IDENTIFIER_CHARS} characters, none of them a control character")
    return value


def _word(value: str) -> str:
    if not _WORD.fullmatch(value):
        raise wrong(f"'{value}' has other characters than letters, digits, '.', '_' and '-'; choose another name")
    return value


def _own_hours(value: str) -> str:
    if value == ALWAYS:
        raise wrong(f"'{ALWAYS}' means round the clock already; choose another name for these hours")
    return value


def _one_client(value: str) -> str:
    if value == EVERY_CLIENT:
        raise wrong(f"'{EVERY_CLIENT}' stands for all clients and cannot be one; choose another name")
    return value


def _one_of(values: tuple[str, ...]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in values:
            raise wrong(f"'{value}' is not known here; {hint(value, values)}")
        return value

    return AfterValidator(check)


def _kind_of(values: tuple[str, ...]) -> Kind:
    return Kind(("one of " if len(values) > 1 else "") + ", ".join(f"`{value}`" for value in values))


def _date(value: Any) -> Any:
    if isinstance(value, date) or not isinstance(value, str):
        return value
    try:
        day = date.fromisoformat(value) if _DATE.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise wrong(f"'{value}' is no date from {_FIRST_YEAR} to {_LAST_YEAR}; write it like 2026-12-25")
    return day


@cache
def _zones() -> set[str]:
    return available_timezones()


def _zone(value: str) -> str:
    if value not in _zones():
        raise wrong(f"'{value}' is no IANA time zone; {hint(value, _zones())}")
    return value


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise wrong(f"'{value}' is no BCP 47 language; write it like en, de-CH or zh-Hant")
    return value


def _currency(value: str) -> str:
    try:
        return msgspec.convert(value, ContractCurrency)
    except msgspec.ValidationError:
        raise wrong(f"'{value}' is no ISO 4217 code; write it like EUR") from None


def _range(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return parse_range(value)
    except ValueError as error:
        raise wrong(str(error)) from None


def _day(ranges: tuple[TimeRange, ...]) -> tuple[TimeRange, ...]:
    try:
        check_day(ranges)
    except ValueError as error:
        raise wrong(str(error)) from None
    return ranges


def _empty_if_none(value: Any) -> Any:
    return {} if value is None else value


#: A mapping of which nothing but its name is written has no entries.
Section = BeforeValidator(_empty_if_none)

Name = Annotated[str, AfterValidator(_named), Kind("name")]
ClientName = Annotated[Name, AfterValidator(_one_client)]
#: Names of hours and holidays are joined to the name of a calendar, so they have no spaces.
HolidaysName = Annotated[Name, AfterValidator(_word)]
HoursName = Annotated[Name, AfterValidator(_word), AfterValidator(_own_hours)]
Line = Annotated[str, _one_of(LINES), _kind_of(LINES)]
Channel = Annotated[str, _one_of(CHANNELS), _kind_of(CHANNELS)]
Flag = Annotated[str, _one_of(FLAGS), _kind_of(FLAGS)]
DropRule = Annotated[str, _one_of(DROP_RULES), _kind_of(DROP_RULES)]
ShortAbandons = Annotated[str, _one_of(SHORT_ABANDON_BEHAVIOURS), _kind_of(SHORT_ABANDON_BEHAVIOURS)]
Boundary = Annotated[str, _one_of(BOUNDARIES), _kind_of(BOUNDARIES)]
ServiceLevel = Annotated[str, _one_of(SERVICE_LEVEL_DEFINITIONS), _kind_of(SERVICE_LEVEL_DEFINITIONS)]
Outbound = Annotated[str, _one_of(_OUTBOUND), _kind_of(_OUTBOUND)]
Day = Annotated[date, BeforeValidator(_date), Kind("date, YYYY-MM-DD")]
TimeZone = Annotated[str, AfterValidator(_zone), Kind("IANA time zone")]
Language = Annotated[str, AfterValidator(_language), Kind("BCP 47 language")]
Currency = Annotated[str, AfterValidator(_currency), Kind("ISO 4217 code")]
Ranges = Annotated[
    tuple[Annotated[TimeRange, BeforeValidator(_range)], ...], AfterValidator(_day), Kind("list of HH:MM-HH:MM")
]
#: A duration that may not be nothing, and one that may.
Seconds = Annotated[float, Field(gt=0, le=_TEN_YEARS_SECONDS, allow_inf_nan=False), Kind("seconds, more than 0")]
SecondsFromZero = Annotated[float, Field(ge=0, le=_TEN_YEARS_SECONDS, allow_inf_nan=False), Kind("seconds, 0 or more")]
Share = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False), Kind("share, more than 0 and up to 1")]
Count = Annotated[int, Field(ge=0, le=2**53), Kind("whole number")]
Days = Annotated[int, Field(ge=0, le=3_660), Kind("days")]
Capacity = Annotated[int, Field(ge=1, le=1_000), Kind("whole number, 1 or more")]
