"""Received packets put back in time."""

from hypothesis import given
from hypothesis import strategies as st

from ivr.adapters.embedded_sip.heard_sound import HeardSound

FRAME = 160
LAG = 3 * FRAME
SILENCE = b"\xd5"


def packet(number: int) -> bytes:
    return bytes([number % 200 + 1]) * FRAME


def played(heard: HeardSound, arrivals: dict[int, list[int]], ticks: int, first: int = 5000) -> bytes:
    """Run the clock; `arrivals` names the packets that come in before each tick."""
    sound = b""
    for tick in range(ticks):
        for number in arrivals.get(tick, []):
            heard.put(1, first + number * FRAME & 0xFFFFFFFF, packet(number))
        sound += heard.take(FRAME)
    return sound + heard.take_rest()


def test_packets_in_order_come_out_as_they_were() -> None:
    sound = played(HeardSound(SILENCE, LAG), {tick: [tick] for tick in range(10)}, 10)
    assert sound == b"".join(packet(number) for number in range(10))


def test_a_lost_packet_is_silence_of_its_length() -> None:
    arrivals = {tick: [tick] for tick in range(10) if tick != 4}
    sound = played(HeardSound(SILENCE, LAG), arrivals, 10)
    assert sound[4 * FRAME : 5 * FRAME] == SILENCE * FRAME
    assert sound[5 * FRAME : 6 * FRAME] == packet(5)


def test_packets_out_of_order_find_their_place() -> None:
    arrivals = {0: [0], 1: [2], 2: [1], 3: [3]}
    assert played(HeardSound(SILENCE, LAG), arrivals, 4) == b"".join(packet(number) for number in range(4))


def test_a_packet_that_is_too_late_is_dropped_and_told() -> None:
    heard = HeardSound(SILENCE, LAG)
    heard.put(1, 0, packet(0))
    for _ in range(10):
        heard.take(FRAME)
    assert not heard.put(1, FRAME, packet(1))


def test_a_pause_of_the_sender_is_as_long_in_the_recording() -> None:
    arrivals = {0: [0], 1: [1], 50: [50], 51: [51]}
    sound = played(HeardSound(SILENCE, LAG), arrivals, 52)
    assert len(sound) == 52 * FRAME
    assert sound[50 * FRAME :] == packet(50) + packet(51)


def test_the_timestamp_may_wrap_around() -> None:
    first = 0xFFFFFFFF - 2 * FRAME
    sound = played(HeardSound(SILENCE, LAG), {tick: [tick] for tick in range(6)}, 6, first)
    assert sound == b"".join(packet(number) for number in range(6))


def test_a_new_source_goes_on_where_the_clock_is() -> None:
    heard = HeardSound(SILENCE, LAG)
    sound = b""
    for tick in range(8):
        source, start = (1, 0) if tick < 4 else (2, 777_777)
        heard.put(source, start + tick * FRAME, packet(tick))
        sound += heard.take(FRAME)
    assert sound + heard.take_rest() == b"".join(packet(tick) for tick in range(8))


def test_a_clock_that_jumped_for_good_is_followed() -> None:
    heard = HeardSound(SILENCE, LAG)
    heard.put(1, 0, packet(0))
    taken = [heard.put(1, 900_000 + number * FRAME, packet(number)) for number in range(12)]
    assert taken[-1]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 2**32 - 1), st.integers(1, 400)), max_size=60))
def test_whatever_arrives_the_recording_is_as_long_as_the_call(arrivals: list[tuple[int, int, int]]) -> None:
    heard = HeardSound(SILENCE, LAG)
    total = 0
    for tick in range(41):
        for at, timestamp, length in arrivals:
            if at == tick:
                heard.put(1, timestamp, b"x" * length)
        total += len(heard.take(FRAME))
    total += len(heard.take_rest())
    assert 41 * FRAME <= total <= 41 * FRAME + 8000
