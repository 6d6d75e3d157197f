"""How well messages are understood: categories, places, emergencies, and what must be hidden.

Measured on templates that nobody looked at while the rules were written; once as typed, once spoken by a synthesised
voice and recognised by the embedded model.
"""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.bench.figures import Aim, Figure
from app.bench.hotline_messages import HELD_OUT, Message, hotline_messages
from app.demo.voice import HELD_OUT_VOICES
from app.typed_words import typed_words
from asr.adapters.rule_files import load_rules
from asr.domain.privacy.redaction import masked
from asr.domain.rules import Rules
from asr.domain.slots.slot import SlotKind
from asr.domain.understanding import Understanding, understand
from asr.domain.words import Word
from config.settings import ROOT
from kit.speech_synthesis import SAMPLE_RATE, synthesise

_ROUNDS, _SPOKEN, _SEED = 4, 60, 12345
_RESAMPLINGS = 1000
_LEAK = 5
"""That many signs of a number in a row that stay readable are a leak."""
_AIM_FOUND, _AIM_HIDDEN = Aim.at_least(0.9), Aim.at_least(0.99)
_SIGNS = str.maketrans("零〇幺一二两三四五六七八九", "0011223456789")


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one message and one thing: how many were right, how many were given, how many there are."""

    right: int
    given: int
    there: int


@dataclass(frozen=True, slots=True)
class Case:
    message: Message
    counts: dict[str, Counts]


def measure_understanding() -> tuple[list[Figure], list[Figure]]:
    """Of typed messages, and of spoken ones."""
    rules = load_rules(ROOT / "config" / "speech")
    messages = hotline_messages(HELD_OUT, rules.gazetteer, rounds=_ROUNDS, seed=_SEED)
    typed = [case_of(message, typed_words(message.text), rules) for message in messages]
    some = random.Random(_SEED).sample(messages, _SPOKEN)
    heard = _recogniser(ROOT / "asr" / "models" / "mini-cn")
    spoken = [
        case_of(message, heard(message.text, HELD_OUT_VOICES[index % len(HELD_OUT_VOICES)]), rules)
        for index, message in enumerate(some)
    ]
    return figures_of(typed, "understanding", with_aims=True), figures_of(
        spoken, "understanding_spoken", with_aims=False
    )


def _recogniser(model: Path) -> Callable[[str, str], Sequence[Word]]:
    from asr.adapters.vosk import VoskRecogniser  # loads Vosk: not before it is asked for

    recogniser = VoskRecogniser(model)
    return lambda text, voice: recogniser.recognise(synthesise(text, voice=voice, rate_wpm=175), SAMPLE_RATE).words


def case_of(message: Message, words: Sequence[Word], rules: Rules) -> Case:
    found = understand(words, rules)
    categories, subcategories = _values(found, SlotKind.CATEGORY), _values(found, SlotKind.SUBCATEGORY)
    sure = {slot.value for slot in found.slots if slot.kind is SlotKind.CATEGORY and not slot.needs_person}
    dangers = _values(found, SlotKind.EMERGENCY) - (message.perhaps - message.emergencies)
    certain = {slot.value for slot in found.slots if slot.kind is SlotKind.EMERGENCY and not slot.needs_person}
    return Case(
        message,
        {
            "category": _counts(categories, {message.category}),
            "category_above_gate": _counts(sure, {message.category}),
            "subcategory": _counts(subcategories, {message.subcategory}),
            "place": _counts({_plain(value) for value in _values(found, SlotKind.PLACE)}, {_plain(message.place)}),
            "emergency": _counts(dangers, message.emergencies),
            "emergency_sure": _counts(certain & dangers, message.emergencies),
            "false_alarm": Counts(int(bool(dangers - message.emergencies)), 1, 1),
            "hidden": _hidden(message, found),
            "rightly_hidden": _rightly_hidden(message, found),
        },
    )


def _values(found: Understanding, kind: SlotKind) -> set[str]:
    return {slot.value for slot in found.slots if slot.kind is kind}


def _counts(given: Iterable[str], there: Iterable[str]) -> Counts:
    given, there = set(given), set(there)
    return Counts(len(given & there), len(given), len(there))


def _hidden(message: Message, found: Understanding) -> Counts:
    """Hidden is a number of which nothing can be read in the masked text."""
    readable = _signs(masked(found.reading.text, found.redactions))
    hidden = sum(not _leaks(_signs(said), readable) for _, said in message.private)
    return Counts(hidden, hidden, len(message.private))


def _rightly_hidden(message: Message, found: Understanding) -> Counts:
    """A redaction is right when it covers part of what had to be hidden."""
    covered = [_signs(found.reading.text[each.start_char : each.end_char]) for each in found.redactions]
    secrets = [_signs(said) for _, said in message.private]
    right = sum(any(_overlap(each, secret) for secret in secrets) for each in covered)
    return Counts(right, len(covered), right)


def _leaks(secret: str, readable: str) -> bool:
    length = min(_LEAK, len(secret))
    return any(secret[start : start + length] in readable for start in range(len(secret) - length + 1))


def _overlap(hidden: str, secret: str) -> bool:
    return bool(hidden) and (hidden in secret or secret in hidden or _leaks(secret, hidden))


def _signs(text: str) -> str:
    """Digits, spoken or written, and Latin letters; all else left out."""
    return re.sub(r"[^0-9A-Z]", "", text.upper().translate(_SIGNS))


def _plain(place: str) -> str:
    return place.translate(_SIGNS)


def figures_of(cases: Sequence[Case], prefix: str, *, with_aims: bool) -> list[Figure]:
    """Spoken messages depend on the speech model first of all: nothing is promised of them here."""
    figures = [Figure(f"{prefix}_messages", "messages", len(cases), f"of {_templates(cases)} templates")]
    for name, (text, thing, share, aim) in _SHOWN.items():
        value = share(case.counts[thing] for case in cases)
        low, high = _interval(cases, thing, share)
        interval = f"95 %: {low:.3f}–{high:.3f}"
        figures.append(Figure(f"{prefix}_{name}", text, round(value, 4), interval, aim if with_aims else None))
    return figures


def _templates(cases: Sequence[Case]) -> int:
    return len({case.message.template for case in cases})


Share = Callable[[Iterable[Counts]], float]


def _precision(counts: Iterable[Counts]) -> float:
    summed = _sum(counts)
    return summed.right / max(1, summed.given)


def _recall(counts: Iterable[Counts]) -> float:
    summed = _sum(counts)
    return summed.right / max(1, summed.there)


def _interval(cases: Sequence[Case], thing: str, share: Share) -> tuple[float, float]:
    """By drawing whole templates anew: messages of one template are right or wrong together.

    Where nothing varies, by the rule of three: n templates without one failure allow for 3/n.
    """
    groups: dict[str, list[Counts]] = defaultdict(list)
    for case in cases:
        groups[case.message.template].append(case.counts[thing])
    sums = [summed for group in groups.values() if (summed := _sum(group)).given + summed.there]
    if not sums:
        return 0.0, 1.0
    dice = random.Random(_SEED)
    drawn = sorted(share(dice.choices(sums, k=len(sums))) for _ in range(_RESAMPLINGS))
    low, high = drawn[round(0.025 * _RESAMPLINGS)], drawn[round(0.975 * _RESAMPLINGS) - 1]
    slack = 3 / len(sums)
    return (max(0.0, low - slack), min(1.0, high + slack)) if low == high else (low, high)


def _sum(counts: Iterable[Counts]) -> Counts:
    counts = list(counts)
    return Counts(sum(c.right for c in counts), sum(c.given for c in counts), sum(c.there for c in counts))


_SHOWN: dict[str, tuple[str, str, Share, Aim | None]] = {
    "category_precision": ("category: precision", "category", _precision, _AIM_FOUND),
    "category_recall": ("category: recall", "category", _recall, _AIM_FOUND),
    "category_sure_precision": ("category above its gate: precision", "category_above_gate", _precision, None),
    "category_sure_recall": ("category above its gate: recall", "category_above_gate", _recall, None),
    "subcategory_precision": ("subcategory: precision", "subcategory", _precision, None),
    "subcategory_recall": ("subcategory: recall", "subcategory", _recall, None),
    "place_precision": ("place: precision", "place", _precision, _AIM_FOUND),
    "place_recall": ("place: recall", "place", _recall, _AIM_FOUND),
    "emergency_recall": ("emergency, flagged: recall", "emergency", _recall, None),
    "emergency_sure_recall": ("emergency, above its gate: recall", "emergency_sure", _recall, None),
    "emergency_sure_precision": ("emergency, above its gate: precision", "emergency_sure", _precision, None),
    "emergency_false_alarms": ("messages with a false alarm: share", "false_alarm", _precision, None),
    "redaction_precision": ("redaction: precision", "rightly_hidden", _precision, None),
    "redaction_recall": ("redaction: recall", "hidden", _recall, _AIM_HIDDEN),
}
