"""Music on hold from a line of notes, so that the house owns what it plays."""

import numpy as np

from kit.errors import Invalid
from kit.speech_synthesis import SAMPLE_RATE, Sound

_SEMITONES = {"C": -9, "D": -7, "E": -5, "F": -4, "G": -2, "A": 0, "B": 2}
_OVERTONES = (1.0, 0.45, 0.2, 0.08)
_RINGS_S = 1.6
_FALLS_BY = 3.5


class NoteWrong(Invalid):
    code = "prompt.note_wrong"


def melody(notes: str, beat_s: float) -> Sound:
    """Plucked notes, one per beat: `C4`, `A3+E4` (together), `-` (a rest). Ends when the last has faded."""
    beats = notes.split()
    step = int(beat_s * SAMPLE_RATE)
    sound = np.zeros(step * len(beats) + int(_RINGS_S * SAMPLE_RATE))
    for number, beat in enumerate(beats):
        for note in [] if beat == "-" else beat.split("+"):
            plucked = _plucked(_hertz(note))
            sound[number * step : number * step + plucked.size] += plucked
    return sound


def _hertz(note: str) -> float:
    try:
        return float(440.0 * 2 ** (_SEMITONES[note[0]] / 12 + int(note[1:]) - 4))
    except (KeyError, ValueError, IndexError):
        raise NoteWrong(f"no note: {note!r}") from None


def _plucked(hertz: float) -> Sound:
    moments = np.arange(int(_RINGS_S * SAMPLE_RATE)) / SAMPLE_RATE
    waves = sum(
        share * np.sin(2 * np.pi * hertz * (number + 1) * moments) * np.exp(-_FALLS_BY * (number + 1) * moments)
        for number, share in enumerate(_OVERTONES)
    )
    attack = np.minimum(moments / 0.005, 1.0)
    return np.asarray(waves * attack, dtype=np.float64)
