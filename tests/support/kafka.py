"""Apache Kafka 4 as one plain Java process: broker and controller in one (KRaft), its log on disk, loopback only."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Mapping
from pathlib import Path

from tests.support.broker import Broker
from tests.support.ports import free_port, free_ports

ROOT = Path(__file__).resolve().parents[2]
#: Filled by scripts/kafka-jars.sh.
JARS = ROOT / "build" / "kafka" / "jars"
LOGGING = ROOT / "tests" / "kafka" / "log4j2.properties"
OLDEST_JAVA = 17
HEAP_MEGABYTES = 512


def java() -> str | None:
    """The java program: the one of JAVA_HOME, else the first on the path."""
    home = os.environ.get("JAVA_HOME")
    if home and (Path(home) / "bin" / "java").is_file():
        return str(Path(home) / "bin" / "java")
    return shutil.which("java")


def why_unavailable() -> str | None:
    """What is missing for Apache Kafka here, as one line; None when it can run."""
    program = java()
    if program is None:
        return "Apache Kafka needs Java 17 or newer, and there is no java here"
    answer = subprocess.run([program, "-version"], capture_output=True, text=True, check=False, timeout=30)
    found = re.search(r'version "(\d+)', answer.stderr)
    if found is None or int(found[1]) < OLDEST_JAVA:
        return "Apache Kafka needs Java 17 or newer, and the java here is older"
    if not any(JARS.glob("kafka_*.jar")):
        return "Apache Kafka's jars are not here: run scripts/kafka-jars.sh"
    return None


class ApacheKafka(Broker):
    """Apache Kafka on loopback; topics and offsets outlive a restart, also one by SIGKILL."""

    keeps_log = True
    start_timeout_seconds = 60.0

    def __init__(self, data_dir: Path, *, port: int | None = None, properties: Mapping[str, str] | None = None) -> None:
        """Keep everything under ``data_dir``; ``properties`` add to, or replace, lines of server.properties."""
        if port is None:
            port, self._controller_port = free_ports(2)
        else:
            self._controller_port = free_port()
        super().__init__(data_dir, port=port)
        self._properties = dict(properties or {})
        # A leading "-", which one in 64 would have, reads as an option on the command line.
        self._cluster = "c" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")[1:]

    def command(self) -> list[str]:
        """The broker's command line; its storage is formatted before the first start."""
        settings = self.data_dir / "server.properties"
        settings.write_text("".join(f"{name}={value}\n" for name, value in self._settings().items()))
        if not (self._log_dir / "meta.properties").exists():
            self._format(settings)
        return [
            *self._java(f"-Xmx{HEAP_MEGABYTES}m", f"-Xms{HEAP_MEGABYTES}m", "-XX:+UseG1GC", "-Djava.awt.headless=true"),
            "kafka.Kafka",
            str(settings),
        ]

    @property
    def _log_dir(self) -> Path:
        return self.data_dir / "log"

    def _java(self, *options: str) -> list[str]:
        reason = why_unavailable()
        if reason is not None:
            raise RuntimeError(reason)
        return [str(java()), *options, f"-Dlog4j2.configurationFile={LOGGING}", "-cp", f"{JARS}/*"]

    def _format(self, settings: Path) -> None:
        command = [*self._java(), "kafka.tools.StorageTool", "format", "-t", self._cluster, "-c", str(settings)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"Apache Kafka's storage could not be formatted:\n{done.stdout}{done.stderr}")

    def _settings(self) -> dict[str, str]:
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{self._controller_port}",
            "controller.listener.names": "CONTROLLER",
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self._controller_port}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.port}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": str(self._log_dir),
            "auto.create.topics.enable": "false",
            # One node: nothing to copy to, and no need to wait for more members before the first assignment.
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            # A killed broker comes back only when its old session has run out: two seconds, not nine.
            "broker.session.timeout.ms": "2000",
            "broker.heartbeat.interval.ms": "500",
            # Killed clients too are to be missed soon; the default refuses less than six seconds.
            "group.min.session.timeout.ms": "1000",
            **self._properties,
        }
