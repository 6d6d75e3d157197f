"""`python -m asr.training.tuning`: how the decoding constants were chosen; with tuning sentences and voices only.

Prints error rates for several weights of the network and several costs of a word, of the model in build/model/full.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from asr.training.evaluation_set import TUNING, recordings
from asr.training.graph import Costs, write_graph
from asr.training.hearing import Ear
from asr.training.model_folder import decoder_configuration
from asr.training.rates import Heard, character_error_rate
from asr.training.recipe import ROOT, language_model, read_words
from asr.training.size import SIZES

_SCALES = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.7)
_WORD_COSTS = (0.5, 1.0, 1.5, 2.0)
_COUNT = 150


def reports(made: Path) -> Iterator[str]:
    said = list(recordings(TUNING, _COUNT))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "model"
        shutil.copytree(made / "model", folder)

        def rate() -> str:
            ear = Ear(folder)
            return str(character_error_rate([Heard(each.text, ear.text(each.sound)) for each in said]))

        for scale in _SCALES:
            (folder / "conf" / "model.conf").write_text(decoder_configuration(scale), encoding="ascii")
            yield f"acoustic scale {scale}: {rate()}"
        (folder / "conf" / "model.conf").write_text(decoder_configuration(), encoding="ascii")
        vocabulary = read_words(made / "words")
        language = language_model(vocabulary, SIZES["full"].language_sentences)
        for cost in _WORD_COSTS:
            write_graph(folder / "graph", vocabulary, language, replace(Costs(), word=cost))
            yield f"word cost {cost}: {rate()}"


if __name__ == "__main__":
    for line in reports(ROOT / "build" / "model" / "full"):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
