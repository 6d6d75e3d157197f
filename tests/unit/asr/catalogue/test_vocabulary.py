"""Phrases in words that a model knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.domain.catalogue.vocabulary import in_known_words

KNOWN = {"没有", "没", "有", "解决", "解", "决", "非常", "满意", "不满意", "不", "人工", "转"}


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("没有解决", ["没有", "解决"]),
        ("非常不满意", ["非常", "不满意"]),
        ("转人工", ["转", "人工"]),
        ("解有", ["解", "有"]),
        ("转 人工", ["转", "人工"]),
        ("人", None),
        ("没有解决吗", None),
        ("", None),
        (" ", None),
    ],
)
def test_the_fewest_words_are_taken_or_none(phrase: str, words: list[str] | None) -> None:
    assert in_known_words(phrase, KNOWN) == words


@given(st.text(alphabet="没有解决吗", max_size=12))
def test_nothing_is_added_and_nothing_is_lost(phrase: str) -> None:
    words = in_known_words(phrase, KNOWN)
    if words is not None:
        assert "".join(words) == phrase
        assert set(words) <= KNOWN
    else:
        assert not phrase or "吗" in phrase
