"""Addresses down to the door. A street number or a building alone stays readable: handlers must find the place."""

import functools
import re
from collections.abc import Iterator

from asr.domain.privacy.interruptions import TURN
from asr.domain.privacy.redaction import RedactionKind
from asr.domain.privacy.redaction_rules import RedactionRules
from asr.domain.reading.spoken_amounts import any_of

_SPOKEN_DIGITS = "零〇一幺二两三四五六七八九"
_NUMBER = r"(?:[0-9０-９A-Za-z]+|[零〇一幺二两三四五六七八九十百]+)"
_HUNDREDS = "[一二三四五六七八九]百零?[一二三四五六七八九十]{1,3}"
_BETWEEN = r"(?:[\s,，、的]|那个|嗯|呃|额){0,3}"
_BUILDING = rf"{_NUMBER}(?:号楼|号院|栋|幢|座|号栋|#楼?)"
_UNIT = rf"{_NUMBER}(?:个)?单元"
_FLOOR = rf"{_NUMBER}(?:层|楼)"
_ROOM = rf"(?:{_NUMBER}(?:室|号房|房间?|户|号(?!楼|院|线|路|门))|[东西南北中]+户|[左右]手边?)"
_BARE_ROOM = rf"(?:[0-9０-９]{{3,4}}|[{_SPOKEN_DIGITS}]{{3,4}})(?![0-9{_SPOKEN_DIGITS}年元块个天])"
_DOOR = rf"(?:{_FLOOR}{_BETWEEN}(?:{_ROOM}|{_BARE_ROOM})|{_ROOM}|{_BARE_ROOM})"
_ROOM_WORD = "(?:室|号?房间|号?房(?![租贷费价款源]))"
_CHAINS = re.compile(
    rf"{_BUILDING}{_BETWEEN}{_UNIT}(?:{_BETWEEN}{_DOOR}|{_BETWEEN}{_FLOOR})?"
    rf"|{_BUILDING}{_BETWEEN}{_DOOR}"
    rf"|{_UNIT}{_BETWEEN}(?:{_DOOR}|{_FLOOR})"
    rf"|{_FLOOR}{_BETWEEN}(?:{_ROOM}|{_BARE_ROOM})"
    r"|(?<![0-9A-Za-z])[0-9０-９]{1,3}[-－—][0-9０-９]{1,2}[-－—][0-9０-９]{2,4}(?![0-9])"
    rf"|(?<![0-9A-Za-z])[A-Za-z]?(?:[0-9０-９]{{3,4}}|[{_SPOKEN_DIGITS}]{{3,4}}|{_HUNDREDS}){_ROOM_WORD}"
    rf"|房间{_BARE_ROOM}(?![多平度伏瓦米])"
)
_AFTER_ANNOUNCEMENT = rf"号码|号|为|多少|写的|我家|我们家|[\s,，、:：]|[？?。]?{TURN}"
_ANNOUNCED_DOOR = (
    rf"(?:{_NUMBER}[-－—])*(?:[0-9０-９]{{2,5}}|[{_SPOKEN_DIGITS}]{{2,5}}|{_HUNDREDS})"
    rf"(?:{_ROOM_WORD}|户|号(?![楼院线路门]))?(?![0-9{_SPOKEN_DIGITS}年月日点号楼栋幢座层单路街])"
)


def door_addresses(text: str, rules: RedactionRules) -> Iterator[tuple[RedactionKind, int, int]]:
    """Characters [start, end) of building, unit and room, of a unit with a floor, of a room by itself or announced."""
    for found in _CHAINS.finditer(text):
        yield RedactionKind.ADDRESS, found.start(), found.end()
    for found in _announced_doors(rules.words_for(RedactionKind.ADDRESS), rules.pauses, rules.counted).finditer(text):
        yield RedactionKind.ADDRESS, found.start("door"), found.end("door")


@functools.lru_cache(maxsize=8)
def _announced_doors(words: tuple[str, ...], pauses: tuple[str, ...], units: tuple[str, ...]) -> re.Pattern[str]:
    """门牌号是五零二. After a road the same words mean its street number."""
    return re.compile(
        rf"(?<![路街巷道])(?<![路街巷道]的)(?:{any_of(words)})(?:{any_of(pauses)}|{_AFTER_ANNOUNCEMENT}){{0,6}}"
        rf"(?P<door>{_ANNOUNCED_DOOR}(?!{any_of(units)}))"
    )
