"""The same sound in every format that callers send, made by the ffmpeg that reads it and by Debian's AMR-WB encoder."""

import ctypes
import ctypes.util
import subprocess
import wave
from pathlib import Path

from asr.adapters.ffmpeg import packaged_program

FORMS: dict[str, tuple[str, ...]] = {
    "8-bit.wav": ("-c:a", "pcm_u8"),
    "24-bit-48k-stereo.wav": ("-ar", "48000", "-ac", "2", "-c:a", "pcm_s24le"),
    "float.wav": ("-c:a", "pcm_f32le"),
    "a-law.wav": ("-c:a", "pcm_alaw"),
    "mu-law.wav": ("-c:a", "pcm_mulaw"),
    "mp3": ("-ar", "16000", "-b:a", "32k"),
    "m4a": ("-ar", "16000", "-b:a", "48k"),
    "aac": ("-ar", "16000", "-b:a", "48k"),
    "amr": ("-c:a", "libopencore_amrnb", "-b:a", "12.2k"),
    "awb": (),
    "3gp": ("-c:a", "libopencore_amrnb", "-b:a", "12.2k"),
    "opus.ogg": ("-c:a", "libopus", "-b:a", "24k"),
    "vorbis.ogg": ("-ar", "16000", "-c:a", "libvorbis"),
    "webm": ("-c:a", "libopus", "-b:a", "24k"),
    "flac": (),
}
"""Ending → what ffmpeg is told besides."""

_AMR_WB_RATE = 16_000
_AMR_WB_FRAME = 320
_AMR_WB_MODE = 8  # 23.85 kbit/s


def encode(source: Path, target: Path, *how: str) -> Path:
    """Let ffmpeg write `target`, whose ending says what."""
    subprocess.run([packaged_program(), "-v", "error", "-y", "-i", source, *how, target], check=True)
    return target


def encoded(source: Path, form: str) -> Path:
    """A WAV file in one of the FORMS, beside itself."""
    target = source.with_name(f"encoded-{form}" if "." in form else f"encoded.{form}")
    return _amr_wb(source, target) if form == "awb" else encode(source, target, *FORMS[form])


def _amr_wb(source: Path, target: Path) -> Path:
    wide = encode(source, source.with_name("wide.wav"), "-ar", str(_AMR_WB_RATE))
    with wave.open(str(wide)) as stream:
        pcm = stream.readframes(stream.getnframes())
    library = ctypes.CDLL(ctypes.util.find_library("vo-amrwbenc") or "libvo-amrwbenc.so.0")
    library.E_IF_init.restype = ctypes.c_void_p
    encoder = ctypes.c_void_p(library.E_IF_init())
    packet = ctypes.create_string_buffer(128)
    with target.open("wb") as out:
        out.write(b"#!AMR-WB\n")
        for start in range(0, len(pcm) - 2 * _AMR_WB_FRAME + 1, 2 * _AMR_WB_FRAME):
            frame = pcm[start : start + 2 * _AMR_WB_FRAME]
            size = library.E_IF_encode(encoder, ctypes.c_int(_AMR_WB_MODE), frame, packet, ctypes.c_int(0))
            out.write(packet.raw[:size])
    library.E_IF_exit(encoder)
    return target
