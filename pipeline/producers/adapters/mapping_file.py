"""Finding, reading and checking a mapping file of the ``csv`` adapter."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from pipeline.errors import CallboardError
from pipeline.producers.adapters.mapping import CsvMapping
from pipeline.producers.adapters.mapping_document import mapping_text, names_in, parse_mapping
from pipeline.producers.adapters.plan import MappingError, Plan, make_plan


def bundled_mappings() -> list[str]:
    """The names of the mappings that come with callboard."""
    return names_in(_bundle())


def load_mapping(name_or_file: str) -> Plan:
    """Load a mapping by the name of a bundled one, or from a file (a path that ends with .yaml or .yml).

    Raises:
        CallboardError: there is no such mapping, or it is wrong; the message names the file and the member.
    """
    label, content = mapping_text(name_or_file, _bundle())
    try:
        return make_plan(parse_mapping(content, CsvMapping, "description, source, client"))
    except MappingError as error:
        raise CallboardError(f"{label}: {error}") from None


def _bundle() -> Any:
    return files("pipeline.producers.adapters").joinpath("mappings")
