"""`python -m asr.training [small]`: make the model, or a small one that shows that every step works."""

import sys

from rich.console import Console

from asr.training.recipe import ROOT, network_step, speech_step, words_step
from asr.training.size import SIZES
from asr.training.workshop import Workshop


def main(size_name: str) -> None:
    size = SIZES[size_name]
    with Workshop(ROOT / "build" / "model" / size.name, Console(stderr=True)) as workshop:
        words = workshop.do(words_step(size))
        speech = speech_step(size, words)
        data = workshop.do(speech)
        workshop.do(network_step(size, speech, data))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "full")
