"""Frames of a browser come unevenly and leave evenly: no word is lost, and delay is taken back in pauses."""

from ivr.adapters.browser_line.allowance import Allowance
from ivr.adapters.browser_line.messages import FRAME_BYTES
from ivr.adapters.browser_line.waiting_frames import LAG_FRAMES, WaitingFrames

QUIET = bytes(FRAME_BYTES)


def loud(number: int) -> bytes:
    return (3000 + number).to_bytes(2, "little") * (FRAME_BYTES // 2)


def taken(frames: WaitingFrames, ticks: int) -> list[bytes]:
    return [frame for _ in range(ticks) if (frame := frames.take())]


def test_even_frames_leave_in_their_order_after_the_lag() -> None:
    frames, left = WaitingFrames(), []
    for number in range(20):
        frames.put(loud(number))
        left += taken(frames, 1)
    assert left == [loud(number) for number in range(20 - LAG_FRAMES)]
    assert frames.take_rest() == b"".join(loud(number) for number in range(20 - LAG_FRAMES, 20))
    assert frames.take_rest() == b""


def test_a_stall_is_silence_and_the_late_words_follow_it() -> None:
    frames = WaitingFrames()
    assert taken(frames, LAG_FRAMES + 5) == [QUIET] * 5
    for number in range(10):
        frames.put(loud(number))
    assert taken(frames, 10) == [loud(number) for number in range(10)]


def test_delay_is_taken_back_by_leaving_out_quiet_frames_only() -> None:
    frames = WaitingFrames()
    taken(frames, LAG_FRAMES)
    for frame in (loud(1), *[QUIET] * 20, loud(2), QUIET, QUIET):
        frames.put(frame)
    assert taken(frames, 3) == [loud(1), loud(2), QUIET]


def test_who_is_more_than_a_second_behind_loses_the_oldest() -> None:
    frames = WaitingFrames()
    assert [frames.put(loud(number)) for number in range(52)] == [0] * 50 + [1, 1]
    assert taken(frames, LAG_FRAMES + 1) == [loud(2)]


def test_an_allowance_is_a_store_and_a_rate() -> None:
    allowance = Allowance(per_s=8, at_once=3)
    assert [allowance.takes(5.0) for _ in range(4)] == [True, True, True, False]
    assert allowance.takes(5.125)
    assert not allowance.takes(5.125)
    assert [allowance.takes(99.0) for _ in range(4)] == [True, True, True, False]
