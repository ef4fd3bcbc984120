"""centre.yaml to its model, or to everything that is wrong with it, line by line."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from pipeline.centre.messages import message_of, path_of
from pipeline.centre.model import Centre
from pipeline.centre.problems import CentreFileError, Problem
from pipeline.centre.references import reference_problems
from pipeline.centre.tree import Data, Tree, read_tree
from pipeline.files import read_whole


def parse_centre(content: bytes, file: str = "centre.yaml") -> Centre:
    """The centre that a file's ``content`` describes; ``file`` is its name in messages.

    Raises:
        CentreFileError: it is not valid; the error has all problems, each with its line.
    """
    tree = read_tree(content)
    problems = list(tree.problems)
    centre: Centre | None = None
    if tree.data is not None:
        for path, message in reference_problems(tree.data):
            problems.append(Problem(tree.line_of(path), path, message))
        centre, wrong = _validated(tree.data, tree)
        problems += wrong
    if centre is None or problems:
        raise CentreFileError(file, problems)
    return centre


def _validated(data: Data, tree: Tree) -> tuple[Centre | None, list[Problem]]:
    try:
        return Centre.model_validate(data), []
    except ValidationError as error:
        found = [(path_of(each), message_of(each, Centre)) for each in error.errors(include_url=False)]
    return None, [Problem(tree.line_of(path), path, message) for path, message in found]


def read_centre(file: Path) -> tuple[Centre, bytes]:
    """The centre that a file describes, and the file's bytes.

    Raises:
        CallboardError: the file cannot be read.
        CentreFileError: it is not valid.
    """
    content = read_whole(file)
    return parse_centre(content, str(file)), content
