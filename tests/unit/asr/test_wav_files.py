import itertools
import struct
import wave
from array import array
from math import pi, sin
from pathlib import Path

import pytest

from asr.adapters.audio_files import AudioFiles
from asr.adapters.audio_stream import AudioLimits
from asr.domain.errors import AudioUnreadable

_TONE_HZ = 500.0


def _pcm(path: Path, sample_rate: int) -> bytes:
    """What the citizen's side of a file holds."""
    (side,) = AudioFiles().decode(path, sample_rate).sides
    return side.pcm


def _tone(rate: int, seconds: float = 1.0) -> list[float]:
    return [0.5 * sin(2 * pi * _TONE_HZ * index / rate) for index in range(int(rate * seconds))]


def _write(path: Path, rate: int, width: int, channels: int) -> Path:
    frames = bytearray()
    for value in _tone(rate):
        for _ in range(channels):
            if width == 1:
                frames.append(128 + round(value * 127))  # 8-bit WAV is unsigned
            else:
                frames += round(value * (1 << (8 * width - 1))).to_bytes(width, "little", signed=True)
    with wave.open(str(path), "wb") as stream:
        stream.setnchannels(channels)
        stream.setsampwidth(width)
        stream.setframerate(rate)
        stream.writeframes(bytes(frames))
    return path


def _samples(pcm: bytes) -> list[int]:
    return array("h", pcm).tolist()


def _frequency(pcm: bytes, rate: int) -> float:
    values = _samples(pcm)
    crossings = sum(1 for before, after in itertools.pairwise(values) if before < 0 <= after)
    return crossings * rate / len(values)


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 44100, 48000])
@pytest.mark.parametrize("wanted", [8000, 16000])
def test_any_rate_is_converted_and_the_pitch_stays(tmp_path: Path, rate: int, wanted: int) -> None:
    pcm = _pcm(_write(tmp_path / "a.wav", rate, 2, 1), wanted)
    assert len(pcm) / 2 / wanted == pytest.approx(1.0, abs=0.01)
    assert _frequency(pcm, wanted) == pytest.approx(_TONE_HZ, abs=5)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2, 4])
def test_any_width_and_channel_count_becomes_16_bit_mono_at_the_same_level(
    tmp_path: Path, width: int, channels: int
) -> None:
    pcm = _pcm(_write(tmp_path / "a.wav", 8000, width, channels), 8000)
    assert len(pcm) == 16000
    assert max(_samples(pcm)) == pytest.approx(16384, rel=0.03)
    assert _frequency(pcm, 8000) == pytest.approx(_TONE_HZ, abs=5)


def test_a_wav_without_samples_is_silence_not_an_error(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as stream:
        stream.setparams((1, 2, 8000, 0, "NONE", ""))
    assert _pcm(tmp_path / "a.wav", 8000) == b""


@pytest.mark.parametrize("claimed", [0, 0xFFFFFFFF, 10_000_000])
def test_a_length_that_its_killed_writer_never_filled_in_loses_no_speech(tmp_path: Path, claimed: int) -> None:
    path = _write(tmp_path / "a.wav", 8000, 2, 1)
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, 40, claimed)
    path.write_bytes(data)
    assert len(_pcm(path, 8000)) == 16000


def test_a_file_cut_off_in_the_middle_of_a_sample_is_read_up_to_there(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.wav", 8000, 2, 2)
    path.write_bytes(path.read_bytes()[:-1001])
    assert len(_pcm(path, 8000)) == 15498


def test_chunks_behind_the_samples_are_not_heard(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.wav", 8000, 2, 1)
    path.write_bytes(path.read_bytes() + b"LIST" + struct.pack("<I", 400) + b"\x55" * 400)
    assert len(_pcm(path, 8000)) == 16000


def _header(*, fmt: int = 1, channels: int = 1, rate: int = 8000, bits: int = 16, align: int = 2) -> bytes:
    chunk = struct.pack("<HHIIHH", fmt, channels, rate, rate * align, align, bits)
    return b"RIFF\x00\x00\x00\x00WAVEfmt " + struct.pack("<I", 16) + chunk + b"data\x04\x00\x00\x00\x00\x00\x00\x00"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF",
        b"not audio at all, only text " * 20,
        b"\x00" * 5000,
        b"ID3\x04" + b"\xff\xfb\x90" * 400,
        b"RIFF\x24\x00\x00\x00WAVE",
        b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00",
        b"RIFF\x24\x00\x00\x00WAVEdata\x04\x00\x00\x00abcd",
        _header(fmt=85),
        _header(channels=0),
        _header(channels=60000),
        _header(rate=0),
        _header(rate=2**30),
        _header(bits=0),
        _header(bits=12),
        _header(bits=64),
    ],
)
def test_what_is_not_a_wav_file_is_named_unreadable(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(AudioUnreadable):
        _pcm(tmp_path / "a.wav", 8000)


def test_a_header_cut_off_anywhere_is_unreadable_or_silent_but_never_crashes(tmp_path: Path) -> None:
    whole = _write(tmp_path / "a.wav", 8000, 2, 1).read_bytes()
    for length in range(60):
        (tmp_path / "cut.wav").write_bytes(whole[:length])
        try:
            assert len(_pcm(tmp_path / "cut.wav", 8000)) <= 16
        except AudioUnreadable:
            assert length <= 44


def test_too_large_and_too_long_files_are_refused(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.wav", 8000, 2, 1)
    with pytest.raises(AudioUnreadable, match="too large"):
        AudioFiles(AudioLimits(max_bytes=1000)).decode(path, 8000)
    with pytest.raises(AudioUnreadable, match="too long"):
        AudioFiles(AudioLimits(max_s=0.5)).decode(path, 8000)


def test_a_file_that_cannot_be_read_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(AudioUnreadable):
        _pcm(tmp_path, 8000)
