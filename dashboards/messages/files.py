"""The files of messages: what they lack, and new texts written into them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from dashboards.messages.extract import Text

_WIDTH = 120
#: Without dates and without places in the source, which would change with every edit.
_HEAD = """\
# What the board says; docs/how-to/another-language.md tells how this file is kept. `make words` adds new texts.
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {forms}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""


def read(path: Path) -> Catalog:
    """The messages of a file ``<language>.po``; an empty one for a file that does not exist yet."""
    if not path.exists():
        return Catalog(locale=path.stem, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def faults(catalog: Catalog, texts: Iterable[Text]) -> list[str]:
    """What is missing in a file, and what has other ``{names}`` than its text; one line each."""
    found = []
    for text in _unique(texts):
        message = catalog.get(text.one, text.context)
        said = [] if message is None or message.fuzzy else _strings(message)
        if not said or not all(said) or _has_forms(message) is not (text.many is not None):
            found.append(f"{text.where}: no message for {text.one!r}")
        elif any(_names(each) - _allowed(text) or _needed(text) - _names(each) for each in said):
            found.append(f"{text.where}: other names in braces in the message for {text.one!r}")
    return found


def update(path: Path, texts: Iterable[Text]) -> int:
    """Write new texts into a file, with nothing said yet, and take those away that nothing shows; how many are new."""
    known, new = read(path), 0
    catalog = Catalog(locale=path.stem, fuzzy=False)
    for text in sorted(_unique(texts), key=lambda text: text.key):
        message = known.get(text.one, text.context)
        kept = message is not None and _has_forms(message) is (text.many is not None)
        new += not kept
        key = text.one if text.many is None else (text.one, text.many)
        said = message.string if message is not None and kept else ""
        comments = message.user_comments if message is not None else ()
        catalog.add(key, said, user_comments=comments, context=text.context)
    with path.open("wb") as file:
        file.write(_HEAD.format(language=path.stem, forms=catalog.plural_forms).encode())
        write_po(file, catalog, width=_WIDTH, omit_header=True)
    return new


def _unique(texts: Iterable[Text]) -> list[Text]:
    """Each once; a text that is shown alone and with a number has both forms."""
    found: dict[tuple[str, str], Text] = {}
    for text in texts:
        if text.key not in found or text.many is not None:
            found[text.key] = text
    return list(found.values())


def _has_forms(message: Message | None) -> bool:
    return message is not None and isinstance(message.id, tuple | list)


def _strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def _names(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name)


def _allowed(text: Text) -> frozenset[str]:
    return _names(text.one) | _names(text.many or "")


def _needed(text: Text) -> frozenset[str]:
    # "one queue" may leave the number out.
    return _names(text.one) if text.many is None else (_names(text.one) & _names(text.many)) - {"number"}
