"""Marks between words: from the pauses of the speaker and from words that begin or end a sentence; rather too few."""

from dataclasses import dataclass

from asr.domain.reading.reading_rules import PunctuationRules

_SHORTEST_SENTENCE = 5
"""Characters; a shorter answer needs no full stop."""
_LONG_CLAUSE = 5
"""Characters after which 但是, 希望 and their like begin a clause without a pause."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place between two words of one speaker."""

    clause: str
    """What was said since the last mark."""
    last_word: str
    next_word: str
    following: str
    """What is said next, beginning with the next word."""
    silence_ms: int


def mark_at(place: Place, rules: PunctuationRules) -> str:
    """The mark that belongs there, mostly none."""
    if not rules.comma_pause_ms or place.next_word in rules.never_before:
        return ""
    if place.last_word in rules.question_ends:
        return "？"
    if place.last_word in rules.never_after:
        return ""
    if place.silence_ms >= rules.stop_pause_ms:
        return sentence_end(place.clause, place.last_word, rules)
    if place.silence_ms >= rules.comma_pause_ms or _is_clause_end(place, rules):
        return "，"
    return ""


def final_mark(turn: str, clause: str, last_word: str, rules: PunctuationRules) -> str:
    """The mark after the last word of a turn; `turn` is all of it."""
    if not rules.comma_pause_ms or (len(turn) < _SHORTEST_SENTENCE and last_word not in rules.question_ends):
        return ""
    return sentence_end(clause, last_word, rules)


def sentence_end(clause: str, last_word: str, rules: PunctuationRules) -> str:
    return "？" if last_word in rules.question_ends or _is_question(clause, rules) else "。"


def _is_question(clause: str, rules: PunctuationRules) -> bool:
    return rules.question_words.any_in(clause) and not rules.no_question.any_in(clause)


def _is_clause_end(place: Place, rules: PunctuationRules) -> bool:
    if place.clause in rules.greetings:
        return place.clause + place.next_word not in rules.greetings and place.next_word not in rules.never_before
    if rules.closings.longest_at(place.following, 0):
        return place.clause not in rules.closings and len(place.clause) > 1
    return len(place.clause) >= _LONG_CLAUSE and bool(rules.clause_openers.longest_at(place.following, 0))
