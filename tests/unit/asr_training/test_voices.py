"""Who speaks for what: nobody who is trained on is ever measured with."""

import random

from app.demo.voice import HELD_OUT_VOICES
from asr.training.voices import ODD_VOICES, TEST_VOICES, TRAINING_VOICES, TUNING_VOICES, variant
from kit.speech_synthesis import voices


def test_training_tuning_and_test_voices_are_different_people() -> None:
    groups = (TRAINING_VOICES, TUNING_VOICES, TEST_VOICES, ODD_VOICES)
    assert sum(map(len, groups)) == len(set().union(*groups))


def test_the_demonstration_speaks_with_test_voices() -> None:
    assert set(HELD_OUT_VOICES) == set(TEST_VOICES)


def test_espeak_has_every_voice() -> None:
    wanted = {*TRAINING_VOICES, *TUNING_VOICES, *TEST_VOICES, *ODD_VOICES} - {""}
    assert {name.split()[0] for name in wanted} <= voices()  # a name may have a space, where the list is cut


def test_invented_voices_differ_and_have_all_formants() -> None:
    rng = random.Random(1)
    first, second = variant("one", rng), variant("two", rng)
    assert first.splitlines()[1] == "name one"
    assert sum(line.startswith("formant") for line in first.splitlines()) == 9
    assert first.splitlines()[2:] != second.splitlines()[2:]
