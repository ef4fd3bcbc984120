"""The document that a browser gets first, as the board's server gives it; without a browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit import file_util

from dashboards import document
from dashboards.access.pages import PAGES


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(Starlette(routes=list(document.routes())))


@pytest.mark.parametrize(
    ("asked", "browser", "language"),
    [
        ("", "de-AT,de;q=0.9,en;q=0.8", "de"),
        ("", "en-GB", "en"),
        ("", "xx", "en"),
        ("", "", "en"),
        ("?lang=de", "en-GB", "de"),
        ("?lang=en", "de-DE", "en"),
    ],
)
def test_it_says_the_language_of_the_board(client: TestClient, asked: str, browser: str, language: str) -> None:
    text = client.get(f"/history{asked}", headers={"Accept-Language": browser}).text
    assert re.findall(r'<html lang="([^"]*)">', text) == [language]


def test_every_page_gives_it_and_nothing_in_it_is_of_another_host(client: TestClient) -> None:
    found = {client.get(path).text for path in ("/", *(f"/{page.stem}" for page in PAGES))}
    (text,) = found
    loaded = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert loaded
    assert all(each.startswith(("./", "data:image/svg+xml,")) for each in loaded)
    assert "<title>callboard</title>" in text
    assert "BACKEND_BASE_URL" in text


def test_it_is_not_kept_by_a_browser_over_a_release(client: TestClient) -> None:
    assert client.get("/").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("lost", ['<html lang="en">', "<title>Streamlit</title>", "./favicon.png"])
def test_another_document_of_streamlits_is_noticed(lost: str) -> None:
    original = Path(file_util.get_static_dir(), "index.html").read_text(encoding="utf-8")
    document.document(original, "en")
    with pytest.raises(ValueError, match="Streamlit's document has no"):
        document.document(original.replace(lost, ""), "en")
