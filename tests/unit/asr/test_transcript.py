import pytest

from asr.domain.transcript import Recognised, TranscriptStatus, Word, mean_confidence


def test_words_make_a_ready_transcript() -> None:
    heard = Recognised((Word("路灯", 0, 500, 1.0), Word("坏", 500, 700, 0.4)), "model")
    assert heard.status is TranscriptStatus.READY
    assert heard.text == "路灯坏"


def test_no_words_make_an_empty_transcript_without_a_confidence() -> None:
    heard = Recognised((), "model")
    assert heard.status is TranscriptStatus.EMPTY
    assert heard.text == ""
    assert heard.mean_confidence is None


def test_a_long_word_weighs_more_in_the_mean_confidence() -> None:
    words = [Word("人民路", 0, 500, 1.0), Word("坏", 500, 700, 0.2)]
    assert mean_confidence(words) == pytest.approx(0.8)
