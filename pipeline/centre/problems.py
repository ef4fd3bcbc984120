"""What can be wrong with a file: lines for a person, and the error that carries them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.errors import CheckFailedError

#: The steps to a value: keys of mappings and positions in lists.
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, in which line of the file (from 1), and what to do."""

    line: int
    path: Path
    message: str

    def text(self, file: str) -> str:
        """FILE:LINE: path: what is wrong; what to do."""
        where = f"{path_text(self.path)}: " if self.path else ""
        return f"{file}:{self.line}: {where}{self.message}"


def path_text(path: Path) -> str:
    """A path as people write it: queues.acme.sales.settings[1].from."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


class CentreFileError(CheckFailedError):
    """A file is no valid centre.yaml. ``problems`` has all that is wrong with it, by line."""

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        """``file``: as the person who will read it calls it."""
        self.file = file
        self.problems = tuple(sorted(problems, key=lambda each: (each.line, len(each.path))))
        count = len(self.problems)
        super().__init__(
            f"{file} has {count} error{'' if count == 1 else 's'}, the first in line {self.problems[0].line}"
        )

    def lines(self) -> list[str]:
        """One line for each problem, in the order of the file."""
        return [problem.text(self.file) for problem in self.problems]
