"""Where it is: names of the gazetteer with what is known of them, and what has the shape of a place."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from asr.domain.reading.gazetteer import GazetteerEntry, PlaceKind
from asr.domain.rules import Rules
from asr.domain.slots.detail_rules import PlaceWords
from asr.domain.slots.heard import Heard
from asr.domain.slots.slot import Slot, SlotKind

_KNOWN, _AMBIGUOUS, _NUMBERED, _SHAPED = 0.95, 0.5, 0.6, 0.45
_NUMBER = r"(?:[0-9０-９]+|[零〇一幺二两三四五六七八九十百]+)"
_HOUSE = re.compile(rf"{_NUMBER}号(?!线)(?:楼(?![上下里道])|院)?|{_NUMBER}(?:栋|幢|座)")
_LONGEST_STEM = 6
_PLACES = frozenset({PlaceKind.ROAD, PlaceKind.COMMUNITY, PlaceKind.VILLAGE, PlaceKind.POI})


@dataclass(frozen=True, slots=True)
class _Found:
    """A name at the characters [start, end), with its house number as far as [start, whole_end)."""

    name: str
    start: int
    end: int
    whole_end: int
    entries: tuple[GazetteerEntry, ...]


def place_slots(heard: Heard, rules: Rules) -> tuple[Slot, ...]:
    """Places, then the communities, towns and grids in which they lie."""
    found = list(_in_text(heard.text, rules))
    return (*_places(found, heard), *_areas(found, heard))


def _in_text(text: str, rules: Rules) -> Iterator[_Found]:
    shaped = _shape(rules.details.places)
    at = 0
    while at < len(text):
        name = rules.gazetteer.longest_at(text, at)
        entries = tuple(e for e in rules.gazetteer.named(name) if e.kind is not PlaceKind.DEPARTMENT) if name else ()
        unknown = shaped.match(text, at) if shaped and not entries else None
        if unknown and not _is_a_name(unknown, rules, text):
            unknown = None
        if entries or unknown:
            end = at + len(name) if entries else unknown.end("name") if unknown else at
            house = _HOUSE.match(text, end)
            yield _Found(text[at:end], at, end, house.end() if house else end, entries)
            at = house.end() if house else end
        else:
            at += 1


def _shape(words: PlaceWords) -> re.Pattern[str] | None:
    if not words.kinds:
        return None
    kinds = "|".join(map(re.escape, sorted(words.kinds, key=len, reverse=True)))
    return re.compile(rf"(?P<name>(?P<stem>[^\W\d_a-zA-Z]{{2,{_LONGEST_STEM}}}?)(?:{kinds}))")


def _is_a_name(shaped: re.Match[str], rules: Rules, text: str) -> bool:
    words = rules.details.places
    if any(word in shaped["stem"] for word in words.never_in) or shaped["name"].endswith(words.never_names or ("\0",)):
        return False
    inside = range(shaped.start() + 1, shaped.end())
    return not any(rules.gazetteer.longest_at(text, at) for at in inside)


def _places(found: Iterable[_Found], heard: Heard) -> Iterator[Slot]:
    """One for each name and house number; the same place said again is more evidence."""
    by_label: dict[str, list[_Found]] = {}
    for each in found:
        if not each.entries or any(entry.kind in _PLACES for entry in each.entries):
            by_label.setdefault(_label(each, heard.text), []).append(each)
    for label, group in by_label.items():
        evidence = heard.citizen_first(heard.evidence(each.start, each.whole_end) for each in group)
        first = group[0]
        yield Slot(
            kind=SlotKind.PLACE,
            value=label,
            label=label,
            confidence=round(_confidence(first) * heard.certainty(evidence), 3),
            evidence=evidence,
            reason="gazetteer" if first.entries else "details.places",
        )


def _label(found: _Found, text: str) -> str:
    """The official name, and the house number as it was said."""
    official = {entry.name for entry in found.entries}
    name = official.pop() if len(official) == 1 else found.name
    return name + text[found.end : found.whole_end]


def _confidence(found: _Found) -> float:
    if found.entries:
        return _KNOWN
    return _NUMBERED if found.whole_end > found.end else _SHAPED


def _areas(found: Iterable[_Found], heard: Heard) -> Iterator[Slot]:
    """What several names agree on is certain; of a name with several places each is a candidate."""
    named = [each for each in found if each.entries]
    for kind in (SlotKind.COMMUNITY, SlotKind.TOWN, SlotKind.GRID):
        options = [(each, values) for each in named if (values := _values(each, kind))]
        if not options:
            continue
        agreed = set.intersection(*(set(values) for _, values in options))
        candidates = agreed or {value for _, values in options for value in values}
        for value in sorted(candidates):
            grounds = [each for each, values in options if value in values]
            evidence = heard.citizen_first(heard.evidence(each.start, each.end) for each in grounds)
            is_sure = len(candidates) == 1 and any(_is_settled(each, kind) for each in grounds)
            certain = _KNOWN if is_sure else _AMBIGUOUS / max(len(candidates) - 1, 1)
            yield Slot(kind, value, value, round(certain * heard.certainty(evidence), 3), evidence, "gazetteer")


def _is_settled(found: _Found, kind: SlotKind) -> bool:
    """No other place of this name lies somewhere that the gazetteer does not tell."""
    return all(_value(entry, kind) for entry in found.entries)


def _values(found: _Found, kind: SlotKind) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for entry in found.entries if (value := _value(entry, kind))))


def _value(entry: GazetteerEntry, kind: SlotKind) -> str:
    if kind is SlotKind.COMMUNITY:
        return entry.community or (entry.name if entry.kind in (PlaceKind.COMMUNITY, PlaceKind.VILLAGE) else "")
    if kind is SlotKind.TOWN:
        return entry.town or (entry.name if entry.kind is PlaceKind.TOWN else "")
    return entry.grid


def areas_known(slots: Iterable[Slot]) -> dict[str, Slot]:
    """Town and community by name, as far as there is only one of each."""
    slots = tuple(slots)
    known: dict[str, Slot] = {}
    for kind in (SlotKind.TOWN, SlotKind.COMMUNITY):
        candidates = [slot for slot in slots if slot.kind is kind]
        if len(candidates) == 1 and candidates[0].confidence > _AMBIGUOUS:
            known[candidates[0].value] = candidates[0]
    return known
