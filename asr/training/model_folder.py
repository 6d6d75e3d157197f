"""The model's folder as Vosk reads it: acoustic model, graph, configuration, and the card that names the model."""

import json
from pathlib import Path

from asr.training import mfcc
from asr.training.acoustic_model import write_acoustic_model
from asr.training.alignment import SUBSAMPLING

NAME, VERSION, LICENCE = "mini-cn", "2.0", "Apache-2.0"
ACOUSTIC_SCALE = 0.3
"""How much the network counts against the language model. Chosen with the tuning voices (`tuning.py`)."""


def decoder_configuration(acoustic_scale: float = ACOUSTIC_SCALE) -> str:
    """conf/model.conf. The endpoint rules are what ends a result in a live call: seconds of silence after words."""
    return f"""\
--min-active=200
--max-active=3000
--beam=13.0
--lattice-beam=4.0
--acoustic-scale={acoustic_scale}
--frame-subsampling-factor={SUBSAMPLING}
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=0.75
--endpoint.rule4.min-trailing-silence=1.0
"""


def card() -> str:
    """model.json: what a transcript remembers of the model that heard it."""
    facts = {"name": NAME, "version": VERSION, "licence": LICENCE, "sample_rate": mfcc.SAMPLE_RATE}
    return json.dumps(facts, indent=2) + "\n"


def write_model(network: Path, folder: Path, acoustic_scale: float = ACOUSTIC_SCALE) -> None:
    """Everything but graph/."""
    for name in ("am", "conf"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    write_acoustic_model(network, folder / "am" / "final.mdl")
    (folder / "conf" / "mfcc.conf").write_text(mfcc.CONFIGURATION, encoding="ascii")
    (folder / "conf" / "model.conf").write_text(decoder_configuration(acoustic_scale), encoding="ascii")
    (folder / "model.json").write_text(card(), encoding="utf-8")
