"""What the finders of slots look at: the reading text, and for each part of it words, sound, speaker and certainty."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from asr.domain.reading.pieces import Reading
from asr.domain.rulebook.bare_text import BareText, bare
from asr.domain.slots.slot import Evidence
from asr.domain.words import Speaker, Word


class Heard:
    """One message. Without words (a text that was typed) everything was said by the citizen, and is certain."""

    def __init__(self, reading: Reading, words: Sequence[Word]) -> None:
        self.text = reading.text
        self._words = words
        self._word_spans = _word_spans(reading)

    @cached_property
    def bare(self) -> BareText:
        return bare(self.text)

    def evidence(self, start: int, end: int) -> Evidence:
        """Of the characters [start, end) of the text."""
        spans = [span for span in self._word_spans[start:end] if span[0] < span[1]]
        if not spans:
            return Evidence(start, end, 0, 0, 0, 0)
        first, last = min(span[0] for span in spans), max(span[1] for span in spans)
        spoken = self._words[first:last]
        return Evidence(
            start, end, first, last, min(word.start_ms for word in spoken), max(word.end_ms for word in spoken)
        )

    def bare_evidence(self, start: int, end: int) -> Evidence:
        """Of the letters [start, end) of the bare text."""
        return self.evidence(*self.bare.span(start, end))

    def certainty(self, evidence: Iterable[Evidence]) -> float:
        """Mean confidence of the recogniser in the words of this evidence."""
        spoken = [word for each in evidence for word in self._words[each.first_word : each.end_word]]
        return sum(word.confidence for word in spoken) / len(spoken) if spoken else 1.0

    def is_agents(self, evidence: Evidence) -> bool:
        """Whether only the agent said it."""
        spoken = self._words[evidence.first_word : evidence.end_word]
        return bool(spoken) and all(word.speaker is Speaker.AGENT for word in spoken)

    def citizen_first(self, evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
        """In the order of the text, what the agent repeated after what the citizen said."""
        return tuple(sorted(set(evidence), key=lambda each: (self.is_agents(each), each.start_char, each.end_char)))


def _word_spans(reading: Reading) -> list[tuple[int, int]]:
    """For each character of the text the words behind it."""
    return [(piece.first_word, piece.end_word) for piece in reading.pieces for _ in piece.text]
