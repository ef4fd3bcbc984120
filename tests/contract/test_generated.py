"""The generated files are current, and writing and checking them works in a copy of the checkout."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.contract.asyncapi import asyncapi_document, asyncapi_text
from pipeline.contract.constructors import constructors
from pipeline.contract.events import EVENT_TYPES
from pipeline.contract.files import check_contract, generated_files, release_contract, write_contract
from pipeline.contract.reference import events_page
from pipeline.contract.topics import TOPICS
from pipeline.errors import CallboardError
from tests.contract.corpus import ROOT, SCHEMAS, load_schema, members

PAGE = ROOT / "docs" / "reference" / "events.md"
VOICES = Path("pipeline/producers/voices")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the contract's files."""
    shutil.copytree(SCHEMAS, tmp_path / "schemas")
    (tmp_path / "docs" / "reference").mkdir(parents=True)
    shutil.copy(PAGE, tmp_path / "docs" / "reference")
    shutil.copytree(ROOT / VOICES, tmp_path / VOICES, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_contract_of_this_checkout_is_in_order() -> None:
    assert check_contract(ROOT) == []


def test_writing_again_changes_nothing(checkout: Path) -> None:
    before = {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()}
    assert write_contract(checkout) == []
    assert {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()} == before


def test_writing_restores_what_was_changed_and_removes_what_is_of_no_type(checkout: Path) -> None:
    events = checkout / "schemas" / "events"
    good = {
        path: path.read_bytes()
        for path in (events / "agent.signed_in.v1.schema.json", checkout / "schemas/asyncapi.yaml")
    }
    for path in good:
        path.write_text("{}")
    page = checkout / "docs/reference/events.md"
    page.unlink()
    stray = events / "agent.teleported.v1.schema.json"
    stray.write_text("{}")
    problems = check_contract(checkout)
    assert len(problems) == 4
    assert all("run `callboard contract write`" in problem for problem in problems)
    assert sorted(checkout / path for path in write_contract(checkout)) == sorted([*good, page, stray])
    assert {path: path.read_bytes() for path in good} == good
    assert page.read_bytes() == PAGE.read_bytes()
    assert not stray.exists()
    assert check_contract(checkout) == []


def test_files_can_be_written_from_nothing(checkout: Path) -> None:
    shutil.rmtree(checkout / "schemas" / "events")
    shutil.rmtree(checkout / "docs")
    shutil.rmtree(checkout / VOICES)
    assert len(write_contract(checkout)) == len(EVENT_TYPES) + 1 + len(constructors())
    assert check_contract(checkout) == []


def test_elsewhere_than_in_a_checkout_nothing_is_written(tmp_path: Path) -> None:
    for function in (write_contract, check_contract, generated_files, release_contract):
        with pytest.raises(CallboardError, match="no checkout of callboard"):
            function(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("      - agent.signed_out.v1\n", "", "agent.signed_out.v1"),
        ("      - agent.signed_out.v1\n", "      - agent.signed_off.v1\n", "agent.signed_off.v1"),
        ("      - agent.signed_out.v1\n", "      - agent.signed_out.v1\n      - agent.signed_out.v1\n", "twice"),
        (
            "      - agent.signed_in.v1\n",
            "      - agent.signed_in.v1\n      - interaction.held.v1\n",
            "interaction.held.v1",
        ),
    ],
)
def test_topics_that_do_not_fit_the_events_are_refused(checkout: Path, old: str, new: str, named: str) -> None:
    topics = checkout / "schemas" / "topics.yaml"
    assert old in topics.read_text()
    topics.write_text(topics.read_text().replace(old, new))
    with pytest.raises(CallboardError, match=f"under each topic of its class: see .*{named}"):
        check_contract(checkout)


def test_a_breaking_change_fails_the_check_and_says_what_to_do(checkout: Path) -> None:
    """Seen from the other side: the released schema had a field that the classes no longer have."""
    path = checkout / "schemas/released/v1/interaction.queued.v1.schema.json"
    schema = json.loads(path.read_bytes())
    schema["properties"]["data"]["properties"]["position"] = {"type": "integer"}
    path.write_text(json.dumps(schema))
    assert check_contract(checkout) == [
        "v1/interaction.queued.v1.schema.json: $.data.position: the field was removed or renamed; "
        "a released event type may only grow: make the new field optional, keep the old one, widen instead of narrow, "
        "or add a new type (for instance interaction.queued.v2) beside the old one"
    ]
    with pytest.raises(CallboardError, match=r"cannot be released.*\$\.data\.position"):
        release_contract(checkout)


def test_a_removed_event_type_fails_the_check(checkout: Path) -> None:
    (checkout / "schemas/released/v1/interaction.parked.v1.schema.json").write_text("{}")
    (problem,) = check_contract(checkout)
    assert problem.startswith("v1/interaction.parked.v1.schema.json: the event type was removed; ")


def test_a_lost_baseline_fails_the_check(checkout: Path) -> None:
    shutil.rmtree(checkout / "schemas" / "released")
    (problem,) = check_contract(checkout)
    assert "restore the released schemas" in problem


def test_a_release_copies_todays_schemas(checkout: Path) -> None:
    shutil.rmtree(checkout / "schemas" / "released")
    target = release_contract(checkout)
    assert {path.name: path.read_bytes() for path in target.iterdir()} == {
        path.name: path.read_bytes() for path in (SCHEMAS / "events").iterdir()
    }
    (target / "agent.signed_out.v1.schema.json").unlink()  # as if that type were new since the release
    assert check_contract(checkout) == []
    assert release_contract(checkout) == target
    assert (target / "agent.signed_out.v1.schema.json").exists()


def test_the_asyncapi_file_is_current() -> None:
    assert (SCHEMAS / "asyncapi.yaml").read_text() == asyncapi_text(TOPICS)


def test_the_asyncapi_document_describes_every_topic_and_event() -> None:
    document = yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text())
    assert document == asyncapi_document(TOPICS)
    assert document["asyncapi"].startswith("3.")
    assert list(document["channels"]) == list(TOPICS)
    assert set(document["components"]["messages"]) == set(EVENT_TYPES)
    for name, topic in TOPICS.items():
        channel = document["channels"][name]
        assert channel["bindings"]["kafka"]["partitions"] == topic.partitions
        assert channel["bindings"]["kafka"]["topicConfiguration"]["retention.ms"] == topic.retention_ms
        assert list(channel["messages"]) == list(topic.event_types)


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text())
    references = list(_references(document))
    listed = sum(len(topic.event_types) for topic in TOPICS.values())
    assert len(references) == 2 * listed + len(EVENT_TYPES) + len(TOPICS)
    for reference in references:
        file, _, pointer = reference.partition("#/")
        found: Any = json.loads((SCHEMAS / file).read_bytes()) if file else document
        for step in filter(None, pointer.split("/")):
            found = found[step]
        assert found
    payloads = {name: message["payload"]["$ref"] for name, message in document["components"]["messages"].items()}
    assert payloads == {name: f"events/{name}.schema.json" for name in EVENT_TYPES}


def _references(node: Any) -> Any:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def test_the_page_of_events_is_current() -> None:
    assert PAGE.read_text() == events_page(TOPICS)


@pytest.mark.parametrize("event_type", list(EVENT_TYPES))
def test_the_page_has_a_row_for_every_field(event_type: str) -> None:
    page = PAGE.read_text()
    section = page.partition(f"### `{event_type}`\n")[2].partition("\n### ")[0]
    assert load_schema(event_type)["description"] in section
    shared = page.partition("## Members that every event has")[2].partition("\n## ")[0]
    for *parents, name in [("type",), *members(EVENT_TYPES[event_type])]:
        (row,) = [line for line in (section if parents else shared).splitlines() if line.startswith(f"| `{name}` |")]
        cells = [cell.strip() for cell in row.replace("\\|", "").split("|")[1:-1]]
        assert len(cells) == 5
        assert all(cells)
        schema = load_schema(event_type)
        part = schema["properties"]["data"] if parents else schema
        assert (cells[2] == "yes") == (name in part["required"])
        # One row stands for the data of all types: it shows the strictest.
        strictest = max(load_schema(each)["properties"]["data"]["x-privacy"] for each in EVENT_TYPES)
        assert cells[4] == (strictest if name == "data" else part["properties"][name]["x-privacy"])


def test_the_page_has_each_event_once_and_a_row_for_every_topic() -> None:
    page = PAGE.read_text()
    headings = [line.removeprefix("### ").strip("`") for line in page.splitlines() if line.startswith("### ")]
    assert sorted(headings) == sorted(EVENT_TYPES)
    for name, topic in TOPICS.items():
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{name}` |") and topic.description in line]
        assert all(f"`{channel}`" in row for channel in topic.channels)


def test_the_pages_links_lead_somewhere() -> None:
    targets = {part.partition(")")[0] for part in PAGE.read_text().split("](")[1:]}
    local = {target for target in targets if "://" not in target}
    assert len(local) == len(EVENT_TYPES) + 2
    assert all((PAGE.parent / target).resolve().exists() for target in local)
