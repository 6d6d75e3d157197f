"""The reading text: what a person reads instead of the bare words, each piece still tied to the words it came from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from asr.domain.chinese_text import joined
from asr.domain.words import Word


class PieceKind(StrEnum):
    WORDS = "words"  # as heard
    NUMBER = "number"  # spoken number written in figures
    NAME = "name"  # a name of the gazetteer, heard so or as something of nearly the same sound
    PUNCTUATION = "punctuation"  # from pauses and words; comes from no word
    TURN = "turn"  # another speaker begins


@dataclass(frozen=True, slots=True)
class Piece:
    """Text made of the words [first_word, end_word) of the transcript; what was heard can be read there."""

    text: str
    first_word: int
    end_word: int
    kind: PieceKind = PieceKind.WORDS


@dataclass(frozen=True, slots=True)
class Reading:
    """Pieces in the order of reading. Words that no piece covers (hesitations) are in the machine text only."""

    pieces: tuple[Piece, ...] = ()

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    def words_of(self, start: int, end: int) -> tuple[int, int]:
        """The words [first, end) behind the characters [start, end) of the text; (0, 0) when there are none."""
        behind = [piece for piece in self._between(start, end) if piece.first_word < piece.end_word]
        if not behind:
            return 0, 0
        return min(piece.first_word for piece in behind), max(piece.end_word for piece in behind)

    def _between(self, start: int, end: int) -> Iterable[Piece]:
        at = 0
        for piece in self.pieces:
            if at < end and at + len(piece.text) > start:
                yield piece
            at += len(piece.text)


def plain_reading(words: Sequence[Word]) -> Reading:
    """The words as they were heard, one piece each."""
    pieces, text = [], ""
    for index, word in enumerate(words):
        longer = joined((text, word.text)) if text else word.text
        pieces.append(Piece(longer[len(text) :], index, index + 1))
        text = longer
    return Reading(tuple(pieces))
