"""The words of the board in the viewer's language. English is the key; ``dashboards/messages`` holds the others."""

from __future__ import annotations

from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from typing import Any

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from dashboards.look import viewer
from dashboards.saying import Saying


def say(text: str, /, *, context: str | None = None, **values: Any) -> str:
    """A text of the board, with ``{names}`` in it replaced by ``values``. Without a message it stays English.

    ``context`` tells apart what English says with one word and other languages do not: a literal.
    """
    known = messages(viewer.language())
    # To gettext the empty text is the head of the file.
    found = text if not text else known.gettext(text) if context is None else known.pgettext(context, text)
    return found.format(**values) if values else found


def said(what: str | Exception) -> str:
    """A ``Saying``, or the error that was raised with one; every other text stays as it is."""
    found = what.args[0] if isinstance(what, Exception) and what.args else what
    return say(found.text, **found.values) if isinstance(found, Saying) else str(found)


def inside(title: str) -> str:
    """A title within a sentence: English writes it small, other languages as it is."""
    return title.lower() if viewer.language() == viewer.ENGLISH else title


def plural(number: int, one: str, many: str, /, **values: Any) -> str:
    """The form of a text that belongs to ``number``, which may stand in it as ``{number}``.

    ``plural(3, "in {number} queue", "in {number} queues")``; a language may have more forms than two.
    """
    found = messages(viewer.language()).ngettext(one, many, number)
    return found.format(number=_whole(number, viewer.locale()), **values)


def mark(text: str) -> str:
    """Says of a constant that it is a text of the board, so that it gets a message; ``say`` it where it is shown."""
    return text


@cache
def messages(language: str) -> NullTranslations:
    """The messages of a language; read once. English has none."""
    path = viewer.MESSAGES / f"{language}.po"
    if language not in viewer.languages() or not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@lru_cache(4096)
def _whole(number: int, locale: Locale) -> str:
    return format_decimal(number, "#,##0", locale)
