"""What the documents say about settings, words and files is true."""

import re
from pathlib import Path

import pytest

from config.settings import ROOT, Settings

RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def default_of(name: str) -> str:
    value = Settings.model_fields[name].default
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(value)
    return str(value).removeprefix(f"{ROOT}/")


def test_the_runbook_lists_every_setting_with_its_default() -> None:
    listed = dict(re.findall(r"^\| `([A-Z_]+)` \| (?:`(.*?)`)? \|", RUNBOOK, re.MULTILINE))
    real = {}
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        real[alias if isinstance(alias, str) else f"HOTLINE_{name.upper()}"] = default_of(name)
    assert listed == real


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not link.startswith(("http://", "https://", "sip:")):
            assert (page.parent / link).exists(), link


def test_files_that_the_pages_name_exist() -> None:
    """Paths in backquotes that start in one of our folders."""
    folders = "app|asr|callbacks|config|console/src|docs|ivr|kit|migrations|people|tests|ticketing|tools"
    for page in PAGES:
        for path in re.findall(rf"`((?:{folders})/[\w./-]+)`", page.read_text(encoding="utf-8")):
            assert (ROOT / path).exists(), f"{page.name}: {path}"


def test_make_words_in_the_pages_exist() -> None:
    words = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        for word in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8")):
            assert word in words, f"{page.name}: make {word}"


def test_each_decision_is_at_most_a_page_and_says_why() -> None:
    decisions = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [path.name[:4] for path in decisions] == [f"{number:04d}" for number in range(1, len(decisions) + 1)]
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 60, path.name
        for heading in ("## Situation", "## Decision", "## Consequences"):
            assert heading in text, f"{path.name}: {heading}"
