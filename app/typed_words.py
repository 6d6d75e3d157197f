"""A typed sentence as if it had been heard: for trying rules and for measuring them without sound."""

import re

from asr.domain.words import Word

_TOKEN = re.compile(r"[A-Za-z]+|\d+|[^\W\d_]")
_CHARACTER_MS = 200
_PAUSES_MS = {"，": 400, ",": 400, "、": 300, "。": 900, "！": 900, "!": 900, "？": 900, "?": 900, "；": 600}


def typed_words(text: str) -> tuple[Word, ...]:
    """Each Chinese character, number and foreign word is one word; punctuation becomes silence."""
    words, at_ms, done = [], 0, 0
    for token in _TOKEN.finditer(text):
        at_ms += sum(_PAUSES_MS.get(character, 0) for character in text[done : token.start()])
        end_ms = at_ms + _CHARACTER_MS * len(token[0])
        words.append(Word(token[0], at_ms, end_ms, 1.0))
        at_ms, done = end_ms, token.end()
    return tuple(words)
