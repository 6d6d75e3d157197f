"""Words of danger for life, found in partial and in final text alike."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from asr.domain.rulebook.bare_text import BareText, bare
from asr.domain.rulebook.phrases import Match
from asr.domain.rules import Rules
from asr.domain.slots.emergency_rules import EmergencyKind, EmergencyRules
from asr.domain.slots.heard import Heard
from asr.domain.slots.slot import Slot, SlotKind

_LOOKS_BACK = 10
"""Letters before a word in which a negation, a doubt or a past day may stand."""
_ASKS_WITHIN, _ENDS_WITHIN = 2, 12
"""Letters after it in which it is asked (了吗), or told that it is over."""


@dataclass(frozen=True, slots=True)
class EmergencyWord:
    """Characters [start, end) of the text speak of danger; `kind` is a key of the rules (fire, gas, …)."""

    kind: str
    label: str
    call: str
    start: int
    end: int
    confidence: float
    is_by_sound: bool


def emergency_words(text: str, rules: Rules) -> tuple[EmergencyWord, ...]:
    """In the order of the text. Costs microseconds: it may be asked for every partial text of a live call."""
    return tuple(sorted(_words(bare(text), rules.emergencies), key=lambda word: (word.start, word.end)))


def emergency_slots(heard: Heard, rules: Rules) -> Iterator[Slot]:
    """One for each kind of danger."""
    words: dict[str, list[EmergencyWord]] = {}
    for word in emergency_words(heard.text, rules):
        words.setdefault(word.kind, []).append(word)
    for kind, found in words.items():
        confidence = max(word.confidence * heard.certainty([heard.evidence(word.start, word.end)]) for word in found)
        yield Slot(
            kind=SlotKind.EMERGENCY,
            value=kind,
            label=found[0].label,
            confidence=round(confidence, 3),
            evidence=heard.citizen_first(heard.evidence(word.start, word.end) for word in found),
            reason=f"emergencies.{kind}{'.by_sound' if all(word.is_by_sound for word in found) else ''}",
        )


def _words(text: BareText, rules: EmergencyRules) -> Iterator[EmergencyWord]:
    written = _without_torn(text, rules.phrases.in_text(text))
    spans = [(match.start, match.end) for match in written]
    for match in written:
        if match.meaning is not None:
            yield from _word(text, match, rules.kinds[match.meaning], rules, is_by_sound=False)
    for alike in rules.sounding.in_text(replace(text, letters=rules.sounds(text.letters))):
        if not any(start < alike.end and alike.start < end for start, end in spans):
            yield from _word(text, alike, rules.kinds[alike.meaning], rules, is_by_sound=True)


def _without_torn(text: BareText, matches: list[Match[str | None]]) -> list[Match[str | None]]:
    """Without those that tear a word of another clause in two: there is no 杀我 in 不是要自杀，我…"""
    pieces = [(each, start, end) for each in matches for start, end in each.parts]
    whole = [(start, end) for _, start, end in pieces if text.is_one_clause(start, end)]
    torn = {
        id(each)
        for each, start, end in pieces
        if not text.is_one_clause(start, end) and any(first < end and start < last for first, last in whole)
    }
    return [each for each in matches if id(each) not in torn]


def _word(
    text: BareText,
    match: Match[str | None] | Match[str],
    kind: EmergencyKind,
    rules: EmergencyRules,
    *,
    is_by_sound: bool,
) -> Iterator[EmergencyWord]:
    before = text.clause_before(match.start, _LOOKS_BACK)
    after = text.sentence_after(match.end)
    if match.phrase not in kind.cries and (_is_taken_back(before, after, rules) or _is_over(before, after, rules)):
        return
    is_doubtful = is_by_sound or any(doubt in before for doubt in rules.doubts)
    confidence = rules.doubtful if is_doubtful else rules.certainty
    start, end = text.span(match.start, match.end)
    yield EmergencyWord(kind.key, kind.label, kind.call, start, end, confidence, is_by_sound)


def _is_taken_back(before: str, after: str, rules: EmergencyRules) -> bool:
    """Whether a negation stands right before, or with nothing but bridges between.

    One that asks takes nothing back: the end of a doubt (是不是, 有没有, 会不会), or with 吗 after the word.
    """
    if any(question in after[:_ASKS_WITHIN] for question in rules.questions):
        return False
    while not before.endswith(rules.negations or ("\0",)):
        bridge = next((each for each in rules.bridges if before.endswith(each)), "")
        if not bridge:
            return False
        before = before.removesuffix(bridge)
    return not before.endswith(rules.doubts or ("\0",))


def _is_over(before: str, after: str, rules: EmergencyRules) -> bool:
    """Both must be said: that it was some days ago, and that it has ended."""
    words = rules.past
    said = max((before.rfind(word) for word in words.past), default=-1)
    if said < 0 or any(word in before[said:] for word in words.now):
        return False
    ended = next((after.find(word) for word in words.over if 0 <= after.find(word) < _ENDS_WITHIN), -1)
    if ended < 0 or any(word in after for word in (*words.again, *rules.questions)):
        return False
    return not any(negation in after[:ended] for negation in rules.negations)
