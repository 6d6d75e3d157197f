"""What was understood of a caller while he speaks."""

from dataclasses import dataclass, replace

UNKNOWN = "[unk]"
"""Among the words of an answer: speech that is none of the phrases that were listened for."""


@dataclass(frozen=True, slots=True)
class HeardWord:
    """One word with its time and how sure the recogniser is of it (0..1)."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said since the last final text; a partial one has no words yet and may still change."""

    text: str
    words: tuple[HeardWord, ...] = ()
    is_final: bool = True

    def later(self, ms: int) -> "Heard":
        """The same with its times counted from a moment `ms` earlier."""
        words = (replace(word, start_ms=word.start_ms + ms, end_ms=word.end_ms + ms) for word in self.words)
        return replace(self, words=tuple(words))
