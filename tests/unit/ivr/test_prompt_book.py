"""From prompt names to sounds: recordings win, wrong ones are passed over, missing ones are named."""

import shutil
from pathlib import Path

import pytest

from config.settings import ROOT
from ivr.domain.errors import PromptMissing
from ivr.domain.prompts import Prompt
from ivr.prompt_book import PromptBook

SHIPPED = ROOT / "config" / "prompts"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(SHIPPED / "zh-CN", tmp_path / "zh-CN")
    (tmp_path / "custom").mkdir()
    return tmp_path


def test_the_shipped_prompts_are_complete() -> None:
    assert PromptBook.load(SHIPPED).missing() == []


def test_a_recorded_prompt_wins_and_changes_the_notice_version(folder: Path) -> None:
    before = PromptBook.load(folder)
    shutil.copy(folder / "zh-CN" / "menu.wav", folder / "custom" / "greeting.wav")
    after = PromptBook.load(folder)
    assert after.clip(Prompt.GREETING).path == folder / "custom" / "greeting.wav"
    assert before.notice_version != after.notice_version
    assert len(after.notice_version) <= 32


@pytest.mark.parametrize("content", [b"", b"not a wav", b"RIFF\0\0\0\0WAVE"])
def test_an_unplayable_recording_is_passed_over(folder: Path, content: bytes) -> None:
    (folder / "custom" / "menu.wav").write_bytes(content)
    assert PromptBook.load(folder).clip(Prompt.MENU).path == folder / "zh-CN" / "menu.wav"


def test_a_missing_prompt_is_named(folder: Path) -> None:
    (folder / "zh-CN" / "menu.wav").unlink()
    book = PromptBook.load(folder)
    assert book.missing() == [Prompt.MENU]
    with pytest.raises(PromptMissing) as error:
        book.clips(Prompt.GREETING, Prompt.MENU)
    assert error.value.details == {"prompt": "menu"}


def test_numbers_are_spelled_with_the_sounds_of_their_digits() -> None:
    clips = PromptBook.load(SHIPPED).spell("20-1")
    assert [clip.key for clip in clips] == ["digit_2", "digit_0", "digit_1"]
