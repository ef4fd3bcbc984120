"""Reading centre.yaml: what is wrong is said for each mistake, with its line and what to do, all at once."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.centre import tree
from pipeline.centre.model import Centre, QueueSettings
from pipeline.centre.parse import parse_centre, read_centre
from pipeline.centre.problems import CentreFileError
from pipeline.errors import CallboardError
from tests.centre.files import EXAMPLE, SMALL, problems

CHANNELS = "chat, email, fax, letter, messaging, sms, social, video, voice, work_item"
MEMBERS = "agents, campaigns, clients, definitions, dispositions, holidays, hours, queues, sites, teams, version"

#: What a file says after ``version: 1`` and the clients acme and zen -> what the parser says, from its line 4 on.
WRONG: dict[str, list[str]] = {
    "sites: {b: {time_zone: Europe/Berln}}": [
        "4: sites.b.time_zone: 'Europe/Berln' is no IANA time zone; did you mean 'Europe/Berlin'?"
    ],
    "sites:\n  b:\n    title: B": ["5: sites.b.time_zone: is missing; add it"],
    "sites: {b: {time_zone: UTC, hours: ofice}}\nhours: {office: {mon: ['08:00-09:00']}}": [
        "4: sites.b.hours: there is no 'ofice' under hours; define it there (did you mean 'office'?)"
    ],
    "sites: {b: {time_zone: UTC, holidays: xmas}}": [
        "4: sites.b.holidays: there is no 'xmas' under holidays; define it there (none is defined)"
    ],
    "hours:\n  office:\n    mon: [08:00-12:00, 11:00-14:00]": [
        "6: hours.office.mon: 11:00-14:00 begins before 08:00-12:00 ends; put them in order, without overlap"
    ],
    "hours:\n  office:\n    tue: 08:00-12:00": [
        "6: hours.office.tue: is '08:00-12:00' and must be a list; write it like [one, two], or each after '- '"
    ],
    "hours:\n  late:\n    wed:\n      - 08:00-09:00\n      - 22:00-06:00": [
        "8: hours.late.wed[1]: '22:00-06:00' ends before it begins; end it at 24:00 and go on at 00:00 of the next day"
    ],
    "hours: {a: {mon: [8-12]}}": ["4: hours.a.mon[0]: '8-12' is no time range; write it like 08:00-17:30"],
    "hours: {a: {mon: ['08:00-24:01']}}": ["4: hours.a.mon[0]: '08:00-24:01' is later than 24:00; a day ends at 24:00"],
    "hours: {a: {mo: []}}": ["4: hours.a.mo: is not known here; did you mean 'mon'?"],
    "hours: {always: {}}": [
        "4: hours.always: 'always' means round the clock already; choose another name for these hours"
    ],
    "hours: {my hours: {}}": [
        "4: hours.my hours: 'my hours' has other characters than letters, digits, '.', '_' and '-'; choose another name"
    ],
    "holidays:\n  de:\n    - 2026-12-25\n    - {date: 2026-12-25, hours: []}\n    - 2026-02-30": [
        "7: holidays.de[1]: 2026-12-25 is in this list already; keep one of them",
        "8: holidays.de[2].date: '2026-02-30' is no date from 1990 to 2099; write it like 2026-12-25",
    ],
    "queues: {acme: {q: {line: inbund-sales, channel: phone}}}": [
        "4: queues.acme.q.line: 'inbund-sales' is not known here; did you mean 'inbound-sales'?",
        f"4: queues.acme.q.channel: 'phone' is not known here; choose one of {CHANNELS}",
    ],
    "queues:\n  acme:\n    q:": [
        "6: queues.acme.q.line: is missing; add it",
        "6: queues.acme.q.channel: is missing; add it",
    ],
    "queues:\n  acme: {q: {line: chat, channel: chat, language: en-gb}}": [
        "5: queues.acme.q.language: 'en-gb' is no BCP 47 language; write it like en, de-CH or zh-Hant"
    ],
    "queues:\n  acne: {q: {line: chat, channel: chat}}": [
        "5: queues.acne: there is no 'acne' under clients; define it there (did you mean 'acme'?)"
    ],
    "queues:\n  '*': {q: {line: chat, channel: chat}}": [
        "5: queues.*: there is no '*' under clients; define it there (choose one of acme, zen)"
    ],
    "clients: {other: }": ["4: clients: is given twice, first in line 2; keep one of them"],
    "queues:\n  acme:\n    q: {line: chat, channel: chat}\n    q: {line: x}": [
        "7: queues.acme.q: is given twice, first in line 6; keep one of them"
    ],
    "queues: {acme: {q: {line: chat, channel: chat, settings: {threshold_seconds: 3}}}}": [
        "4: queues.acme.q.settings: is a mapping and must be a list; write it like [one, two], or each after '- '"
    ],
    "queues: {acme: {q: {line: chat, channel: chat, site: [x]}}}": [
        "4: queues.acme.q.site: is a list and must be text; write one value after the colon"
    ],
    "queues: {acme: {q: {line: , channel: chat}}}": [
        "4: queues.acme.q.line: is empty; give it a value or leave it out"
    ],
    "campaigns: {acme: {c: {line: surveys, queue: s, drop_rule: fcc, direction: inbound, lists: {a: -1}}}}\n"
    "queues: {zen: {s: {line: chat, channel: chat}}}": [
        "4: campaigns.acme.c.queue: there is no 's' under queues of this client; define it there (none is defined)",
        "4: campaigns.acme.c.direction: 'inbound' is not known here; did you mean 'outbound'?",
        "4: campaigns.acme.c.drop_rule: 'fcc' is not known here; did you mean 'ftc'?",
        "4: campaigns.acme.c.lists.a: '-1' is too little; give 0 or more",
    ],
    "dispositions: {'*': {d: {flags: [sales]}}}": [
        "4: dispositions.*.d.flags[0]: 'sales' is not known here; did you mean 'sale'?"
    ],
    "teams:\n  acme:\n    one: {agents: [ann, bob, ann]}\n    two: {agents: [bob]}": [
        "6: teams.acme.one.agents[2]: 'ann' is in this list already; keep one of them",
        "7: teams.acme.two.agents[0]: 'bob' is in team 'one' already; an agent has one team, remove one",
    ],
    "teams: {acme: {one: {agents: [ann]}, two: }}\nagents: {acme: {ann: {team: two}, bob: {team: three}}}": [
        "4: teams.acme.one.agents[0]: 'ann' is in team 'two' already; an agent has one team, remove one",
        "5: agents.acme.bob.team: there is no 'three' under teams of this client; define it there "
        "(choose one of one, two)",
    ],
    "teams: {'*': {night: {agents: [ann]}}}": [
        "4: teams.*.night.agents: an agent is of one client; let the agents of a team of '*' name it with 'team'"
    ],
    "agents: {acme: {ann: {capacity: {voice: 0, phone: 2}}}}": [
        "4: agents.acme.ann.capacity.voice: '0' is too little; give 1 or more",
        f"4: agents.acme.ann.capacity.phone: 'phone' is not known here; choose one of {CHANNELS}",
    ],
    "definitions:\n  - {from: 2026-02-01}\n  - {from: 2026-02-01}\n  - {repeat_contact_days: 7.5}": [
        "6: definitions[1].from: 2026-02-01 is not after 2026-02-01; put the entries in order of dates",
        "7: definitions[2]: has no date; say with 'from' when it begins (only the first may do without)",
        "7: definitions[2].repeat_contact_days: '7.5' is no whole number; write it like 1 or 30",
    ],
    "zebra: 1": [f"4: zebra: is not known here; choose one of {MEMBERS}"],
    "queue: {}": ["4: queue: is not known here; did you mean 'queues'?"],
    "sites: [a]": ["4: sites: is a list and must have members; write them indented below, as 'name: value'"],
    "sites: {? [a] : b}": ["4: sites: a name must be text, not a list or a mapping; write 'name: value'"],
    "sites: {<<: {a: b}}": ["4: sites: merging (<<) is not supported; write the members out, or alias them all"],
    "teams: &s {acme: *s}": ["4: teams.acme: an alias (*name) stands inside of what it names; write the value out"],
    "sites: !set {}": ["4: sites: tags such as '!set' have no meaning here; remove it"],
}


@pytest.mark.parametrize("text", WRONG)
def test_each_mistake_has_its_line_and_says_what_to_do(text: str) -> None:
    said = problems(f"version: 1\nclients:\n  {{acme: , zen: }}\n{text}\n")
    assert said == [f"c.yaml:{line}" for line in WRONG[text]]


#: A setting -> what is said about it.
WRONG_SETTINGS = {
    "threshold_seconds: 0": "threshold_seconds: '0' is too little; give more than 0",
    "threshold_seconds: many": "threshold_seconds: 'many' is no number; write it like 20 or 0.8",
    "threshold_seconds: nan": "threshold_seconds: 'nan' is no number; write it like 20 or 0.8",
    "threshold_seconds: 1e12": "threshold_seconds: '1e12' is too much; give 315 360 000 or less",
    "threshold_second: 20": "threshold_second: is not known here; did you mean 'threshold_seconds'?",
    "threshold_boundary: '<'": "threshold_boundary: '<' is not known here; choose one of exclusive, inclusive",
    "short_abandon_seconds: -1": "short_abandon_seconds: '-1' is too little; give 0 or more",
    "service_level: abandon_negative": "service_level: 'abandon_negative' is not known here; "
    "did you mean 'abandons_negative'?",
    "service_level_target: 80": "service_level_target: '80' is too much; give 1 (a share, 0.8 is 80 %) or less",
    "service_level_target: 80 %": "service_level_target: '80 %' is no number; write it like 20 or 0.8",
    "from: 20260701": "from: '20260701' is no date from 1990 to 2099; write it like 2026-12-25",
    "from: 2026-07-01T00:00:00Z": "from: '2026-07-01T00:00:00Z' is no date from 1990 to 2099; write it like 2026-12-25",
    "from: 1826-07-01": "from: '1826-07-01' is no date from 1990 to 2099; write it like 2026-12-25",
}


@pytest.mark.parametrize("setting", WRONG_SETTINGS)
def test_each_wrong_setting(setting: str) -> None:
    said = problems(SMALL.replace("channel: voice}", f"channel: voice, settings: [\n{{{setting}}}]}}"))
    assert said == [f"c.yaml:7: queues.acme.sales.settings[0].{WRONG_SETTINGS[setting]}"]


NOT_YAML = {
    b"": "1: the file is empty; start with 'version: 1'",
    b"# nothing\n": "1: the file is empty; start with 'version: 1'",
    b"null\n": "1: the file is empty; start with 'version: 1'",
    b"version: 1\nsites: [a": "3: is not YAML: while parsing a flow sequence did not find expected ',' or ']' "
    "(begun in line 2); look at the indentation (spaces, no tabs), quotes and brackets here and above",
    b"version: 1\nsites: a: b": "2: is not YAML: mapping values are not allowed in this context; "
    "look at the indentation (spaces, no tabs), quotes and brackets here and above",
    b"version: 1\n\xff: 1": "2: is not UTF-8 here; save the file as UTF-8",
    "version: 1\nsités:\n  a: \x07".encode(): "3: has a character that YAML does not allow (U+0007); remove it",
    b"- version": "1: is a list and must have members; write them indented below, as 'name: value'",
    b"version: 2": "1: version: 2 is not known here; this callboard reads version 1",
    b"clients: {a: }": "1: version: is missing; add it",
    b"version: 1\nclients: {'*': }": "2: clients.*: '*' stands for all clients and cannot be one; choose another name",
    b"version: 1\nclients: {a: {currency: eur}}": "2: clients.a.currency: 'eur' is no ISO 4217 code; write it like EUR",
    b'version: 1\nclients: {"": }': "2: clients.: is no name; "
    "give 1 to 200 characters, none of them a control character",
}


@pytest.mark.parametrize("content", NOT_YAML)
def test_what_is_no_centre_at_all(content: bytes) -> None:
    assert problems(content) == [f"c.yaml:{NOT_YAML[content]}"]


def test_two_documents_are_not_one() -> None:
    (said,) = problems("version: 1\n---\nversion: 1\n")
    assert said.startswith("c.yaml:2: is not YAML: expected a single document")


def test_all_mistakes_are_said_at_once_in_the_order_of_the_file() -> None:
    said = problems(
        "\n".join(["version: 1", "clients: {acme: , zen: }", *(text for text in WRONG if "clients" not in text)])
    )
    lines = [int(line.split(":")[1]) for line in said]
    assert lines == sorted(lines)
    assert len(said) > 20


def test_the_c_parser_and_the_other_say_the_same_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    assert yaml.__with_libyaml__, "the faster parser is missing here"
    files = [EXAMPLE, *(f"version: 1\nclients: {{acme: , zen: }}\n{text}".encode() for text in WRONG)]
    fast = [tree.read_tree(file) for file in files]
    monkeypatch.setattr(tree, "_LOADER", yaml.BaseLoader)
    assert [tree.read_tree(file) for file in files] == fast
    assert all(each.lines for each in fast)


def test_a_bomb_of_aliases_is_refused_soon() -> None:
    text = "version: 1\na: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for name, before in zip(string.ascii_lowercase[1:12], string.ascii_lowercase, strict=False):
        text += f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    assert problems(text) == ["c.yaml:1: has over 1,000,000 values, aliases included; make it smaller"]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab:-{}[]&*!<>?|%@`\"'#,~ \n\t\x07é", max_size=60).map(str.encode) | st.binary(max_size=40))
def test_no_bytes_break_the_parser(content: bytes) -> None:
    with pytest.raises(CentreFileError) as raised:
        parse_centre(content)
    assert all(problem.line >= 1 for problem in raised.value.problems)


def test_the_example_says_what_it_says() -> None:
    centre = parse_centre(EXAMPLE)
    assert set(centre.clients) == {"aurora", "borealis"}
    service = centre.queues["aurora"]["service"]
    assert service.settings[1].threshold_seconds == 30
    assert centre.queue_zone("aurora", "service").key == "Europe/Berlin"
    assert centre.queue_zone("borealis", "claims").key == "Europe/London"
    assert centre.campaign_zone("aurora", "spring").key == "Asia/Manila"
    assert centre.summary() == "2 clients, 2 sites, 7 queues, 1 campaign, 6 dispositions, 2 teams"


def test_the_example_shows_every_section_and_most_settings() -> None:
    centre = parse_centre(EXAMPLE)
    assert centre.model_fields_set == set(Centre.model_fields)
    shown = {
        name
        for queues in centre.queues.values()
        for queue in queues.values()
        for entry in queue.settings
        for name in entry.model_fields_set
    }
    assert set(QueueSettings.model_fields) - shown == {"short_abandon_seconds", "abandonment_target"}


def test_values_are_what_is_written() -> None:
    centre = parse_centre(
        b"version: 1\nclients: {no: , 007: , 'null': {title: 12:30}}\n"
        b"queues: {no: {on: {line: chat, channel: chat, language: no}}}\n"
    )
    assert list(centre.clients) == ["no", "007", "null"]
    assert centre.clients["null"].title == "12:30"
    assert centre.queues["no"]["on"].language == "no"


def test_the_same_names_under_two_clients_are_different_things() -> None:
    centre = parse_centre(
        b"version: 1\nclients: {a: , b: }\n"
        b"queues:\n  a: {q: {line: chat, channel: chat}}\n  b: {q: {line: email, channel: email}}\n"
        b"agents: {a: {anna: {skills: [x]}}, b: {anna: {skills: [y]}}}\n"
    )
    assert [centre.queues[client]["q"].line for client in "ab"] == ["chat", "email"]
    assert [centre.agents[client]["anna"].skills for client in "ab"] == [("x",), ("y",)]


def test_a_centre_does_not_change() -> None:
    centre = parse_centre(SMALL.encode())
    with pytest.raises(ValueError, match="frozen"):
        centre.queues["acme"]["sales"].line = "chat"  # type: ignore[misc]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CallboardError, match=r"cannot read .*none.yaml: No such file") as raised:
        read_centre(tmp_path / "none.yaml")
    assert raised.value.exit_code == 2
    (tmp_path / "bom.yaml").write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert "acme" in read_centre(tmp_path / "bom.yaml")[0].clients
