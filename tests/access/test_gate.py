"""Who gets in: by a kiosk's token, by signing in, or by sitting at the machine; and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboards.access.admission import PROXY_HEADERS, Caller
from dashboards.access.errors import NotAllowedError
from dashboards.access.gate import Gate
from dashboards.access.people import Role
from dashboards.access.policy_file import PolicyFile
from dashboards.access.provider import redirect_uri, streamlit_secrets
from dashboards.access.scope import Scope
from dashboards.run import check_access, environment
from pipeline.clock import ManualClock
from pipeline.errors import CallboardError
from pipeline.settings import Settings, load_settings
from tests.access.test_policy import FILE, TOKEN

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
HERE = Caller("127.0.0.1", "127.0.0.1", {"host": "localhost:8501"})
SECRET, COOKIES = "canary-of-the-provider", "canary-of-the-cookies-" + "x" * 20
PROVIDER = {
    "oidc_metadata_url": "https://id.example.org/.well-known/openid-configuration",
    "oidc_client_id": "board",
    "oidc_client_secret": SECRET,
    "cookie_secret": COOKIES,
}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "access.yaml"
    path.write_text(FILE)
    return path


def ann(**more: object) -> Mapping[str, object]:
    return {"email": "ann@example.org", "name": "Ann", "iat": int(NOW.timestamp()), **more}


def test_without_configuration_who_sits_at_the_machine_sees_all(clock: ManualClock) -> None:
    person = Gate(clock).admit(HERE, {}, None)
    assert (person.role, person.scope, person.expires_at) == (Role.ADMIN, Scope.everything(), None)
    for host in ("127.0.0.1", "[::1]:8501", "LOCALHOST:1"):
        Gate(clock).admit(Caller("::1", "::1", {"host": host}), {}, None)


@pytest.mark.parametrize(
    "caller",
    [
        Caller(),
        Caller("", "127.0.0.1", {"host": "localhost"}),
        Caller("0.0.0.0", "127.0.0.1", {"host": "localhost"}),  # noqa: S104 - an address, nobody listens on it
        Caller("127.0.0.1", "192.168.1.7", {"host": "localhost"}),
        Caller("127.0.0.1", None, {"host": "localhost"}),
        Caller("127.0.0.1", "127.0.0.1", {}),
        # A page of somebody else's, whose name was pointed at this machine.
        Caller("127.0.0.1", "127.0.0.1", {"host": "board.evil.example:8501"}),
        Caller("127.0.0.1", "127.0.0.1", {"host": "127.0.0.1.evil.example"}),
        *(Caller("127.0.0.1", "127.0.0.1", {"host": "localhost", name: "10.0.0.1"}) for name in PROXY_HEADERS),
    ],
)
def test_without_configuration_nobody_else_sees_anything(clock: ManualClock, caller: Caller) -> None:
    with pytest.raises(NotAllowedError, match="set access_file and oidc_metadata_url") as refused:
        Gate(clock).admit(caller, {}, None)
    assert not refused.value.can_sign_in


def test_with_configuration_sitting_here_is_not_enough(clock: ManualClock, file: Path) -> None:
    with pytest.raises(NotAllowedError, match="Sign in") as refused:
        Gate(clock, PolicyFile(file), True).admit(HERE, {}, None)
    assert refused.value.can_sign_in
    with pytest.raises(NotAllowedError, match="Nobody can sign in here"):
        Gate(clock, PolicyFile(file), False).admit(HERE, ann(), None)


def test_a_sign_in_ends_after_its_hours_and_not_before(clock: ManualClock, file: Path) -> None:
    gate = Gate(clock, PolicyFile(file), True)
    # The token's own end, minutes after it was made, says nothing of how long one may look.
    claims = ann(exp=int((NOW + timedelta(minutes=5)).timestamp()))
    clock.sleep(10 * 3600 - 1)
    person = gate.admit(HERE, claims, None)
    assert (person.name, person.role, person.expires_at) == ("Ann", Role.ADMIN, NOW + timedelta(hours=10))
    clock.sleep(1)
    with pytest.raises(NotAllowedError, match="Your session has ended") as refused:
        gate.admit(HERE, claims, None)
    assert refused.value.can_sign_in


@pytest.mark.parametrize("iat", [None, "soon", True, 1e30])
def test_a_sign_in_without_a_beginning_would_never_end_and_is_refused(
    clock: ManualClock, file: Path, iat: object
) -> None:
    with pytest.raises(NotAllowedError, match="does not say when you signed in"):
        Gate(clock, PolicyFile(file), True).admit(HERE, ann(iat=iat), None)


def test_whom_nobody_knows_is_told_as_whom_they_are_signed_in(clock: ManualClock, file: Path) -> None:
    with pytest.raises(NotAllowedError, match="signed in as Eve, but this board does not know you") as refused:
        Gate(clock, PolicyFile(file), True).admit(HERE, ann(email="eve@x.example", name="Eve"), None)
    assert refused.value.is_signed_in


def test_whoever_is_taken_out_of_the_file_is_out_at_once(clock: ManualClock, file: Path) -> None:
    gate = Gate(clock, PolicyFile(file), True)
    gate.admit(HERE, ann(), None)
    file.write_text("version: 1\npeople: []\n# nobody any more\n")
    with pytest.raises(NotAllowedError, match="does not know you"):
        gate.admit(HERE, ann(), None)


@pytest.mark.parametrize("has_sign_in", [True, False])
def test_a_kiosk_needs_no_sign_in_and_is_nothing_but_a_wall(clock: ManualClock, file: Path, has_sign_in: bool) -> None:
    gate = Gate(clock, PolicyFile(file), has_sign_in)
    far = Caller("0.0.0.0", "10.0.0.9", {"host": "board.example.org"})  # noqa: S104
    assert gate.admit(far, {}, TOKEN).role is Role.WALL
    # Also when an administrator opens the wall's address.
    assert gate.admit(HERE, ann(), TOKEN).role is Role.WALL
    with pytest.raises(NotAllowedError, match="opens no wall") as refused:
        gate.admit(HERE, ann(), TOKEN + "x")
    assert TOKEN not in str(refused.value)


def settings(monkeypatch: pytest.MonkeyPatch, file: Path | None, **more: str) -> Settings:
    for name, value in {**PROVIDER, **more}.items():
        monkeypatch.setenv(f"CALLBOARD_{name.upper()}", value)
    return load_settings(store=Path("store"), access_file=file)


def test_the_provider_is_told_to_streamlit_and_its_secrets_to_nobody_else(
    monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    told = settings(monkeypatch, file, oidc_redirect_uri="https://board.example.org/oauth2callback")
    assert streamlit_secrets(told)["auth"] == {
        "redirect_uri": "https://board.example.org/oauth2callback",
        "cookie_secret": COOKIES,
        "client_id": "board",
        "client_secret": SECRET,
        "server_metadata_url": PROVIDER["oidc_metadata_url"],
    }
    assert SECRET not in repr(told)
    assert COOKIES not in repr(told)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"oidc_client_id": ""}, "needs oidc_client_id too"),
        ({"cookie_secret": "short-canary-of-the-cookies"}, "needs cookie_secret too, of 32 characters"),
        ({"oidc_metadata_url": "http://id.example.org/x"}, "must be an https:// address"),
        ({"oidc_metadata_url": "http://127.evil.example/x"}, "must be an https:// address"),
        ({"oidc_redirect_uri": "https://board.example.org/"}, "end with /oauth2callback"),
        ({"oidc_redirect_uri": "http://board.example.org/oauth2callback"}, "https:// address of the board"),
    ],
)
def test_half_a_configuration_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, file: Path, more: dict[str, str], said: str
) -> None:
    with pytest.raises(CallboardError, match=said) as refused:
        settings(monkeypatch, file, **more)
    assert "canary" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_provider_without_an_access_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CallboardError, match="needs access_file too"):
        settings(monkeypatch, None)


def test_people_come_back_to_the_boards_own_address(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    told = settings(monkeypatch, file)
    assert redirect_uri(told, "127.0.0.1", 8123) == "http://127.0.0.1:8123/oauth2callback"
    assert redirect_uri(told, "::1", 8123) == "http://[::1]:8123/oauth2callback"
    with pytest.raises(CallboardError, match="set oidc_redirect_uri"):
        redirect_uri(told, "0.0.0.0", 8123)  # noqa: S104
    passed_on = environment(told, 8123, "127.0.0.1")
    assert passed_on["CALLBOARD_OIDC_REDIRECT_URI"] == "http://127.0.0.1:8123/oauth2callback"
    assert passed_on["CALLBOARD_ACCESS_FILE"] == str(file)


def test_the_board_does_not_start_where_everybody_or_nobody_would_be_let_in(file: Path, tmp_path: Path) -> None:
    open_to_all = load_settings(store=tmp_path)
    check_access(open_to_all, "127.0.0.1")
    for address in ("0.0.0.0", "::", "192.168.1.7", "board.example.org"):  # noqa: S104
        with pytest.raises(CallboardError, match="nobody would have to sign in: set access_file"):
            check_access(open_to_all, address)
        check_access(load_settings(store=tmp_path, access_file=file), address)
    with pytest.raises(CallboardError, match="cannot read the access file"):
        check_access(load_settings(store=tmp_path, access_file=tmp_path / "none"), "127.0.0.1")
    file.write_text("version: 1\npeople: 3\n")
    with pytest.raises(CallboardError, match="has 1 error, the first in line 2"):
        check_access(load_settings(store=tmp_path, access_file=file), "127.0.0.1")
