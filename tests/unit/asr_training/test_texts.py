"""Sentences, spoken numbers and readings."""

import random
import re

import pytest

from asr.training.lexicon import RAISED_TONE_COST, domain_words, main_reading, readings, vocabulary
from asr.training.pronunciation import spoken
from asr.training.sentences import PhraseBook, Use, phrase_book, sentence, use_of
from asr.training.spoken_numbers import MAKERS, identity, number, plate


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "零"),
        (10, "十"),
        (15, "十五"),
        (20, "二十"),
        (110, "一百一十"),
        (305, "三百零五"),
        (1001, "一千零一"),
        (1100, "一千一百"),
        (10305, "一万零三百零五"),
        (20000, "二万"),
        (120000, "十二万"),
    ],
)
def test_numbers_are_said_as_people_say_them(value: int, words: str) -> None:
    assert "".join(number(value)) == words


def test_an_identity_number_has_eighteen_places() -> None:
    rng = random.Random(1)
    said = [identity(rng) for _ in range(50)]
    assert all(len(words) == 18 for words in said)
    assert any(words[-1] == "X" for words in said)


def test_a_plate_begins_with_a_province_and_a_letter() -> None:
    rng = random.Random(1)
    assert all(re.fullmatch("[\u4e00-\u9fff][A-Z].{5,6}", "".join(plate(rng))) for _ in range(50))


def test_slots_are_filled_by_their_share() -> None:
    book = PhraseBook("[sentence]\n9* {a} b {c:0}|d\n[a]\nx|y z\n[c]\nnever\n")
    rng = random.Random(1)
    drawn = [" ".join(book.draw(rng)) for _ in range(200)]
    assert set(drawn) == {"x b", "y z b", "d"}
    assert drawn.count("d") < 50
    assert book.words() == {"b", "d", "x", "y", "z", "never"}


@pytest.mark.parametrize("text", ["[sentence]\n{nobody}\n", "[sentence]\n{@nobody}\n"])
def test_a_slot_that_is_nowhere_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="nobody"):
        PhraseBook(text)


def test_training_tuning_and_test_sentences_never_meet() -> None:
    rng = random.Random(1)
    drawn = {use: {"".join(sentence(rng, use)) for _ in range(200)} for use in Use}
    assert all(use_of(text) is use for use, texts in drawn.items() for text in texts)
    assert sum(len(texts) for texts in drawn.values()) == len(set().union(*drawn.values()))


def test_every_word_of_the_book_and_of_the_makers_can_be_said() -> None:
    wanted = domain_words()
    assert wanted <= set(vocabulary(wanted))
    assert {"人工", "转人工", "查进度", "非常不满意", "A", "X", "幺"} <= wanted


def test_every_maker_is_used_or_harmless() -> None:
    rng = random.Random(1)
    assert all(maker(rng) for maker in MAKERS.values())


def test_menu_and_answers_are_written_whole() -> None:
    assert "不满意" in phrase_book().written("satisfied")
    assert "转人工" in phrase_book().written("menu")


def test_a_final_third_tone_may_be_raised() -> None:
    assert readings("你好") == ((("ni2", "hao3"), 0.0), (("ni2", "hao2"), RAISED_TONE_COST))


def test_letters_are_read_as_the_demonstration_says_them() -> None:
    assert main_reading("X") == ("ai2", "ke5", "si5")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["一", "个"], "yi2 ge4"),
        (["一", "天"], "yi4 tian1"),
        (["一", "二"], "yi1 er4"),
        (["不", "热"], "bu2 re4"),
        (["不", "能"], "bu4 neng2"),
        (["很", "好"], "hen2 hao3"),
    ],
)
def test_neighbours_change_tones(words: list[str], said: str) -> None:
    never_pausing = random.Random(5)
    spoken_words = spoken(words, never_pausing)
    assert not any(word.has_pause_after for word in spoken_words)
    assert " ".join(syllable for word in spoken_words for syllable in word.syllables) == said
