"""What is named to the agent, each with the sound it stands for. Speech itself: tests/integration/asr/test_audio.py."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from asr.adapters.level import at_speech_level
from asr.adapters.sides import sides_of
from asr.adapters.sound_quality import measure
from asr.domain.audio.audio_quality import QualityFlag
from asr.domain.words import Speaker

RATE = 8000
Mono = npt.NDArray[np.int16]
Wave = npt.NDArray[np.float64]

_KEYS = {"1": (697, 1209), "5": (770, 1336), "9": (852, 1477), "0": (941, 1336), "#": (941, 1477)}
_SCALE = (262, 294, 330, 349, 392, 440, 494, 523)


def _t(seconds: float, rate: int = RATE) -> Wave:
    return np.arange(round(seconds * rate)) / rate


def _tones(hertz: tuple[float, ...], seconds: float, rate: int = RATE) -> Wave:
    sound: Wave = np.sum([np.sin(2 * np.pi * each * _t(seconds, rate)) for each in hertz], axis=0) / len(hertz)
    return sound


def _pcm(wave: Wave, peak: float = 0.5) -> Mono:
    samples: Mono = np.round(wave / max(np.abs(wave).max(), 1e-9) * peak * 32767).astype(np.int16)
    return samples


def _noise(seconds: float = 6.0, tilt: float = 0.0) -> Wave:
    spectrum = np.fft.rfft(np.random.default_rng(7).normal(size=round(seconds * RATE)))
    return np.fft.irfft(spectrum / np.maximum(np.arange(len(spectrum)), 40) ** tilt)


def _melody(note: Callable[[float, Wave], Wave], seconds: float) -> Wave:
    order = np.random.default_rng(3).integers(0, len(_SCALE), round(8 / seconds))
    return np.concatenate([note(_SCALE[each], _t(seconds)) for each in order])


def _plucked(hertz: float, at: Wave) -> Wave:
    sound: Wave = np.sum([np.exp(-at * (2 + k)) * np.sin(2 * np.pi * hertz * k * at) / k for k in range(1, 7)], axis=0)
    return sound


def _bowed(hertz: float, at: Wave) -> Wave:
    phase = 2 * np.pi * hertz * at + 0.5 * np.sin(2 * np.pi * 5.5 * at)
    sound: Wave = np.sum([np.sin(k * phase) / k for k in range(1, 7)], axis=0) * np.minimum(1, at * 12)
    return sound


def _chords(hertz: float, at: Wave) -> Wave:
    sound: Wave = np.sum([_plucked(hertz * ratio, at) for ratio in (0.5, 1.0, 1.25, 1.5)], axis=0)
    return sound


def _repeated(sound: Wave, pause_s: float, times: int) -> Wave:
    return np.tile(np.concatenate([sound, np.zeros(round(pause_s * RATE))]), times)


NOT_SPEECH = {
    "dtmf": np.concatenate([_repeated(_tones(_KEYS[key], 0.1), 0.1, 1) for key in "1590#1590"]),
    "short dtmf": np.concatenate([_repeated(_tones(_KEYS[key], 0.08), 0.08, 1) for key in "1590#1590"]),
    "ringback": _repeated(_tones((450,), 1.0), 4.0, 3),
    "busy": _repeated(_tones((450,), 0.35), 0.35, 10),
    "dial tone": _tones((450,), 5.0),
    "white noise": _noise(),
    "pink noise": _noise(tilt=0.5),
    "rumble": _noise(tilt=1.0),
    "hum": _tones(tuple(100.0 * k for k in range(1, 9)), 5.0),
    "plucked": _melody(_plucked, 0.3),
    "bowed": _melody(_bowed, 0.4),
    "chords": _melody(_chords, 0.3),
}


def _flags(samples: Mono, rate: int = RATE) -> tuple[QualityFlag, ...]:
    return measure(samples, rate, 1).flags


def _speechlike(seconds: float = 4.0) -> Wave:
    """Syllables: noise of changing colour and strength, four a second."""
    syllables = [_noise(0.25, tilt) * strength for tilt, strength in ((0.0, 0.2), (1.0, 1.0), (0.5, 0.6), (1.5, 0.3))]
    return np.resize(np.concatenate([each * np.hanning(len(each)) for each in syllables]), round(seconds * RATE))


@pytest.mark.parametrize("name", NOT_SPEECH)
def test_tones_music_and_steady_noise_are_no_speech(name: str) -> None:
    assert QualityFlag.NOT_SPEECH in _flags(_pcm(NOT_SPEECH[name]))


def test_the_rate_makes_no_difference_to_what_is_no_speech() -> None:
    assert QualityFlag.NOT_SPEECH in _flags(_pcm(_tones((450,), 3.0, 16000)), 16000)


def test_sound_that_changes_as_speech_does_has_no_flag() -> None:
    assert _flags(_pcm(_speechlike())) == ()


def test_silence_around_speech_is_measured_and_named_when_it_is_long() -> None:
    quality = measure(_pcm(np.concatenate([np.zeros(RATE * 4), _speechlike(), np.zeros(RATE * 6)])), RATE, 1)
    assert quality.flags == (QualityFlag.LEADING_SILENCE, QualityFlag.TRAILING_SILENCE)
    assert quality.leading_silence_ms == pytest.approx(4000, abs=100)
    assert quality.trailing_silence_ms == pytest.approx(6000, abs=300)
    assert quality.duration_ms == 14_000


def test_silence_is_too_quiet_and_has_no_speech() -> None:
    quality = measure(np.zeros(RATE * 5, np.int16), RATE, 1)
    assert quality.flags == (QualityFlag.LEADING_SILENCE, QualityFlag.TOO_QUIET)
    assert quality.speech_ms == 0
    assert quality.level_dbfs == pytest.approx(-96.3, abs=0.1)


def test_a_sound_without_samples_can_be_measured() -> None:
    assert measure(np.zeros(0, np.int16), RATE, 1).duration_ms == 0


def test_clipped_speech_is_named_and_its_share_told() -> None:
    quality = measure(_pcm(np.clip(_speechlike() * 30, -0.05, 0.05), 1.0), RATE, 1)
    assert QualityFlag.CLIPPED in quality.flags
    assert quality.clipped_share > 0.1
    assert QualityFlag.CLIPPED not in _flags(_pcm(_speechlike(), 1.0))


@pytest.mark.parametrize("peak", [0.1, 0.5, 1.0])
def test_a_usual_level_is_left_alone_bit_by_bit(peak: float) -> None:
    samples = _pcm(_speechlike(), peak)
    assert at_speech_level(samples, RATE) == samples.tobytes()


def test_a_soft_voice_is_made_louder_but_never_clipped() -> None:
    samples = _pcm(_speechlike(), 0.01)
    samples[100] = 12_000  # a click bounds the gain
    for soft in (samples, _pcm(_speechlike(), 0.01)):
        louder = np.frombuffer(at_speech_level(soft, RATE), dtype="<i2").astype(int)
        assert np.abs(louder).max() < 32000
        assert np.abs(louder).sum() > 2 * np.abs(soft.astype(int)).sum()


def _turns() -> tuple[Mono, Mono]:
    """Two people who speak by turns."""
    voice, quiet = _pcm(_speechlike(2.0)), np.zeros(RATE * 2, np.int16)
    return np.concatenate([voice, quiet, voice]), np.concatenate([quiet, voice, quiet])


def test_two_people_are_two_sides_agent_left_citizen_right() -> None:
    left, right = _turns()
    sides = sides_of(np.column_stack([left, right]))
    assert list(sides) == [Speaker.AGENT, Speaker.CITIZEN]
    assert np.array_equal(sides[Speaker.AGENT], left)
    assert np.array_equal(sides[Speaker.CITIZEN], right)


def test_what_leaks_from_one_side_to_the_other_changes_nothing() -> None:
    left, right = _turns()
    assert len(sides_of(np.column_stack([left, right + left // 30]))) == 2


@pytest.mark.parametrize("other", [1.0, -1.0, 0.6, 0.0])
def test_one_voice_in_both_channels_or_in_one_of_them_is_the_citizen(other: float) -> None:
    voice = _pcm(_speechlike())
    for pair in ([voice, (voice * other).astype(np.int16)], [(voice * other).astype(np.int16), voice]):
        sides = sides_of(np.column_stack(pair))
        assert list(sides) == [Speaker.CITIZEN]
        assert np.array_equal(sides[Speaker.CITIZEN], voice) or other == -1.0


@pytest.mark.parametrize("voice_left", [True, False])
def test_a_noise_louder_than_the_voice_is_not_taken_for_it(voice_left: bool) -> None:
    voice = _pcm(_speechlike(), 0.01)
    noise = _pcm(_noise(len(voice) / RATE), 0.03)
    sides = sides_of(np.column_stack([voice, noise] if voice_left else [noise, voice]))
    assert np.array_equal(sides[Speaker.CITIZEN], voice)


def test_a_hum_in_the_other_channel_costs_no_voice() -> None:
    voice = _pcm(_speechlike())
    hum = _pcm(_tones((50,), len(voice) / RATE), 0.2)
    assert any(np.array_equal(side, voice) for side in sides_of(np.column_stack([hum, voice])).values())
