"""What is wrong with a single value, and how it should be written, by the kind of value that the contract wants."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Meta

from pipeline.contract.decode import EARLIEST_TIME, END_OF_PLANS
from pipeline.contract.plain_text import is_plain, wants_plain
from pipeline.contract.values import Amount, Currency, Language, Word

_LIKELY = 0.6
_FIRST_EPOCH, _LAST_EPOCH = EARLIEST_TIME.timestamp(), END_OF_PLANS.timestamp()
_MILLISECONDS = 1000
_NAIVE = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d+)?)")
_ONLY_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def near(name: str, known: Iterable[str]) -> str:
    """Which of the known names is probably meant, or an empty text."""
    found = get_close_matches(name.strip().lower().replace(" ", "_"), list(known), n=1, cutoff=_LIKELY)
    return found[0] if found else ""


def wrong(value: Any, hint: Any) -> tuple[str, str] | None:
    """What is wrong with a value of this kind and how to mend it, or None."""
    try:
        msgspec.json.decode(msgspec.json.encode(value), type=hint)
    except msgspec.ValidationError as error:
        kind, optional = _without_null(hint)
        if value is None:
            return "null is not allowed", "leave it out" if optional else "say what it is"
        return _mended(value, kind, str(error))
    if isinstance(value, str) and wants_plain(hint) and not is_plain(value):
        return _text(value, _without_null(hint)[0])
    return None


def _without_null(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in {Union, UnionType}:
        (kind,) = (part for part in get_args(hint) if part is not NoneType)
        return kind, True
    if get_origin(hint) is Annotated:
        # Annotated[X | None, Meta(description)]: the description says nothing of the kind.
        inner, optional = _without_null(get_args(hint)[0])
        return (inner, True) if optional else (hint, False)
    return hint, False


def _mended(value: Any, kind: Any, message: str) -> tuple[str, str]:
    plain = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    if get_origin(plain) is Literal:
        choices = [str(choice) for choice in get_args(plain)]
        meant = near(str(value), choices)
        return "not one of the words allowed", f"did you mean {meant}?" if meant else f"write {' or '.join(choices)}"
    if plain is datetime:
        return _moment(value)
    if plain is date:
        return "not a calendar day", "write YYYY-MM-DD, such as 2026-11-22"
    if plain is int:
        return _whole(value, message)
    if plain is bool:
        return "neither true nor false", "write true or false, without quotes"
    if get_origin(plain) is tuple:
        return "not a list of words", 'write an array of at most 20 lower-case words, such as ["sale"]'
    return _text(value, kind)


def _moment(value: Any) -> tuple[str, str]:
    form = "write RFC 3339, such as 2026-11-22T10:00:00Z"
    if isinstance(value, str) and (parts := _NAIVE.fullmatch(value)):
        return "the moment has no offset", f"write {parts[1]}T{parts[2]}Z if it is UTC, else the offset of its zone"
    if isinstance(value, str) and _ONLY_DAY.fullmatch(value):
        return "a day without a time", form
    if isinstance(value, int | float) and not isinstance(value, bool):
        for seconds in (value, value / _MILLISECONDS):
            if _FIRST_EPOCH <= seconds < _LAST_EPOCH:
                written = datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
                return "the moment is a number", f"write {written}"
    return "not a moment", form


def _whole(value: Any, message: str) -> tuple[str, str]:
    if isinstance(value, str):
        return "the number is in quotes", "write it without quotes"
    if isinstance(value, float):
        return "not a whole number", "write it without a decimal point and an exponent: 1"
    if isinstance(value, int) and not isinstance(value, bool):
        return "the number is out of bounds", message.partition(" - at ")[0]
    return "not a whole number", "write a number"


def _text(value: Any, kind: Any) -> tuple[str, str]:
    pattern, longest = _limits(kind)
    if not isinstance(value, str):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        mend = 'write it as text, such as "19.90"' if pattern == _limits(Amount)[0] else 'write it in quotes: "..."'
        return "a number, not a text" if number else "not a text", mend
    if not value:
        return "the text is empty", "leave the member out, or name the thing"
    if pattern in _FORMS:
        return _FORMS[pattern]
    if longest is not None and len(value) > longest:
        return f"{len(value)} characters", f"write at most {longest}"
    return "a control character or a line break stands in it", "take it out"


def _limits(kind: Any) -> tuple[str | None, int | None]:
    """The pattern of a text and its greatest length, None where there is no such limit."""
    metas = [meta for meta in get_args(kind)[1:] if isinstance(meta, Meta)] if get_origin(kind) is Annotated else []
    patterns = [meta.pattern for meta in metas if meta.pattern]
    lengths = [meta.max_length for meta in metas if meta.max_length]
    return next(iter(patterns), None), next(iter(lengths), None)


_FORMS: dict[str | None, tuple[str, str]] = {
    _limits(Amount)[0]: ("not an amount", 'write digits with a decimal point and at most four decimals: "1234.50"'),
    _limits(Currency)[0]: ("not a currency", "write the three capital letters of ISO 4217, such as EUR"),
    _limits(Language)[0]: ("not a language", "write its BCP 47 tag, such as de or pt-BR"),
    _limits(Word)[0]: (
        "not a lower-case word",
        "write at most 60 small letters, digits and underscores, such as no_answer",
    ),
}
