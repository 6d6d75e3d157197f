"""Names of the gazetteer in what was heard: as they are written, or as words of nearly the same sound.

A name is put in the place of heard words only when it is clearly nearer than every other name, and near enough that
leaving the words would be less likely. In doubt the words stay.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from asr.domain.reading.gazetteer import Gazetteer
from asr.domain.reading.heard_turn import PAUSE
from asr.domain.reading.sound_index import SHORTEST
from asr.domain.reading.sounds import distance

_FURTHEST = {3: 0.3, 4: 0.45, 5: 0.6}
_FURTHEST_OTHER_ENDING = 0.2
"""问 区 陆 for 问渠路: the ending too is written otherwise, so the sounds must agree the more."""
_FURTHEST_LONG = 0.7
"""Sum over all syllables, so a long name may differ by less in each of them."""
_KNOWN_WORD_SHARE = 0.5
"""Whole words of the recogniser's own vocabulary are more often what was said: only half of the difference then."""
_MARGIN = 0.12
"""How much nearer than the second best name."""
_FREE_ENDING = 4
"""From so many syllables on the last character of a name may be misheard too."""
_NEVER_INSIDE = frozenset("的了吗呢吧啊着我你他她它们这那哪不没很就都也还又被把让")
_NEVER_FIRST = frozenset("在是到从去和跟往与或及住有个来")


@dataclass(frozen=True, slots=True)
class FoundName:
    """The characters [start, end) are the name, or sound like it; they may begin or end inside a word."""

    start: int
    end: int
    name: str
    is_whole_words: bool


def find_names(text: str, spans: Sequence[tuple[int, int]], gazetteer: Gazetteer) -> list[FoundName]:
    """In order, without overlaps. `spans`: where each word stands in the text. A pause does not end a name."""
    if not gazetteer:
        return []
    places = [place for place, character in enumerate(text) if character != PAUSE]
    plain = "".join(text[place] for place in places)
    plain_spans = [(bisect_left(places, start), bisect_left(places, end)) for start, end in spans]
    found = list(_written(plain, plain_spans, gazetteer))
    taken = {place for name in found for place in range(name.start, name.end)}
    heard = sorted(
        _heard(plain, plain_spans, gazetteer), key=lambda each: (each.cost, each.start - each.end, each.start)
    )
    for each in heard:
        if taken.isdisjoint(range(each.start, each.end)):
            found.append(FoundName(each.start, each.end, each.name, is_whole_words=True))
            taken.update(range(each.start, each.end))
    found.sort(key=lambda name: name.start)
    return [replace(name, start=places[name.start], end=places[name.end - 1] + 1) for name in found]


def _written(text: str, spans: Sequence[tuple[int, int]], gazetteer: Gazetteer) -> Iterator[FoundName]:
    starts, ends = {start for start, _end in spans}, {end for _start, end in spans}
    place = 0
    while place < len(text):
        end = place + len(gazetteer.longest_at(text, place))
        if end > place:
            yield FoundName(place, end, text[place:end], place in starts and end in ends)
        place = max(end, place + 1)


@dataclass(frozen=True, slots=True)
class _Candidate:
    start: int
    end: int
    name: str
    cost: float


def _heard(text: str, spans: Sequence[tuple[int, int]], gazetteer: Gazetteer) -> Iterator[_Candidate]:
    syllables = gazetteer.syllables(text)
    for first, (start, _end) in enumerate(spans):
        for last in range(first, len(spans)):
            end = spans[last][1]
            if end - start > gazetteer.longest_sound + 1 or not _is_han(text[end - 1]):
                break
            if end - start >= SHORTEST - 1 and text[start:end] not in gazetteer:
                window = _Window(text, spans[first : last + 1], syllables[start:end])
                if (best := _best(window, gazetteer)) is not None:
                    yield best


@dataclass(frozen=True, slots=True)
class _Window:
    text: str
    spans: Sequence[tuple[int, int]]
    syllables: Sequence[str]

    @property
    def start(self) -> int:
        return self.spans[0][0]

    @property
    def end(self) -> int:
        return self.spans[-1][1]

    @property
    def heard(self) -> str:
        return self.text[self.start : self.end]

    def furthest(self, name: str, ending: str) -> float:
        """The distance up to which this name is believed; negative when it cannot be meant.

        `ending`: the last syllable of the name.
        """
        if _NEVER_INSIDE & set(self.heard) - set(name) or (self.heard[0] in _NEVER_FIRST and self.heard[0] != name[0]):
            return -1
        limit = _FURTHEST.get(len(name), _FURTHEST_LONG)
        if len(name) < _FREE_ENDING:
            if len(self.heard) != len(name) or self._breaks_ending():
                return -1
            if self.heard[-1] != name[-1]:
                return _FURTHEST_OTHER_ENDING if self._is_spelled and self.syllables[-1] == ending else -1
        return limit * _KNOWN_WORD_SHARE if self._is_known else limit

    @property
    def _is_known(self) -> bool:
        return all(end - start > 1 for start, end in self.spans)

    @property
    def _is_spelled(self) -> bool:
        """The recogniser found no word, and wrote down the sounds one by one."""
        return all(end - start == 1 for start, end in self.spans)

    def _breaks_ending(self) -> bool:
        """人 修路 sounds like 仁秀路, but whoever hears the word 修路 has heard no road of that name."""
        start, end = self.spans[-1]
        return len(self.spans) > 1 and end - start > 1


def _best(window: _Window, gazetteer: Gazetteer) -> _Candidate | None:
    nearby = sorted(
        (distance(window.syllables, gazetteer.syllables(name)), name)
        for name in gazetteer.sounding_like(window.syllables)
    )
    if not nearby:
        return None
    cost, name = nearby[0]
    if cost > window.furthest(name, gazetteer.syllables(name)[-1]) or (
        len(nearby) > 1 and nearby[1][0] - cost < _MARGIN
    ):
        return None
    return _Candidate(window.start, window.end, name, cost)


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"
