"""A citizen's synthesized voice, and how much of what was said has been heard.

Made for tests, the benchmark and the demonstration: the voices in HELD_OUT_VOICES are ones the embedded
speech model was not trained on.
"""

import unicodedata
import wave
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from kit import speech_synthesis

HELD_OUT_VOICES = ("m3", "f4", "Annie", "Denis", "klatt2", "quincy", "shelby", "grandma")


def synthesise(text: str, path: Path, voice: str = "m3", rate_wpm: int = 175) -> None:
    """Write what `voice` says as a WAV file: 8 kHz, mono, 16 bit."""
    pcm = speech_synthesis.synthesise(text, voice=voice, rate_wpm=rate_wpm)
    with wave.open(str(path), "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(speech_synthesis.SAMPLE_RATE)
        stream.writeframes(pcm)


def character_error_rate(said: str, heard: str) -> float:
    """Edits from `said` to `heard` per character said; punctuation, spaces and letter case do not count."""
    reference, hypothesis = _letters(said), _letters(heard)
    if not reference:
        return float(bool(hypothesis))
    return Levenshtein.distance(reference, hypothesis) / len(reference)


def _letters(text: str) -> str:
    return "".join(character for character in unicodedata.normalize("NFKC", text).casefold() if character.isalnum())
