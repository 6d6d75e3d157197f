"""The console's files: start page for every view, long cache for what is named by its content."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.api.world import ONE_DATABASE, Console

Open = Callable[[str], Console]

pytestmark = ONE_DATABASE


@pytest.fixture
def built(tmp_path: Path) -> None:
    """A console as the build leaves it."""
    assets = tmp_path / "console" / "assets"
    assets.mkdir(parents=True)
    (assets.parent / "index.html").write_text("<!doctype html><title>hotline</title>", encoding="utf-8")
    (assets / "index-abc123.js").write_text("void 0", encoding="utf-8")


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("path", ["/", "/tickets/0123", "/calls?from=x", "/index.html"])
def test_every_view_starts_at_the_start_page(url: str, path: str) -> None:
    answer = httpx.get(url + path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "no-cache"
    assert "content-security-policy" in answer.headers


@pytest.mark.usefixtures("built")
def test_files_named_by_their_content_are_kept_for_long(url: str) -> None:
    assert "immutable" in httpx.get(f"{url}/assets/index-abc123.js").headers["cache-control"]
    gone = httpx.get(f"{url}/assets/index-old.js")
    assert (gone.status_code, gone.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("path", ["/api/v2/tickets", "/api", "/..%2f..%2fetc/passwd", "/assets/%2e%2e/%2e%2e/x"])
def test_nothing_else_is_served(url: str, path: str) -> None:
    answer = httpx.get(url + path)
    assert answer.status_code in (200, 404)
    assert "root:" not in answer.text
    if path.startswith("/api"):
        assert answer.json()["code"] == "request.unknown_path"


def test_a_console_that_is_not_built_says_how_to_build_it(url: str) -> None:
    answer = httpx.get(url)
    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/plain; charset=utf-8")
    assert "make setup" in answer.text
