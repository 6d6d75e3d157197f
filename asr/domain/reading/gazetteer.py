"""The names of a city: its roads, communities, villages, towns, departments, and what is known of each."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from asr.domain.reading.sound_index import SoundIndex

Pinyin = Callable[[str], Sequence[str]]
"""Numbered pinyin (`chang2`, `nv3`), one syllable for each character; what has none stays as it is."""


class PlaceKind(StrEnum):
    ROAD = "road"
    COMMUNITY = "community"
    VILLAGE = "village"
    TOWN = "town"
    DISTRICT = "district"
    POI = "poi"  # point of interest: a school, a market, a park
    DEPARTMENT = "department"


@dataclass(frozen=True, slots=True)
class GazetteerEntry:
    """One place. The same name may stand for several (a 人民路 in each of two towns); empty means not known."""

    name: str
    kind: PlaceKind
    community: str = ""
    town: str = ""
    grid: str = ""
    department: str = ""
    """Who is in charge there, as a hint."""
    longitude: float | None = None
    latitude: float | None = None
    aliases: tuple[str, ...] = ()


def _silent(text: str) -> Sequence[str]:
    return tuple(text)


class Gazetteer:
    """Look-ups by name, alias and sound. Built once, never changed, safe to share between threads.

    Without `pinyin` every character is a sound of its own, and nothing sounds like anything else.
    """

    def __init__(self, entries: Iterable[GazetteerEntry] = (), pinyin: Pinyin = _silent) -> None:
        self._by_name: dict[str, tuple[GazetteerEntry, ...]] = {}
        for entry in entries:
            for name in (entry.name, *entry.aliases):
                self._by_name[name] = (*self._by_name.get(name, ()), entry)
        self._longest = max(map(len, self._by_name), default=0)
        self._pinyin = pinyin
        self._sounds = SoundIndex((name, pinyin(name)) for name in self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    @property
    def names(self) -> Iterable[str]:
        """Every name and alias once, in the order of the file."""
        return self._by_name.keys()

    def named(self, name: str) -> tuple[GazetteerEntry, ...]:
        """All that are called so, officially or by alias; empty when there is none."""
        return self._by_name.get(name, ())

    def longest_at(self, text: str, start: int = 0) -> str:
        """The longest name that stands in `text` at `start`; empty when there is none."""
        for end in range(min(len(text), start + self._longest), start, -1):
            if text[start:end] in self._by_name:
                return text[start:end]
        return ""

    @property
    def longest_sound(self) -> int:
        """Syllables of the longest name that can be found by its sound."""
        return self._sounds.longest

    def syllables(self, text: str) -> Sequence[str]:
        return self._pinyin(text)

    def sounding_like(self, syllables: Sequence[str]) -> set[str]:
        """Names that may sound like this; how near they are is for asr.domain.reading.sounds to say."""
        return self._sounds.nearby(syllables)
