"""A wrong mapping is refused before the first row, by file, member and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import CallboardError
from pipeline.producers.adapters import adapter, adapters
from pipeline.producers.adapters.mapping_file import bundled_mappings, load_mapping
from tests.producers.conftest import HEADER, MAPPING, ReadCsv

WRONG = {
    "a member is missing": ("client: acme\n", "", "missing required field `client`"),
    "a member is misspelt": ("queue:", "que:", "unknown field `que`"),
    "a part is of another shape": ("  zone: Europe/Berlin\n", "  [Europe/Berlin]\n", "time: Expected `object`"),
    "an event is misspelt": ("      answered:", "      anwsered:", "rows[2].events: "),
    "an event counts from an unknown one": ("after: queued", "after: quued", "rows[1].events.abandoned.after: "),
    "an event counts from one the rule lacks": ("after: queued", "after: offered", "has no event `offered`"),
    "events wait for each other": ('queued: "{rang}"\n      ab', "queued: {after: abandoned}\n      ab", "each other"),
    "no such zone": ("Europe/Berlin", "Mars/Olympus", "time.zone: no time zone 'Mars/Olympus'"),
    "a brace has no partner": ('interaction: "{call}"', 'interaction: "{call"', "interaction: a brace without"),
    "a time is not a column": ('answered: "{picked_up}"', "answered: picked_up", "rows[2].events.answered: name the"),
    "queued without a queue": ('queue: "{skill}"\n', "", "rows[1].events.queued: needs the mapping's `queue`"),
    "answered without an agent": ('agent: "{who}"\n', "", "rows[2].events.answered: needs the mapping's `agent`"),
    "a rule without an event": ("events: none", "events: {}", "rows[0].events: name at least one event"),
    "a pattern without a group": (
        "  zone:", "  date: {file_name: 'x.*'}\n  zone:", "time.date.file_name: put exactly one group",
    ),
    "a date beside full timestamps": (
        "  zone:", "  format: iso\n  date: {text: '{rang}'}\n  zone:", "time.date: the times of this `time.format`",
    ),
    "a date that is only a part": (
        "  zone:", "  date: {text: '{rang}', format: '%d.%m'}\n  zone:", "time.date.format: write a strptime pattern",
    ),
    "a member is given twice": ("client: acme\n", "client: acme\nclient: zeta\n", "'client' is given twice"),
    "not YAML": ("client: acme", "client: [acme", "not YAML"),
}  # fmt: skip


@pytest.mark.parametrize(("good", "wrong", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_member_is_named_with_its_file(tmp_path: Path, good: str, wrong: str, message: str) -> None:
    assert good in MAPPING
    file = tmp_path / "wrong.yaml"
    file.write_text(MAPPING.replace(good, wrong, 1))
    with pytest.raises(CallboardError) as caught:
        load_mapping(str(file))
    assert str(file) in str(caught.value)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_unchanged_mapping_is_right(tmp_path: Path) -> None:
    (tmp_path / "right.yaml").write_text(MAPPING)
    plan = load_mapping(str(tmp_path / "right.yaml"))
    assert set(plan.columns) == set(HEADER.strip().split(","))


def test_no_is_a_word_and_not_false(read_csv: ReadCsv) -> None:
    assert read_csv("1,sales,,NO,10:00:00,,,\n").read_as == {"ignored": 1}


def test_every_bundled_mapping_is_right() -> None:
    assert "bank-day" in bundled_mappings()
    for name in bundled_mappings():
        assert load_mapping(name).rules


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(CallboardError, match=r"no mapping is named 'bank'.*bank-day.*\.yaml"):
        load_mapping("bank")


def test_a_column_the_file_lacks_is_named_with_the_nearest(read_csv: ReadCsv) -> None:
    with pytest.raises(CallboardError, match="no column 'picked_up'.*`rows.2..events.answered`.*'picked up'"):
        read_csv("", header=HEADER.replace("picked_up", "picked up"))


def test_adapters_say_what_they_are() -> None:
    assert adapter("csv") is adapters()["csv"]
    for found in adapters().values():
        command = "publish" if found.read else "listen"
        assert found.description and found.example.startswith(f"callboard {command} {found.name} "), found.name
        if found.live_example:
            assert found.live and found.live_example.startswith(f"callboard listen {found.name} "), found.name
    with pytest.raises(CallboardError, match="'cvs': choose one of .*csv"):
        adapter("cvs")
