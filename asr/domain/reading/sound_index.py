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
SHORTEST = 3
"""Syllables. Shorter names sound like too many ordinary words."""


class SoundIndex:
    def __init__(self, names: Iterable[tuple[str, Sequence[str]]] = ()) -> None:
        """`names` with their syllables."""
        self._numbers: dict[str, int] = {}
        self._names: list[str] = []
        self.longest = 0
        filed = []
        for name, syllables in names:
            if len(syllables) < SHORTEST:
                continue
            number = len(self._names)
            self._names.append(name)
            self.longest = max(self.longest, len(syllables))
            sounds = self._sound_numbers(syllables, is_new=True)
            filed += [(key << _NAME_BITS) | number for key in set(_keys(sounds))]
        filed.sort()
        self._filed = array("q", filed)

    def nearby(self, syllables: Sequence[str]) -> set[str]:
        """Names that may sound like this; more than really do, never fewer within one rough syllable."""
        sounds = self._sound_numbers(syllables, is_new=False)
        found = {number for key in set(_keys(sounds)) for number in self._under(key)}
        return {self._names[number] for number in found}

    def _under(self, key: int) -> Iterator[int]:
        place = bisect_left(self._filed, key << _NAME_BITS)
        while place < len(self._filed) and self._filed[place] >> _NAME_BITS == key:
            yield self._filed[place] & ((1 << _NAME_BITS) - 1)
            place += 1

    def _sound_numbers(self, syllables: Sequence[str], *, is_new: bool) -> tuple[int, ...]:
        if is_new:
            return tuple(self._numbers.setdefault(rough(each), len(self._numbers) + 1) for each in syllables)
        return tuple(self._numbers.get(rough(each), 0) for each in syllables)


def _keys(sounds: tuple[int, ...]) -> Iterator[int]:
    """Hashes of numbers are the same in every process; two keys may share one, the distance tells them apart."""
    yield hash(sounds) & _KEY_MASK
    for left_out in range(len(sounds)):
        yield hash(sounds[:left_out] + sounds[left_out + 1 :]) & _KEY_MASK
