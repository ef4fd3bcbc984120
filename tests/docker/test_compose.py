"""docker/compose.yaml is valid, tight, and speaks to commands that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import compose_spec
import pytest
import yaml

from tests.docker import compose
from tests.docker.compose import OWN_SERVICES, callboard_commands, health_commands, service
from tests.support.kafka import ROOT, ApacheKafka, why_unavailable
from tests.support.ports import free_ports
from tests.support.strict import require

CALLBOARD = Path(sys.executable).with_name("callboard")
EVERY_SERVICE = ("kafka", *OWN_SERVICES)


def test_the_file_is_valid_compose() -> None:
    assert set(compose.document()["services"]) == set(EVERY_SERVICE)


@pytest.mark.parametrize("broken", [{"prots": []}, {"restart": 7}, {"healthcheck": {"test": 5}}])
def test_the_validator_refuses_what_is_not_compose(broken: dict[str, object]) -> None:
    bad = yaml.safe_dump({"services": {"worker": {"image": "x", **broken}}})
    with pytest.raises(ValueError, match="worker"):
        compose_spec.PyCompose.from_yaml(bad).to_spec()


@pytest.mark.parametrize("name", EVERY_SERVICE)
def test_every_service_gives_up_its_rights(name: str) -> None:
    settings = service(name)
    user = str(settings["user"]).partition(":")[0]
    assert user.isdigit()
    assert int(user) != 0
    assert settings["cap_drop"] == ["ALL"]
    assert settings["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in settings
    if name in OWN_SERVICES:
        assert settings["read_only"] is True


@pytest.mark.parametrize("name", EVERY_SERVICE)
def test_ports_are_published_on_loopback_only(name: str) -> None:
    for port in service(name).get("ports", []):
        assert str(port).startswith("127.0.0.1:"), port


def test_images_are_pinned_and_kafka_is_the_tested_version() -> None:
    pom = (ROOT / "tests" / "kafka" / "pom.xml").read_text()
    tested = re.search(r"<artifactId>kafka_[\d.]+</artifactId>\s*<version>([\d.]+)<", pom)
    assert tested
    assert service("kafka")["image"] == f"apache/kafka:{tested[1]}"
    for base in re.findall(r"^FROM (\S+)", compose.DOCKERFILE.read_text(), flags=re.M):
        assert re.fullmatch(r"python:3\.\d+-slim-\w+", base), base


def test_two_workers_share_one_store_and_the_board_only_reads_it() -> None:
    assert service("worker")["deploy"]["replicas"] == 2
    assert service("worker")["volumes"] == ["store:/var/lib/callboard"]
    folder = service("board")["environment"]["CALLBOARD_ALERTS_FOLDER"]
    for name in ("board", "alerts"):
        assert service(name)["volumes"] == ["store:/var/lib/callboard:ro", f"alerts:{folder}"]
    assert {"alerts", "store", "kafka-data"} <= set(compose.document()["volumes"])


@pytest.mark.parametrize("name", ["worker", "board"])
def test_health_means_that_the_data_is_fresh(name: str) -> None:
    doctor = [words for words in health_commands(name) if words[:2] == ["callboard", "doctor"]]
    assert len(doctor) == 1
    assert "--max-age-seconds" in doctor[0]


@pytest.mark.parametrize(
    ("name", "words"), [pytest.param(name, words, id=f"{name}-{words[0]}") for name, words in callboard_commands()]
)
def test_every_command_is_a_real_one(name: str, words: list[str]) -> None:
    # A group's command is two words.
    command = [words[0], *(word for word in words[1:2] if words[0] == "alerts")]
    options = [word for word in words if word.startswith("--")]
    shown = subprocess.run(
        [str(CALLBOARD), *command, "--help"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb", "PATH": "/usr/bin:/bin"},
    )
    assert shown.returncode == 0, shown.stderr
    for option in options:
        assert re.search(rf"{option}(?![\w-])", shown.stdout), f"{name}: callboard {' '.join(command)} has no {option}"


@pytest.mark.kafka
@pytest.mark.broker
def test_kafka_starts_with_the_settings_of_the_compose_file(tmp_path: Path) -> None:
    reason = why_unavailable()
    require(reason is None, str(reason))
    # As the image's start script does it: KAFKA_NODE_ID becomes node.id. Addresses and folder are this machine's.
    settings = {
        name.removeprefix("KAFKA_").lower().replace("_", "."): str(value)
        for name, value in service("kafka")["environment"].items()
        if name.startswith("KAFKA_") and name != "KAFKA_HEAP_OPTS"
    }
    clients, controller, machine = free_ports(3)
    settings["log.dirs"] = str(tmp_path / "kafka" / "log")
    for there, here in (("9092", clients), ("9093", controller), ("19092", machine)):
        address = re.compile(rf"(://|@)(kafka|localhost|127\.0\.0\.1)?:{there}\b")
        for name in ("listeners", "advertised.listeners", "controller.quorum.voters"):
            settings[name] = address.sub(rf"\g<1>127.0.0.1:{here}", settings[name])
    with ApacheKafka(tmp_path / "kafka", port=clients, properties=settings) as kafka:
        assert kafka.pid
