"""graph/: the look-ahead pair HCLr.fst and Gr.fst with their words, as Vosk composes them while it decodes.

Phones have no context, so the transducer from transitions to words is written down directly: a tree over the phones
of all readings, one state each, the word on an arc from its last phone back to the root.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from asr.training import openfst
from asr.training.language_model import LanguageModel, acceptor_lines
from asr.training.lexicon import readings
from asr.training.phones import SILENCE_PHONE, Phone, phone, phones_of, word_boundaries
from asr.training.units import INITIALS, OTHER_SPEECH, UNITS

UNKNOWN = "[unk]"
NOTHING = "<eps>"
_ROOT = 0
_HALF_COST = math.log(2)


@dataclass(frozen=True, slots=True)
class Costs:
    """In nats; `tuning.py` shows what they do to the tuning voices.

    Without `word` noise becomes many short words. `unknown` and `unknown_syllable` keep a small grammar from taking
    other speech for one of its phrases, and its phrases from being taken for other speech.
    """

    silence: float = 0.7
    word: float = 1.5
    unknown: float = 14.0
    unknown_syllable: float = 5.0


class PhoneTree:
    """Lines of the transducer in OpenFst's text form."""

    def __init__(self, costs: Costs) -> None:
        self._costs = costs
        self._states: dict[tuple[object, ...], int] = {(): _ROOT}
        self._lines: list[tuple[int, str]] = [(_ROOT, f"{_ROOT} 0")]
        silence = self._state_after((SILENCE_PHONE,))
        self._arc(silence, _ROOT, 0, 0, costs.silence)

    def add_word(self, label: int, word: str) -> None:
        cheapest: dict[tuple[Phone, ...], float] = {}
        for reading, cost in readings(word):
            path = phones_of(reading)
            cheapest[path] = min(cost, cheapest.get(path, cost))
        for path, cost in cheapest.items():
            self._arc(self._state_after(path), _ROOT, 0, label, cost + self._costs.word)

    def add_unknown(self, label: int) -> None:
        """Any run of syllables as one word; beside it three frames or more of unclear speech."""
        start, final, following, end = (self._named("unknown", place) for place in ("start", "final", "next", "end"))
        more = self._costs.unknown_syllable
        self._arc(_ROOT, start, 0, 0, self._costs.unknown)
        self._arc(end, _ROOT, 0, label, 0)
        for unit in UNITS[2:]:
            if unit in INITIALS:
                self._through(start, phone(unit, "B"), final)
                self._through(following, phone(unit, "I"), final, more)
            else:
                self._through(start, phone(unit, "S"), end)
                self._through(start, phone(unit, "B"), following)
                self._through(final, phone(unit, "I"), following)
                self._through(final, phone(unit, "E"), end)
                self._through(following, phone(unit, "I"), following, more)
                self._through(following, phone(unit, "E"), end, more)
        state = start
        for position in "BIE":
            state = self._entered(state, phone(OTHER_SPEECH, position), ("unclear", position))
        self._arc(state, end, 0, 0, 0)

    def lines(self) -> Iterator[str]:
        """By their states: the first one is the start."""
        return (line for _, line in sorted(self._lines, key=lambda entry: entry[0]))

    def _through(self, source: int, through: Phone, target: int, cost: float = 0) -> None:
        state = self._entered(source, through, ("unknown", source, through.number, target), cost)
        self._arc(state, target, 0, 0, 0)

    def _state_after(self, path: tuple[Phone, ...]) -> int:
        if path in self._states:
            return self._states[path]
        before = self._state_after(path[:-1])
        return self._entered(before, path[-1], path)

    def _entered(self, source: int, through: Phone, key: tuple[object, ...], cost: float = 0) -> int:
        """The state in a phone: its forward transition leads in, its loop stays (Kaldi's reordered form)."""
        state = self._named(*key)
        self._arc(source, state, through.forward_id, 0, _HALF_COST + cost)
        self._arc(state, state, through.loop_id, 0, _HALF_COST)
        return state

    def _named(self, *key: object) -> int:
        return self._states.setdefault(key, len(self._states))

    def _arc(self, source: int, target: int, transition: int, label: int, cost: float) -> None:
        self._lines.append((source, f"{source} {target} {transition} {label} {cost:.4f}"))


def write_graph(folder: Path, vocabulary: Sequence[str], model: LanguageModel, costs: Costs) -> None:
    """Everything of graph/. Grammars are looked up in words.txt, so it must have the relabelled numbers."""
    (folder / "phones").mkdir(parents=True, exist_ok=True)
    labels = {word: number for number, word in enumerate([*vocabulary, UNKNOWN], 1)}
    tree = PhoneTree(costs)
    for word in vocabulary:
        tree.add_word(labels[word], word)
    tree.add_unknown(labels[UNKNOWN])
    transducer, numbers = openfst.with_look_ahead(openfst.compiled(tree.lines(), sorted_by="olabel"), folder)
    relabelled = {word: numbers[label] for word, label in labels.items()}
    acceptor = openfst.compiled(acceptor_lines(model, relabelled), sorted_by="ilabel")
    (folder / "HCLr.fst").write_bytes(transducer)
    (folder / "Gr.fst").write_bytes(openfst.as_constant(acceptor))
    listed = sorted(relabelled.items(), key=lambda entry: entry[1])
    text = "".join(f"{word} {number}\n" for word, number in [(NOTHING, 0), *listed])
    (folder / "words.txt").write_text(text, encoding="utf-8")
    (folder / "disambig_tid.int").write_bytes(b"")  # there are none, but Vosk opens the file
    (folder / "phones" / "word_boundary.int").write_text(word_boundaries(), encoding="ascii")
