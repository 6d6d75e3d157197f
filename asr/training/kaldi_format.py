"""Kaldi's binary files, as far as am/final.mdl needs them.

A token is text and a space; numbers are a size byte and little-endian bytes; a vector of whole numbers has its count
without a size byte.
"""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

_BINARY = b"\0B"
_FOUR_BYTES = b"\x04"
_STEPS = 65535
Matrix = npt.NDArray[np.float64]


class KaldiWriter:
    """Collects the content; every call returns the writer."""

    def __init__(self) -> None:
        self._content = bytearray(_BINARY)

    def tokens(self, *names: str) -> Self:
        self._content += "".join(f"{name} " for name in names).encode()
        return self

    def text(self, text: str) -> Self:
        self._content += text.encode()
        return self

    def whole(self, *values: int) -> Self:
        for value in values:
            self._content += _FOUR_BYTES + struct.pack("<i", value)
        return self

    def real(self, *values: float) -> Self:
        for value in values:
            self._content += _FOUR_BYTES + struct.pack("<f", value)
        return self

    def whole_numbers(self, values: Sequence[int]) -> Self:
        self._content += _FOUR_BYTES + struct.pack("<i", len(values)) + np.asarray(values, "<i4").tobytes()
        return self

    def vector(self, values: npt.ArrayLike) -> Self:
        numbers = np.asarray(values, "<f4")
        self.tokens("FV").whole(len(numbers))
        self._content += numbers.tobytes()
        return self

    def compressed_matrix(self, matrix: Matrix) -> Self:
        """Two bytes a number: Kaldi takes it wherever it expects a matrix."""
        low = np.float32(matrix.min())
        span = np.float32(matrix.max() - low)
        steps = np.round((matrix - float(low)) / float(span) * _STEPS).clip(0, _STEPS).astype("<u2")
        self.tokens("CM2")
        self._content += struct.pack("<ffii", low, span, *matrix.shape) + steps.tobytes()
        return self

    def save(self, path: Path) -> None:
        path.write_bytes(bytes(self._content))
