"""config/speech/reading.toml: hesitations, figures and punctuation of the reading text."""

from asr.domain.reading.reading_rules import FigureRules, HesitationRules, PunctuationRules, ReadingRules
from asr.domain.rulebook.lexicon import Lexicon
from asr.domain.rulebook.rule_table import RuleTable, read_table

_LONGEST_PAUSE_MS = 10_000


def read_reading(text: str, name: str) -> ReadingRules:
    """Raises RuleFileWrong."""
    table = read_table(text, name)
    rules = ReadingRules(
        _hesitations(table.table("hesitations")),
        _figures(table.table("figures")),
        _punctuation(table.table("punctuation")),
    )
    table.end()
    return rules


def _hesitations(table: RuleTable) -> HesitationRules:
    rules = HesitationRules(
        always=Lexicon(table.texts("always")),
        before_pause=Lexicon(table.texts("before_pause")),
        stutters=Lexicon(table.texts("stutters")),
    )
    table.end()
    return rules


def _figures(table: RuleTable) -> FigureRules:
    rules = FigureRules(measures=Lexicon(table.texts("measures")), kept=Lexicon(table.texts("kept")))
    table.end()
    return rules


def _punctuation(table: RuleTable) -> PunctuationRules:
    comma_ms = int(table.number("comma_pause_ms", 0, _LONGEST_PAUSE_MS, 0))
    stop_ms = int(table.number("stop_pause_ms", 0, _LONGEST_PAUSE_MS, 0))
    if stop_ms < comma_ms:
        table.refuse("must not be shorter than comma_pause_ms", "stop_pause_ms")
    rules = PunctuationRules(
        comma_pause_ms=comma_ms,
        stop_pause_ms=stop_ms,
        question_words=Lexicon(table.texts("question_words")),
        question_ends=Lexicon(table.texts("question_ends")),
        no_question=Lexicon(table.texts("no_question")),
        greetings=Lexicon(table.texts("greetings")),
        closings=Lexicon(table.texts("closings")),
        clause_openers=Lexicon(table.texts("clause_openers")),
        never_before=Lexicon(table.texts("never_before")),
        never_after=Lexicon(table.texts("never_after")),
    )
    table.end()
    return rules
