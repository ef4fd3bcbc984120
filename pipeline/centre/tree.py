"""YAML as plain data whose scalars are text, with the line of everything in it.

PyYAML's node tree knows where each node begins; its loaders forget. Nothing is resolved on the way: ``no`` stays "no",
``12:30`` is no number of base 60, and only an empty value (or ``null``, ``~``) is None.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import yaml

from pipeline.centre.problems import Path, Problem

# The C parser is some ten times as fast; the nodes and their marks are the same.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_NOTHING = ("", "null", "~")
_PLAIN_TAGS = tuple(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))
#: Aliases are expanded; more than this is a mistake, or somebody's bomb.
_MOST_NODES = 1_000_000

Data = str | None | list["Data"] | dict[str, "Data"]


@dataclass(slots=True)
class Tree:
    """``data``: dicts, lists, text and None. ``lines``: path to its line, from 1; a member's is that of its key."""

    data: Data = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _nodes: int = 0
    _open: set[int] = field(default_factory=set)

    def line_of(self, path: Path) -> int:
        """The line of a path, or of the nearest thing around it that is in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def fill(self, node: yaml.Node) -> None:
        """Take the data of a document's node."""
        self.data = self._add(node, ())
        if self._nodes > _MOST_NODES:
            self.data = None
            self.problems = [Problem(1, (), f"has over {_MOST_NODES:,} values, aliases included; make it smaller")]
        elif self.data is None and not self.problems:
            self.problems.append(Problem(1, (), "the file is empty; start with 'version: 1'"))

    def _add(self, node: yaml.Node, path: Path) -> Data:
        """The data of a node; what is wrong with it is noted, and it is left out."""
        self._nodes += 1
        if node.tag not in _PLAIN_TAGS:
            self._note(node, path, f"tags such as {node.tag!r} have no meaning here; remove it")
        if id(node) in self._open:
            self._note(node, path, "an alias (*name) stands inside of what it names; write the value out")
            return None
        if self._nodes > _MOST_NODES:
            return None
        if isinstance(node, yaml.ScalarNode):
            return None if not node.style and node.value in _NOTHING else node.value
        self._open.add(id(node))
        data: Data
        if isinstance(node, yaml.SequenceNode):
            data = [self._member(child, child, (*path, position)) for position, child in enumerate(node.value)]
        else:
            data = self._mapping(node, path)
        self._open.discard(id(node))
        return data

    def _mapping(self, node: yaml.Node, path: Path) -> dict[str, Data]:
        data: dict[str, Data] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._note(key, path, "a name must be text, not a list or a mapping; write 'name: value'")
            elif key.value == "<<" and not key.style:
                self._note(key, path, "merging (<<) is not supported; write the members out, or alias them all")
            elif key.value in data:
                first = self.lines[*path, key.value]
                self._note(key, (*path, key.value), f"is given twice, first in line {first}; keep one of them")
            else:
                data[key.value] = self._member(key, value, (*path, key.value))
        return data

    def _member(self, begins: yaml.Node, node: yaml.Node, path: Path) -> Data:
        self.lines[path] = begins.start_mark.line + 1
        return self._add(node, path)

    def _note(self, node: yaml.Node, path: Path, message: str) -> None:
        self.problems.append(Problem(node.start_mark.line + 1, path, message))


def read_tree(content: bytes) -> Tree:
    """The data of a YAML document; if there is none to be had, ``problems`` says why and ``data`` is None."""
    tree = Tree()
    try:
        node = _compose(content)
    except _NotYamlError as error:
        tree.problems.append(Problem(error.line, (), error.message))
    else:
        tree.fill(node)
    return tree


class _NotYamlError(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


def _compose(content: bytes) -> yaml.Node:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _NotYamlError(line, "is not UTF-8 here; save the file as UTF-8") from None
    forbidden = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if forbidden:
        character = f"U+{ord(forbidden.group()):04X}"
        line = text.count("\n", 0, forbidden.start()) + 1
        raise _NotYamlError(line, f"has a character that YAML does not allow ({character}); remove it")
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _NotYamlError(mark.line + 1 if mark else 1, _not_yaml(error)) from None
    except RecursionError:
        raise _NotYamlError(1, "is nested too deeply; see 'callboard centre example'") from None
    if node is None:
        raise _NotYamlError(1, "the file is empty; start with 'version: 1'")
    return node


def _not_yaml(error: yaml.MarkedYAMLError) -> str:
    said = " ".join(filter(None, (error.context, error.problem)))
    begun = ""
    if error.context_mark and error.problem_mark and error.context_mark.line != error.problem_mark.line:
        begun = f" (begun in line {error.context_mark.line + 1})"
    return f"is not YAML: {said}{begun}; look at the indentation (spaces, no tabs), quotes and brackets here and above"
