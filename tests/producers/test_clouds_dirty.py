"""Whatever stands in a document, a converter says valid events or a notice, and goes on with the next one as before."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.contract import events as ev
from pipeline.contract.decode import decode
from pipeline.contract.events import encode
from pipeline.contract.rejects import Rejection
from pipeline.producers.adapters.base import Converter
from pipeline.producers.adapters.documents.stream import Document
from tests.producers import test_connect, test_genesys
from tests.support.streams import NOW

pytestmark = pytest.mark.thorough

NAMES = [*test_connect.MAKES, *test_genesys.MAKES]
JUNK: list[Any] = [
    *(None, "", "x", "+442079460123", "jane@example.com", 0, -1, 1e300, 7, True, [], {}, [None], [{}], {"a": {}}),
    *(
        "2026-03-02T09:00:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "n" * 300,
        "a\x00b",
        "\u2028",
        "２０２６",
    ),
]


def converter_of(name: str) -> Converter:
    if name in test_connect.MAKES:
        return test_connect.MAKES[name][0](test_connect.ASKED)
    return test_genesys.MAKES[name][0](test_genesys.ASKED)


def documents_of(name: str) -> list[Document]:
    module = test_connect if name in test_connect.MAKES else test_genesys
    return [document for document in module.documents_of(name) if document.value is not None]


def paths(value: Any, so_far: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    found = []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        found += [(*so_far, key), *paths(each, (*so_far, key))]
    return found


def with_junk(document: Document, path: tuple[Any, ...], junk: Any) -> Document:
    value = copy.deepcopy(document.value)
    target: Any = value
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = junk
    return Document(value)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_junk_never_stops_a_converter(name: str, data: st.DataObject) -> None:
    documents = documents_of(name)
    spoiled = []
    for _ in range(6):
        document = data.draw(st.sampled_from(documents))
        path = data.draw(st.sampled_from(paths(document.value)))
        spoiled.append(with_junk(document, path, data.draw(st.sampled_from(JUNK))))
    converter = converter_of(name)
    for document in spoiled:
        for event in converter.convert(document):
            found = decode(encode(event), NOW)
            assert not isinstance(found, Rejection) or found.reason.value == "implausible_time", found
            text = encode(event)
            assert b"442079460123" not in text and b"jane@" not in text
    converter.restore(converter.state())
    # Nothing of it stops what comes after it.
    assert [event for document in documents for event in converter.convert(document)]


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_object_is_unreadable_and_has_no_time(name: str) -> None:
    assert list(converter_of(name).convert(Document({}))) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_document_without_what_it_needs_is_noticed_with_a_time_of_its_own(name: str) -> None:
    (notice,) = converter_of(name).convert(Document({"some": {"time": "2026-03-02T09:00:00Z"}}))
    assert isinstance(notice, ev.SourceNoticed)
    assert (notice.data.kind, notice.data.count) == ("unreadable", 1)
    assert notice.data.name.endswith("missing")
