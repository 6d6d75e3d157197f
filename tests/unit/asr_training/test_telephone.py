"""The simulated telephone: laws, AMR, losses, levels; and features of what comes out."""

import numpy as np
import pytest

from asr.training.codecs import Law, amr, g711
from asr.training.mfcc import FEATURES, mfcc
from asr.training.sounds import Samples, at_level, noise, rms, tones
from asr.training.telephone import FULL_SCALE, Line, random_line, sent

_SECOND = 8000
_KALDIS_FEATURES = (65.57373, 82.544914, -22.666868, -117.181015)


def _speechlike(seconds: float = 1.0) -> Samples:
    time = np.arange(int(_SECOND * seconds)) / _SECOND
    glide = 2 * np.pi * (180 * time + 40 * time**2)
    sound: Samples = (np.sin(glide) + 0.5 * np.sin(3 * glide)) * (1 + np.sin(2 * np.pi * 7 * time)) * 5000
    return sound


@pytest.mark.parametrize(("law", "smallest", "greatest"), [(Law.A, 8, 32256), (Law.MU, 0, 32124)])
def test_a_law_knows_few_levels_small_ones_closer_together(law: Law, smallest: int, greatest: int) -> None:
    levels = np.unique(g711(np.arange(-32768.0, 32768.0), law))
    assert len(levels) in (255, 256)
    assert np.abs(levels).min() == smallest
    assert levels.max() == greatest
    assert np.diff(levels[levels > 0])[0] < np.diff(levels[levels > 0])[-1]


def test_a_coded_sound_stays_near_the_sound() -> None:
    sound = _speechlike()
    assert rms(g711(sound, Law.A) - sound) < 0.03 * rms(sound)


def test_amr_keeps_the_length_and_moves_nothing() -> None:
    sounds = [_speechlike(0.7), _speechlike(0.31)]
    heard = amr(sounds, "12.2k")
    assert [len(each) for each in heard] == [len(each) for each in sounds]
    for one, two in zip(sounds, heard, strict=True):
        alike = {
            shift: np.corrcoef(_loudness(one), np.roll(_loudness(two), shift))[0, 1] for shift in (-4, -2, 0, 2, 4)
        }
        assert max(alike, key=lambda shift: alike[shift]) == 0
        assert alike[0] > 0.9


def _loudness(sound: Samples) -> Samples:
    """In steps of 5 ms."""
    return np.array([rms(part) for part in sound[: len(sound) // 40 * 40].reshape(-1, 40)])


def test_lost_packets_are_gaps_or_echoes_of_the_packet_before() -> None:
    sound = noise(np.random.default_rng(1), _SECOND * 4)
    whole = Line(band_hz=None, law=None)
    missing = Line(band_hz=None, law=None, lost_share=0.2)
    first, second = (sent(sound, line, np.random.default_rng(3)) for line in (whole, missing))
    packets = (first != second).reshape(-1, 160)
    assert set(packets.mean(axis=1).round()) == {0.0, 1.0}
    assert 0.1 < packets.any(axis=1).mean() < 0.3


def test_level_and_clipping_are_as_told() -> None:
    quiet = sent(_speechlike(), Line(level_db=-45.0, law=None), np.random.default_rng(1))
    loud = sent(_speechlike(), Line(level_db=6.0, law=None), np.random.default_rng(1))
    assert 20 * np.log10(rms(quiet.astype(float)) / FULL_SCALE) == pytest.approx(-45, abs=0.3)
    assert (np.abs(loud.astype(int)) >= FULL_SCALE - 1).mean() > 0.3


def test_random_lines_bring_every_trouble() -> None:
    rng = np.random.default_rng(1)
    lines = [random_line(rng) for _ in range(300)]
    for name in ("room_s", "noise_db", "babble_db", "tilt", "lost_share", "law", "amr_rate"):
        assert {bool(getattr(line, name)) for line in lines} == {True, False}, name


def test_the_same_line_and_seed_give_the_same_sound() -> None:
    line = random_line(np.random.default_rng(4))
    first, second = (sent(_speechlike(), line, np.random.default_rng(5), _speechlike(0.2)) for _ in range(2))
    assert (first == second).all()


def test_noises_have_unit_power_and_every_kind_of_tone_sounds() -> None:
    rng = np.random.default_rng(2)
    assert all(rms(noise(rng, 3000)) == pytest.approx(1, abs=1e-6) for _ in range(40))
    assert all(0.01 < rms(tones(rng, _SECOND * 6)) < 2 for _ in range(20))
    assert rms(at_level(noise(rng, 3000), -20)) == pytest.approx(0.1)


def test_features_are_those_of_kaldi() -> None:
    """Reference values: kaldi-native-fbank 1.23 with the options of conf/mfcc.conf, on the same samples."""
    sound = np.round(3000 * np.sin(np.arange(400) ** 2 / 900.0))
    features = mfcc(sound)
    assert features.shape == (3, FEATURES)
    np.testing.assert_allclose(features[1, :4], _KALDIS_FEATURES, atol=2e-3)


def test_too_short_a_sound_has_no_features() -> None:
    assert mfcc(np.zeros(199)).shape == (0, FEATURES)
    assert np.isfinite(mfcc(np.zeros(400))).all()
