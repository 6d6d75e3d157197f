"""What the files of a model's folder tell without loading it: is it complete, its sample rate, its name."""

import json
from pathlib import Path

from asr.domain.catalogue.speech_model import ModelIdentity, identity_of
from asr.domain.errors import ModelMissing

_LAYOUTS = (
    # folder as trained today: look-ahead graph (or one big graph), configuration in conf/
    ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf", "graph/words.txt"),
    # folder of older models: everything at the top
    ("final.mdl", "mfcc.conf", "words.txt"),
)
_GRAPHS = (("graph/HCLG.fst",), ("graph/HCLr.fst", "graph/Gr.fst", "graph/disambig_tid.int"), ("HCLG.fst",))
_KALDI_SAMPLE_RATE = 16000  # Kaldi's default when mfcc.conf names none
_CARD = "model.json"


def check_files(model_dir: Path) -> None:
    """Name what is missing before Vosk's native code sees the folder: it says only that it failed."""
    if not model_dir.is_dir():
        raise ModelMissing(f"no speech model: {model_dir} is not a folder")
    missing = [[name for name in layout if not (model_dir / name).is_file()] for layout in _LAYOUTS]
    if all(missing):
        raise ModelMissing(f"no speech model in {model_dir}: {', '.join(missing[0])} missing")
    if not any(all((model_dir / name).is_file() for name in graph) for graph in _GRAPHS):
        raise ModelMissing(f"no speech model in {model_dir}: graph/HCLG.fst (or HCLr.fst, Gr.fst, ...) missing")
    words = next(path for name in ("graph/words.txt", "words.txt") if (path := model_dir / name).is_file())
    if not words.read_bytes().endswith(b"\n"):  # Vosk would take what is there and say other words than it heard
        raise ModelMissing(f"the speech model in {model_dir} is damaged: {words.name} is cut off")


def sample_rate_of(model_dir: Path) -> int:
    """Hz, from the model's configuration; raises ModelMissing where there is none that can be read."""
    configuration = next(
        (path for name in ("conf/mfcc.conf", "mfcc.conf") if (path := model_dir / name).is_file()), None
    )
    if configuration is None:
        raise ModelMissing(f"no speech model in {model_dir}: conf/mfcc.conf missing")
    for line in configuration.read_text(encoding="utf-8", errors="replace").splitlines():
        option, _, value = line.split("#", 1)[0].strip().partition("=")
        if option.strip() == "--sample-frequency":
            return _whole_hertz(value, configuration)
    return _KALDI_SAMPLE_RATE


def model_identity(model_dir: Path, *, known_as: str = "") -> ModelIdentity:
    """From the model's own `model.json` where it has one, else from its folder's name (or `known_as`)."""
    by_name = identity_of(known_as or model_dir.resolve().name)
    try:
        card = json.loads((model_dir / _CARD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return by_name
    if not isinstance(card, dict) or not isinstance(card.get("name"), str):
        return by_name
    return ModelIdentity(card["name"], str(card.get("version", by_name.version)), str(card.get("licence", "")))


def _whole_hertz(value: str, configuration: Path) -> int:
    try:
        return int(float(value))
    except (ValueError, OverflowError):
        raise ModelMissing(f"{configuration}: --sample-frequency is not a number") from None
