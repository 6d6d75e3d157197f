"""Lateness of frames behind their stream's own grid."""

import numpy as np
import pytest

from app.bench.rtp_lateness import Arrivals, lateness_ms, lost_frames

START_S = 1_800_000_000.0


def _arrivals(*frames: tuple[int, float]) -> Arrivals:
    """Frames as (sequence number, milliseconds after the start)."""
    return Arrivals([number for number, _ in frames], [START_S + at_ms / 1000 for _, at_ms in frames])


def test_a_perfect_stream_is_never_late() -> None:
    stream = _arrivals(*((number, 20.0 * number) for number in range(50)))
    assert lateness_ms(stream).max() == pytest.approx(0, abs=0.001)


def test_lateness_counts_from_the_most_punctual_frame_also_when_it_is_not_the_first() -> None:
    stream = _arrivals((0, 7.0), (1, 20.0), (2, 45.0), (3, 60.0))
    assert lateness_ms(stream) == pytest.approx([7, 0, 5, 0], abs=0.001)


def test_one_late_frame_does_not_make_those_after_it_late() -> None:
    stream = _arrivals((0, 0.0), (1, 35.0), (2, 40.0))
    assert lateness_ms(stream) == pytest.approx([0, 15, 0], abs=0.001)


def test_a_lost_frame_is_counted_and_leaves_the_grid_alone() -> None:
    stream = _arrivals((0, 0.0), (1, 20.0), (3, 60.0))
    assert lateness_ms(stream).max() == pytest.approx(0, abs=0.001)
    assert lost_frames(stream) == 1


def test_the_wrap_of_the_sequence_number_is_no_gap() -> None:
    stream = _arrivals((65534, 0.0), (65535, 20.0), (0, 40.0), (1, 60.0))
    assert lateness_ms(stream).max() == pytest.approx(0, abs=0.001)
    assert lost_frames(stream) == 0


def test_a_frame_that_overtook_another_and_one_that_came_twice_are_no_loss() -> None:
    assert lost_frames(_arrivals((5, 0.0), (7, 21.0), (6, 22.0), (7, 23.0))) == 0


def test_a_silent_stream_has_no_lateness() -> None:
    assert np.array_equal(lateness_ms(_arrivals()), [])
    assert lost_frames(_arrivals()) == 0


def test_only_frames_of_the_window_count() -> None:
    stream = _arrivals((0, 0.0), (1, 20.0), (2, 40.0), (3, 60.0))
    assert list(stream.within(START_S + 0.010, START_S + 0.050).sequence) == [1, 2]
