"""Finding, reading and checking a mapping file."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import yaml

from pipeline.errors import CallboardError
from pipeline.producers.adapters.mapping import CsvMapping
from pipeline.producers.adapters.plan import MappingError, Plan, make_plan

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


def bundled_mappings() -> list[str]:
    """The names of the mappings that come with callboard."""
    return sorted(entry.name.removesuffix(".yaml") for entry in _bundle().iterdir() if entry.name.endswith(".yaml"))


def load_mapping(name_or_file: str) -> Plan:
    """Load a mapping by the name of a bundled one, or from a file (a path that ends with .yaml or .yml).

    Raises:
        CallboardError: there is no such mapping, or it is wrong; the message names the file and the member.
    """
    if name_or_file.endswith(_SUFFIXES):
        label = name_or_file
        try:
            content = Path(name_or_file).read_bytes()
        except OSError as error:
            raise CallboardError(f"cannot read the mapping {label}: {error.strerror}") from None
    elif name_or_file in bundled_mappings():
        label = f"mapping {name_or_file}"
        content = _bundle().joinpath(f"{name_or_file}.yaml").read_bytes()
    else:
        raise CallboardError(
            f"no mapping is named {name_or_file!r}: choose one of {', '.join(bundled_mappings())}, "
            "or give the path of a file that ends with .yaml"
        )
    try:
        return make_plan(_convert(_parse(content)))
    except MappingError as error:
        raise CallboardError(f"{label}: {error}") from None


def _bundle() -> Any:
    return files("pipeline.producers.adapters").joinpath("mappings")


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


def _convert(document: object) -> CsvMapping:
    if not isinstance(document, dict):
        raise MappingError("", "the file must be a YAML mapping with the members description, source, client, ...")
    try:
        return msgspec.convert(document, CsvMapping, strict=False)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at ")
        raise MappingError(path.strip("`").removeprefix("$").removeprefix("."), what) from None
