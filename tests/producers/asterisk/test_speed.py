"""50,000 lines of a queue log convert in less than two seconds of one core, within 200 MB."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random

from pipeline.producers.adapters.asterisk.queue_log import QueueLogConverter
from pipeline.producers.door import Door

LINES = 50_000
MOST_SECONDS = 2.0
MOST_MEGABYTES = 200.0
_MEASURE = r"""
import json, re, sys, time
from datetime import UTC, datetime
from pathlib import Path
from pipeline.producers.adapters import AdapterRequest, adapter
from pipeline.producers.door import Door

reading = adapter("queue-log").read(
    AdapterRequest(Path(sys.argv[1]), datetime.now(UTC), client="acme", door=Door(b"k" * 32, "US"))
)
began = time.process_time()
events = sum(1 for _ in reading.events)
seconds = time.process_time() - began
# Of this program alone: getrusage would count the pages of the process that started it, too.
megabytes = int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps([seconds, megabytes, reading.rows, events, len(reading.problems)]))
"""


def synthetic_log(number: int) -> list[str]:
    """A log with the mix of a busy centre: a tenth of the calls give up, some time out, agents miss calls and pause."""
    random = Random(1)
    second, lines = 1_772_442_000, []
    agents = [f"SIP/{100 + each}" for each in range(60)]
    call_number = 0
    while len(lines) < number * 1.1:
        second += random.choice([0, 1, 1, 2, 3])
        call_number += 1
        call, queue, agent = f"{second}.{call_number}", random.choice(["sales", "support"]), random.choice(agents)
        waits, talks, number_called = random.randint(1, 90), random.randint(20, 500), 100 + random.randint(0, 99)
        lines.append((second, f"{call}|{queue}|NONE|ENTERQUEUE||+12025550{number_called}|1"))
        fate = random.random()
        if fate < 0.12:
            lines.append((second + waits, f"{call}|{queue}|NONE|ABANDON|1|1|{waits}"))
        elif fate < 0.15:
            lines.append((second + waits, f"{call}|{queue}|NONE|EXITWITHTIMEOUT|1|1|{waits}"))
        else:
            for _ in range(random.choice([0, 0, 0, 1, 2])):
                missed = f"{call}|{queue}|{random.choice(agents)}|RINGNOANSWER|{waits // 2 * 1000}"
                lines.append((second + waits // 2, missed))
            lines.append((second + waits, f"{call}|{queue}|{agent}|CONNECT|{waits}|{call}1|{min(waits, 5)}"))
            ended = f"{call}|{queue}|{agent}|COMPLETECALLER|{waits}|{talks}|1"
            lines.append((second + waits + talks, ended))
        if random.random() < 0.1:
            lines.append((second, f"NONE|NONE|{agent}|PAUSEALL|lunch"))
            lines.append((second + 300, f"NONE|NONE|{agent}|UNPAUSEALL|"))
    return [f"{when}|{rest}" for when, rest in sorted(lines, key=lambda each: each[0])[:number]]


def test_fifty_thousand_lines(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_text("\n".join(synthetic_log(LINES)) + "\n")
    done = subprocess.run([sys.executable, "-c", _MEASURE, log], capture_output=True, check=True, text=True)
    seconds, megabytes, rows, events, problems = json.loads(done.stdout)
    assert (rows, problems) == (LINES, 0)
    assert events > LINES
    assert seconds < MOST_SECONDS
    assert megabytes < MOST_MEGABYTES


def test_no_two_events_of_a_busy_log_are_taken_for_one() -> None:
    """Whole seconds bring forth many events at the same time, and an event's id comes from what it says."""
    converter = QueueLogConverter("acme/pbx", "acme", None, Door(b"k" * 32, "US"))
    identities = [event.id for line in synthetic_log(LINES) for event in converter.convert(line)]
    assert len(set(identities)) == len(identities)
