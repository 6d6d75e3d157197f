"""Searching many phrases: pauses do not hide them, longer ones win, gaps stay within a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.domain.rulebook.bare_text import bare
from asr.domain.rulebook.phrases import Phrases, PhraseWrong


def found(text: str, *phrases: str) -> list[str]:
    return [match.phrase for match in Phrases((phrase, phrase) for phrase in phrases).in_text(bare(text))]


@pytest.mark.parametrize(
    ("text", "phrases", "matches"),
    [
        ("这里停水了", ["停水"], ["停水"]),
        ("这里停，水了", ["停水"], ["停水"]),
        ("煤气费", ["煤气", "煤气费"], ["煤气费"]),
        ("煤气和煤气费", ["煤气", "煤气费"], ["煤气", "煤气费"]),
        ("路灯已经三天不亮", ["路灯…不亮"], ["路灯…不亮"]),
        ("路灯坏了。灯泡不亮", ["路灯…不亮"], []),
        ("路灯在很远很远很远的地方不亮", ["路灯…不亮"], []),
        ("煤气费漏交了", ["煤气…漏", "煤气费"], ["煤气费"]),
        ("Ｋｔｖ太吵", ["KTV"], ["KTV"]),
        ("停水停水", ["停水"], ["停水", "停水"]),
        ("", ["停水"], []),
    ],
)
def test_phrases(text: str, phrases: list[str], matches: list[str]) -> None:
    assert found(text, *phrases) == matches


@pytest.mark.parametrize("phrase", ["水", "…停水", "停水…", "，", "停…水……"])
def test_a_phrase_of_the_wrong_shape_is_refused(phrase: str) -> None:
    with pytest.raises(PhraseWrong):
        Phrases([(phrase, None)])


@given(st.text(alphabet="停水电煤气费，。 路灯不亮", max_size=40))
def test_every_match_can_be_read_in_the_text(text: str) -> None:
    letters = bare(text)
    for match in Phrases((each, each) for each in ("停水", "停电", "煤气费", "煤气", "路灯…不亮")).in_text(letters):
        parts = [letters.letters[start:end] for start, end in match.parts]
        assert "…".join(parts) == match.phrase
        start, end = letters.span(match.start, match.end)
        assert bare(text[start:end]).letters == letters.letters[match.start : match.end]
