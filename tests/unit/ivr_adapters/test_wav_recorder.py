"""Recordings on disk: whole, durable, repairable, and honest about failure."""

import hashlib
import resource
import threading
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.adapters.wav_recorder import RecordingWriter, measure_wav, repair_wav
from ivr.domain.errors import RecordingFailed
from tests.contracts.sounds import read_pcm, tone, write_wav


@pytest.fixture
def writer() -> Iterator[RecordingWriter]:
    writer = RecordingWriter()
    yield writer
    writer.close()


def ignored() -> None:
    """Nobody listens for failures."""


def test_what_was_written_is_in_the_file_with_its_facts(writer: RecordingWriter, tmp_path: Path) -> None:
    recording = writer.open(tmp_path / "new" / "a.wav", on_failed=ignored)
    sound = tone(1.0)
    for start in range(0, len(sound), 320):
        recording.write(sound[start : start + 320])
    facts = recording.finish().result(timeout=5)
    assert read_pcm(recording.path).tobytes() == sound
    assert (facts.duration_ms, facts.speech_ms) == (1000, 1000)
    assert facts.sha256 == hashlib.sha256(recording.path.read_bytes()).hexdigest()


def test_many_recordings_are_written_by_two_threads(writer: RecordingWriter, tmp_path: Path) -> None:
    before = threading.active_count()
    recordings = [writer.open(tmp_path / f"{number}.wav", on_failed=ignored) for number in range(40)]
    for recording in recordings:
        recording.write(tone(0.1))
    assert threading.active_count() - before <= 2
    assert {recording.finish().result(timeout=10).duration_ms for recording in recordings} == {100}


def test_a_recording_of_nothing_is_a_whole_file_of_zero_seconds(writer: RecordingWriter, tmp_path: Path) -> None:
    facts = writer.open(tmp_path / "empty.wav", on_failed=ignored).finish().result(timeout=5)
    assert (facts.duration_ms, facts.speech_ms) == (0, 0)
    assert len(read_pcm(tmp_path / "empty.wav")) == 0


def test_a_full_disk_is_told_at_once(writer: RecordingWriter) -> None:
    told = threading.Event()
    recording = writer.open(Path("/dev/full"), on_failed=told.set)
    assert told.wait(5)
    with pytest.raises(RecordingFailed):
        recording.finish().result(timeout=5)


def test_a_disk_that_fills_up_keeps_what_was_written_before(writer: RecordingWriter, tmp_path: Path) -> None:
    told = threading.Event()
    recording = writer.open(tmp_path / "a.wav", on_failed=told.set)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        recording.write(tone(10))
        assert told.wait(5)
        with pytest.raises(RecordingFailed):
            recording.finish().result(timeout=5)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    repair_wav(tmp_path / "a.wav")
    assert len(read_pcm(tmp_path / "a.wav")) == (50_000 - 44) // 2


def test_closing_the_writer_finishes_what_is_open(tmp_path: Path) -> None:
    writer = RecordingWriter()
    recording = writer.open(tmp_path / "a.wav", on_failed=ignored)
    recording.write(tone(0.2))
    writer.close()
    assert recording.facts.result(timeout=0).duration_ms == 200


@pytest.mark.parametrize("kept_bytes", [0, 10, 44, 45, 44 + 1600, 44 + 1601])
def test_a_file_cut_anywhere_by_a_kill_is_repaired_to_what_is_there(tmp_path: Path, kept_bytes: int) -> None:
    path = write_wav(tmp_path / "a.wav", tone(1.0))
    path.write_bytes(path.read_bytes()[:kept_bytes])
    repair_wav(path)
    repair_wav(path)
    with wave.open(str(path)) as wav:
        assert wav.getnframes() == max(0, kept_bytes - 44) // 2
    assert path.stat().st_size == 44 + max(0, kept_bytes - 44) // 2 * 2


@pytest.mark.parametrize(
    ("sound", "speech_ms"),
    [
        (b"", 0),
        (tone(2.0, amplitude=0), 0),
        (tone(2.0, amplitude=60), 0),
        (tone(1.0, amplitude=60) + tone(1.0, amplitude=6000), 1000),
        (tone(1.0, amplitude=0) + tone(0.02) + tone(1.0, amplitude=0), 0),
        (tone(1.0), 1000),
    ],
    ids=["nothing", "silence", "line noise", "speech after noise", "a click", "speech all along"],
)
def test_speech_is_the_time_above_the_noise(tmp_path: Path, sound: bytes, speech_ms: int) -> None:
    assert measure_wav(write_wav(tmp_path / "a.wav", sound)).speech_ms == speech_ms
