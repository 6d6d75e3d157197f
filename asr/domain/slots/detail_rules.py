"""details.toml: words for times, for people who are affected, and for the shape of places."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from asr.domain.rulebook.rule_table import RuleTable, read_table


@dataclass(frozen=True, slots=True)
class TimeWords:
    days: Mapping[str, str] = field(default_factory=dict)  # 昨天 → day-1
    parts: Mapping[str, str] = field(default_factory=dict)  # 晚上 → evening
    loose: Mapping[str, str] = field(default_factory=dict)  # 最近 → recently
    repeated: tuple[str, ...] = ()  # 每天


@dataclass(frozen=True, slots=True)
class PeopleWords:
    units: tuple[str, ...] = ()  # 户, 人
    many: Mapping[str, float] = field(default_factory=dict)  # 整栋楼 → about that many
    never_after: tuple[str, ...] = ()  # what makes the unit another word: 人民, 户口


@dataclass(frozen=True, slots=True)
class PlaceWords:
    kinds: tuple[str, ...] = ()  # 路, 小区: how the name of a place ends
    never_in: tuple[str, ...] = ()  # words that are no part of a name: 在, 我们
    never_names: tuple[str, ...] = ()  # 马路, 道路: end like a name, and are none


@dataclass(frozen=True, slots=True)
class DetailRules:
    times: TimeWords = TimeWords()
    people: PeopleWords = PeopleWords()
    places: PlaceWords = PlaceWords()


def read_details(text: str, name: str) -> DetailRules:
    """Raises RuleFileWrong."""
    file = read_table(text, name)
    rules = DetailRules(_times(file.table("times")), _people(file.table("people")), _places(file.table("places")))
    file.end()
    return rules


def _times(table: RuleTable) -> TimeWords:
    days, parts, loose = (_values(table.table(key)) for key in ("days", "parts", "loose"))
    words = TimeWords(days, parts, loose, table.texts("repeated"))
    table.end()
    return words


def _values(table: RuleTable) -> Mapping[str, str]:
    return {key: table.text(key) for key in table.names()}


def _people(table: RuleTable) -> PeopleWords:
    many = table.table("many")
    words = PeopleWords(
        units=table.texts("units"),
        many={key: many.number(key, 1, 10_000_000) for key in many.names()},
        never_after=table.texts("never_after"),
    )
    table.end()
    return words


def _places(table: RuleTable) -> PlaceWords:
    words = PlaceWords(table.texts("kinds"), table.texts("never_in"), table.texts("never_names"))
    table.end()
    return words
