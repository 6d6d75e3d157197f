"""Sound that is true in time although frames are missing, late or too many."""

from ivr.adapters.asterisk.steady_sound import SteadySound

FRAME = b"\1\1" * 160


def test_frames_in_time_pass_unchanged_and_nothing_is_added() -> None:
    sound = SteadySound(now=10.0)
    heard = b"".join(sound.take(FRAME, 10.0 + 0.02 * (number + 1)) for number in range(50))
    assert heard == FRAME * 50
    assert sound.fill(11.0) == b""


def test_a_gap_becomes_silence_of_its_length() -> None:
    sound = SteadySound(now=0.0)
    sound.take(FRAME, 0.02)
    filled = sound.fill(1.02)
    assert len(filled) == 16000
    assert not any(filled)


def test_a_short_gap_is_waited_for() -> None:
    sound = SteadySound(now=0.0)
    assert sound.fill(0.25) == b""
    assert sound.take(FRAME, 0.25) == FRAME


def test_sound_that_comes_after_its_gap_was_filled_is_dropped() -> None:
    sound = SteadySound(now=0.0)
    sound.fill(2.0)
    kept = sum(len(sound.take(FRAME, 2.0)) for _ in range(100))
    assert kept <= len(FRAME) * 17  # 300 ms of jitter, and no second of delay that would stay for ever


def test_a_caller_who_is_faster_than_our_clock_is_kept_whole() -> None:
    sound = SteadySound(now=0.0)
    heard = sum(len(sound.take(FRAME, 0.0199 * (number + 1))) for number in range(1000))
    assert heard == len(FRAME) * 1000
