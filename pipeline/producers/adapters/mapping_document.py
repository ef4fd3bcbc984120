"""Finding and reading the YAML of any mapping: a bundled one by its name, or a file of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from pipeline.errors import CallboardError
from pipeline.producers.adapters.plan import MappingError

T = TypeVar("T")

_SUFFIXES = (".yaml", ".yml")


class _Loader(yaml.BaseLoader):
    """YAML in which every scalar is text (``NO`` is not False, ``007`` not 7) and a member cannot be given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} is given twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def names_in(bundle: Any) -> list[str]:
    """The names of the mappings in a folder of package data."""
    return sorted(entry.name.removesuffix(".yaml") for entry in bundle.iterdir() if entry.name.endswith(".yaml"))


def mapping_text(name_or_file: str, bundle: Any) -> tuple[str, bytes]:
    """The label of a mapping in messages, and its content.

    Raises:
        CallboardError: there is no such mapping.
    """
    if name_or_file.endswith(_SUFFIXES):
        try:
            return name_or_file, Path(name_or_file).read_bytes()
        except OSError as error:
            raise CallboardError(f"cannot read the mapping {name_or_file}: {error.strerror}") from None
    if name_or_file in names_in(bundle):
        return f"mapping {name_or_file}", bundle.joinpath(f"{name_or_file}.yaml").read_bytes()
    raise CallboardError(
        f"no mapping is named {name_or_file!r}: choose one of {', '.join(names_in(bundle))}, "
        "or give the path of a file that ends with .yaml"
    )


def parse_mapping(content: bytes, kind: type[T], members: str) -> T:
    """The content as ``kind``; ``members`` names the first of them for a file that has none. Raises MappingError."""
    document = _parse(content)
    if not isinstance(document, dict):
        raise MappingError("", f"the file must be a YAML mapping with the members {members}, ...")
    try:
        return msgspec.convert(document, kind, strict=False)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at ")
        raise MappingError(path.strip("`").removeprefix("$").removeprefix("."), what) from None


def _parse(content: bytes) -> object:
    try:
        loader = _Loader(content)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        where = f"line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise MappingError(where, f"not YAML: {error.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise MappingError("", "not YAML in UTF-8") from None
