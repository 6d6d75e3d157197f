"""Which unit each output frame of the network is to name."""

import numpy as np
import numpy.typing as npt

from asr.training.units import CLASS_OF
from asr.training.utterances import Segment

FRAME_SHIFT_S = 0.010
SUBSAMPLING = 3
"""The network names a unit for one feature frame in three; Vosk multiplies frames by a hard-coded 0.03 s."""
_FIRST_CENTRE_S = 0.0125
Classes = npt.NDArray[np.int16]


class TooShort(Exception):
    """There are fewer frames than units."""


def output_frames(feature_frames: int) -> int:
    return (feature_frames + SUBSAMPLING - 1) // SUBSAMPLING


def frame_classes(units: tuple[Segment, ...], frames: int) -> Classes:
    """The class of each frame: units in their order, each with a frame at least, as near to their times as can be.

    Raises TooShort.
    """
    if frames < len(units):
        raise TooShort
    centres = np.arange(frames) * (SUBSAMPLING * FRAME_SHIFT_S) + _FIRST_CENTRE_S
    starts = np.array([unit.start_s for unit in units])
    ends = np.array([unit.end_s for unit in units])
    distances = np.maximum(np.maximum(starts - centres[:, None], centres[:, None] - ends), 0)
    path = _cheapest_path(distances)
    classes = np.array([CLASS_OF[unit.name] for unit in units], np.int16)
    return classes[path]


def _cheapest_path(distances: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """From the first column to the last, each row in the same column or one further than the row before."""
    rows, columns = distances.shape
    is_step = np.zeros((rows, columns), bool)
    total = np.full(columns, np.inf)
    total[0] = distances[0, 0]
    for row in range(1, rows):
        stepped = np.concatenate([[np.inf], total[:-1]])
        is_step[row] = stepped < total
        total = np.where(is_step[row], stepped, total) + distances[row]
    path = np.zeros(rows, np.int64)
    column = columns - 1
    for row in range(rows - 1, -1, -1):
        path[row] = column
        column -= int(is_step[row, column])
    return path
