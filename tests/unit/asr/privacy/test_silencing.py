"""Silencing at the level of single samples: exactly the span and its padding, in every form of WAV we keep."""

import io
import itertools
import struct
import wave
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.domain.errors import AudioUnreadable
from asr.domain.privacy.redaction import Redaction, RedactionKind
from asr.domain.privacy.silencing import PADDING_MS, silenced, silenced_spans, wav_layout


def hidden(start_ms: int, end_ms: int) -> Redaction:
    return Redaction(RedactionKind.PHONE_NUMBER, 0, 1, "*", 0, 1, start_ms, end_ms)


def wav(*, rate: int = 8000, channels: int = 1, width: int = 2, seconds: int = 2) -> bytes:
    """Every byte of sound is 7, which is silence in no form."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(rate)
        sound.writeframes(b"\x07" * rate * channels * width * seconds)
    return buffer.getvalue()


def quiet(content: bytes, redactions: Sequence[Redaction]) -> bytes:
    layout = wav_layout(io.BytesIO(content), len(content))
    return silenced(content, 0, silenced_spans(redactions, layout), layout.silence)


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_exactly_the_span_and_its_padding_is_silent_on_all_channels(rate: int, channels: int, width: int) -> None:
    content = wav(rate=rate, channels=channels, width=width)
    result = quiet(content, [hidden(500, 900)])
    assert result[:44] == content[:44]
    frames = np.frombuffer(result[44:], np.uint8).reshape(-1, channels * width)
    first, last = (500 - PADDING_MS) * rate // 1000, (900 + PADDING_MS) * rate // 1000
    assert (frames[first:last] == (0x80 if width == 1 else 0)).all()
    assert (frames[:first] == 7).all()
    assert (frames[last:] == 7).all()


def test_spans_that_touch_are_one_and_none_leaves_the_sound() -> None:
    content = wav()
    layout = wav_layout(io.BytesIO(content), len(content))
    spans = silenced_spans([hidden(1900, 5000), hidden(300, 400), hidden(0, 150), hidden(9000, 9500)], layout)
    assert spans == ((44, 44 + 500 * 16), (44 + 1800 * 16, len(content)))


@given(st.data())
def test_any_cut_of_the_file_into_blocks_gives_the_same_sound(data: st.DataObject) -> None:
    content = wav(seconds=1)
    layout = wav_layout(io.BytesIO(content), len(content))
    spans = silenced_spans([hidden(200, 300), hidden(700, 720)], layout)
    cuts = sorted({0, len(content), *data.draw(st.lists(st.integers(0, len(content)), max_size=5))})
    blocks = [silenced(content[start:end], start, spans, layout.silence) for start, end in itertools.pairwise(cuts)]
    assert b"".join(blocks) == silenced(content, 0, spans, layout.silence)


def _riff(*chunks: tuple[bytes, bytes], data_bytes: int | None = None) -> bytes:
    body = b""
    for name, content in chunks:
        length = data_bytes if name == b"data" and data_bytes is not None else len(content)
        body += name + struct.pack("<I", length) + content + b"\0" * (len(content) % 2)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


def _fmt(tag: int, bits: int, channels: int = 1, rate: int = 8000) -> tuple[bytes, bytes]:
    width = channels * bits // 8
    return b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, rate * width, width, bits)


@pytest.mark.parametrize(("tag", "bits", "silence"), [(6, 8, 0xD5), (7, 8, 0xFF), (3, 32, 0), (1, 8, 0x80)])
def test_silence_of_other_codings(tag: int, bits: int, silence: int) -> None:
    content = _riff(_fmt(tag, bits), (b"data", b"\x07" * (8000 * bits // 8)))
    result = quiet(content, [hidden(500, 500)])
    width = bits // 8
    start = len(content) - 8000 * width
    assert set(result[start + 400 * 8 * width : start + 600 * 8 * width]) == {silence}
    assert result[: start + 400 * 8 * width] == content[: start + 400 * 8 * width]


def test_the_samples_are_found_behind_other_chunks() -> None:
    content = _riff((b"LIST", b"odd length!"), _fmt(1, 16), (b"fact", b"1234"), (b"data", b"\x07" * 16000))
    assert wav_layout(io.BytesIO(content), len(content)).data_start == len(content) - 16000


@pytest.mark.parametrize("claimed", [0, 0xFFFFFFFF, 999_999])
def test_a_length_that_lies_hides_nothing_from_the_silencing(claimed: int) -> None:
    content = _riff(_fmt(1, 16), (b"data", b"\x07" * 16000), data_bytes=claimed)
    result = quiet(content, [hidden(0, 10_000)])
    assert set(result[-16000:]) == {0}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF",
        b"ID3\x04 this is an mp3",
        _riff(_fmt(1, 16)),
        _riff((b"data", b"\x07" * 100)),
        _riff(_fmt(2, 16), (b"data", b"\x07" * 100)),
        _riff(_fmt(1, 16, rate=0), (b"data", b"\x07" * 100)),
        _riff((b"fmt ", b"\1\0"), (b"data", b"\x07" * 100)),
    ],
)
def test_what_cannot_be_silenced_sample_by_sample_is_refused(content: bytes) -> None:
    with pytest.raises(AudioUnreadable):
        wav_layout(io.BytesIO(content), len(content))
