"""access.yaml: the first rule that matches decides, nothing is allowed by leaving it out, and mistakes have a line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dashboards.access.errors import NotAllowedError
from dashboards.access.people import Permission, Person, Role, may
from dashboards.access.policy import AccessFileError, Policy, fingerprint, new_token, parse_policy
from dashboards.access.policy_file import PolicyFile, read_policy
from dashboards.access.scope import Scope
from pipeline.errors import CallboardError

TOKEN = "a-token-of-the-north-wall"  # noqa: S105 - of a test
FILE = f"""version: 1
people:
  - match: {{email: Ann@Example.org}}
    role: admin
    clients: all
  - match: {{group: floor}}
    role: supervisor
    clients: [aurora]
    sites: [north]
    teams: [red, blue]
    name: The floor
  - match: {{claim: {{oid: 12, verified: true}}}}
    role: agent
    clients: [borealis]
kiosks:
  - {{name: North wall, token_sha256: {fingerprint(TOKEN)}, clients: [aurora], sites: [north]}}
"""


def policy(text: str = FILE) -> Policy:
    return parse_policy(text.encode())


def role_of(**claims: object) -> Role | None:
    rule = policy().rule_for(claims)
    return rule and rule.role


def test_the_first_rule_that_matches_decides() -> None:
    assert role_of(email="ann@example.ORG", groups=["floor"]) is Role.ADMIN
    assert role_of(email="bob@example.org", groups=["floor"]) is Role.SUPERVISOR
    assert role_of(groups="floor") is Role.SUPERVISOR
    assert role_of(oid=12, verified=True) is Role.AGENT


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"email": "ann@example.org.evil.example"},
        {"email": "ann@example.org", "email_verified": False},
        {"email": "ann@example.org", "email_verified": "false"},
        {"groups": ["floors", "the floor"]},
        {"name": "floor", "roles": ["floor"]},
        {"oid": 12},
        {"oid": 12, "verified": False},
        {"groups": None},
    ],
)
def test_whom_no_rule_matches_is_not_known(claims: dict[str, object]) -> None:
    assert policy().rule_for(claims) is None


def test_groups_may_be_another_claim_and_lie_within_one() -> None:
    text = FILE + "groups_claim: realm_access.roles\n"
    assert policy(text).rule_for({"realm_access": {"roles": ["floor"]}}) is not None
    assert policy(text).rule_for({"groups": ["floor"]}) is None
    assert policy(text).rule_for({"realm_access": "floor"}) is None


def test_only_the_bounds_that_are_named_bind() -> None:
    scopes = [rule.scope for rule in policy().people]
    assert scopes[0] == Scope.everything()
    assert scopes[1] == Scope.of(["aurora"], ["north"], ["red", "blue"])
    assert scopes[2] == Scope.of(["borealis"])


def test_a_kiosk_is_the_wall_of_its_token_and_of_no_other() -> None:
    assert policy().kiosk(TOKEN) == Person("North wall", Role.WALL, Scope.of(["aurora"], ["north"]))
    for wrong in ("", TOKEN[:-1], TOKEN + "x", fingerprint(TOKEN)):
        assert policy().kiosk(wrong) is None


def test_tokens_are_long_and_never_the_same() -> None:
    tokens = {new_token() for _ in range(50)}
    assert len(tokens) == 50
    assert min(map(len, tokens)) >= 40


@pytest.mark.parametrize(
    ("line", "text", "said"),
    [
        (1, "version: 2", "no version of this file"),
        (2, "version: 1\npeeple: []", "did you mean 'people'?"),
        (3, "version: 1\npeople:\n  - {match: {email: a}, role: admin}", "clients: is missing"),
        (3, "version: 1\npeople:\n  - {match: {email: a}, role: admin, clients: }", "names nothing"),
        (3, "version: 1\npeople:\n  - {match: {email: a}, role: admin, clients: []}", "names nothing"),
        (3, "version: 1\npeople:\n  - {match: {email: a}, role: admin, clients: [all]}", "write all alone"),
        (3, "version: 1\npeople:\n  - {match: {email: a}, role: admin, clients: aurora}", "such as [aurora]"),
        (3, "version: 1\npeople:\n  - {match: {email: a}, role: boss, clients: all}", "give one of wall, agent"),
        (3, "version: 1\npeople:\n  - {match: {}, role: admin, clients: all}", "one of email, group and claim"),
        (3, "version: 1\npeople:\n  - {match: {email: a, group: b}, role: admin, clients: all}", "says it twice"),
        (3, "version: 1\npeople:\n  - {match: {email: a}, role: admin, clients: all, site: [x]}", "'sites'"),
        (3, "version: 1\nkiosks:\n  - {name: a, token_sha256: secret, clients: all}", "no SHA-256"),
        (2, "version: 1\nsession_hours: 0", "too little"),
        (2, "version: 1\npeople: ]", "is not YAML"),
        (1, "", "is empty"),
    ],
)
def test_a_mistake_is_said_with_its_line_and_what_to_do(line: int, text: str, said: str) -> None:
    with pytest.raises(AccessFileError) as refused:
        policy(text)
    assert any(each.startswith(f"access.yaml:{line}: ") and said in each for each in refused.value.lines())
    assert "secret" not in "".join(refused.value.lines())


def test_two_kiosks_with_one_token_are_refused() -> None:
    kiosk = f"{{name: {{}}, token_sha256: {fingerprint(TOKEN)}, clients: all}}"
    text = "version: 1\nkiosks:\n" + "".join(f"  - {kiosk.replace('{}', name)}\n" for name in "ab")
    with pytest.raises(AccessFileError) as refused:
        policy(text)
    assert "two kiosks with the same token_sha256" in refused.value.lines()[0]


def test_a_file_is_read_again_when_it_changes_and_lets_nobody_in_while_it_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "access.yaml"
    follower = PolicyFile(file)
    with pytest.raises(NotAllowedError, match="cannot be read"):
        follower.policy()
    file.write_text(FILE)
    assert len(follower.policy().people) == 3
    assert follower.policy() is follower.policy()
    replace(file, FILE.replace("{group: floor}", "{group: [floor]}"))
    with pytest.raises(NotAllowedError, match="not valid, so nobody is let in") as refused:
        follower.policy()
    assert "floor" not in str(refused.value)
    replace(file, "version: 1\n")
    assert follower.policy().people == ()


def replace(file: Path, text: str) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_text(text)
    os.replace(fresh, file)


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CallboardError, match="cannot read the access file"):
        read_policy(tmp_path / "none.yaml")


def test_what_a_role_may_do() -> None:
    allowed = {(role, what) for role in Role for what in Permission if may(Person("x", role, Scope.everything()), what)}
    assert allowed == {
        (Role.SUPERVISOR, Permission.ACKNOWLEDGE_ALERTS),
        (Role.ADMIN, Permission.ACKNOWLEDGE_ALERTS),
        (Role.ADMIN, Permission.EDIT_ALERT_RULES),
    }
