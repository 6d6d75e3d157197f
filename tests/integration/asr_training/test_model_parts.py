"""Real parts together: espeak-ng's library, OpenFst's programs, and Vosk, which reads back what the recipe writes."""

import json
import random
from pathlib import Path

import numpy as np
import pytest

from asr.training.acoustic_model import write_acoustic_model
from asr.training.espeak_library import EspeakLibrary, Style
from asr.training.evaluation_set import CONDITIONS, Condition, condition, recordings
from asr.training.graph import Costs, write_graph
from asr.training.hearing import Ear, known_words
from asr.training.kaldi_format import Matrix
from asr.training.language_model import estimate
from asr.training.lexicon import vocabulary
from asr.training.mfcc import FEATURES, SAMPLE_RATE
from asr.training.model_folder import write_model
from asr.training.network import CLASSES, LAYERS
from asr.training.sentences import Use, use_of
from asr.training.speech_data import Chunk, make_chunk
from asr.training.utterances import Speaker
from asr.training.worker_pool import Piece, run_all
from config.settings import ROOT

_SHIPPED = ROOT / "asr" / "models" / "mini-cn"
_SENTENCES = [["路灯", "不", "亮"], ["路灯", "坏", "了"], ["停水", "了"], ["不", "满意"], ["满意"]]


def _say(folder: Path) -> None:
    speaker = Speaker(EspeakLibrary())
    said = speaker.say(["我们", "小区", "停水", "了"], Style("m1"), random.Random(1))
    said = speaker.on_the_line(said, speed=1.0, lead_s=0.3, tail_s=0.4)
    times = [[word.name, word.start_s, word.end_s] for word in said.words]
    units = [[unit.name, unit.start_s, unit.end_s] for unit in said.units]
    facts = {"times": times, "units": units, "length_s": len(said.sound) / SAMPLE_RATE}
    (folder / "said.json").write_text(json.dumps(facts))


def test_words_and_units_have_their_times(tmp_path: Path) -> None:
    run_all([Piece("say", lambda _: _say(tmp_path))], timeout_s=60)
    said = json.loads((tmp_path / "said.json").read_text())
    assert [word for word, _, _ in said["times"]] == ["我们", "小区", "停水", "了"]
    assert said["times"][0][1] == pytest.approx(0.3, abs=0.08)
    names = [name for name, _, _ in said["units"]]
    assert [name for name in names if name != "SIL"] == [
        *("uo_3", "m", "en_5", "x", "iao_3", "q", "v_1", "t", "ing_2", "sh", "uei_3", "l", "e_5")
    ]
    edges = [(end, start) for (_, _, end), (_, start, _) in zip(said["units"], said["units"][1:], strict=False)]
    assert all(end == pytest.approx(start) for end, start in edges)
    assert (said["units"][0][1], said["units"][-1][2]) == (0.0, pytest.approx(said["length_s"]))


def test_the_same_seed_makes_the_same_chunk(tmp_path: Path) -> None:
    words = vocabulary({"路灯", "停水"})
    chunk = Chunk(Use.TRAINING, seed=5, count=6)
    run_all([Piece("one", lambda _: make_chunk(chunk, words, tmp_path / "one.npz"))], timeout_s=60)
    run_all([Piece("two", lambda _: make_chunk(chunk, words, tmp_path / "two.npz"))], timeout_s=60)
    with np.load(tmp_path / "one.npz") as one, np.load(tmp_path / "two.npz") as two:
        assert one["feature_counts"].sum() == len(one["features"]) > 300
        assert one["class_counts"].sum() == len(one["classes"])
        assert all((one[name] == two[name]).all() for name in one.files)


def test_recordings_of_a_condition_are_always_the_same_and_never_trained_on() -> None:
    first, second = (list(recordings(condition("mixed"), 3)) for _ in range(2))
    assert [one.text for one in first] == [two.text for two in second]
    assert all((one.sound == two.sound).all() for one, two in zip(first, second, strict=True))
    assert all(use_of(one.text) is Use.TEST for one in first)


def _untrained_network(path: Path) -> None:
    """With the shapes of a trained one."""
    rng, inputs = np.random.default_rng(1), FEATURES
    values: dict[str, Matrix] = {"mean": np.zeros(FEATURES), "deviation": np.ones(FEATURES)}
    for number, layer in enumerate(LAYERS):
        values[f"layer{number}.weight"] = rng.standard_normal((layer.width, inputs * len(layer.offsets)))
        values |= {f"layer{number}.{part}": np.zeros(layer.width) for part in ("bias", "shift", "mean")}
        values |= {f"layer{number}.{part}": np.ones(layer.width) for part in ("scale", "variance")}
        inputs = layer.width
    values |= {"output.weight": np.eye(CLASSES, inputs), "output.bias": np.zeros(CLASSES)}
    np.savez(path, allow_pickle=False, priors=np.full(CLASSES, 1 / CLASSES), **values)


def test_vosk_loads_what_the_recipe_writes_and_takes_grammars(tmp_path: Path) -> None:
    _untrained_network(tmp_path / "network.npz")
    write_model(tmp_path / "network.npz", tmp_path / "model")
    words = vocabulary({word for sentence in _SENTENCES for word in sentence})
    write_graph(tmp_path / "model" / "graph", words, estimate(_SENTENCES, words, {}), Costs())
    ear = Ear(tmp_path / "model")
    assert known_words(tmp_path / "model") == sorted(words)
    silence = np.zeros(SAMPLE_RATE, np.int16)
    ear.words(silence)
    assert ear.text(silence, ["满意", "不 满意"]) in ("", "满意", "不满意")


def test_the_shipped_acoustic_model_is_written_by_the_shipped_code(tmp_path: Path) -> None:
    """Same shapes: a network of this recipe gives a file as long as the one in the repository."""
    _untrained_network(tmp_path / "network.npz")
    write_acoustic_model(tmp_path / "network.npz", tmp_path / "final.mdl")
    assert (tmp_path / "final.mdl").stat().st_size == (_SHIPPED / "am" / "final.mdl").stat().st_size


@pytest.mark.parametrize("wanted", CONDITIONS, ids=lambda wanted: wanted.name)
def test_every_condition_can_be_spoken(wanted: Condition) -> None:
    (said,) = recordings(wanted, 1, ["路灯", "停水"])
    assert said.text
    assert np.abs(said.sound).max() > 0
