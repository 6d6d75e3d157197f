"""Which words are read: hesitations and stutters are heard, kept in the machine text, and left out of the reading."""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from asr.domain.reading.reading_rules import HesitationRules
from asr.domain.words import Word, silence_ms

_FILLER_PAUSE_MS = 200
"""Silence on both sides of a word that means nothing then."""
_STUTTER_PAUSE_MS = 200
"""A word that comes again after so much silence begins something new: 天天打我，我害怕."""


def turns(words: Sequence[Word]) -> Iterator[list[int]]:
    """Indexes of the words of one speaker in a row; words without letters are nobody's."""
    spoken = (index for index, word in enumerate(words) if word.text.strip())
    for _speaker, turn in groupby(spoken, key=lambda index: words[index].speaker):
        yield list(turn)


def words_read(words: Sequence[Word], turn: Sequence[int], rules: HesitationRules) -> list[int]:
    """Of the words of a turn those that are read. A turn of hesitations only is an answer: it is read."""
    fluent = [index for place, index in enumerate(turn) if not _is_hesitation(words, turn, place, rules)]
    if not fluent:
        return list(turn)
    repeated = {before for before, after in pairwise(fluent) if _is_stutter(words, before, after, rules)}
    return [index for index in fluent if index not in repeated]


def _is_stutter(words: Sequence[Word], before: int, after: int, rules: HesitationRules) -> bool:
    """Said again in one breath; a hesitation may be said between."""
    if words[before].text != words[after].text or words[before].text not in rules.stutters:
        return False
    return silence_ms(words, before, after) < _STUTTER_PAUSE_MS


def _is_hesitation(words: Sequence[Word], turn: Sequence[int], place: int, rules: HesitationRules) -> bool:
    text = words[turn[place]].text
    if text in rules.always:
        return True
    return text in rules.before_pause and all(
        _is_apart(words, turn, side, rules) for side in ((place - 1, place), (place, place + 1))
    )


def _is_apart(words: Sequence[Word], turn: Sequence[int], side: tuple[int, int], rules: HesitationRules) -> bool:
    """The two neighbours are divided by a pause, by a hesitation or by the edge of the turn."""
    left, right = side
    if left < 0 or right >= len(turn):
        return True
    before, after = words[turn[left]], words[turn[right]]
    return (
        after.start_ms - before.end_ms >= _FILLER_PAUSE_MS
        or before.text in rules.always
        or after.text in rules.always
        or before.text == after.text
    )
