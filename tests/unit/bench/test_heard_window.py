"""What counts as heard in a window of several telephones."""

import pytest

from app.bench.heard_window import heard_between
from app.bench.rtp_lateness import Arrivals

START_S = 1_800_000_000.0


def _stream(frames: int, *, late_ms: float = 0.0, every: int = 0, without: int = 0) -> Arrivals:
    """From START_S on; each `every`th frame is late, and the first `without` after the tenth are missing."""
    numbers = [number for number in range(frames) if not 10 <= number < 10 + without]
    return Arrivals(
        numbers, [START_S + 0.02 * n + (late_ms / 1000 if every and n % every == every - 1 else 0) for n in numbers]
    )


def test_a_telephone_that_misses_more_than_three_frames_of_a_hundred_did_not_hear_the_window() -> None:
    heard = heard_between([_stream(100), _stream(100, without=3), _stream(100, without=4)], START_S, START_S + 2)
    assert heard.is_whole == [True, True, False]
    assert heard.whole_streams == 2
    assert heard.lost_frames == 7


def test_a_telephone_that_went_silent_did_not_hear_the_window_and_is_no_error() -> None:
    heard = heard_between([_stream(100), Arrivals([], [])], START_S, START_S + 2)
    assert heard.is_whole == [True, False]


def test_late_frames_are_counted_over_all_telephones() -> None:
    heard = heard_between([_stream(100), _stream(100, late_ms=30, every=10)], START_S, START_S + 3)
    assert heard.late_percent(20) == pytest.approx(5)
    assert heard.late_percent(40) == 0
    assert heard.jitter_ms(0.5) == pytest.approx(0, abs=0.001)
    assert heard.jitter_ms(0.99) == pytest.approx(30, abs=0.001)
