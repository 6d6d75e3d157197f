"""Lists of phrases in rule files, checked as they are read."""

from asr.domain.rulebook.phrases import PhraseWrong, phrase_parts
from asr.domain.rulebook.rule_table import RuleTable


def checked_phrases(table: RuleTable, key: str) -> tuple[str, ...]:
    """The phrases under a key, each of a shape that can be searched for."""
    phrases = table.texts(key)
    for phrase in phrases:
        try:
            phrase_parts(phrase)
        except PhraseWrong as error:
            table.refuse(str(error), key, phrase)
    return phrases
