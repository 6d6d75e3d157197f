"""What an administrator can change about the reading text. Without any rule words are read as they were heard."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HesitationRules:
    """Words that are heard but not read."""

    always: frozenset[str] = frozenset()
    before_pause: frozenset[str] = frozenset()
    """Only when the speaker pauses on both sides of them; otherwise they mean something (那个 in 那个路灯)."""
    stutters: frozenset[str] = frozenset()
    """Read once when they are said several times in a row."""


@dataclass(frozen=True, slots=True)
class FigureRules:
    """Numbers in figures. Nothing is written in figures while `measures` is empty."""

    measures: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    """Words and idioms with a number in them that are no number."""


@dataclass(frozen=True, slots=True)
class PunctuationRules:
    """Marks from pauses and words. Nothing is marked while `comma_pause_ms` is 0."""

    comma_pause_ms: int = 0
    stop_pause_ms: int = 0
    question_words: frozenset[str] = frozenset()
    question_ends: frozenset[str] = frozenset()
    no_question: frozenset[str] = frozenset()
    """Phrases with a question word that ask nothing (没什么)."""
    greetings: frozenset[str] = frozenset()
    closings: frozenset[str] = frozenset()
    clause_openers: frozenset[str] = frozenset()
    never_before: frozenset[str] = frozenset()
    """Words that no mark may stand before."""
    never_after: frozenset[str] = frozenset()
    """Words that no mark may stand after, as long as the speaker goes on."""


@dataclass(frozen=True, slots=True)
class ReadingRules:
    hesitations: HesitationRules = HesitationRules()
    figures: FigureRules = FigureRules()
    punctuation: PunctuationRules = PunctuationRules()
