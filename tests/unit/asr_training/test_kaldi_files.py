"""The binary form Kaldi reads, folded layers, the language model's probabilities, the tree of phones."""

import struct
from pathlib import Path

import numpy as np
import pytest

from asr.training.acoustic_model import folded
from asr.training.graph import Costs, PhoneTree
from asr.training.kaldi_format import KaldiWriter, Matrix
from asr.training.language_model import END, START, acceptor_lines, estimate
from asr.training.mfcc import FEATURES
from asr.training.model_folder import card, decoder_configuration
from asr.training.network import CLASSES, LAYERS, LEFT_CONTEXT, NORM_EPSILON, RIGHT_CONTEXT, steps

_VOCABULARY = ["灯", "路", "坏", "亮", "了"]
_SENTENCES = [["路", "灯", "坏", "了"], ["路", "灯", "亮", "了"], ["路", "灯", "坏", "了"], ["灯", "坏", "了"]]


def _saved(writer: KaldiWriter, path: Path) -> bytes:
    writer.save(path)
    return path.read_bytes()


def test_tokens_and_numbers_are_written_as_kaldi_reads_them(tmp_path: Path) -> None:
    writer = KaldiWriter().tokens("<Dim>").whole(3).real(0.5).whole_numbers([1, 2])
    assert _saved(writer, tmp_path / "file") == (
        b"\0B<Dim> \x04\x03\0\0\0\x04" + struct.pack("<f", 0.5) + b"\x04\x02\0\0\0\x01\0\0\0\x02\0\0\0"
    )


def test_a_compressed_matrix_loses_next_to_nothing(tmp_path: Path) -> None:
    matrix = np.random.default_rng(1).standard_normal((4, 6))
    content = _saved(KaldiWriter().compressed_matrix(matrix), tmp_path / "file")
    assert content[2:6] == b"CM2 "
    low, span, rows, columns = struct.unpack("<ffii", content[6:22])
    read = low + span * np.frombuffer(content[22:], "<u2").reshape(rows, columns) / 65535
    np.testing.assert_allclose(read, matrix, atol=1e-4)


def _random_network() -> dict[str, Matrix]:
    rng = np.random.default_rng(2)
    values: dict[str, Matrix] = {"mean": rng.standard_normal(FEATURES), "deviation": rng.uniform(1, 2, FEATURES)}
    inputs = FEATURES
    for number, layer in enumerate(LAYERS):
        name = f"layer{number}"
        values[f"{name}.weight"] = rng.standard_normal((layer.width, inputs * len(layer.offsets))) * 0.1
        for part in ("bias", "scale", "shift", "mean"):
            values[f"{name}.{part}"] = rng.standard_normal(layer.width)
        values[f"{name}.variance"] = rng.uniform(0.5, 2, layer.width)
        inputs = layer.width
    values |= {"output.weight": rng.standard_normal((CLASSES, inputs)), "output.bias": rng.standard_normal(CLASSES)}
    return values


def test_folded_layers_compute_what_the_normalised_ones_do() -> None:
    network = _random_network()
    layers = list(folded(network))
    frames = np.random.default_rng(3).standard_normal((LEFT_CONTEXT + RIGHT_CONTEXT + 1, FEATURES))
    plain = frames
    rows = (frames - network["mean"]) / network["deviation"]
    for number, layer in enumerate(layers):
        offsets = [offset - layer.offsets[0] for offset in layer.offsets]
        plain = _affine(plain, offsets, layer.weight, layer.bias)
        is_last = number == len(LAYERS)
        name = "output" if is_last else f"layer{number}"
        rows = _affine(rows, offsets, network[f"{name}.weight"], network[f"{name}.bias"])
        if not is_last:
            plain, rows = np.maximum(plain, 0), np.maximum(rows, 0)
            spread = np.sqrt(network[f"{name}.variance"] + NORM_EPSILON)
            rows = (rows - network[f"{name}.mean"]) / spread * network[f"{name}.scale"] + network[f"{name}.shift"]
    assert plain.shape == (1, CLASSES)
    np.testing.assert_allclose(plain, rows, rtol=1e-6)


def _affine(rows: Matrix, offsets: list[int], weight: Matrix, bias: Matrix) -> Matrix:
    count = len(rows) - offsets[-1]
    outputs: Matrix = np.concatenate([rows[offset : offset + count] for offset in offsets], axis=1) @ weight.T + bias
    return outputs


def test_offsets_count_in_rows_of_what_a_layer_gets() -> None:
    assert steps(0) == (0, 1, 2, 3, 4)
    assert steps(3) == (0, 1, 2)
    assert steps(6) == (0, 2, 3)


@pytest.mark.parametrize("history", [(), ("路",), ("路", "灯"), (START,), (START, "路"), ("坏", "了"), ("亮", "亮")])
def test_probabilities_after_any_history_add_up_to_one(history: tuple[str, ...]) -> None:
    model = estimate(_SENTENCES, _VOCABULARY, {"灯": 30, "亮": 10})
    assert sum(model.probability(history, word) for word in [*_VOCABULARY, END]) == pytest.approx(1)


def test_what_was_often_seen_is_likely_and_what_never_was_is_possible() -> None:
    model = estimate(_SENTENCES, _VOCABULARY, {"亮": 10})
    after = {word: model.probability(("路", "灯"), word) for word in _VOCABULARY}
    assert after["坏"] == max(after.values())
    assert min(after.values()) > 0


def test_the_acceptor_starts_at_the_beginning_of_a_sentence_and_has_an_end() -> None:
    numbers = {word: number for number, word in enumerate(_VOCABULARY, 1)}
    lines = [line.split() for line in acceptor_lines(estimate(_SENTENCES, _VOCABULARY, {}), numbers)]
    assert lines[0][0] == "0"
    assert any(len(line) == 2 for line in lines)
    assert {line[2] for line in lines if len(line) == 5} <= {"0", *map(str, numbers.values())}
    states = {line[0] for line in lines}
    assert {line[1] for line in lines if len(line) == 5} <= states


def test_words_that_begin_alike_share_the_way() -> None:
    def count(*words: str) -> int:
        tree = PhoneTree(Costs())
        for number, word in enumerate(words, 1):
            tree.add_word(number, word)
        return len(list(tree.lines()))

    assert count("路灯", "路口") < count("路灯") + count("路口") - count("路") // 2


def test_every_reading_costs_its_word() -> None:
    tree = PhoneTree(Costs(word=2.5))
    tree.add_word(7, "灯")
    ends = [line.split() for line in tree.lines() if line.split()[3:4] == ["7"]]
    assert [(end[1], float(end[4])) for end in ends] == [("0", 2.5)]


def test_the_card_names_model_version_and_licence() -> None:
    assert all(f'"{key}"' in card() for key in ("name", "version", "licence", "sample_rate"))
    assert "--frame-subsampling-factor=3" in decoder_configuration()
