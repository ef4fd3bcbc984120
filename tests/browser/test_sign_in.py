"""Signing in and out in a real Chromium against a provider on loopback; the end of a session; a wall's token."""

from __future__ import annotations

import subprocess
import warnings
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboards.access.policy import fingerprint
from pipeline.clock import SystemClock
from pipeline.store.process import FileProcessor
from tests.browser.serving import wait_until_served
from tests.e2e.command import COMMAND, environment
from tests.support.calls import call
from tests.support.ports import free_port

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    # Of the provider's own, which is another's.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
FIRST_MS = 30_000
NEXT_MS = 10_000
TOKEN = "a-token-of-the-north-wall"  # noqa: S105 - of a test
SECRETS = {"CALLBOARD_OIDC_CLIENT_SECRET": "canary-of-the-provider", "CALLBOARD_COOKIE_SECRET": "canary" * 8}
FILE = f"""version: 1
people:
  - match: {{email: ann@aurora.example}}
    role: supervisor
    clients: [aurora]
kiosks:
  - {{name: North wall, token_sha256: {fingerprint(TOKEN)}, clients: [aurora]}}
"""
Serve = Callable[..., str]


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """A provider's OpenID configuration; it knows three people and asks nobody for a password."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from oidc_provider_mock import User, run_server_in_thread

    people = [
        User(sub="ann", claims={"email": "ann@aurora.example", "name": "Ann of Aurora"}),
        User(sub="eve", claims={"email": "eve@elsewhere.example", "name": "Eve"}),
    ]
    with run_server_in_thread(user_claims=people) as server:
        yield f"http://localhost:{server.server_port}/.well-known/openid-configuration"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "access.yaml"
    path.write_text(FILE)
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "board.log"


@pytest.fixture
def start(tmp_path: Path, log: Path) -> Iterator[Serve]:
    """Starts ``callboard dashboard`` over a store of two clients, with settings; returns its address."""
    started: list[subprocess.Popen[bytes]] = []
    now = SystemClock().now()
    with FileProcessor(tmp_path / "store", SystemClock()) as processor:
        lines = [line for number in (1, 2) for line in call(number, now - timedelta(seconds=20), client="aurora")]
        processor.process([*lines, *call(3, now - timedelta(seconds=9), client="borealis", queue="claims")])

        def run(**settings: str) -> str:
            port = free_port()
            with log.open("wb") as output:
                board = subprocess.Popen(
                    [str(COMMAND), "dashboard", "--store", str(tmp_path / "store"), "--port", str(port)],
                    cwd=tmp_path,
                    env=environment(**settings),
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
            started.append(board)
            address = f"http://127.0.0.1:{port}"
            wait_until_served(board, address, log)
            return address

        yield run
    for board in started:
        board.terminate()
        board.wait(timeout=20)


@pytest.fixture
def board(start: Serve, provider: str, file: Path) -> str:
    """The board's address, with provider and access file."""
    return start(
        CALLBOARD_ACCESS_FILE=str(file),
        CALLBOARD_OIDC_METADATA_URL=provider,
        CALLBOARD_OIDC_CLIENT_ID="board",
        **SECRETS,
    )


def sign_in(page: Page, address: str, who: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Sign in").click(timeout=FIRST_MS)
    page.get_by_role("button", name=who, exact=True).click(timeout=NEXT_MS)


def waiting(page: Page) -> str:
    tile = page.get_by_test_id("stMetric").filter(has=page.get_by_text("Waiting now", exact=True))
    tile.first.wait_for(timeout=FIRST_MS)
    return tile.get_by_test_id("stMetricValue").inner_text()


def test_the_first_call_of_any_page_shows_nothing_but_the_way_to_sign_in(page: Page, board: str) -> None:
    # Of a new server: before app.py has run once, Streamlit would run a script in a folder of pages by itself.
    page.goto(f"{board}/health")
    expect(page.get_by_text("Sign in to see the board.")).to_be_visible(timeout=FIRST_MS)
    expect(page.locator(".cb-status, .stMetric, table.cb")).to_have_count(0)


def test_a_supervisor_of_one_client_signs_in_sees_it_and_signs_out(page: Page, board: str, log: Path) -> None:
    sign_in(page, board, "ann")
    assert waiting(page) == "2"
    assert "borealis" not in page.content()
    page.get_by_test_id("stSelectbox").first.click()
    expect(page.get_by_role("option", name="aurora")).to_be_visible(timeout=NEXT_MS)
    expect(page.get_by_role("option", name="borealis")).to_have_count(0)
    page.keyboard.press("Escape")
    # By its own name too, and again without signing in: the same browser is known.
    page.goto(f"{board}/live?client=borealis")
    assert waiting(page) == "no traffic"
    page.get_by_role("button", name="Ann of Aurora").click(timeout=NEXT_MS)
    expect(page.get_by_text("Role: supervisor")).to_be_visible(timeout=NEXT_MS)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/oauth2/end_session*", timeout=NEXT_MS)
    page.goto(board)
    expect(page.get_by_text("Sign in to see the board.")).to_be_visible(timeout=FIRST_MS)
    said = log.read_text()
    assert not [secret for secret in SECRETS.values() if secret in said]


def test_somebody_whom_the_board_does_not_know(page: Page, board: str) -> None:
    sign_in(page, board, "eve")
    expect(page.get_by_text("You are signed in as Eve, but this board does not know you")).to_be_visible(
        timeout=FIRST_MS
    )
    expect(page.locator(".cb-status, .stMetric, table.cb")).to_have_count(0)


def test_the_view_ends_by_itself_when_the_session_does(page: Page, board: str, file: Path) -> None:
    sign_in(page, board, "ann")
    assert waiting(page) == "2"
    # Nobody waits ten hours: from now on a session is over after a second.
    file.write_text(f"{FILE}session_hours: 0.0003\n")
    expect(page.get_by_text("Your session has ended: sign in again.")).to_be_visible(timeout=NEXT_MS)
    expect(page.locator(".cb-status, .stMetric, table.cb")).to_have_count(0)


def test_a_page_that_nothing_refreshes_ends_too(page: Page, board: str, file: Path) -> None:
    sign_in(page, board, "ann")
    waiting(page)
    file.write_text(FILE.replace("role: supervisor", "role: agent"))
    page.goto(f"{board}/health")
    expect(page.get_by_text("This page is not for your role (agent).")).to_be_visible(timeout=FIRST_MS)
    file.write_text("version: 1\npeople: []\n")
    expect(page.get_by_text("this board does not know you")).to_be_visible(timeout=NEXT_MS)


def test_a_wall_opens_with_its_token_and_without_a_sign_in(browser: Browser, board: str, file: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{board}/?kiosk={TOKEN}x")
    expect(page.get_by_text("This address opens no wall")).to_be_visible(timeout=FIRST_MS)
    page.goto(f"{board}/wall?kiosk={TOKEN}")
    cards = page.locator(".cb-wall section")
    expect(cards).to_have_count(6, timeout=FIRST_MS)
    expect(cards.first).to_contain_text("2")  # of aurora; the third waits for another client
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    expect(page.get_by_text("Sign in")).to_have_count(0)
    assert "borealis" not in page.content()
    file.write_text(FILE.partition("kiosks:")[0])
    expect(page.get_by_text("This address opens no wall")).to_be_visible(timeout=NEXT_MS)
    context.close()


def test_without_configuration_this_machine_sees_a_banner_and_others_nothing(
    browser: Browser, page: Page, start: Serve
) -> None:
    address = start()
    page.goto(address)
    expect(page.get_by_text("Nobody has to sign in: this board has no access file")).to_be_visible(timeout=FIRST_MS)
    assert waiting(page) == "3"
    # What a proxy would say of somebody else.
    context = browser.new_context(extra_http_headers={"X-Forwarded-For": "192.0.2.7"})
    other = context.new_page()
    other.goto(address)
    expect(other.get_by_text("set access_file and oidc_metadata_url")).to_be_visible(timeout=FIRST_MS)
    expect(other.locator(".cb-status, .stMetric, table.cb")).to_have_count(0)
    context.close()
