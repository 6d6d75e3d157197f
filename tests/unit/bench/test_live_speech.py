"""When a word counts as heard in a partial text."""

from typing import Any

import pytest

from app.bench.live_speech import word_lags_s


def final(*words: tuple[str, int]) -> dict[str, Any]:
    return {"words": [{"text": text, "end_ms": end_ms} for text, end_ms in words], "final": True}


def test_a_word_is_there_with_the_first_partial_text_that_has_it_and_all_before_it() -> None:
    texts = [
        (10.5, {"partial": "路"}),
        (10.7, {"partial": "录灯"}),
        (10.9, {"partial": "路灯坏"}),
        (11.5, final(("路", 400), ("灯", 600), ("坏", 800), ("了", 1000))),
        (11.6, {"done": True}),
    ]
    assert word_lags_s(10.0, texts) == pytest.approx([0.1, 0.3, 0.1, 0.5])


def test_each_final_text_has_partial_texts_of_its_own() -> None:
    texts = [
        (0.5, {"partial": "好"}),
        (1.0, final(("好", 400))),
        (2.5, {"partial": "好"}),
        (3.0, final(("好", 2000))),
    ]
    assert word_lags_s(0.0, texts) == pytest.approx([0.1, 0.5])


def test_silence_has_no_words() -> None:
    assert word_lags_s(0.0, [(1.0, {"done": True})]) == []
