"""From words to what an agent works with: reading text, slots and redactions. Pure: the same words, the same rules."""

from collections.abc import Sequence
from dataclasses import dataclass

from asr.domain.reader import read
from asr.domain.reading import Reading
from asr.domain.redaction import Redaction
from asr.domain.rules import Rules
from asr.domain.slots import Slot
from asr.domain.words import Word


@dataclass(frozen=True, slots=True)
class Understanding:
    reading: Reading
    slots: tuple[Slot, ...]
    redactions: tuple[Redaction, ...]
    rules_version: str


def understand(words: Sequence[Word], rules: Rules) -> Understanding:
    return Understanding(read(words, rules), (), (), rules.version)
