"""alerts.yaml: what is wrong is said by line, and the example is right."""

from __future__ import annotations

import pytest

from pipeline.alerts.measures import MEASURES
from pipeline.alerts.parse import example, parse_rules
from pipeline.alerts.rule import Rule
from pipeline.centre.problems import CentreFileError

HEAD = "version: 1\ntargets:\n  duty: {webhook: 'https://hooks.example.com/x'}\nrules:\n  one:\n    title: One\n"
GOOD = '    measure: waiting\n    comparison: ">"\n    threshold: 3\n'


def problems(text: str) -> list[str]:
    with pytest.raises(CentreFileError) as caught:
        parse_rules(text.encode())
    return caught.value.lines()


def test_the_example_is_right_and_uses_every_measure() -> None:
    found = parse_rules(example().encode())
    assert {rule.measure for rule in found.rules.values()} == MEASURES.keys() - {"agents_over_limit"}


def test_a_measure_has_its_first_per_unless_it_is_said() -> None:
    found = parse_rules((HEAD + GOOD.replace("waiting", "agents_available")).encode())
    assert found.rules["one"].per == "client"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD.replace("measure", "measur"), "alerts.yaml:7: rules.one.measur: is not known here; did you mean"),
        (GOOD.replace("waiting", "waitin"), "alerts.yaml:5: rules.one: there is no measure 'waitin'; did you"),
        (GOOD.replace("3", "much"), "alerts.yaml:9: rules.one.threshold: 'much' is no number"),
        (GOOD.replace('">"', '"="'), "alerts.yaml:8: rules.one.comparison:"),
        (GOOD + "    tell: [nobody]\n", "alerts.yaml:10: rules.one.tell: there is no target 'nobody'"),
        (GOOD + "    clear_threshold: 4\n", "clear_threshold 4 is no way back: it must lie at or below the threshold"),
        (GOOD + "    sql: SELECT 1\n", "give either 'measure' or 'sql'"),
        (GOOD + "    per: campaign\n", "waiting is not known per campaign"),
        (GOOD + "    per: client\n    subject: sales\n", "'subject' names one line, queue or campaign"),
        (GOOD + "    per: whole\n    client: acme\n", "'per: whole' is all clients together"),
        (GOOD + "    raise_after_seconds: -1\n", "alerts.yaml:10: rules.one.raise_after_seconds: '-1' is too little"),
        (GOOD + "    escalate: {after_minutes: 5, tell: [boss]}\n", "there is no target 'boss'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(text: str, expected: str) -> None:
    assert [line for line in problems(HEAD + text) if expected in line]


def test_a_target_is_a_webhook_or_addresses() -> None:
    assert problems("version: 1\ntargets:\n  duty: {web: x}\n") == [
        "alerts.yaml:3: targets.duty: is no target; write 'webhook: https://...' or 'email: [a@example.com]'"
    ]


def test_the_revision_changes_with_what_decides_only() -> None:
    base = {"title": "x", "measure": "waiting", "comparison": ">", "threshold": 3}
    rule = Rule.model_validate(base)
    assert Rule.model_validate({**base, "title": "y", "tell": ("duty",)}).revision == rule.revision
    assert Rule.model_validate({**base, "threshold": 4}).revision != rule.revision
