"""The network's shape: affine layers over spliced frames, first on the 10 ms grid, then on the 30 ms grid."""

from dataclasses import dataclass

from asr.training.units import UNITS


@dataclass(frozen=True, slots=True)
class Layer:
    """Sees frames at these offsets (in 10 ms) around its own."""

    offsets: tuple[int, ...]
    width: int


LAYERS = (
    Layer((-2, -1, 0, 1, 2), 192),
    Layer((-1, 0, 1), 192),
    Layer((-1, 0, 1), 320),
    Layer((-3, 0, 3), 320),
    Layer((-3, 0, 3), 320),
    Layer((-3, 0, 3), 320),
    Layer((-6, 0, 3), 320),
)
STRIDE_LAYER = 2
"""The last layer that sees every 10 ms; its output is taken once in 30 ms."""
STRIDE = 3
CLASSES = len(UNITS)
NORM_EPSILON = 1e-5
"""Added to the variance where layers are normalised."""
LEFT_CONTEXT = -sum(layer.offsets[0] for layer in LAYERS)
RIGHT_CONTEXT = sum(layer.offsets[-1] for layer in LAYERS)


def steps(layer: int) -> tuple[int, ...]:
    """The layer's offsets in rows of what it gets, from 0 on."""
    grid = STRIDE if layer > STRIDE_LAYER else 1
    first = LAYERS[layer].offsets[0]
    return tuple((offset - first) // grid for offset in LAYERS[layer].offsets)
