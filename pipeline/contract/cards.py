"""Numbers of payment cards in bytes of any kind: whether there is one, and the bytes with it made unreadable.

A card number has 14 to 19 digits, begins with 3 to 6, satisfies Luhn's check digit and does not stand inside a longer
run of letters and digits. It may be written in the groups of a card (4-4-4-4, 4-6-5 and their like) with blanks or
dashes between them; a UUID, a date or a fraction is not taken for one. One in ten other numbers of such a length
passes the check digit as well: it is refused too, for keeping a card number is worse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

#: What a search for card numbers may ask of bytes first: so many digits, with only these between them.
FEWEST_DIGITS = 14
SEPARATORS = b" -"
_SHOWN_DIGITS = 4
_TEN = 10
_LARGEST_DIGIT = 9

# With every digit as 0 and what may stand between groups taken out, a card number is a long run of zeros: one search.
_DIGITS_AS_ZERO = bytes.maketrans(b"123456789", b"0" * 9)
_A_LONG_RUN = b"0" * FEWEST_DIGITS
#: How far behind the last digits of a number a search must see to know its shape.
_MARGIN = 32

# The first digit, with the beginning of a shape behind it. Then what stands before it: a letter may be the end of an
# escape of JSON (\n, \u00a0), and is no letter then; with a digit and a point the number is the fraction of another.
_START = re.compile(
    rb"[3-6](?=[0-9]{3}(?:[0-9]{10}|[ -]{1,3}[0-9]{4}[ -]{1,3}[0-9]{4}[ -]|[ -]{1,3}[0-9]{6}[ -]))"
    rb"(?:(?<![0-9A-Za-z].)|(?<=\\[bfnrt].)|(?<=\\u[0-9A-Fa-f]{4}.))(?<![0-9]\..)",
    re.DOTALL,
)
_BETWEEN = rb"[ -]{1,3}"
_SHAPES = tuple(
    re.compile(_BETWEEN.join(groups) + rb"(?![0-9A-Za-z])")
    for groups in (
        (rb"[0-9]{14,19}",),
        (rb"[0-9]{4}", rb"[0-9]{4}", rb"[0-9]{4}", rb"[0-9]{4}", rb"[0-9]{1,3}"),
        (rb"[0-9]{4}", rb"[0-9]{4}", rb"[0-9]{4}", rb"[0-9]{2,7}"),
        (rb"[0-9]{4}", rb"[0-9]{6}", rb"[0-9]{4,5}"),
    )
)
_DIGIT = re.compile(rb"[0-9]")


def holds_card(value: bytes) -> bool:
    """Whether a card number stands in the bytes. Fast where none does: about 0.4 us for an event."""
    return next(_cards(value), None) is not None


def without_cards(value: bytes) -> bytes:
    """The bytes with every digit of a card number but its last four as ``*``; as long as before.

    Text in UTF-16 is understood as well, for what is kept here may be what nobody could decode.
    """
    masked = _masked(value)
    return _interleaved(_masked(masked[0::2]), _masked(masked[1::2])) if b"\x00" in masked else masked


def _masked(value: bytes) -> bytes:
    masked = bytearray(value)
    for start, end in _cards(value):
        digits = [start + found.start() for found in _DIGIT.finditer(value[start:end])]
        for place in digits[:-_SHOWN_DIGITS]:
            masked[place] = ord("*")
    return bytes(masked)


def _interleaved(even: bytes, odd: bytes) -> bytes:
    both = bytearray(len(even) + len(odd))
    both[0::2], both[1::2] = even, odd
    return bytes(both)


def _cards(value: bytes) -> Iterator[tuple[int, int]]:
    """Where card numbers begin and end. They may overlap: a number and its security code look like a longer number."""
    squeezed = value.translate(_DIGITS_AS_ZERO, SEPARATORS)
    first = squeezed.find(_A_LONG_RUN)
    if first < 0:
        return
    # No card begins before the first long run, and none ends behind the last, wherever the separators stood.
    end = squeezed.rfind(_A_LONG_RUN) + FEWEST_DIGITS + len(value) - len(squeezed) + _MARGIN
    for begun in _START.finditer(value, first, end):
        for shape in _SHAPES:
            found = shape.match(value, begun.start())
            if found and _checks(found[0]):
                yield found.span()


def _checks(number: bytes) -> bool:
    """Luhn's check digit: from the right every second digit counts twice, its digits added."""
    total = 0
    for place, code in enumerate(reversed(_DIGIT.findall(number))):
        digit = int(code) * (1 + place % 2)
        total += digit - _LARGEST_DIGIT if digit > _LARGEST_DIGIT else digit
    return total % _TEN == 0
