"""Fit the network with PyTorch: `python -m asr.training.fit DATA OUT EPOCHS` in the training environment.

The only module that imports torch; no other module imports it. Progress is told on stdout, a JSON object a line.
Needs torch, numpy and nothing else.
"""

import json
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from asr.training.mfcc import FEATURES
from asr.training.network import (
    CLASSES,
    LAYERS,
    LEFT_CONTEXT,
    NORM_EPSILON,
    RIGHT_CONTEXT,
    STRIDE,
    STRIDE_LAYER,
    steps,
)  # fmt: skip

CHUNK, BATCH = 60, 32
"""Output frames in an example, examples in a step."""
PEAK_RATE, FINAL_SHARE, WARM_UP_STEPS, WEIGHT_DECAY = 2.5e-3, 0.005, 200, 1e-3
GRADIENT_LIMIT = 2.0
LINE_SPREAD = 0.2
"""Each example is moved by one random cepstral vector of this many standard deviations: another handset."""
MASKED_SHARE, MASK_FRAMES = 0.3, 12
"""In so many examples a stretch of at most so many features frames is replaced by the mean: a gap in the sound."""
NORM_MOMENTUM = 0.05
PRIOR_FLOOR = 10
_IGNORED = -100
_TELL_EVERY = 50


@dataclass(slots=True)
class Examples:
    features: Tensor
    classes: Tensor
    feature_starts: list[int]
    class_starts: list[int]

    @classmethod
    def load(cls, paths: list[Path]) -> "Examples":
        parts = [dict(np.load(path)) for path in paths]
        joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0] if name != "rejected"}
        return cls(
            torch.from_numpy(joined["features"]),
            torch.from_numpy(joined["classes"].astype(np.int64)),
            [0, *np.cumsum(joined["feature_counts"]).tolist()],
            [0, *np.cumsum(joined["class_counts"]).tolist()],
        )

    def __len__(self) -> int:
        return len(self.feature_starts) - 1

    def utterance(self, index: int) -> tuple[Tensor, Tensor]:
        features = self.features[self.feature_starts[index] : self.feature_starts[index + 1]]
        return features.float(), self.classes[self.class_starts[index] : self.class_starts[index + 1]]

    def places(self, rng: np.random.Generator) -> list[tuple[int, int]]:
        """Utterance and first output frame of examples that cover everything about once, in random order."""
        places = []
        for index in range(len(self)):
            length = self.class_starts[index + 1] - self.class_starts[index]
            last = max(0, length - CHUNK)
            places += [(index, int(rng.integers(0, last + 1))) for _ in range(max(1, round(length / CHUNK)))]
        rng.shuffle(places)
        return places

    def batches(self, rng: np.random.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        places = self.places(rng)
        for start in range(0, len(places) - BATCH + 1, BATCH):
            cut = [self._cut(*place) for place in places[start : start + BATCH]]
            yield torch.stack([features for features, _ in cut]), torch.stack([classes for _, classes in cut])

    def _cut(self, index: int, first: int) -> tuple[Tensor, Tensor]:
        features, classes = self.utterance(index)
        wanted = classes[first : first + CHUNK]
        missing = CHUNK - len(wanted)
        return around(features, first, CHUNK), functional.pad(wanted, (0, missing), value=_IGNORED)


def around(features: Tensor, first: int, count: int) -> Tensor:
    """What the network must see to name `count` output frames; edges are repeated, as Kaldi does it."""
    width = LEFT_CONTEXT + STRIDE * (count - 1) + 1 + RIGHT_CONTEXT
    start = STRIDE * first - LEFT_CONTEXT
    return features[torch.arange(start, start + width).clamp_(0, len(features) - 1)]


class Network:
    """Parameters by name, as they are stored, and the way from features to log probabilities."""

    def __init__(self, examples: Examples) -> None:
        some = torch.cat([examples.utterance(index)[0] for index in range(min(len(examples), 2000))])
        self.mean, self.deviation = some.mean(0), some.std(0)
        self.parameters: dict[str, Tensor] = {}
        self.statistics: dict[str, Tensor] = {}
        inputs = FEATURES
        for number, layer in enumerate(LAYERS):
            self._add_affine(f"layer{number}", inputs * len(layer.offsets), layer.width)
            self.parameters |= {
                f"layer{number}.scale": torch.ones(layer.width),
                f"layer{number}.shift": torch.zeros(layer.width),
            }
            self.statistics |= {
                f"layer{number}.mean": torch.zeros(layer.width),
                f"layer{number}.variance": torch.ones(layer.width),
            }
            inputs = layer.width
        self._add_affine("output", inputs, CLASSES)
        for parameter in self.parameters.values():
            parameter.requires_grad_()

    def _add_affine(self, name: str, inputs: int, outputs: int) -> None:
        bound = 1 / math.sqrt(inputs)
        self.parameters[f"{name}.weight"] = torch.empty(outputs, inputs).uniform_(-bound, bound)
        self.parameters[f"{name}.bias"] = torch.zeros(outputs)

    def __call__(self, features: Tensor, *, is_training: bool) -> Tensor:
        """batch × frames × FEATURES → batch × output frames × CLASSES."""
        rows = (features - self.mean) / self.deviation
        for number in range(len(LAYERS)):
            name, offsets = f"layer{number}", steps(number)
            length = rows.shape[1] - offsets[-1]
            stride = STRIDE if number == STRIDE_LAYER else 1
            spliced = torch.cat([rows[:, offset : offset + length : stride] for offset in offsets], 2)
            batch, frames, _ = spliced.shape
            flat = functional.relu(self._affine(name, spliced.reshape(batch * frames, -1)))
            rows = self._normalised(name, flat, is_training=is_training).reshape(batch, frames, -1)
        return functional.log_softmax(self._affine("output", rows).float(), 2)

    def _affine(self, name: str, rows: Tensor) -> Tensor:
        return functional.linear(rows, self.parameters[f"{name}.weight"], self.parameters[f"{name}.bias"])

    def _normalised(self, name: str, rows: Tensor, *, is_training: bool) -> Tensor:
        return functional.batch_norm(
            rows, self.statistics[f"{name}.mean"], self.statistics[f"{name}.variance"],
            self.parameters[f"{name}.scale"], self.parameters[f"{name}.shift"],
            training=is_training, momentum=NORM_MOMENTUM, eps=NORM_EPSILON,
        )  # fmt: skip

    def save(self, path: Path, priors: Tensor) -> None:
        arrays = {name: value.detach().numpy() for name, value in (self.parameters | self.statistics).items()}
        np.savez(path, mean=self.mean.numpy(), deviation=self.deviation.numpy(), priors=priors.numpy(), **arrays)


def disturbed(features: Tensor, deviation: Tensor, rng: np.random.Generator) -> Tensor:
    moved = (
        features + torch.from_numpy(rng.standard_normal((len(features), 1, FEATURES))).float() * deviation * LINE_SPREAD
    )
    for example in moved[torch.from_numpy(rng.random(len(moved)) < MASKED_SHARE)]:
        length = int(rng.integers(1, MASK_FRAMES + 1))
        start = int(rng.integers(0, len(example) - length))
        example[start : start + length] = example.mean(0)
    return moved


@torch.no_grad()
def accuracy(network: Network, examples: Examples) -> tuple[float, float]:
    """Share of frames named right, and loss per frame."""
    right = frames = 0
    loss = 0.0
    for index in range(len(examples)):
        features, classes = examples.utterance(index)
        scores = network(around(features, 0, len(classes))[None], is_training=False)[0]
        right += int((scores.argmax(1) == classes).sum())
        loss += float(functional.nll_loss(scores, classes, reduction="sum"))
        frames += len(classes)
    return right / frames, loss / frames


def fit(training: Examples, tuning: Examples, epochs: int, kept: Path, seed: int = 1) -> Network:
    """`kept`: the state after each epoch; a fit that was cut off goes on from there."""
    torch.manual_seed(seed)
    network = Network(training)
    optimizer = torch.optim.AdamW(network.parameters.values(), lr=PEAK_RATE, weight_decay=WEIGHT_DECAY)
    steps_an_epoch = len(training.places(np.random.default_rng(seed))) // BATCH
    steps_in_all = epochs * steps_an_epoch
    for epoch in range(restored(network, optimizer, kept), epochs):
        rng = np.random.default_rng((seed, epoch))
        step = epoch * steps_an_epoch
        for features, classes in training.batches(rng):
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(step, steps_in_all)
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=has_fast_half()):
                scores = network(disturbed(features, network.deviation, rng), is_training=True)
            loss = functional.nll_loss(scores.flatten(0, 1), classes.flatten(), ignore_index=_IGNORED)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters.values(), GRADIENT_LIMIT)
            optimizer.step()
            step += 1
            if step % _TELL_EVERY == 0:
                tell(
                    step=min(step, steps_in_all), of=steps_in_all, epoch=epoch + 1, loss=round(float(loss.detach()), 3)
                )
        right, tuning_loss = accuracy(network, tuning)
        tell(epoch_done=epoch + 1, tuning_accuracy=round(right, 4), tuning_loss=round(tuning_loss, 4))
        keep(network, optimizer, kept, epoch + 1)
    return network


def keep(network: Network, optimizer: torch.optim.Optimizer, path: Path, epochs_done: int) -> None:
    unfinished = path.with_suffix(".unfinished")
    parts = (network.parameters, network.statistics, optimizer.state_dict(), epochs_done)
    torch.save(parts, unfinished)
    unfinished.replace(path)


def restored(network: Network, optimizer: torch.optim.Optimizer, path: Path) -> int:
    """The number of epochs that are done already."""
    if not path.exists():
        return 0
    parameters, statistics, state, epochs_done = torch.load(path)
    with torch.no_grad():
        for name, value in parameters.items():
            network.parameters[name].copy_(value)
    network.statistics.update(statistics)
    optimizer.load_state_dict(state)
    return int(epochs_done)


def learning_rate(step: int, steps_in_all: int) -> float:
    """Up quickly, then down along a cosine."""
    falling = 0.5 * (1 + math.cos(math.pi * min(1.0, step / max(1, steps_in_all))))
    return PEAK_RATE * min(1.0, (step + 1) / WARM_UP_STEPS) * (falling + FINAL_SHARE)


def has_fast_half() -> bool:
    """Processors without bfloat16 would emulate it slowly."""
    flags = Path("/proc/cpuinfo")
    return flags.exists() and any(flag in flags.read_text() for flag in ("avx512_bf16", "amx_bf16"))


def class_priors(classes: Tensor) -> Tensor:
    counts = torch.bincount(classes, minlength=CLASSES).double() + PRIOR_FLOOR
    return counts / counts.sum()


def tell(**facts: Any) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def main(data: Path, out: Path, epochs: int) -> None:
    training = Examples.load(sorted(data.glob("training-*.npz")))
    tuning = Examples.load(sorted(data.glob("tuning-*.npz")))
    tell(hours=round(training.features.shape[0] / 360_000, 2), utterances=len(training))
    kept = out.with_suffix(".state")
    network = fit(training, tuning, epochs, kept)
    network.save(out, class_priors(training.classes))
    kept.unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
