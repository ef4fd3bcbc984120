"""Every text of the board that wants a message, read out of its source; and what is shown without one.

A text is a literal given to ``say``, ``mark`` or ``plural``, to one of ``SAID_LATER`` (what is said where it is shown),
or of the package ``pipeline``: the titles of the KPI catalogue, and what an alert's rule may look at. Literals that are
shown as they stand are faults.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dashboards.access.pages import PAGE
from pipeline.alerts.measures import MEASURES
from pipeline.kpis.catalogue import catalogue

DASHBOARDS = Path(__file__).parent.parent

#: Streamlit runs this one anew for each viewer.
ENTRY = "app.py"
#: The arguments (by position, by name) that are texts said where they are shown.
SAID_LATER = {"Saying": ((0,), ()), "BoardPage": ((1,), ("title",))}
#: The contexts of those that have one.
CONTEXTS = {"BoardPage": PAGE}
#: The arguments that are shown as they are, and so must have been said; of Streamlit's calls the first one and these.
SHOWN = {
    "Cell": ((0,), ("below",)),
    "Column": ((0,), ("title",)),
    "Tile": ((), ("label", "period")),
    "pair": ((), ("label", "period")),
    "Reading": ((0, 1), ("text", "words", "trend")),
    "Page": ((), ("title",)),
    "show": ((0, 3), ("title", "empty")),
}
_OF_STREAMLIT = ("label", "help", "placeholder", "alt", "caption", "tooltip", "description")
#: Those of Streamlit's calls that show a text; ``code`` and ``latex`` show what is no language.
STREAMLIT = frozenset(
    "title header subheader markdown caption text write html info success warning error toast metric button "
    "download_button link_button popover expander tabs checkbox toggle radio selectbox multiselect slider "
    "select_slider segmented_control pills text_input text_area number_input date_input time_input datetime_input "
    "file_uploader form_submit_button page_link spinner status feedback vega_lite_chart dialog".split()
)
#: The product's name and those of its files are the same in every language.
_NOT_SAID = re.compile(
    r"^callboard$|\b\w+\.yaml\b|<style>.*?</style>|<code>.*?</code>|<svg.*?</svg>|<[^>]*>|:material/\w+:|&\w+;|\{\}",
    re.DOTALL,
)
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Text:
    """A text that wants a message. ``many`` is its other form where it depends on a number."""

    one: str
    many: str | None
    #: ``boards/live.py:31``.
    where: str
    #: What tells it apart from the same English text elsewhere.
    context: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """The same for all that have one message."""
        return self.one, self.context or ""


def texts() -> list[Text]:
    """All of them, each as often as it stands somewhere: those of the board's code, then those of ``pipeline``."""
    found = [text for path in _sources() for text in texts_of(path.read_text(), str(path.relative_to(DASHBOARDS)))]
    measures = [text for measure in MEASURES.values() for text in (measure.title, measure.says)]
    return [
        *found,
        *(Text(kpi.title, None, "KPI catalogue") for kpi in catalogue().all()),
        *(Text(text, None, "measures of alerts") for text in measures),
    ]


def unsaid() -> list[str]:
    """Where a literal is shown that was not said: ``boards/live.py:31: "Live"``."""
    return [fault for path in _sources() for fault in unsaid_in(path.read_text(), str(path.relative_to(DASHBOARDS)))]


def texts_of(source: str, name: str) -> list[Text]:
    """The texts in one source; ``name`` says where they stand."""
    return list(_texts(ast.parse(source), name))


def unsaid_in(source: str, name: str) -> list[str]:
    """What one source shows without saying it, and what it says as long as nobody has a language yet."""
    tree = ast.parse(source)
    shown = [
        f'{name}:{part.lineno}: "{text}" is shown without say()'
        for call in _calls(tree)
        for part in _arguments(call, *_shown_by(call))
        for text in _literals(part)
        if _WORD.search(_NOT_SAID.sub(" ", text))
    ]
    early = () if name == ENTRY else _too_early(tree)
    return [*shown, *(f"{name}:{line}: said while importing, when nobody looks: use mark()" for line in early)]


def _sources() -> list[Path]:
    return sorted(DASHBOARDS.rglob("*.py"))


def _texts(tree: ast.Module, name: str) -> Iterator[Text]:
    for call in _calls(tree):
        called, where = _name(call), f"{name}:{call.lineno}"
        if called in ("say", "mark") and call.args:
            yield from (Text(text, None, where, _context(call)) for text in _literals(call.args[0]))
        elif called == "plural" and len(call.args) > 1:
            # Both forms are literals, or the other one is made by formats.plural.
            for one in _literals(call.args[1]):
                others = list(_literals(call.args[2])) if len(call.args) > 2 else []  # noqa: PLR2004 - number, one, many
                yield Text(one, others[0] if others else f"{one}s", where)
        elif called in SAID_LATER:
            parts = _arguments(call, *SAID_LATER[called])
            context = CONTEXTS.get(called)
            yield from (Text(text, None, where, context) for part in parts for text in _literals(part))


def _context(call: ast.Call) -> str | None:
    return next((text for part in _arguments(call, (), ("context",)) for text in _literals(part)), None)


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _name(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _shown_by(call: ast.Call) -> tuple[tuple[int, ...], tuple[str, ...]]:
    name = _name(call)
    if name in SHOWN:
        return SHOWN[name]
    if isinstance(call.func, ast.Attribute) and name in STREAMLIT and ast.unparse(call.func.value) != "_LOG":
        return ((0,), ("body", *_OF_STREAMLIT))
    return ((), ("alt",))


def _arguments(call: ast.Call, positions: tuple[int, ...], names: tuple[str, ...]) -> Iterator[ast.expr]:
    yield from (call.args[position] for position in positions if position < len(call.args))
    yield from (keyword.value for keyword in call.keywords if keyword.arg in names)


def _literals(part: ast.expr) -> Iterator[str]:
    """The texts that an expression may be: a literal, either side of an ``if``, the ends of an ``or``, an f-string."""
    match part:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=values):
            yield "".join(value.value if isinstance(value, ast.Constant) else "{}" for value in values)  # type: ignore[misc]
        case ast.IfExp(body=body, orelse=orelse):
            yield from (*_literals(body), *_literals(orelse))
        case ast.BoolOp(values=values):
            yield from (text for value in values for text in _literals(value))
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            yield from (*_literals(left), *_literals(right))
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            yield from (text for each in parts for text in _literals(each))


def _too_early(tree: ast.Module) -> Iterator[int]:
    """Lines that call ``say`` while the module is loaded."""
    waiting: list[ast.AST] = list(ast.iter_child_nodes(tree))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call) and _name(node) in ("say", "plural"):
            yield node.lineno
        waiting.extend(ast.iter_child_nodes(node))
