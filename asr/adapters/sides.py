"""Who speaks where: a call recorded in stereo has the agent left and the citizen right; all else is the citizen."""

import numpy as np
import numpy.typing as npt

from asr.adapters.speech_frames import Levels, active_frames, frame_levels
from asr.adapters.wav_stream import Samples
from asr.domain.words import Speaker

Mono = npt.NDArray[np.int16]

_SAME_COURSE = 0.6
"""Correlation of the two channels' loudness over time. One voice in two microphones is above 0.9, two people who
take turns are below 0; what one line leaks into the other is so soft that it changes nothing."""
_FRAMES_FOR_A_VOICE = 10
_COURSE_RATE = 8000  # only how many samples a frame has; the course is the same at any rate


def sides_of(samples: Samples) -> dict[Speaker, Mono]:
    """The agent's side first. Samples of shape (frames, 1 or 2)."""
    if samples.shape[1] == 1:
        return {Speaker.CITIZEN: samples[:, 0]}
    left, right = np.ascontiguousarray(samples[:, 0]), np.ascontiguousarray(samples[:, 1])
    if np.array_equal(left, right):
        return {Speaker.CITIZEN: left}
    levels = frame_levels(left, _COURSE_RATE), frame_levels(right, _COURSE_RATE)
    has_voice = [_has_voice(each) for each in levels]
    if all(has_voice) and _correlation(*levels) < _SAME_COURSE:
        return {Speaker.AGENT: left, Speaker.CITIZEN: right}
    if has_voice[0] != has_voice[1]:  # a noise may be louder than the only voice
        return {Speaker.CITIZEN: left if has_voice[0] else right}
    return {Speaker.CITIZEN: left if levels[0].sum() > levels[1].sum() else right}


def _has_voice(levels: Levels) -> bool:
    return int(np.count_nonzero(active_frames(levels))) >= _FRAMES_FOR_A_VOICE


def _correlation(one: Levels, other: Levels) -> float:
    one, other = one - one.mean(), other - other.mean()
    power = float(np.sqrt(np.dot(one, one) * np.dot(other, other)))
    return float(np.dot(one, other)) / power if power else 0.0  # a hum has no course that another could follow
