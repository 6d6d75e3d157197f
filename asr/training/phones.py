"""Kaldi's phones: units by their position in a word. Variants of one unit share its class of the network.

Positions are what lets Vosk tell word times. A phone has one state, so phone p owns transition ids 2p-1 and 2p.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from asr.training.lexicon import Reading
from asr.training.units import CLASS_OF, INITIALS, OTHER_SPEECH, SILENCE, UNITS, units_of

KINDS = {"B": "begin", "I": "internal", "E": "end", "S": "singleton"}


@dataclass(frozen=True, slots=True)
class Phone:
    """`kind` is the word that word_boundary.int has for its position; `number` counts from 1."""

    number: int
    name: str
    acoustic_class: int
    kind: str

    @property
    def loop_id(self) -> int:
        """Transition id of staying in the phone."""
        return 2 * self.number - 1

    @property
    def forward_id(self) -> int:
        return 2 * self.number


def _all_phones() -> tuple[Phone, ...]:
    named = [(SILENCE, SILENCE, "nonword")]
    named += [(f"{OTHER_SPEECH}_{tag}", OTHER_SPEECH, KINDS[tag]) for tag in "BIE"]
    for unit in UNITS[2:]:
        named += [(f"{unit}_{tag}", unit, KINDS[tag]) for tag in ("BI" if unit in INITIALS else "BIES")]
    return tuple(Phone(number, name, CLASS_OF[unit], kind) for number, (name, unit, kind) in enumerate(named, 1))


PHONES = _all_phones()
_BY_NAME = {phone.name: phone for phone in PHONES}
SILENCE_PHONE = _BY_NAME[SILENCE]


def phone(unit: str, position: str) -> Phone:
    return _BY_NAME[f"{unit}_{position}"]


def phones_of(reading: Reading) -> tuple[Phone, ...]:
    """The phones of a word that is read so."""
    units: Sequence[str] = [unit for syllable in reading for unit in units_of(syllable)]
    if len(units) == 1:
        return (phone(units[0], "S"),)
    inner = (phone(unit, "I") for unit in units[1:-1])
    return (phone(units[0], "B"), *inner, phone(units[-1], "E"))


def word_boundaries() -> str:
    """graph/phones/word_boundary.int."""
    return "".join(f"{each.number} {each.kind}\n" for each in PHONES)
