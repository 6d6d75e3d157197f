"""redaction.toml: by which words a number is announced, which numbers are nobody's, and what stands in their place."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from asr.domain.privacy.redaction import RedactionKind
from asr.domain.rulebook.rule_table import RuleTable, read_table

_LONGEST_MASK = 8


@dataclass(frozen=True, slots=True)
class RedactionRules:
    """Without a file numbers are hidden all the same: only what depends on words is missing."""

    masks: Mapping[RedactionKind, str] = field(
        default_factory=lambda: {
            RedactionKind.ID_CARD: "[身份证]",
            RedactionKind.PHONE_NUMBER: "[电话]",
            RedactionKind.BANK_CARD: "[银行卡]",
            RedactionKind.PLATE: "[车牌]",
            RedactionKind.ADDRESS: "[门牌]",
        }
    )
    announced: Mapping[str, RedactionKind] = field(default_factory=dict)
    """Words that say which number comes next."""
    other_numbers: tuple[str, ...] = ()
    """Words that announce a number of no person: a ticket, an order."""
    pauses: tuple[str, ...] = ()
    """Words between the groups of one number."""
    units: tuple[str, ...] = ()
    """What follows an amount: seven digits before it are no telephone number."""
    counts: tuple[str, ...] = ()
    """What follows a small number as units do, but no long one: 62834567楼上 is a telephone number."""
    vehicles: tuple[str, ...] = ()
    """Words before, and `vehicle_deeds` right after five to seven digits, by which these are a plate."""
    vehicle_deeds: tuple[str, ...] = ()
    services: tuple[re.Pattern[str], ...] = ()

    @property
    def counted(self) -> tuple[str, ...]:
        """What may follow a small number."""
        return (*self.units, *self.counts)

    def words_for(self, kind: RedactionKind) -> tuple[str, ...]:
        """That announce it, the longest first."""
        return tuple(sorted((word for word, said in self.announced.items() if said is kind), key=len, reverse=True))


def read_redaction_rules(text: str, name: str) -> RedactionRules:
    """Raises RuleFileWrong."""
    file = read_table(text, name)
    masks, announced = file.table("masks"), file.table("announced")
    rules = RedactionRules(
        masks={kind: _mask(masks, kind.value) for kind in RedactionKind},
        announced={word: kind for kind in RedactionKind for word in announced.texts(kind.value)},
        other_numbers=announced.texts("other"),
        pauses=file.texts("pauses"),
        units=file.texts("units"),
        counts=file.texts("counts"),
        vehicles=file.texts("vehicles"),
        vehicle_deeds=file.texts("vehicle_deeds"),
        services=tuple(_service(file, entry) for entry in file.texts("services")),
    )
    for table in (masks, announced, file):
        table.end()
    return rules


def _mask(table: RuleTable, key: str) -> str:
    mask = table.text(key)
    if len(mask) > _LONGEST_MASK or any(character.isdigit() for character in mask):
        table.refuse(f"a mask has no digits and at most {_LONGEST_MASK} characters", key)
    return mask


def _service(table: RuleTable, entry: str) -> re.Pattern[str]:
    """Digits, with `?` for any one."""
    if not entry.replace("?", "0").isdecimal():
        table.refuse(f"{entry!r} must be digits, with ? for any one digit", "services", entry)
    return re.compile(entry.replace("?", r"\d"))
