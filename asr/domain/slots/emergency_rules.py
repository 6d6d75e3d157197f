"""emergencies.toml: words that may mean danger for life, and what takes the danger out of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from asr.domain.rulebook.bare_text import bare
from asr.domain.rulebook.phrase_lists import checked_phrases
from asr.domain.rulebook.phrases import Phrases
from asr.domain.rulebook.rule_table import read_table

Sounds = Callable[[str], str]
"""For each letter a sign of its sound: letters that sound alike have the same sign."""


def _silent(letters: str) -> str:
    return letters


@dataclass(frozen=True, slots=True)
class EmergencyKind:
    """`call` is the service to hand over to: 119, 110, 120. `cries` call for help: nothing takes them back."""

    key: str
    label: str
    call: str
    cries: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PastWords:
    """What makes a danger one that is past and over, and what brings it back (now before it, again after it)."""

    past: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    now: tuple[str, ...] = ()
    again: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EmergencyRules:
    """A phrase without a kind is everyday talk that contains a word of danger (煤气费).

    A negation before a word, with nothing but bridges between, takes it back (没有 人 受伤), unless it asks (吗).
    A doubt before it in the clause (怕, 容易, 去年) leaves it to a person.
    """

    kinds: Mapping[str, EmergencyKind] = field(default_factory=dict)
    phrases: Phrases[str | None] = field(default_factory=Phrases)
    negations: tuple[str, ...] = ()
    bridges: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    past: PastWords = field(default_factory=PastWords)
    certainty: float = 0.95
    doubtful: float = 0.4
    sounds: Sounds = _silent
    sounding: Phrases[str] = field(default_factory=Phrases)
    """Words that count, doubtfully, also when others of the same sound were written; in the signs of `sounds`."""


def read_emergencies(text: str, name: str, sounds: Sounds = _silent) -> EmergencyRules:
    """Raises RuleFileWrong."""
    file = read_table(text, name)
    phrases: list[tuple[str, str | None]] = [(phrase, None) for phrase in checked_phrases(file, "everyday")]
    negations, bridges, questions = file.texts("negations"), file.texts("bridges"), file.texts("questions")
    doubts = file.texts("doubts")
    past = PastWords(file.texts("past"), file.texts("over"), file.texts("now"), file.texts("again"))
    certainty, doubtful = file.number("certainty", 0, 1), file.number("doubtful", 0, 1)
    kinds, sounding = {}, []
    for key, table in file.tables():
        cries, words = checked_phrases(table, "cries"), checked_phrases(table, "words")
        kinds[key] = EmergencyKind(key, table.text("label"), table.text("call"), frozenset(cries))
        if not words:
            table.refuse("has no words", "words")
        phrases += [(word, key) for word in (*words, *cries)]
        phrases += [(phrase, None) for phrase in checked_phrases(table, "everyday")]
        sounding += [(sounds(bare(word).letters), key) for word in checked_phrases(table, "by_sound")]
        table.end()
    return EmergencyRules(
        kinds=kinds,
        phrases=Phrases(phrases),
        negations=negations,
        bridges=bridges,
        questions=questions,
        doubts=doubts,
        past=past,
        certainty=certainty,
        doubtful=doubtful,
        sounds=sounds,
        sounding=Phrases(sounding),
    )
