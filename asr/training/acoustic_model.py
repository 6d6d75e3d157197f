"""am/final.mdl from the fitted network: transition model, nnet3 network, priors.

Normalisations of the input and between layers are folded into the affine parts, so Kaldi sees plain layers.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from asr.training.kaldi_format import KaldiWriter, Matrix
from asr.training.mfcc import FEATURES
from asr.training.network import LAYERS, LEFT_CONTEXT, NORM_EPSILON, RIGHT_CONTEXT
from asr.training.phones import PHONES

_HALF = 0.5
_KALDI_RATE = 0.001  # a learning rate, which nobody needs any more


@dataclass(frozen=True, slots=True)
class Affine:
    offsets: tuple[int, ...]
    weight: Matrix
    bias: Matrix


def folded(network: Mapping[str, Matrix]) -> Iterator[Affine]:
    """The layers with what stands before them folded in: weight · (scale · x + shift) + bias."""
    values = {name: np.asarray(value, np.float64) for name, value in network.items()}
    scale, shift = 1 / values["deviation"], -values["mean"] / values["deviation"]
    for number, layer in enumerate(LAYERS):
        name = f"layer{number}"
        yield _affine(layer.offsets, values[f"{name}.weight"], values[f"{name}.bias"], scale, shift)
        scale = values[f"{name}.scale"] / np.sqrt(values[f"{name}.variance"] + NORM_EPSILON)
        shift = values[f"{name}.shift"] - values[f"{name}.mean"] * scale
    yield _affine((0,), values["output.weight"], values["output.bias"], scale, shift)


def _affine(offsets: tuple[int, ...], weight: Matrix, bias: Matrix, scale: Matrix, shift: Matrix) -> Affine:
    count = len(offsets)
    return Affine(offsets, weight * np.tile(scale, count), bias + weight @ np.tile(shift, count))


def write_acoustic_model(network: Path, path: Path) -> None:
    with np.load(network) as stored:
        values = {name: stored[name] for name in stored.files}
    writer = KaldiWriter()
    _write_transitions(writer)
    _write_network(writer, list(folded(values)))
    writer.tokens("<LeftContext>").whole(LEFT_CONTEXT).tokens("<RightContext>").whole(RIGHT_CONTEXT)
    writer.tokens("<Priors>").vector(values["priors"])
    writer.save(path)


def _write_transitions(writer: KaldiWriter) -> None:
    """Every phone: one state that loops or goes on, both with probability one half."""
    count = len(PHONES)
    writer.tokens("<TransitionModel>", "<Topology>")
    writer.whole_numbers([phone.number for phone in PHONES]).whole_numbers([-1] + [0] * count)
    writer.whole(1, 2)  # one entry of two states
    writer.whole(0, 2).whole(0).real(_HALF).whole(1).real(_HALF)
    writer.whole(-1, 0)  # the end: emits nothing, goes nowhere
    writer.tokens("</Topology>", "<Triples>").whole(count)
    for phone in PHONES:
        writer.whole(phone.number, 0, phone.acoustic_class)
    writer.tokens("</Triples>", "<LogProbs>").vector([0.0] + [math.log(_HALF)] * (2 * count))
    writer.tokens("</LogProbs>", "</TransitionModel>")


def _write_network(writer: KaldiWriter, layers: list[Affine]) -> None:
    lines, source = [f"input-node name=input dim={FEATURES}"], "input"
    names = [(f"tdnn{number}.affine", f"tdnn{number}.relu") for number in range(1, len(layers))]
    names.append(("output.affine", "output.log-softmax"))
    for (affine, after), layer in zip(names, layers, strict=True):
        lines.append(f"component-node name={affine} component={affine} input={_spliced(source, layer.offsets)}")
        lines.append(f"component-node name={after} component={after} input={affine}")
        source = after
    lines.append(f"output-node name=output input={source} objective=linear")
    writer.tokens("<Nnet3>").text("\n" + "\n".join(lines) + "\n\n")
    writer.tokens("<NumComponents>").whole(2 * len(layers))
    for (affine, after), layer in zip(names, layers, strict=True):
        writer.tokens("<ComponentName>", affine, "<AffineComponent>", "<LearningRate>").real(_KALDI_RATE)
        writer.tokens("<LinearParams>").compressed_matrix(layer.weight)
        writer.tokens("<BiasParams>").vector(layer.bias).tokens("</AffineComponent>")
        kind = "LogSoftmaxComponent" if after == source else "RectifiedLinearComponent"
        writer.tokens("<ComponentName>", after)
        _write_nonlinearity(writer, kind, len(layer.bias))
    writer.tokens("</Nnet3>")


def _spliced(source: str, offsets: tuple[int, ...]) -> str:
    parts = [f"Offset({source}, {offset})" if offset else source for offset in offsets]
    return parts[0] if len(parts) == 1 else f"Append({', '.join(parts)})"


def _write_nonlinearity(writer: KaldiWriter, kind: str, size: int) -> None:
    """With empty statistics."""
    writer.tokens(f"<{kind}>", "<Dim>").whole(size).tokens("<ValueAvg>").vector([]).tokens("<DerivAvg>").vector([])
    writer.tokens("<Count>").real(0).tokens("<OderivRms>").vector([]).tokens("<OderivCount>").real(0)
    writer.tokens("<NumDimsSelfRepaired>").real(0).tokens("<NumDimsProcessed>").real(0).tokens(f"</{kind}>")
