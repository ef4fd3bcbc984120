"""alerts.yaml to its rules and targets, or to everything that is wrong with it, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from pipeline.alerts.rule import Email, Rule, RulesFile, Webhook
from pipeline.centre.messages import message_of
from pipeline.centre.problems import CentreFileError, Problem
from pipeline.centre.problems import Path as Steps
from pipeline.centre.tree import read_tree
from pipeline.centre.vocabulary import hint
from pipeline.files import read_whole

_ADVICE = ("see 'callboard centre example'", "see 'callboard alerts example'")
#: Steps that pydantic puts into a path for the member of a union that it tried.
_TRIED = (Webhook.__name__, Email.__name__)


def parse_rules(content: bytes, file: str = "alerts.yaml") -> RulesFile:
    """The rules and targets of a file's ``content``; ``file`` is its name in messages.

    Raises:
        CentreFileError: it is not valid; the error has all problems, each with its line.
    """
    tree = read_tree(content)
    problems = list(tree.problems)
    found: RulesFile | None = None
    if tree.data is not None:
        try:
            found = RulesFile.model_validate(tree.data)
        except ValidationError as error:
            seen: set[Steps] = set()
            for each in error.errors(include_url=False):
                path: Steps = tuple(step for step in each["loc"] if step not in (*_TRIED, "[key]"))
                if path[:1] == ("targets",):
                    path, message = path[:2], "is no target; write 'webhook: https://...' or 'email: [a@example.com]'"
                else:
                    message = message_of(each, RulesFile).replace(*_ADVICE)
                if path not in seen:
                    problems.append(Problem(tree.line_of(path), path, message))
                seen.add(path)
        else:
            problems += [Problem(tree.line_of(path), path, message) for path, message in _unknown_targets(found)]
    if found is None or problems:
        raise CentreFileError(file, problems)
    return found


def _unknown_targets(found: RulesFile) -> Iterator[tuple[Steps, str]]:
    for name, rule in found.rules.items():
        for path, target in told_by(rule):
            if target not in found.targets:
                yield ("rules", name, *path), f"there is no target '{target}'; {hint(target, found.targets)}"


def told_by(rule: Rule) -> Iterator[tuple[Steps, str]]:
    """Every target that a rule names, with where it does."""
    yield from ((("tell",), target) for target in rule.tell)
    if rule.escalate is not None:
        yield from ((("escalate", "tell"), target) for target in rule.escalate.tell)


def read_rules(file: Path) -> RulesFile:
    """The rules and targets of a file.

    Raises:
        CallboardError: the file cannot be read.
        CentreFileError: it is not valid.
    """
    return parse_rules(read_whole(file), str(file))


def example() -> str:
    """The alerts.yaml that ships with callboard: a set of rules to begin with."""
    return resources.files("pipeline.alerts").joinpath("example.yaml").read_text(encoding="utf-8")
