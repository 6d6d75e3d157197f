"""Frame classes: units in order, a frame each at least, as near to their times as can be."""

import pytest

from asr.training.alignment import TooShort, frame_classes, output_frames
from asr.training.units import CLASS_OF
from asr.training.utterances import Segment


def _classes(*units: tuple[str, float, float], frames: int) -> list[int]:
    named: list[int] = frame_classes(tuple(Segment(*unit) for unit in units), frames).tolist()
    return named


def test_a_frame_names_the_unit_at_its_centre() -> None:
    named = _classes(("SIL", 0.0, 0.09), ("m", 0.09, 0.15), ("a_1", 0.15, 0.3), frames=10)
    assert named == [CLASS_OF["SIL"]] * 3 + [CLASS_OF["m"]] * 2 + [CLASS_OF["a_1"]] * 5


def test_a_unit_shorter_than_a_frame_still_gets_one() -> None:
    named = _classes(("SIL", 0.0, 0.1), ("t", 0.1, 0.1001), ("a_1", 0.1001, 0.3), frames=10)
    assert named.count(CLASS_OF["t"]) == 1


def test_more_units_than_frames_are_refused() -> None:
    with pytest.raises(TooShort):
        _classes(("SIL", 0.0, 0.1), ("t", 0.1, 0.2), frames=1)


@pytest.mark.parametrize(("features", "outputs"), [(0, 0), (1, 1), (3, 1), (4, 2), (6, 2)])
def test_one_output_for_three_features(features: int, outputs: int) -> None:
    assert output_frames(features) == outputs
