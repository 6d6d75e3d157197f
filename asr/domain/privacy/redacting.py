"""Finds what identifies a person. What might be a number of a person is hidden: a miss is worse than one too many."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from asr.domain.privacy.digit_runs import DigitRun, digit_runs
from asr.domain.privacy.door_addresses import door_addresses
from asr.domain.privacy.interruptions import views
from asr.domain.privacy.number_plates import number_plates
from asr.domain.privacy.personal_numbers import (
    LANDLINE,
    MOBILE,
    is_calendar_day,
    is_whole_number,
    looks_like_id_card,
    passes_luhn,
)
from asr.domain.privacy.redaction import Redaction, RedactionKind
from asr.domain.privacy.redaction_rules import RedactionRules
from asr.domain.reading.pieces import Reading
from asr.domain.rules import Rules
from asr.domain.words import Word

_ANNOUNCED_WITHIN = 18
"""Characters between the end of the announcing word and its number."""
_SHORTEST, _SURELY_A_NUMBER = 7, 9
_OLD_ID_CARD, _SHORTEST_CARD, _LONGEST_CARD = 15, 16, 19
_SHORTEST_GROUP, _MISHEARD_BETWEEN, _LONGEST_COUNT = 3, 3, 2
_SENTENCE_ENDS = frozenset("。！？!?\n")

Announced = RedactionKind | Literal["other"] | None
"""What the words before a number say that it is: something of a person, something else, or nothing."""


@dataclass(frozen=True, slots=True)
class Found:
    """Characters [start, end) of a text that identify a person."""

    kind: RedactionKind
    start: int
    end: int


def find_redactions(reading: Reading, words: Sequence[Word], rules: Rules) -> tuple[Redaction, ...]:
    """In the order of the text, without overlap, each with its words and milliseconds."""
    return tuple(_with_sound(each, reading, words) for each in redactions_in(reading.text, rules))


def redactions_in(text: str, rules: Rules) -> tuple[Redaction, ...]:
    """The same for a text without sound: a correction written by an agent. Words and milliseconds are 0."""
    return tuple(
        Redaction(each.kind, each.start, each.end, rules.redaction.masks[each.kind], 0, 0, 0, 0)
        for each in _apart(list(_found(text, rules.redaction)))
    )


def _found(text: str, rules: RedactionRules) -> Iterator[Found]:
    for view in views(text):
        for kind, start, end in (*number_plates(view.text, rules), *door_addresses(view.text, rules)):
            if view.shows(*view.span(start, end)):
                yield Found(kind, *view.span(start, end))
    for kind, run in personal_numbers(text, rules):
        yield Found(kind, run.start, run.end)


def personal_numbers(text: str, rules: RedactionRules) -> Iterator[tuple[RedactionKind, DigitRun]]:
    """Digit runs that are, or may be, a card or a telephone number. A run is taken whole.

    Where the other side interrupted, one number can be read in several ways, which overlap.
    """
    for view in views(text):
        for run, announced in _joined(view.text, rules):
            start, end = view.span(run.start, run.end)
            if not view.shows(start, end) or len(run.digits) < _SHORTEST:
                continue
            if kind := _kind(view.text, run, announced, rules):
                yield kind, replace(run, start=start, end=end)


def _joined(text: str, rules: RedactionRules) -> Iterator[tuple[DigitRun, Announced]]:
    """The runs of the text. A hesitation that was misheard as words (根本, 分) does not end a number."""
    runs = list(digit_runs(text, rules.pauses))
    while runs:
        announced = _announced(text, runs[0].start, rules)
        is_announced = isinstance(announced, RedactionKind)
        count = 1
        while count < len(runs) and _goes_on(text, runs[count - 1], runs[count], rules, is_announced=is_announced):
            count += 1
        whole = functools.reduce(DigitRun.followed_by, runs[:count])
        if not is_announced and len(whole.digits) < _SURELY_A_NUMBER:
            count, whole = 1, runs[0]
        del runs[:count]
        yield _without_a_count(text, whole, rules), announced


def _without_a_count(text: str, run: DigitRun, rules: RedactionRules) -> DigitRun:
    """What counts something after a whole number is no part of it: 13800138000，3号楼."""
    *_, last, end = sorted(run.groups)
    if end - last > _LONGEST_COUNT or not text.startswith(rules.counted, run.end):
        return run
    number = next(digit_runs(text[run.start : run.end - (end - last)], rules.pauses), None)
    if number is None or number.digits != run.digits[:last] or not is_whole_number(number.digits):
        return run
    return replace(number, start=run.start, end=run.start + number.end)


def _goes_on(text: str, run: DigitRun, following: DigitRun, rules: RedactionRules, *, is_announced: bool) -> bool:
    between = text[run.end : following.start]
    if len(between) > _MISHEARD_BETWEEN or _SENTENCE_ENDS.intersection(between):
        return False
    if min(len(run.digits), len(following.digits)) < _SHORTEST_GROUP:
        return False
    if any(word in between for word in (*rules.announced, *rules.other_numbers)):
        return False  # another number begins
    if is_announced:
        return True
    is_long = len(run.digits) + len(following.digits) >= _OLD_ID_CARD
    return is_long or not any(unit in between for unit in rules.counted)


def _kind(text: str, run: DigitRun, announced: Announced, rules: RedactionRules) -> RedactionKind | None:
    digits = run.digits
    if any(service.fullmatch(digits) for service in rules.services):
        return None
    if looks_like_id_card(digits) and announced is not RedactionKind.BANK_CARD:
        return RedactionKind.ID_CARD
    if isinstance(announced, RedactionKind):
        return announced
    if _SHORTEST_CARD <= len(digits) <= _LONGEST_CARD and passes_luhn(digits):
        return RedactionKind.BANK_CARD
    if MOBILE.search(digits) or LANDLINE.fullmatch(digits):
        return RedactionKind.PHONE_NUMBER
    return None if announced else _unannounced(text, run, rules)


def _unannounced(text: str, run: DigitRun, rules: RedactionRules) -> RedactionKind | None:
    digits = run.digits
    if len(digits) >= _SHORTEST_CARD:
        return RedactionKind.BANK_CARD
    if len(digits) == _OLD_ID_CARD:
        return RedactionKind.ID_CARD
    if len(digits) >= _SURELY_A_NUMBER:
        return RedactionKind.PHONE_NUMBER
    is_amount = is_calendar_day(digits) or text[run.end :].lstrip().startswith(rules.units)
    return RedactionKind.PHONE_NUMBER if digits[0] in "2345678" and not is_amount else None


def _announced(text: str, start: int, rules: RedactionRules) -> Announced:
    """By the announcing word that stands nearest before the number."""
    before = text[max(0, start - _ANNOUNCED_WITHIN) : start]
    nearest: tuple[int, int] = (-1, 0)
    meaning: Announced = None
    others: dict[str, Announced] = dict.fromkeys(rules.other_numbers, "other")
    for word, kind in {**others, **rules.announced}.items():
        at = before.rfind(word) if kind is not RedactionKind.ADDRESS else -1  # no door has so many digits
        if at >= 0 and (at + len(word), len(word)) > nearest:
            nearest, meaning = (at + len(word), len(word)), kind
    return meaning


def _apart(found: Sequence[Found]) -> list[Found]:
    """Those that overlap become one, of the kind that stands first in the enumeration."""
    order = list(RedactionKind)
    apart: list[Found] = []
    for each in sorted(found, key=lambda each: (each.start, each.end)):
        if apart and each.start < apart[-1].end:
            last = apart[-1]
            kind = min(last.kind, each.kind, key=order.index)
            apart[-1] = Found(kind, last.start, max(last.end, each.end))
        else:
            apart.append(each)
    return apart


def _with_sound(found: Redaction, reading: Reading, words: Sequence[Word]) -> Redaction:
    first, end = reading.words_of(found.start_char, found.end_char)
    if first == end:
        return found
    spoken = words[first:end]
    return replace(
        found,
        first_word=first,
        end_word=end,
        start_ms=min(word.start_ms for word in spoken),
        end_ms=max(word.end_ms for word in spoken),
    )
