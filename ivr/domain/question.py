"""A question that is answered by a key or by a word, and what a caller meant by what was heard.

Nothing is guessed: a clear answer is taken, a likely one is confirmed, and all else is asked again.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from ivr.domain.hearing import UNKNOWN, Heard
from ivr.domain.prompts import Prompt

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """What is said, and what means what: each key, and each phrase of the closed list that is listened for."""

    prompt: Prompt
    keys: Mapping[str, T]
    phrases: Mapping[str, T]
    names: Mapping[T, Prompt]
    """How the line says each answer when it asks back."""
    doubtful: frozenset[str] = frozenset()
    """Phrases that are confirmed however clear they were: people mean different things by them."""


@dataclass(frozen=True, slots=True)
class Gates:
    """Confidence from which a phrase is taken at once, and from which it is at least asked back."""

    accept_from: float
    confirm_from: float


@dataclass(frozen=True, slots=True)
class Understood(Generic[T]):
    value: T
    phrase: str
    confidence: float
    is_certain: bool
    """False: ask back before it counts."""


def understood(question: Question[T], heard: Heard, gates: Gates) -> Understood[T] | None:
    """The one answer in what was heard; None when there is none, or two, or the recogniser was not sure enough."""
    phrases, has_other = _phrases_in(heard, question.phrases)
    values = {question.phrases[phrase] for phrase in phrases}
    confidence = confidence_of(heard)
    if len(values) != 1 or confidence < gates.confirm_from:
        return None
    is_plain = len(phrases) == 1 and not has_other and phrases[0] not in question.doubtful
    return Understood(values.pop(), phrases[0], confidence, is_plain and confidence >= gates.accept_from)


def confidence_of(heard: Heard) -> float:
    """As sure as of its least sure word; what is no phrase does not count."""
    return min((word.confidence for word in heard.words if word.text != UNKNOWN), default=0.0)


def _phrases_in(heard: Heard, phrases: Mapping[str, object]) -> tuple[list[str], bool]:
    """Phrases from left to right, the longest first ("不满意" is not "满意"), and whether anything else was said."""
    text = "".join(word.text.replace(UNKNOWN, "?") for word in heard.words)
    longest_first = sorted(phrases, key=len, reverse=True)
    found: list[str] = []
    has_other = False
    while text:
        phrase = next((phrase for phrase in longest_first if text.startswith(phrase)), None)
        if phrase is None:
            has_other = True
            text = text[1:]
        else:
            found.append(phrase)
            text = text[len(phrase) :]
    return found, has_other


class VoiceVerdict(StrEnum):
    ACCEPTED = "accepted"  # clear, taken at once
    CONFIRMED = "confirmed"  # asked back, and the caller said yes
    UNCONFIRMED = "unconfirmed"  # asked back, and there was no yes: it did not count
    UNCLEAR = "unclear"  # nothing of the list, or not sure enough: it did not count


@dataclass(frozen=True, slots=True)
class VoiceAnswer:
    """One spoken answer as it was heard; kept beside the raw keys. It holds phrases of our own lists only."""

    question: str
    """The key of the prompt that asked."""
    phrase: str
    """Empty when it was none of the list."""
    confidence: float
    start_ms: int
    end_ms: int
    """Since the call was answered."""
    verdict: VoiceVerdict
