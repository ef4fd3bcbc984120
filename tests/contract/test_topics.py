"""Topics as data, and the partition of a key exactly as Kafka's clients choose it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import DefaultPartitioner

from pipeline.contract.decode import MAX_EVENT_BYTES, decode
from pipeline.contract.events import EVENT_TYPES
from pipeline.contract.location import schemas_folder
from pipeline.contract.rejects import Rejection
from pipeline.contract.topics import (
    AGENT_TOPIC,
    INTERACTION_TOPICS,
    TOPICS,
    load_topics,
    partition_for,
    topic,
    topic_of_channel,
)
from pipeline.errors import CallboardError
from tests.contract.corpus import EXAMPLES, NOW, ROOT, SCHEMAS


class Cluster:
    """What DefaultPartitioner asks of a cluster, for one topic."""

    def __init__(self, partitions: int) -> None:
        self._partitions = set(range(partitions))

    def topics(self) -> set[str]:
        return {"calls"}

    def partitions_for_topic(self, name: str) -> set[int]:
        return self._partitions

    def available_partitions_for_topic(self, name: str) -> set[int]:
        return self._partitions


def kafka_python(key: bytes, partitions: int) -> int:
    return DefaultPartitioner().partition("calls", None, key, None, b"", Cluster(partitions))


@given(key=st.binary(max_size=40), partitions=st.integers(1, 64))
def test_the_partition_is_that_of_kafka_python(key: bytes, partitions: int) -> None:
    assert partition_for(key, partitions) == kafka_python(key, partitions)


def test_real_keys_get_kafka_pythons_partitions_and_use_them_all() -> None:
    keys = [f"bank/{number}".encode() for number in range(2000)]
    chosen = [partition_for(key, 4) for key in keys]
    assert chosen == [kafka_python(key, 4) for key in keys]
    assert min(chosen.count(partition) for partition in range(4)) > 400


@pytest.mark.parametrize(
    ("key", "hashed"),
    # From Apache Kafka's own UtilsTest.testMurmur2: the Java client agrees.
    [(b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536), (b"abc", 479470107)],
)
def test_the_partition_is_that_of_the_java_client(key: bytes, hashed: int) -> None:
    for partitions in (1, 2, 4, 7, 1000):
        assert partition_for(key, partitions) == (hashed & 0x7FFFFFFF) % partitions


def test_the_topics_are_as_agreed() -> None:
    assert {name: found.partitions for name, found in TOPICS.items()} == {
        "calls": 4,
        "chats": 2,
        "emails": 1,
        "agents": 2,
    }
    assert {name: found.channels for name, found in TOPICS.items()} == {
        "calls": ("voice", "video"),
        "chats": ("chat", "messaging", "social", "sms"),
        "emails": ("email", "letter", "fax", "work_item"),
        "agents": (),
    }
    for name, found in TOPICS.items():
        assert found.name == name
        assert topic(name) is found
        assert found.description
        assert found.retention_ms == 7 * 24 * 3600 * 1000
        assert found.max_message_bytes == 32 * 1024 * 1024 > 20 * 1024 * 1024 > MAX_EVENT_BYTES
        assert found.compression == "gzip"
        assert found.key == ("client/agent" if name == "agents" else "client/interaction")
    assert (INTERACTION_TOPICS, AGENT_TOPIC) == (("calls", "chats", "emails"), "agents")


def test_each_event_type_is_in_the_topics_of_its_class_and_no_other() -> None:
    listed = [(event_type, found.name) for found in TOPICS.values() for event_type in found.event_types]
    assert sorted(listed) == sorted(
        (event_type, name) for event_type, cls in EVENT_TYPES.items() for name in cls.topics
    )


@pytest.mark.parametrize(
    ("channel", "name"),
    [(channel, found.name) for found in TOPICS.values() for channel in found.channels] + [("pigeon", "calls")],
)
def test_a_contacts_events_lie_in_the_topic_of_its_channel(channel: str, name: str) -> None:
    assert topic_of_channel(channel) == name
    for event_type in TOPICS[name].event_types:
        document = json.loads((EXAMPLES / event_type / "full.json").read_bytes())
        document["data"]["channel"] = channel
        event = decode(json.dumps(document).encode(), NOW)
        assert not isinstance(event, Rejection)
        assert event.topic == name


def test_an_agents_events_lie_in_the_topic_of_agents() -> None:
    """Whatever a producer adds to them: a channel that is unknown there routes nothing."""
    for event_type in TOPICS[AGENT_TOPIC].event_types:
        document = json.loads((EXAMPLES / event_type / "full.json").read_bytes())
        document["data"]["channel"] = "email"
        event = decode(json.dumps(document).encode(), NOW)
        assert not isinstance(event, Rejection)
        assert event.topic == AGENT_TOPIC


def test_topics_cannot_be_changed_by_accident() -> None:
    with pytest.raises(TypeError):
        TOPICS["calls"] = TOPICS["agents"]  # type: ignore[index]
    with pytest.raises(AttributeError):
        TOPICS["calls"].partitions = 5  # type: ignore[misc]


def test_an_unknown_topic_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(CallboardError, match=r"no topic 'faxes': the topics are calls, chats, emails, agents"):
        topic("faxes")


GOOD = (SCHEMAS / "topics.yaml").read_text()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("partitions: 4", "partitions: 0"), r"`int` >= 1 - at `\$\.topics\[0\]\.partitions`"),
        (GOOD.replace("partitions: 4", "partitons: 4"), "unknown field `partitons`"),
        (GOOD.replace("name: calls", "name: calls.v1"), "regex"),
        (GOOD.replace("name: agents", "name: calls"), "names a topic twice"),
        (GOOD.replace("compression: gzip", "compression: rar", 1), "Invalid enum value 'rar'"),
        (GOOD.replace("[voice, video]", "[voice, video, email]"), "names a channel in two places"),
        ("topics: [", "cannot read the topics"),
        ("", "cannot read the topics"),
    ],
)
def test_a_bad_topics_file_is_refused_with_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    assert text != GOOD
    path = tmp_path / "topics.yaml"
    path.write_text(text)
    with pytest.raises(CallboardError, match=message):
        load_topics(path)


def test_a_missing_topics_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CallboardError, match="cannot read the topics"):
        load_topics(tmp_path / "none.yaml")


def test_an_installed_package_finds_its_own_files_and_not_a_strangers(tmp_path: Path) -> None:
    """Laid out as the wheel is: pipeline/_schemas within, and somebody else's `schemas` package beside it."""
    site = tmp_path / "site-packages"
    shutil.copytree(ROOT / "pipeline", site / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(SCHEMAS, site / "pipeline" / "_schemas")
    (site / "schemas").mkdir()
    (site / "schemas" / "topics.yaml").write_text("not: ours")
    code = "from pipeline.contract import location, topics; print(location.schemas_folder(), *topics.TOPICS)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=site, env={"PYTHONPATH": str(site)}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout.split() == [str(site.resolve() / "pipeline" / "_schemas"), *TOPICS], done.stderr


def test_a_checkout_finds_the_files_beside_the_package() -> None:
    assert schemas_folder() == SCHEMAS


def test_an_installation_without_the_files_says_so(tmp_path: Path) -> None:
    with pytest.raises(CallboardError, match="install callboard again"):
        schemas_folder(tmp_path / "pipeline")
