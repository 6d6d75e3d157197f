"""How many people it concerns."""

import re
from collections.abc import Iterator

from asr.domain.reading.spoken_amounts import AMOUNT, amount, any_of
from asr.domain.rules import Rules
from asr.domain.slots.detail_rules import PeopleWords
from asr.domain.slots.heard import Heard
from asr.domain.slots.slot import Slot, SlotKind

_COUNTED, _ESTIMATED = 0.85, 0.55


def people_slots(heard: Heard, rules: Rules) -> Iterator[Slot]:
    """Each number of people or households that is named, the greatest first."""
    words = rules.details.people
    if not words.units:
        return
    found: dict[str, Slot] = {}
    for match in _pattern(words).finditer(heard.text):
        count = words.many[match["many"]] if match["many"] else amount(match["amount"])
        if not count or count < 2:
            continue
        evidence = heard.citizen_first([heard.evidence(*match.span())])
        certain = _ESTIMATED if match["many"] else _COUNTED
        found.setdefault(
            f"{count:g}",
            Slot(
                kind=SlotKind.PEOPLE_AFFECTED,
                value=f"{count:g}",
                label=match[0],
                confidence=round(certain * heard.certainty(evidence), 3),
                evidence=evidence,
                reason="details.people",
            ),
        )
    yield from sorted(found.values(), key=lambda slot: -float(slot.value))


def _pattern(words: PeopleWords) -> re.Pattern[str]:
    """Compiled by `re` once for each set of words; it keeps what it compiled."""
    units, many = any_of(words.units), any_of(words.many)
    not_after = f"(?!{any_of(words.never_after)})" if words.never_after else ""
    return re.compile(rf"(?P<many>{many})|(?<![第\d])(?P<amount>{AMOUNT})多?几?个?(?:{units}){not_after}")
