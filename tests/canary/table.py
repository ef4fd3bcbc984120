"""The canaries, and for each adapter a file that is full of them. An adapter joins by a row of its own.

A row is a ``Canary`` in ``tests/producers/<package>/canary.py``, in a list named ``CANARIES``, or in the list here.
Its file says every canary that its source can say, where its source says it: as the caller's number, in a field for
notes, as the contact's name. A test fails for an adapter with files that has no row.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PHONE = "+44 20 7946 0958"
PHONE_DIGITS = "442079460958"
CARD = "4111 1111 1111 1111"
CARD_DIGITS = "4111111111111111"
EMAIL = "erika.mustermann@example.org"
NAME = "Erika Mustermann"
TEXT = "my dog ate the invoice"

#: What is looked for: in every spelling that a source, an adapter or an escape may have made of it.
NEEDLES = (
    PHONE, "2079460958", "20 7946 0958", "7946 0958", "%2B44",
    CARD, CARD_DIGITS, "4111-1111-1111-1111", "41111111", "4111 1111",
    EMAIL, "erika.mustermann", "erika%2E",
    NAME, "Mustermann", "mustermann", "erika_mustermann",
    TEXT, "dog ate", "dog_ate",
)  # fmt: skip


@dataclass(frozen=True)
class Canary:
    """How an adapter is made to read canaries."""

    adapter: str
    #: Writes the source's files into the folder; returns what follows ``callboard publish ADAPTER``.
    write: Callable[[Path], list[str]]
    #: How many events come out at least: a file that nobody understands would prove nothing.
    events: int


_MAPPING = """\
description: An export with a person in it
source: test/pbx
client: acme
interaction: "{call}"
queue: "{skill}"
agent: "{who}"
time:
  zone: Europe/Berlin
rows:
  - name: taken
    when: {result: OK}
    events:
      started: "{rang}"
      queued: "{rang}"
      answered: "{picked_up}"
      ended: "{over}"
"""


def _csv(folder: Path) -> list[str]:
    (folder / "mapping.yaml").write_text(_MAPPING)
    header = "call,skill,who,result,rang,picked_up,over,caller,name,email,card,note\n"
    person = f"{PHONE},{NAME},{EMAIL},{CARD},{TEXT}"
    (folder / "export.csv").write_text(
        header
        + f"1,sales,a-1,OK,10:00:00,10:00:10,10:05:00,{person}\n"
        # Rows that cannot be read: what is said of them must not repeat their cells.
        + f"{CARD_DIGITS},sales,a-1,OK,10:00:00,10:00:10,10:05:00,{person}\n"
        + f"2,sales,a-1,{NAME},10:00:00,10:00:10,10:05:00,{person}\n"
        + f"3,sales,a-1,OK,{PHONE},{EMAIL},{TEXT},{person}\n"
    )
    return ["export.csv", "--mapping", "mapping.yaml", "--date", "2025-05-31"]


def _schedule(folder: Path) -> list[str]:
    (folder / "week.csv").write_text(
        "client,agent,schedule,activity,starts_at,ends_at,revision,paid\n"
        "acme,a-1,w44,work,2025-05-26 09:00,2025-05-26 17:00,1,yes\n"
        # The columns of a schedule are few, and others are refused: what remains is what stands in the wrong one.
        f"acme,{CARD},w44,work,2025-05-26 09:00,2025-05-26 17:00,1,yes\n"
        f"acme,a-1,w44,work,{PHONE},{NAME},1,yes\n"
        f"acme,a-1,w44,{NAME}: {TEXT}!,2025-05-26 09:00,2025-05-26 17:00,1,yes\n"
        f"acme,a-1,w44,work,2025-05-26 09:00,2025-05-26 17:00,{EMAIL},yes\n"
        f"acme,a-1,w44,work,2025-05-26 09:00,2025-05-26 17:00,1,{TEXT}\n"
    )
    return ["week.csv", "--zone", "Europe/Berlin", "--date", "2025-05-20"]


def canaries() -> list[Canary]:
    """Every row there is."""
    found = [Canary("csv", _csv, events=4), Canary("schedule", _schedule, events=1)]
    for file in sorted((Path(__file__).parents[1] / "producers").glob("*/canary.py")):
        found += importlib.import_module(f"tests.producers.{file.parent.name}.canary").CANARIES
    return found
