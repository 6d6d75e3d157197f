"""From recognised words to a text people read: Chinese has no spaces, words of other scripts keep theirs."""

import unicodedata
from collections.abc import Iterable


def joined(words: Iterable[str]) -> str:
    """The words as one text; a space stays only between two neighbours that are both not Chinese."""
    text = ""
    for word in words:
        for part in word.split():
            needs_space = text and not _joins(text[-1]) and not _joins(part[0])
            text += f" {part}" if needs_space else part
    return text


def _joins(character: str) -> bool:
    """Han characters, kana and full-width punctuation stand beside anything without a space."""
    return unicodedata.east_asian_width(character) in ("W", "F")
