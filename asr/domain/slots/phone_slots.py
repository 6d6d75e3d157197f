"""Telephone numbers that were told, each once."""

import itertools
from collections.abc import Iterable, Iterator

from asr.domain.privacy.digit_runs import DigitRun
from asr.domain.privacy.personal_numbers import LANDLINE, MOBILE
from asr.domain.privacy.redacting import personal_numbers
from asr.domain.privacy.redaction import RedactionKind
from asr.domain.rules import Rules
from asr.domain.slots.heard import Heard
from asr.domain.slots.slot import Evidence, Slot, SlotKind

_WHOLE, _PICKED, _INCOMPLETE = 0.9, 0.6, 0.3
_CONFIRMED = 0.5
"""Share of the remaining doubt that goes when a number is said a second time, by the agent too."""


def phone_slots(heard: Heard, rules: Rules) -> Iterator[Slot]:
    """A number of the wrong length is given as it was heard: somebody has to listen."""
    said: dict[str, list[tuple[float, Evidence]]] = {}
    for run in _best_readings(personal_numbers(heard.text, rules.redaction)):
        place = heard.evidence(run.start, run.end)
        for number, certain in _numbers(run):
            said.setdefault(number, []).append((certain, place))
    for number, mentions in said.items():
        evidence = tuple(each for _, each in mentions)
        doubt = 1 - max(certain for certain, _ in mentions)
        doubt *= _CONFIRMED ** (len(mentions) - 1)
        yield Slot(
            kind=SlotKind.PHONE_NUMBER,
            value=f"+86{number.removeprefix('0')}" if number[0] in "01" else number,
            label=number,
            confidence=round((1 - doubt) * heard.certainty(evidence), 3),
            evidence=heard.citizen_first(evidence),
            reason="numbers.phone",
        )


def _best_readings(found: Iterable[tuple[RedactionKind, DigitRun]]) -> list[DigitRun]:
    """Of the ways to read one number the one that gives the surest telephone number; none where one is a card."""
    kinds = list(RedactionKind)
    best: list[tuple[RedactionKind, DigitRun]] = []
    for kind, run in sorted(found, key=lambda each: (kinds.index(each[0]), -_certainty(each[1]))):
        if not any(run.start < other.end and other.start < run.end for _, other in best):
            best.append((kind, run))
    runs = (run for kind, run in best if kind is RedactionKind.PHONE_NUMBER)
    return sorted(runs, key=lambda run: run.start)


def _certainty(run: DigitRun) -> float:
    return min(certain for _, certain in _numbers(run))


def _numbers(run: DigitRun) -> Iterator[tuple[str, float]]:
    digits = run.digits.removeprefix("86") if MOBILE.fullmatch(run.digits[2:]) else run.digits
    if MOBILE.fullmatch(digits) or LANDLINE.fullmatch(digits):
        yield digits, _WHOLE
        return
    aligned = _between_groups(digits, run.groups)
    picked = list(dict.fromkeys(aligned or MOBILE.findall(digits)))
    if not picked:
        yield digits, _INCOMPLETE
    for number in picked:
        if len(picked) > 1 or not aligned:
            yield number, _PICKED
        else:
            yield number, _WHOLE if _is_all_of_it(number, run) else (_WHOLE + _PICKED) / 2


def _between_groups(digits: str, groups: Iterable[int]) -> list[str]:
    """Whole numbers of whole groups."""
    return [
        digits[start:end]
        for start, end in itertools.combinations(sorted(groups), 2)
        if MOBILE.fullmatch(digits, start, end) or LANDLINE.fullmatch(digits, start, end)
    ]


def _is_all_of_it(number: str, run: DigitRun) -> bool:
    """Whatever else was said is a part of the number: 1380，不对，13800138000."""
    return all(run.digits[start:end] in number for start, end in itertools.pairwise(sorted(run.groups)))
