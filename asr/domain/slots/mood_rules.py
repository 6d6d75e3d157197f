"""moods.toml: words in which a citizen himself says that he is angry or weeping. How he sounds is not judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from asr.domain.rulebook.phrase_lists import checked_phrases
from asr.domain.rulebook.phrases import Phrases
from asr.domain.rulebook.rule_table import read_table


@dataclass(frozen=True, slots=True)
class MoodRules:
    labels: Mapping[str, str] = field(default_factory=dict)
    phrases: Phrases[tuple[str, float] | None] = field(default_factory=Phrases)
    """A mood and how sure one phrase makes of it; None: no mood, although the words look like one."""


def read_moods(text: str, name: str) -> MoodRules:
    """Raises RuleFileWrong."""
    labels: dict[str, str] = {}
    phrases: list[tuple[str, tuple[str, float] | None]] = []
    for key, table in read_table(text, name).tables():
        labels[key] = table.text("label")
        clear, slight = table.number("clear", 0, 1, default=0.8), table.number("slight", 0, 1, default=0.45)
        phrases += [(phrase, (key, clear)) for phrase in checked_phrases(table, "words")]
        phrases += [(phrase, (key, slight)) for phrase in checked_phrases(table, "hints")]
        phrases += [(phrase, None) for phrase in checked_phrases(table, "everyday")]
        table.end()
    return MoodRules(labels, Phrases(phrases))
