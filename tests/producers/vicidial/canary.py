"""A customer in every column of VICIDIAL's log tables that could hold one."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

from tests.canary.table import CARD, CARD_DIGITS, EMAIL, NAME, PHONE, PHONE_DIGITS, TEXT, Canary

_SAID = {"phone_number": PHONE_DIGITS, "phone_code": PHONE, "comments": f"{NAME}: {TEXT}, {CARD}, {EMAIL}"}
#: Of one row each of the agents' log: pause codes that lead to somebody.
_PAUSES = (EMAIL, PHONE, CARD_DIGITS)
_DELIMITERS = {"vicidial_user_log.csv": ";"}


def _write(folder: Path) -> list[str]:
    export = folder / "export"
    shutil.copytree(Path(__file__).with_name("export"), export)
    for file in sorted(export.iterdir()):
        delimiter = _DELIMITERS.get(file.name, "\t" if file.suffix == ".tsv" else ",")
        with file.open(newline="") as stream:
            columns, *rows = list(csv.reader(stream, delimiter=delimiter))
        for number, row in enumerate(rows):
            said = dict(_SAID)
            if number < len(_PAUSES):
                said["sub_status"] = _PAUSES[number]
            for name, value in said.items():
                if name in columns and len(row) == len(columns):
                    row[columns.index(name)] = value
        # One row is too short, and one has a person in every cell.
        rows += [[NAME, PHONE, CARD], [[PHONE, NAME, EMAIL, TEXT][place % 4] for place in range(len(columns))]]
        with file.open("w", newline="") as stream:
            csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerows([columns, *rows])
    return ["export", "--client", "acme", "--zone", "America/New_York"]


CANARIES = [Canary("vicidial", _write, events=40)]
