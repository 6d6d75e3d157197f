"""Cuts sound at its pauses: measures the level of every frame and lets the rule decide."""

from collections.abc import Sequence

import numpy as np

from asr.domain.audio.cutting import FRAME_MS, CutRules, Stretch, cut

_SILENCE_DB = -96.0


class PauseCutter:
    """Implements Cutter."""

    def __init__(self, rules: CutRules) -> None:
        self._rules = rules

    def cut(self, pcm: bytes, sample_rate: int) -> Sequence[Stretch]:
        samples = np.frombuffer(pcm, dtype="<i2")
        frame = sample_rate * FRAME_MS // 1000
        length_ms = len(samples) * 1000 // sample_rate
        if length_ms <= self._rules.from_s * 1000:
            return [Stretch(0, length_ms)]
        whole = samples[: len(samples) // frame * frame].reshape(-1, frame).astype(np.float32) / 32768
        with np.errstate(divide="ignore"):
            levels = 10 * np.log10(np.mean(whole * whole, axis=1))
        stretches = cut(np.maximum(levels, _SILENCE_DB).tolist(), self._rules)
        *before, last = stretches
        return [*before, Stretch(last.start_ms, max(length_ms, last.end_ms))]  # the last frame may be a broken one
