"""Hotline messages with labels, made from templates. People and numbers are invented."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from asr.domain.privacy.redaction import RedactionKind
from asr.domain.reading.gazetteer import Gazetteer, GazetteerEntry, PlaceKind

FOLDER = Path(__file__).parent / "messages"
HELD_OUT, DEVELOPMENT = FOLDER / "held_out.txt", FOLDER / "development.txt"

_DIGITS = "零幺二三四五六七八九"
_WHEN = ("昨天晚上", "今天早上", "前天下午", "上周", "这两天", "昨天", "上个月")
_FIELDS = {
    "phone": RedactionKind.PHONE_NUMBER,
    "id": RedactionKind.ID_CARD,
    "bank": RedactionKind.BANK_CARD,
    "plate": RedactionKind.PLATE,
    "door": RedactionKind.ADDRESS,
}
_PRIVATE_TAILS = tuple(f"tail {field}" for field in _FIELDS)
_DANGER_TAILS = tuple(f"tail {kind}" for kind in ("fire", "gas", "injury", "violence", "suicide"))
_PLACES = (PlaceKind.ROAD, PlaceKind.COMMUNITY, PlaceKind.VILLAGE, PlaceKind.POI)


@dataclass(frozen=True, slots=True)
class Template:
    """`emergencies` have to be found in it, `perhaps` may be."""

    text: str
    emergencies: frozenset[str]
    perhaps: frozenset[str]


@dataclass(frozen=True, slots=True)
class Message:
    """As it is spoken: numbers in words, punctuation where the speaker pauses. `template` names its sentence."""

    text: str
    template: str
    subcategory: str
    place: str
    private: tuple[tuple[RedactionKind, str], ...]
    emergencies: frozenset[str]
    perhaps: frozenset[str]

    @property
    def category(self) -> str:
        return self.subcategory.split(".")[0]


def hotline_messages(file: Path, gazetteer: Gazetteer, *, rounds: int, seed: int) -> list[Message]:
    """Every template of the file `rounds` times, each time with other places, numbers and additions."""
    sections = read_templates(file)
    makers = _Maker(sections, gazetteer, random.Random(seed))
    bodies = [(key, body) for key, section in sections.items() if not key.startswith("tail ") for body in section]
    return [makers.message(key, body) for _ in range(rounds) for key, body in bodies]


def read_templates(file: Path) -> dict[str, list[Template]]:
    sections: dict[str, list[Template]] = {}
    section: list[Template] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if header := re.fullmatch(r"\[(.+)\]", line):
            section = sections.setdefault(header[1], [])
        elif line and not line.startswith("#"):
            text, *marks = line.split(" | ")
            section.append(
                Template(
                    text,
                    frozenset(mark for mark in marks if not mark.startswith("?")),
                    frozenset(mark[1:] for mark in marks if mark.startswith("?")),
                )
            )
    return sections


class _Maker:
    def __init__(self, sections: dict[str, list[Template]], gazetteer: Gazetteer, dice: random.Random) -> None:
        self._sections = sections
        self._dice = dice
        self._places = [entry for entry in _entries(gazetteer) if entry.kind in _PLACES]

    def message(self, subcategory: str, body: Template) -> Message:
        tails = self._tails()
        place = self._place()
        private: list[tuple[RedactionKind, str]] = []
        text = "，".join(self._filled(template.text, place, private) for template in (body, *tails))
        return Message(
            text=f"{text}。",
            template=body.text,
            subcategory=subcategory,
            place=place,
            private=tuple(private),
            emergencies=body.emergencies.union(*(tail.emergencies for tail in tails)),
            perhaps=body.perhaps,
        )

    def _tails(self) -> list[Template]:
        """Something private in two of three, danger in one of eight, harmless talk in half of them."""
        keys = self._dice.sample(_PRIVATE_TAILS, self._dice.choice((0, 1, 1)))
        keys += [self._dice.choice(_DANGER_TAILS)] if self._dice.random() < 1 / 8 else []
        keys += ["tail none"] if self._dice.random() < 1 / 2 else []
        return [self._dice.choice(self._sections[key]) for key in keys]

    def _filled(self, text: str, place: str, private: list[tuple[RedactionKind, str]]) -> str:
        text = text.replace("{place}", place).replace("{when}", self._dice.choice(_WHEN))
        for field, kind in _FIELDS.items():
            if "{" + field + "}" in text:
                said = getattr(self, f"_{field}")()
                private.append((kind, said))
                text = text.replace("{" + field + "}", said)
        return text

    def _place(self) -> str:
        entry = self._dice.choice(self._places)
        if entry.kind is PlaceKind.ROAD and self._dice.random() < 1 / 3:
            return f"{entry.name}{_DIGITS[self._dice.randint(2, 9)]}号"
        return entry.name

    def _phone(self) -> str:
        digits = f"1{self._dice.choice('3578')}{self._figures(9)}"
        return self._grouped(digits, (3, 4, 4))

    def _id(self) -> str:
        year, month, day = self._dice.randint(1940, 2009), self._dice.randint(1, 12), self._dice.randint(1, 28)
        first = f"{self._dice.choice('123456')}{self._figures(5)}{year}{month:02}{day:02}{self._figures(3)}"
        return self._grouped(first + _check_character(first), (6, 8, 4))

    def _bank(self) -> str:
        first = f"62{self._figures(16)}"
        doubled = sum(sum(divmod(int(digit) * 2, 10)) for digit in first[::-1][::2])
        check = -(doubled + sum(map(int, first[::-1][1::2]))) % 10
        return self._grouped(f"{first}{check}", (4, 4, 4, 4, 3))

    def _plate(self) -> str:
        """The embedded model knows no letters: they are left out of what is spoken to it."""
        return f"{self._dice.choice('鲁京苏豫')}{self._dice.choice('ABCDEF')}{_spoken(self._figures(5))}"

    def _door(self) -> str:
        building, unit = self._dice.randint(1, 9), self._dice.randint(1, 4)
        room = f"{self._dice.randint(1, 9)}0{self._dice.randint(1, 4)}"
        return f"{'零一二三四五六七八九'[building]}号楼{'零一二三四'[unit]}单元{_spoken(room)}"

    def _figures(self, count: int) -> str:
        return "".join(self._dice.choice("0123456789") for _ in range(count))

    def _grouped(self, digits: str, groups: Sequence[int]) -> str:
        """With a pause between the groups in half of the cases, and a hesitation there now and then."""
        if self._dice.random() < 1 / 2:
            return _spoken(digits)
        parts, at = [], 0
        for length in groups:
            parts.append(_spoken(digits[at : at + length]))
            at += length
        return self._dice.choice(("，", "，", "，嗯，")).join(parts)


def _spoken(digits: str) -> str:
    return "".join("X" if digit == "X" else _DIGITS[int(digit)] for digit in digits)


def _check_character(first_17: str) -> str:
    """The eighteenth of an identity card, GB 11643-1999 (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * pow(2, 17 - at, 11) for at, digit in enumerate(first_17))
    return "10X98765432"[total % 11]


def _entries(gazetteer: Gazetteer) -> Iterator[GazetteerEntry]:
    """Those whose name stands for one place only, in the order of the file."""
    for name in gazetteer.names:
        entries = gazetteer.named(name)
        if len(entries) == 1 and entries[0].name == name:
            yield entries[0]
