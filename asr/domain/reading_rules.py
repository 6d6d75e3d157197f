"""What an administrator can change about the reading text. Without any rule words are read as they were heard."""

from dataclasses import dataclass

from asr.domain.lexicon import Lexicon


@dataclass(frozen=True, slots=True)
class HesitationRules:
    """Words that are heard but not read."""

    always: Lexicon = Lexicon()
    before_pause: Lexicon = Lexicon()
    """Only when the speaker pauses on both sides of them; otherwise they mean something (那个 in 那个路灯)."""
    stutters: Lexicon = Lexicon()
    """Read once when they are said several times in a row."""


@dataclass(frozen=True, slots=True)
class FigureRules:
    """Numbers in figures. Nothing is written in figures while `measures` is empty."""

    measures: Lexicon = Lexicon()
    kept: Lexicon = Lexicon()
    """Words and idioms with a number in them that are no number."""


@dataclass(frozen=True, slots=True)
class PunctuationRules:
    """Marks from pauses and words. Nothing is marked while `comma_pause_ms` is 0."""

    comma_pause_ms: int = 0
    stop_pause_ms: int = 0
    question_words: Lexicon = Lexicon()
    question_ends: Lexicon = Lexicon()
    no_question: Lexicon = Lexicon()
    """Phrases with a question word that ask nothing (没什么)."""
    greetings: Lexicon = Lexicon()
    closings: Lexicon = Lexicon()
    clause_openers: Lexicon = Lexicon()
    never_before: Lexicon = Lexicon()
    """Words that no mark may stand before."""
    never_after: Lexicon = Lexicon()
    """Words that no mark may stand after, as long as the speaker goes on."""


@dataclass(frozen=True, slots=True)
class ReadingRules:
    hesitations: HesitationRules = HesitationRules()
    figures: FigureRules = FigureRules()
    punctuation: PunctuationRules = PunctuationRules()
