"""What an administrator can change about the reading text. Without any rule words are read as they were heard."""

from dataclasses import dataclass, field

from asr.domain.rulebook.lexicon import NO_WORDS, Lexicon


@dataclass(frozen=True, slots=True)
class HesitationRules:
    """Words that are heard but not read."""

    always: Lexicon = NO_WORDS
    before_pause: Lexicon = NO_WORDS
    """Only when the speaker pauses on both sides of them; otherwise they mean something (那个 in 那个路灯)."""
    stutters: Lexicon = NO_WORDS
    """Read once when they are said several times in a row."""


@dataclass(frozen=True, slots=True)
class FigureRules:
    """Numbers in figures. Nothing is written in figures while `measures` is empty."""

    measures: Lexicon = NO_WORDS
    kept: Lexicon = NO_WORDS
    """Words and idioms with a number in them that are no number."""


@dataclass(frozen=True, slots=True)
class PunctuationRules:
    """Marks from pauses and words. Nothing is marked while `comma_pause_ms` is 0."""

    comma_pause_ms: int = 0
    stop_pause_ms: int = 0
    question_words: Lexicon = NO_WORDS
    question_ends: Lexicon = NO_WORDS
    no_question: Lexicon = NO_WORDS
    """Phrases with a question word that ask nothing (没什么)."""
    greetings: Lexicon = NO_WORDS
    closings: Lexicon = NO_WORDS
    clause_openers: Lexicon = NO_WORDS
    never_before: Lexicon = NO_WORDS
    """Words that no mark may stand before."""
    never_after: Lexicon = NO_WORDS
    """Words that no mark may stand after, as long as the speaker goes on."""


@dataclass(frozen=True, slots=True)
class ReadingRules:
    hesitations: HesitationRules = field(default_factory=HesitationRules)
    figures: FigureRules = field(default_factory=FigureRules)
    punctuation: PunctuationRules = field(default_factory=PunctuationRules)
