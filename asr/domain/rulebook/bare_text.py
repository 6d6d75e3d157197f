"""A text without spaces and punctuation, so that a pause in the middle of a phrase does not hide it."""

import unicodedata
from dataclasses import dataclass

_SENTENCE_ENDS = frozenset("。！？!?；;\n")
_CLAUSE_ENDS = frozenset("，,、：:") | _SENTENCE_ENDS


@dataclass(frozen=True, slots=True)
class BareText:
    """`letters` in one width and case; for each of them its place in the text, its clause and its sentence."""

    letters: str
    places: tuple[int, ...]
    clauses: tuple[int, ...]
    sentences: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The characters of the text behind the letters [start, end)."""
        return self.places[start], self.places[end - 1] + 1

    def clause_before(self, start: int, at_most: int) -> str:
        """What stands right before this letter in its clause, without the punctuation of the clause."""
        first = start
        while first > max(0, start - at_most) and self.clauses[first - 1] == self.clauses[start]:
            first -= 1
        return self.letters[first:start]

    def sentence_after(self, end: int) -> str:
        """The rest of the sentence after the letters before `end`."""
        last = end
        while last < len(self.letters) and self.sentences[last] == self.sentences[end - 1]:
            last += 1
        return self.letters[end:last]

    def is_one_clause(self, start: int, end: int) -> bool:
        return self.clauses[start] == self.clauses[end - 1]

    def is_one_sentence(self, start: int, end: int) -> bool:
        return self.sentences[start] == self.sentences[end - 1]


def bare(text: str) -> BareText:
    letters, places, clauses, sentences = [], [], [], []
    clause = sentence = 0
    for place, character in enumerate(text):
        if character.isalnum():
            letters.append(_plain(character))
            places.append(place)
            clauses.append(clause)
            sentences.append(sentence)
        else:
            clause += character in _CLAUSE_ENDS
            sentence += character in _SENTENCE_ENDS
    return BareText("".join(letters), tuple(places), tuple(clauses), tuple(sentences))


def _plain(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character).casefold()
    return folded if len(folded) == 1 else character
