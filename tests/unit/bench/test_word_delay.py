"""When so many characters of a sentence stood there."""

import pytest

from app.bench.word_delay import there_at


def test_a_character_is_there_with_the_first_text_that_is_so_long() -> None:
    texts = [(10.5, "路", False), (10.75, "录灯", False), (11.0, "路灯坏了", True)]
    assert there_at(10.0, texts) == pytest.approx([0.5, 0.75, 1.0, 1.0])


def test_what_was_final_stays_and_the_next_text_stands_behind_it() -> None:
    texts = [(1.0, "你好", True), (2.0, "请", False), (3.0, "请讲", True)]
    assert there_at(0.0, texts) == pytest.approx([1.0, 1.0, 2.0, 3.0])


def test_a_text_that_shrinks_takes_nothing_back() -> None:
    assert there_at(0.0, [(1.0, "路灯", False), (2.0, "路", False), (3.0, "路灯坏", True)]) == [1.0, 1.0, 3.0]
