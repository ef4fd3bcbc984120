"""JSON documents as systems deliver them: end to end, in arrays, broken, compressed, and in a folder that grows."""

from __future__ import annotations

import gzip
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.errors import CallboardError
from pipeline.producers.adapters import AdapterRequest, Call, RefusedCallError, adapter
from pipeline.producers.adapters.connect import one
from pipeline.producers.adapters.documents.clients import Clients
from pipeline.producers.adapters.documents.customers import customer_of
from pipeline.producers.adapters.documents.fields import Fields, UnreadableError, safe_name
from pipeline.producers.adapters.documents.follow import DeliveredFiles
from pipeline.producers.adapters.documents.hook import check_secret, posted
from pipeline.producers.adapters.documents.stream import Document, Documents
from pipeline.producers.door import Door
from tests.producers.conftest import NOW

TWO = [{"a": 1}, {"b": {"c": '} ] { " \\'}}]


def values(data: str) -> list[object]:
    return [document.value for document in Documents().take(data.encode(), last=True)]


@pytest.mark.parametrize(
    "text",
    [
        "".join(map(json.dumps, TWO)),
        "\n".join(map(json.dumps, TWO)),
        ",\n".join(map(json.dumps, TWO)) + "\r\n",
        json.dumps(TWO),
        json.dumps(TWO, indent=4),
        "\ufeff" + json.dumps(TWO),
        "\n".join(json.dumps(each, indent=2) for each in TWO),
        json.dumps([TWO[0]]) + json.dumps([TWO[1]]),
    ],
)
def test_documents_are_found_however_they_were_put_together(text: str) -> None:
    assert values(text) == TWO


#: Broken, but one sees where it ends; and broken so that only a new line ends it.
CLOSED = ['{"x": 1,}', "{'x': 1}", '{"x": NaN}', '{"x": "\\ud800"}']
OPEN = ['{"x": "no end', '{"x": [1}', "just words", "{" * 5000]


@pytest.mark.parametrize(("bad", "between"), [(bad, "\n") for bad in CLOSED + OPEN] + [(bad, "") for bad in CLOSED])
def test_one_that_is_broken_does_not_take_the_next_with_it(bad: str, between: str) -> None:
    found = list(Documents().take(f'{{"a": 1}}{between}{bad}{between}{{"b": 2}}'.encode(), last=True))
    assert [document.value for document in found] == [{"a": 1}, None, {"b": 2}]
    assert [document.line for document in found] == ([1, 2, 3] if between else [1, 1, 1])


def test_a_broken_document_over_several_lines_is_one() -> None:
    text = '{\n  "time": "2026-03-02T18:43:48Z",\n  "detail": {\n    "a": 1,\n  }\n}\n{"b": 2}\n'
    broken, good = Documents().take(text.encode(), last=True)
    assert (broken.value, broken.line, broken.moment) == (None, 1, datetime(2026, 3, 2, 18, 43, 48, tzinfo=UTC))
    assert (good.value, good.line) == ({"b": 2}, 7)


def test_what_has_no_end_yet_waits_for_it() -> None:
    documents = Documents()
    assert [document.value for document in documents.take(b'{"a": 1}{"b": ', last=False)] == [{"a": 1}]
    assert documents.at == len('{"a": 1}')
    assert [document.value for document in documents.take(b'{"a": 1}{"b": 2}', last=False)] == [{"b": 2}]


def test_members_are_found_whichever_way_they_are_written() -> None:
    for name in ("agentInfo", "AgentInfo", "agent_info", "AGENTINFO"):
        assert Fields({name: {"agent_arn": "x"}}).part("agentinfo").text("agentarn") == "x"


def test_times_in_all_forms_are_utc() -> None:
    expected = datetime(2026, 3, 2, 9, 0, 0, 500_000, tzinfo=UTC)
    forms = ["2026-03-02T09:00:00.5Z", "2026-03-02 09:00:00.500+00:00", "2026-03-02T10:00:00.500000+01:00"]
    for form in [*forms, "2026-03-02T09:00:00.500", 1772442000.5, 1772442000500]:
        assert Fields({"at": form}).moment("at") == expected, form
    for wrong in ("yesterday", True, [], 1e300, "2026-13-01T00:00:00Z", "0001-01-01T00:00:00Z"):
        with pytest.raises(UnreadableError, match="at is not a time"):
            Fields({"at": wrong}).moment("at")
    for wrong in (-1, "many", float("inf"), float("nan"), 1e300, True):
        with pytest.raises(UnreadableError, match="n is not a number"):
            Fields({"n": wrong}).number("n")


def test_a_name_is_no_number_and_no_address() -> None:
    assert safe_name("Sales 2") == "Sales 2"
    assert safe_name("2001") == "2001"
    assert safe_name("12345678-1234-1234-1234-123456789012") == "12345678-1234-1234-1234-123456789012"
    assert safe_name("+44 20 7946 0123") is None
    assert safe_name("tel:+442079460123") is None
    assert safe_name("jane@example.com") is None


def test_clients_by_the_systems_own_names() -> None:
    clients = Clients("A-1=acme, b-2=zenith, other")
    assert [clients.of(names) for names in (["a-1"], ["x", "B-2"], ["x"], [])] == ["acme", "zenith", "other", "other"]
    assert (clients.somebody, Clients("acme").somebody, Clients(None).somebody) == ("*", "acme", "*")
    assert Clients(None).of(["instance"]) == "instance"
    for wrong in ("=acme", "a=", "acme,zenith"):
        with pytest.raises(CallboardError, match="is not understood"):
            Clients(wrong)


def test_customers_by_number_and_by_address() -> None:
    door = Door(b"a key", "GB")
    number = customer_of(door, "acme", "tel:+442079460123")
    assert number is not None
    assert number == customer_of(door, "acme", "020 7946 0123") == door.caller("acme", "+442079460123")
    assert number != customer_of(door, "zenith", "+442079460123")
    # Two addresses with the same digits are two customers, and none of them is the number 7.
    addresses = {customer_of(door, "acme", text) for text in ("jane7@example.com", "joe7@example.com", "7")}
    assert len(addresses) == 3
    assert customer_of(door, "acme", None) is None and customer_of(Door(None), "acme", "+442079460123") is None


def drained(files: DeliveredFiles) -> list[object]:
    found: list[object] = []
    while documents := files.poll(0):
        found += [document.value for document in documents]
    return found


def test_a_folder_is_followed(tmp_path: Path) -> None:
    files = DeliveredFiles(tmp_path, one)
    assert drained(files) == []
    (tmp_path / "09").mkdir()
    (tmp_path / "09" / "b").write_text('{"n": 1}{"n": 2}{"n": ')
    (tmp_path / "09" / "a.gz").write_bytes(gzip.compress(b'{"n": 0}\n'))
    (tmp_path / ".c.part").write_text('{"n": 9}')
    assert drained(files) == [{"n": 0}, {"n": 1}, {"n": 2}]
    with (tmp_path / "09" / "b").open("a") as stream:
        stream.write('3}\n{"n": 4}')
    assert drained(files) == [{"n": 3}, {"n": 4}]
    assert drained(files) == []
    # What an earlier run gave out is not given again, and what it had not read to the end is.
    with (tmp_path / "09" / "b").open("a") as stream:
        stream.write('{"n": 5}')
    resumed = DeliveredFiles(tmp_path, one, files.position())
    assert drained(resumed) == [{"n": 5}]
    (tmp_path / "09" / "a.gz").unlink()
    assert drained(resumed) == []
    assert b"a.gz" not in resumed.position()


def test_the_position_is_that_of_the_documents_given_out(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text("".join(f'{{"n": {n}}}\n' for n in range(2500)))
    files = DeliveredFiles(file, one)
    first = files.poll(0)
    assert len(first) == 1000
    resumed = DeliveredFiles(file, one, files.position())
    assert drained(resumed) == [{"n": n} for n in range(1000, 2500)]
    assert drained(DeliveredFiles(file, one, resumed.position())) == []


def test_a_file_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text('{"n": 1}\n{"n": 2}\n')
    files = DeliveredFiles(file, one)
    assert len(drained(files)) == 2
    (tmp_path / "new").write_text('{"n": 3}\n{"n": 4}\n{"n": 5}\n')
    os.replace(tmp_path / "new", file)
    assert drained(files) == [{"n": 3}, {"n": 4}, {"n": 5}]


def test_a_document_whose_end_never_comes_is_given_up(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text('{"n": 1}\n{"at": "2026-03-02T18:43:48Z", "n": ')
    files = DeliveredFiles(file, one, patience_seconds=0)
    assert drained(files) == [{"n": 1}, None]
    assert drained(files) == []
    half = tmp_path / "half.gz"
    half.write_bytes(gzip.compress(b'{"n": 1}')[:-4])
    broken = DeliveredFiles(half, one, patience_seconds=0)
    assert drained(broken) == []
    assert drained(broken) == [None]
    assert drained(broken) == []


def test_half_a_compressed_file_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "half.gz").write_bytes(gzip.compress(b'{"n": 1}' * 100)[:-4])
    for path in (tmp_path / "half.gz", tmp_path / "none.json"):
        read = adapter("connect-ctr").read
        assert read is not None
        with pytest.raises(CallboardError, match="cannot read"):
            list(read(AdapterRequest(path, NOW)).events)


def call(body: bytes, **headers: str) -> Call:
    return Call("https://example.com/hooks", {name.replace("_", "-"): v for name, v in headers.items()}, body, NOW)


def test_a_call_needs_the_secret_and_a_document() -> None:
    check_secret(call(b"{}", x_api_key="s3cret"), "s3cret")
    check_secret(call(b"{}", authorization="Bearer s3cret"), "s3cret")
    for refused in (call(b"{}"), call(b"{}", x_api_key="other"), call(b"{}", x_api_key="")):
        with pytest.raises(RefusedCallError) as error:
            check_secret(refused, "s3cret")
        assert error.value.status == 401
    with pytest.raises(RefusedCallError):
        check_secret(call(b"{}", x_api_key=""), "")
    assert posted(call(b'{"a": 1}{"b": 2}'), one) == [Document({"a": 1}), Document({"b": 2})]
    for body in (b"", b"hello", b"[1, 2]"):
        with pytest.raises(RefusedCallError) as error:
            posted(call(body), one)
        assert error.value.status == 400
