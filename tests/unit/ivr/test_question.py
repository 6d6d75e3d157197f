"""What a caller meant: clear answers are taken, likely ones confirmed, all else is asked again."""

import itertools

import pytest

from ivr.domain.hearing import Heard, HeardWord
from ivr.domain.menu import BUSY_MENU, MAIN_MENU, Wish
from ivr.domain.question import Gates, understood
from ivr.domain.revisit import CONFIRMED, SATISFIED, SOLVED
from tests.support.listeners import said

GATES = Gates(accept_from=0.85, confirm_from=0.5)
QUESTIONS = [MAIN_MENU, BUSY_MENU, SOLVED, SATISFIED, CONFIRMED]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.prompt.value)
def test_every_phrase_said_clearly_means_what_the_list_says(question) -> None:  # type: ignore[no-untyped-def]
    for phrase, value in question.phrases.items():
        meant = understood(question, said(phrase), GATES)
        assert meant is not None
        assert (meant.value, meant.phrase) == (value, phrase)
        assert meant.is_certain == (phrase not in question.doubtful)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.prompt.value)
def test_how_a_phrase_is_cut_into_words_does_not_matter(question) -> None:  # type: ignore[no-untyped-def]
    for phrase, value in question.phrases.items():
        meant = understood(question, said(*phrase), GATES)
        assert meant is not None
        assert meant.value == value


@pytest.mark.parametrize(
    ("confidence", "is_certain"), [(1.0, True), (0.85, True), (0.849, False), (0.5, False), (0.499, None), (0.0, None)]
)
def test_the_gates_decide_between_taking_confirming_and_asking_again(
    confidence: float, is_certain: bool | None
) -> None:
    meant = understood(SOLVED, said("没有", "解决", confidence=confidence), GATES)
    assert (meant.is_certain if meant else None) is is_certain


def test_an_answer_is_as_sure_as_its_least_sure_word() -> None:
    words = (HeardWord("没有", 0, 300, 0.6), HeardWord("解决", 300, 700, 1.0))
    meant = understood(SOLVED, Heard("没有解决", words), GATES)
    assert meant is not None
    assert (meant.confidence, meant.is_certain) == (0.6, False)


@pytest.mark.parametrize("words", [("?",), ("?", "?"), ("话", "务", "言"), ("不",), ("",)])
def test_what_is_none_of_the_phrases_is_not_understood(words: tuple[str, ...]) -> None:
    assert understood(MAIN_MENU, said(*words), GATES) is None


@pytest.mark.parametrize("words", ["?满", "满?", "?满?", "不?满", "满满"])
def test_a_phrase_among_other_speech_is_never_taken_without_asking_back(words: str) -> None:
    meant = understood(SATISFIED, said(*("满意" if word == "满" else word for word in words)), GATES)
    assert meant is not None
    assert (meant.value, meant.is_certain) == (2, False)


@pytest.mark.parametrize("question", [MAIN_MENU, SOLVED, SATISFIED, CONFIRMED], ids=lambda each: each.prompt.value)
def test_two_different_answers_are_no_answer(question) -> None:  # type: ignore[no-untyped-def]
    for (one, value), (two, other) in itertools.permutations(question.phrases.items(), 2):
        meant = understood(question, said(one, two), GATES)
        if value != other and one + two not in question.phrases:
            assert meant is None or meant.value in (value, other)
            assert meant is None or not meant.is_certain


def test_the_longest_phrase_counts() -> None:
    for phrase, level in (("不满意", 4), ("非常不满意", 5), ("基本满意", 3)):
        meant = understood(SATISFIED, said(*phrase), GATES)
        assert meant is not None
        assert meant.value == level


def test_so_so_is_always_asked_back_because_people_mean_different_things_by_it() -> None:
    meant = understood(SATISFIED, said("一般"), GATES)
    assert meant is not None
    assert not meant.is_certain


def test_whatever_can_be_said_can_also_be_pressed_and_be_asked_back() -> None:
    for question in (MAIN_MENU, BUSY_MENU, SOLVED, SATISFIED):
        assert set(question.phrases.values()) == set(question.keys.values())
        assert set(question.phrases.values()) <= set(question.names)
    assert MAIN_MENU.on_silence is Wish.AGENT
