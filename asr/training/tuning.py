"""`python -m asr.training.tuning`: how the decoding constants are chosen; with tuning sentences and voices only.

Of the model in build/model/full: error rates, answers heard with a closed grammar, and other sentences taken for
answers, for several weights of the network, and for several costs of a word and of unknown speech.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from asr.training.evaluation import ANSWERS, grammar_of
from asr.training.evaluation_set import TUNING, Said, phrase_recordings, recordings
from asr.training.graph import Costs, write_graph
from asr.training.hearing import Ear, known_words
from asr.training.model_folder import decoder_configuration
from asr.training.rates import Heard, character_error_rate, share
from asr.training.recipe import ROOT, language_model, read_words
from asr.training.size import SIZES
from asr.training.voices import TUNING_VOICES

_SCALES = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5)
_WORD_COSTS = (0.5, 1.0, 2.0)
_UNKNOWN_COSTS = (8.0, 11.0, 17.0)
_SENTENCES, _ANSWERS = 150, 40


class _Trial:
    """The recordings, and a copy of the model that may be changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._vocabulary = known_words(folder)
        self._said = list(recordings(TUNING, _SENTENCES))
        self._answers = {
            name: list(phrase_recordings(phrases, None, _ANSWERS, len(name), TUNING_VOICES))
            for name, phrases in ANSWERS.items()
        }

    def report(self) -> str:
        ear = Ear(self.folder)
        rate = character_error_rate([Heard(each.text, ear.text(each.sound)) for each in self._said])
        hits = [each.text == ear.text(each.sound, self._grammar(name)) for name, each in self._all_answers()]
        others = [each for each in self._said if not any(word in each.text for word in ANSWERS["satisfied"])]
        false = sum(bool(ear.text(each.sound, self._grammar("satisfied"))) for each in others)
        return f"CER {rate}; answers {share(sum(hits), len(hits))}; taken for answers {false} of {len(others)}"

    def _all_answers(self) -> Iterator[tuple[str, Said]]:
        return ((name, each) for name, said in self._answers.items() for each in said)

    def _grammar(self, name: str) -> list[str]:
        return grammar_of(ANSWERS[name], self._vocabulary)


def reports(made: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "model"
        shutil.copytree(made / "model", folder)
        trial = _Trial(folder)
        for scale in _SCALES:
            (folder / "conf" / "model.conf").write_text(decoder_configuration(scale), encoding="ascii")
            yield f"acoustic scale {scale}: {trial.report()}"
        (folder / "conf" / "model.conf").write_text(decoder_configuration(), encoding="ascii")
        vocabulary = read_words(made / "words")
        language = language_model(vocabulary, SIZES["full"].language_sentences)
        for costs in [*(Costs(word=cost) for cost in _WORD_COSTS), *(Costs(unknown=cost) for cost in _UNKNOWN_COSTS)]:
            write_graph(folder / "graph", vocabulary, language, costs)
            yield f"{costs}: {trial.report()}"


if __name__ == "__main__":
    for line in reports(ROOT / "build" / "model" / "full"):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
