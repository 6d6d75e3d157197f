"""`python -m asr.training [full|small] [ship]`: make the model in build/model/SIZE and compare it with the shipped one.

`small` shows in about a minute that every step works. `ship` puts the model in the shipped one's place.
"""

import shutil
import sys
from pathlib import Path

from rich.console import Console

from asr.training.measure import SHIPPED
from asr.training.recipe import ROOT, comparison_step, model_step, network_step, speech_step, words_step
from asr.training.size import SIZES, Size
from asr.training.workshop import Workshop

_PARTS = ("am", "conf", "graph", "model.json")


def make(size: Size, console: Console) -> Path:
    """All steps that are not done yet; returns the model's folder."""
    with Workshop(ROOT / "build" / "model" / size.name, console) as workshop:
        words = workshop.do(words_step(size))
        speech = speech_step(size, words)
        fitted = network_step(size, speech, workshop.do(speech))
        built = model_step(size, fitted, workshop.do(fitted), words)
        model = workshop.do(built)
        compared = workshop.do(comparison_step(size, built, model))
    text = (compared / "comparison.txt").read_text(encoding="utf-8")
    console.print(f"{text}the model is in {model.relative_to(ROOT)}", highlight=False, soft_wrap=True)
    return model


def ship(model: Path) -> None:
    """In the shipped model's place; its README.md stays."""
    for name in _PARTS:
        old = SHIPPED / name
        if old.is_dir():
            shutil.rmtree(old)
        if (model / name).is_dir():
            shutil.copytree(model / name, old)
        else:
            shutil.copy(model / name, old)


if __name__ == "__main__":
    chosen = next((SIZES[word] for word in sys.argv[1:] if word in SIZES), SIZES["full"])
    made = make(chosen, Console(stderr=True))
    if "ship" in sys.argv[1:]:
        ship(made)
