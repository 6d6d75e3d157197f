"""Which of very many names sound nearly like this? Answered by a few binary searches, whatever their number.

Each name is filed under its rough syllables, and once more without each of them. Two names that differ roughly in
one syllable (another one, one too many, one missing) therefore meet under a common key.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from asr.domain.reading.sounds import rough

_NAME_BITS = 21
_KEY_MASK = (1 << 63 - _NAME_BITS) - 1
_UNKNOWN = 0
"""A sound that is in no name."""
SHORTEST = 3
"""Syllables. Shorter names sound like too many ordinary words."""


class SoundIndex:
    def __init__(self, names: Iterable[tuple[str, Sequence[str]]] = ()) -> None:
        """`names` with their syllables."""
        self._numbers: dict[str, int] = {}
        self._remembered: dict[str, int] = {}
        self._names: list[str] = []
        self.longest = 0
        filed = []
        for name, syllables in names:
            if len(syllables) < SHORTEST:
                continue
            number = len(self._names)
            self._names.append(name)
            self.longest = max(self.longest, len(syllables))
            sounds = tuple(self._numbers.setdefault(rough(each), len(self._numbers) + 1) for each in syllables)
            filed += [(key << _NAME_BITS) | number for key in set(_keys(sounds))]
        filed.sort()
        self._filed = array("q", filed)

    def nearby(self, syllables: Sequence[str]) -> set[str]:
        """Names that may sound like this; more than really do, never fewer within one rough syllable."""
        sounds = tuple([self._number_of(each) for each in syllables])
        unknown = sounds.count(_UNKNOWN)
        if unknown > 1:
            return set()  # no name is so far away
        keys = (_key_without(sounds, sounds.index(_UNKNOWN)),) if unknown else set(_keys(sounds))
        return {self._names[number] for key in keys for number in self._under(key)}

    def _under(self, key: int) -> Iterator[int]:
        place = bisect_left(self._filed, key << _NAME_BITS)
        while place < len(self._filed) and self._filed[place] >> _NAME_BITS == key:
            yield self._filed[place] & ((1 << _NAME_BITS) - 1)
            place += 1

    def _number_of(self, syllable: str) -> int:
        """Of its rough sound; remembered, for a message has hundreds of stretches that might be a name."""
        known = self._remembered.get(syllable)
        if known is None:
            known = self._remembered[syllable] = self._numbers.get(rough(syllable), _UNKNOWN)
        return known


def _keys(sounds: tuple[int, ...]) -> Iterator[int]:
    """Hashes of numbers are the same in every process; two keys may share one, the distance tells them apart."""
    yield hash(sounds) & _KEY_MASK
    for left_out in range(len(sounds)):
        yield _key_without(sounds, left_out)


def _key_without(sounds: tuple[int, ...], left_out: int) -> int:
    return hash(sounds[:left_out] + sounds[left_out + 1 :]) & _KEY_MASK
