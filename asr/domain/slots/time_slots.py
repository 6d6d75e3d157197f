"""When it was, is, or always is. Values are ISO 8601 where the words are absolute, else relative to the message.

`2026-11-24`, `--11-24`, `T22:30`; `day-1`, `day-1Tevening`, `week-1`, `recently`; `P3D` (for three days);
`daily`, `dailyTnight`. The reader of a ticket knows when the message was left.
"""

import functools
import re
from collections.abc import Iterator

from asr.domain.reading.spoken_amounts import AMOUNT, amount, any_of
from asr.domain.rules import Rules
from asr.domain.slots.detail_rules import TimeWords
from asr.domain.slots.heard import Heard
from asr.domain.slots.slot import Slot, SlotKind

_CERTAIN, _LOOSE = 0.9, 0.65
_UNITS = {"天": "D", "日": "D", "周": "W", "星期": "W", "礼拜": "W", "年": "Y", "小时": "TH", "钟头": "TH"}
_UNITS |= {"分钟": "TM"}
_MONTH = "(?<=个)月|(?<=个多)月|(?<=个半)月"
"""三个月 lasts; 三月 is a date."""
_YEAR = "[0-9零〇一二三四五六七八九]{4}年"
_YEAR_DIGITS = dict(zip("零〇一二三四五六七八九", "00123456789", strict=True))
_AFTER_NOON = ("afternoon", "evening")


def time_slots(heard: Heard, rules: Rules) -> Iterator[Slot]:
    """One for each time that is named."""
    words = rules.details.times
    if not words.days:
        return
    seen: dict[str, Slot] = {}
    for found in _pattern(tuple(words.days), tuple(words.parts), tuple(words.loose), words.repeated).finditer(
        heard.text
    ):
        value = _value(found, words) if found[0] else None
        if value is None:
            continue
        before = seen.get(value)
        evidence = [heard.evidence(*found.span()), *(before.evidence if before else ())]
        certain = _LOOSE if found["loose"] else _CERTAIN
        seen[value] = Slot(
            kind=SlotKind.TIME,
            value=value,
            label=before.label if before else found[0],
            confidence=round(certain * heard.certainty(evidence), 3),
            evidence=heard.citizen_first(evidence),
            reason="details.times",
        )
    yield from seen.values()


@functools.lru_cache(maxsize=4)
def _pattern(
    days: tuple[str, ...], parts: tuple[str, ...], loose: tuple[str, ...], repeated: tuple[str, ...]
) -> re.Pattern[str]:
    """Matches nothing at most places, and a day with part and hour, a duration or a loose word at some."""
    date = rf"(?:(?P<year>{_YEAR}))?(?P<month>{AMOUNT})月(?P<of_month>{AMOUNT})[日号]"
    hour = rf"(?P<hour>{AMOUNT})[点时](?!的)(?:(?P<half>半)|(?P<minute>{AMOUNT})分?|钟)?"
    moment = (
        rf"(?:(?:(?P<repeated>{any_of(repeated)})|(?P<day>{any_of(days)})|{date})的?)?"
        rf"(?:(?P<part>{any_of(parts)})的?)?(?:{hour}|(?P<colon>\d{{1,2}}[:：]\d{{2}}))?"
    )
    lasting = rf"(?!{_YEAR})(?P<amount>{AMOUNT}|半)多?(?:个|整)?(?P<more>多|半)?(?P<unit>{any_of(_UNITS)}|{_MONTH})"
    return re.compile(rf"{lasting}|(?P<loose>{any_of(loose)})|{moment}")


def _value(found: re.Match[str], words: TimeWords) -> str | None:
    if found["unit"]:
        return _duration(found["amount"], found["unit"])
    if found["loose"]:
        return words.loose[found["loose"]]
    day = "daily" if found["repeated"] else words.days[found["day"]] if found["day"] else _date(found)
    part = words.parts[found["part"]] if found["part"] else ""
    clock = _clock(found, part)
    if day is None or clock is None or not (day or part or clock):
        return None
    return f"{day}T{clock or part}" if clock or part else day


def _duration(spoken: str, unit: str) -> str | None:
    count = amount(spoken)
    if count is None:
        return None
    letter = _UNITS.get(unit, "M")
    return f"PT{count:g}{letter[1]}" if letter[0] == "T" else f"P{count:g}{letter}"


def _date(found: re.Match[str]) -> str | None:
    """None: it is no day of any year; empty: no date was named."""
    if not found["month"]:
        return ""
    month, day = amount(found["month"]), amount(found["of_month"])
    if not month or not day or not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    year = "".join(_YEAR_DIGITS.get(each, each) for each in (found["year"] or "")[:4])
    return f"{year or '-'}-{month:02.0f}-{day:02.0f}"


def _clock(found: re.Match[str], part: str) -> str | None:
    """None: it is no time of day; empty: none was named."""
    if found["colon"]:
        hour, minute = map(int, re.split("[:：]", found["colon"]))
    elif found["hour"]:
        hour = int(amount(found["hour"]) or 0)
        minute = 30 if found["half"] else int(amount(found["minute"] or "0") or 0)
    else:
        return ""
    if part in _AFTER_NOON and hour < 12:
        hour += 12
    return f"{hour:02}:{minute:02}" if 0 <= hour <= 24 and 0 <= minute < 60 else None
