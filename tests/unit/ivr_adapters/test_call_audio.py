"""Play, keys and recording on a fake media stream: what any adapter inherits."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.adapters.call_audio import CallAudio
from ivr.adapters.sound import SoundShelf
from ivr.adapters.wav_recorder import RecordingWriter
from ivr.domain.errors import CallerHungUp, RecordingFailed
from ivr.ports import Clip, MediaListener, RecordEnd, SoundEncoding
from tests.contracts.eventually import eventually
from tests.contracts.sounds import tone, write_tone


class FakeStream:
    """A MediaStream whose far side is the test."""

    encoding = SoundEncoding.PCM16

    def __init__(self) -> None:
        self.listener: MediaListener | None = None
        self.waiting = b""
        self.is_hearing = False
        self.rest = b""

    def play(self, sound: bytes) -> None:
        self.waiting += sound

    def discard(self) -> None:
        self.waiting = b""

    def start_hearing(self) -> None:
        self.is_hearing = True

    def stop_hearing(self) -> None:
        if self.is_hearing and self.rest and self.listener is not None:
            self.listener.frame_heard(self.rest)
        self.is_hearing = False


@pytest.fixture
def writer() -> Iterator[RecordingWriter]:
    writer = RecordingWriter()
    yield writer
    writer.close()


@pytest.fixture
def stream() -> FakeStream:
    return FakeStream()


@pytest.fixture
async def audio(stream: FakeStream, writer: RecordingWriter) -> CallAudio:
    return CallAudio(stream, SoundShelf(), writer)


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    return Clip("clip", write_tone(tmp_path / "clip.wav", seconds=0.5))


async def test_playing_ends_when_the_stream_says_so(audio: CallAudio, stream: FakeStream, clip: Clip) -> None:
    playing = asyncio.create_task(audio.play([clip, clip], interrupt_on="1"))
    await eventually(lambda: len(stream.waiting) == 16000)
    audio.sound_played()
    assert await playing is None


async def test_a_key_discards_what_was_not_played_yet(audio: CallAudio, stream: FakeStream, clip: Clip) -> None:
    playing = asyncio.create_task(audio.play([clip], interrupt_on="12"))
    await eventually(lambda: bool(stream.waiting))
    audio.digit_pressed("9")
    audio.digit_pressed("2")
    assert await playing == "2"
    assert stream.waiting == b""


async def test_nothing_to_play_is_over_at_once(audio: CallAudio) -> None:
    assert await audio.play([], interrupt_on="1") is None


async def test_an_echoed_key_counts_once_even_between_other_keys(audio: CallAudio) -> None:
    for digit in "12112":
        audio.digit_pressed(digit)
    assert [press.digit for press in audio.presses] == ["1", "2"]


async def test_reading_takes_the_keys_in_order_and_then_waits_in_vain(audio: CallAudio) -> None:
    audio.digit_pressed("1")
    audio.digit_pressed("2")
    assert [await audio.read_digit(1), await audio.read_digit(1), await audio.read_digit(0.02)] == ["1", "2", None]


async def test_the_end_wakes_whoever_waits(audio: CallAudio, clip: Clip) -> None:
    waiting = [
        asyncio.create_task(audio.read_digit(60)),
        asyncio.create_task(audio.play([clip], interrupt_on="")),
    ]
    await asyncio.sleep(0)
    audio.end()
    for result in await asyncio.gather(*waiting, return_exceptions=True):
        assert isinstance(result, CallerHungUp)


async def test_the_last_words_before_a_hang_up_are_kept(audio: CallAudio, stream: FakeStream, tmp_path: Path) -> None:
    recording = asyncio.create_task(audio.record(tmp_path / "a.wav", max_s=60, stop_on="#"))
    await eventually(lambda: stream.is_hearing)
    audio.frame_heard(tone(0.5))
    stream.rest = tone(0.1)
    audio.end()
    recorded = await recording
    assert (recorded.ended_by, recorded.duration_ms) == (RecordEnd.HANGUP, 600)


async def test_a_key_pressed_before_the_beep_does_not_end_the_message(
    audio: CallAudio, stream: FakeStream, tmp_path: Path
) -> None:
    audio.digit_pressed("#")
    recording = asyncio.create_task(audio.record(tmp_path / "a.wav", max_s=0.3, stop_on="#"))
    await eventually(lambda: stream.is_hearing)
    audio.frame_heard(tone(1.0))
    recorded = await recording
    assert (recorded.ended_by, recorded.duration_ms) == (RecordEnd.LIMIT, 300)


async def test_a_disk_that_refuses_is_told_while_the_caller_still_speaks(audio: CallAudio, stream: FakeStream) -> None:
    with pytest.raises(RecordingFailed):
        await asyncio.wait_for(audio.record(Path("/dev/full"), max_s=60, stop_on="#"), 5)
    assert not stream.is_hearing


async def test_a_cancelled_recording_is_still_a_whole_file(
    audio: CallAudio, stream: FakeStream, writer: RecordingWriter, tmp_path: Path
) -> None:
    recording = asyncio.create_task(audio.record(tmp_path / "a.wav", max_s=60, stop_on="#"))
    await eventually(lambda: stream.is_hearing)
    audio.frame_heard(tone(0.5))
    recording.cancel()
    with pytest.raises(asyncio.CancelledError):
        await recording
    await asyncio.to_thread(writer.close)
    assert (tmp_path / "a.wav").stat().st_size == 44 + 8000
