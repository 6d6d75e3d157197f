"""Play, keys and recording on a fake media stream: what any adapter inherits."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.adapters.call_audio import CallAudio
from ivr.adapters.sound import SoundShelf
from ivr.adapters.wav_recorder import RecordingWriter
from ivr.domain.errors import CallerHungUp, RecordingFailed
from ivr.domain.hearing import Heard
from ivr.ports import Clip, MediaListener, RecordEnd, SoundEncoding
from tests.contracts.eventually import eventually
from tests.contracts.sounds import tone, write_tone
from tests.support.listeners import ScriptedListener, ScriptedStream, deaf, said, saying


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

    def start_hearing(self, *, is_live: bool = False) -> None:
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


# --- spoken answers


def understanding(*texts: Heard, ends: bool = False) -> ScriptedStream:
    return ScriptedListener(texts, ends=ends).listen(["留言"])


async def test_whoever_is_speaking_is_not_cut_off_by_the_silence(audio: CallAudio) -> None:
    texts: asyncio.Queue[Heard | None] = asyncio.Queue()
    listening = understanding()
    listening.next_heard = texts.get  # type: ignore[method-assign]
    answering = asyncio.create_task(audio.read_answer(listening, 0.05))
    texts.put_nowait(saying("我要"))
    done, _ = await asyncio.wait({answering}, timeout=0.3)
    assert not done
    texts.put_nowait(said("我要", "留言"))
    answer = await asyncio.wait_for(answering, 5)
    assert isinstance(answer, Heard)
    assert answer.text == "我要留言"


async def test_after_a_noise_that_was_no_speech_the_silence_counts_anew_and_ends(audio: CallAudio) -> None:
    listening = understanding(saying("留"), saying(""))
    listening.hear(tone(0.1))
    assert await asyncio.wait_for(audio.read_answer(listening, 0.05), 5) is None


async def test_a_recogniser_that_dies_while_he_speaks_leaves_the_keys(audio: CallAudio) -> None:
    listening = understanding(saying("留"), ends=True)
    listening.hear(tone(0.1))
    answering = asyncio.create_task(audio.read_answer(listening, 5))
    await eventually(lambda: listening.is_drained)
    audio.digit_pressed("1")
    assert await asyncio.wait_for(answering, 5) == "1"


async def test_a_key_wins_over_what_is_being_said(audio: CallAudio) -> None:
    audio.digit_pressed("2")
    listening = understanding(said("留言"))
    listening.hear(tone(0.1))
    assert await audio.read_answer(listening, 5) == "2"


async def test_the_line_is_heard_only_while_an_answer_is_waited_for(audio: CallAudio, stream: FakeStream) -> None:
    listening = understanding()
    answering = asyncio.create_task(audio.read_answer(listening, 5))
    await eventually(lambda: stream.is_hearing)
    audio.frame_heard(tone(0.02))
    audio.digit_pressed("1")
    await answering
    assert not stream.is_hearing
    audio.frame_heard(tone(0.02))
    assert listening.heard_bytes == len(tone(0.02))


async def test_a_hang_up_ends_the_waiting_for_an_answer(audio: CallAudio) -> None:
    answering = asyncio.create_task(audio.read_answer(deaf().listen(None), 5))
    await asyncio.sleep(0)
    audio.end()
    with pytest.raises(CallerHungUp):
        await asyncio.wait_for(answering, 5)
