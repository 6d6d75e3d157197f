"""Which words follow each other: a trigram with absolute discounting, from generated sentences.

A small part of the probability goes to every word the lexicon has, by how frequent it is in Mandarin, so that speech
outside the sentences is heard too.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

START, END = "<s>", "</s>"
ORDER = 3
DISCOUNT = 0.6
MIN_COUNTS = {1: 1, 2: 1, 3: 3}
"""Rarer sequences are left to shorter ones."""
GENERAL_SHARE = 0.1
"""Of a word's probability without context: what general Mandarin has to say."""
EVEN_SHARE = 0.2
"""Of that: spread evenly over all words, however rare."""

History = tuple[str, ...]


@dataclass(slots=True)
class Distribution:
    """What follows a history; what is not listed follows as after the shorter history, times `backoff`."""

    probabilities: dict[str, float] = field(default_factory=dict)
    backoff: float = 1.0


@dataclass(slots=True)
class LanguageModel:
    distributions: dict[History, Distribution]

    def probability(self, history: History, word: str) -> float:
        """Of this word after this history (of at most ORDER - 1 words)."""
        found = self.distributions.get(history)
        if found is None:
            return self.probability(history[1:], word)
        if word in found.probabilities:
            return found.probabilities[word]
        return found.backoff * self.probability(history[1:], word) if history else 0.0


def estimate(
    sentences: Iterable[Sequence[str]], vocabulary: Sequence[str], general: Mapping[str, int]
) -> LanguageModel:
    """From counted sentences; all of their words must be in the vocabulary."""
    counts = _counts(sentences)
    single = counts[()]
    total = single.total()
    everywhere = _general_probabilities(vocabulary, general)
    listed = {
        word: (1 - GENERAL_SHARE) * single[word] / total + GENERAL_SHARE * everywhere[word] for word in vocabulary
    }
    listed[END] = (1 - GENERAL_SHARE) * single[END] / total
    model = LanguageModel({(): Distribution(listed)})
    for length in range(1, ORDER):
        for history in [each for each in counts if len(each) == length]:
            if length == 1 or history[1:] in model.distributions:
                _add(model, history, counts[history])
    return model


def _counts(sentences: Iterable[Sequence[str]]) -> dict[History, Counter[str]]:
    counts: defaultdict[History, Counter[str]] = defaultdict(Counter)
    for words in sentences:
        padded = (START, *words, END)
        for end in range(1, len(padded)):
            for start in range(max(0, end - ORDER + 1), end + 1):
                counts[padded[start:end]][padded[end]] += 1
    return counts


def _general_probabilities(vocabulary: Sequence[str], general: Mapping[str, int]) -> dict[str, float]:
    """By frequency, and a little for all alike."""
    total = max(1, sum(general.get(word, 0) for word in vocabulary))
    even = EVEN_SHARE / len(vocabulary)
    return {word: (1 - EVEN_SHARE) * general.get(word, 0) / total + even for word in vocabulary}


def _add(model: LanguageModel, history: History, following: Counter[str]) -> None:
    """Discounted counts mixed with the shorter history; the rest of the probability is left to it."""
    kept = {word: count for word, count in following.items() if count >= MIN_COUNTS[len(history) + 1]}
    if not kept:
        return
    total = following.total()
    left = 1 - sum(count - DISCOUNT for count in kept.values()) / total
    shorter = {word: model.probability(history[1:], word) for word in kept}
    listed = {word: (count - DISCOUNT) / total + left * shorter[word] for word, count in kept.items()}
    backoff = max(1e-9, 1 - sum(listed.values())) / max(1e-9, 1 - sum(shorter.values()))
    model.distributions[history] = Distribution(listed, backoff)


def acceptor_lines(model: LanguageModel, numbers: Mapping[str, int]) -> Iterator[str]:
    """OpenFst's text form: a state per history, a free arc to the shorter one. The first line's state is the start."""
    histories = sorted(model.distributions, key=lambda history: (history != (START,), history))
    states = {history: number for number, history in enumerate(histories)}
    for history in histories:
        state, distribution = states[history], model.distributions[history]
        for word, probability in distribution.probabilities.items():
            cost = -math.log(probability)
            if word == END:
                yield f"{state} {cost:.5f}"
            else:
                target = states[_reached(states, (*history, word))]
                yield f"{state} {target} {numbers[word]} {numbers[word]} {cost:.5f}"
        if history:
            shorter = states[_reached(states, history[1:])]
            yield f"{state} {shorter} 0 0 {-math.log(distribution.backoff):.5f}"


def _reached(states: Mapping[History, int], history: History) -> History:
    """The longest end of this history that has a state."""
    history = history[-(ORDER - 1) :]
    while history not in states:
        history = history[1:]
    return history
