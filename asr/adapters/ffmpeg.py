"""ffmpeg in a process with limits: foreign audio in, WAV out of a pipe. It sees one file and no network.

Only the formats below are opened, so that playlists, which name other files and addresses, are never followed.
"""

import contextlib
import os
import resource
import selectors
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import imageio_ffmpeg

from asr.domain.errors import AudioTooLong, AudioUnreadable, DecoderMissing

_FORMATS = "wav,w64,mp3,aac,mov,amr,ogg,matroska,flac"
_DECODERS = (
    "pcm_u8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s32le,pcm_f32le,pcm_f64le,pcm_alaw,pcm_mulaw,adpcm_ms,adpcm_ima_wav,"
    "gsm_ms,mp3float,mp3,aac,alac,amrnb,amrwb,libopencore_amrnb,libopencore_amrwb,opus,libopus,vorbis,libvorbis,"
    "speex,libspeex,flac"
)
_NICENESS = 10
_MEMORY_BYTES = 1 << 30
_OPEN_FILES = 32
_KEPT_COMPLAINTS = 8192
_PIPE_BYTES = 1 << 16


def packaged_program() -> str:
    """The ffmpeg that came with the Python packages. Raises DecoderMissing."""
    try:
        program: str = imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError:
        raise DecoderMissing(
            "no ffmpeg: the package imageio-ffmpeg has none for this machine (HOTLINE_FFMPEG)"
        ) from None
    return program


class FfmpegOutput:
    """What one run of ffmpeg writes. `read` gives all that was asked for, less only at the end."""

    def __init__(self, process: subprocess.Popen[bytes], deadline: float) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        self._process = process
        self._deadline = deadline
        self._buffer = bytearray()
        self._complaints = bytearray()
        self._selector = selectors.DefaultSelector()
        for pipe in (process.stdout, process.stderr):
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ)

    def read(self, size: int, /) -> bytes:
        while len(self._buffer) < size and self._pump():
            pass
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def complaints(self) -> str:
        """What it said on stderr, to its end; the first few lines only."""
        while self._pump():
            self._buffer.clear()
        return self._complaints.decode(errors="replace")

    def status(self) -> int:
        """Exit status, once it wrote everything."""
        self.complaints()
        try:
            return self._process.wait(timeout=max(0.0, self._deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise AudioTooLong("decoding takes too long") from None

    def close(self) -> None:
        """End the whole process group, whatever it is doing."""
        self._selector.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _pump(self) -> bool:
        """Wait for the next bytes of either pipe; False at the end of both."""
        if not self._selector.get_map():
            return False
        ready = self._selector.select(max(0.0, self._deadline - time.monotonic()))
        if not ready:
            raise AudioTooLong("decoding takes too long")
        for key, _ in ready:
            data = os.read(key.fd, _PIPE_BYTES)
            if not data:
                self._selector.unregister(key.fileobj)
            elif key.fileobj is self._process.stdout:
                self._buffer += data
            else:
                self._complaints += data[: max(0, _KEPT_COMPLAINTS - len(self._complaints))]
        return True


class Ffmpeg:
    """Starts `program` (empty: the packaged one) for one file at a time."""

    def __init__(self, program: str = "", *, timeout_s: float = 120.0) -> None:
        self._program = program
        self._timeout_s = timeout_s

    @contextmanager
    def decoding(self, path: Path) -> Iterator[FfmpegOutput]:
        """The first audio stream of `path` as 16-bit WAV at its own rate and with its own channels."""
        with self._running(("-v", "error"), path, ("-c:a", "pcm_s16le", "-f", "wav", "pipe:1")) as output:
            yield output

    @contextmanager
    def looking(self, path: Path) -> Iterator[FfmpegOutput]:
        """The same of its very beginning; on stderr what ffmpeg thinks of the file."""
        to_wav = ("-t", "0.1", "-c:a", "pcm_s16le", "-f", "wav", "pipe:1")
        with self._running(("-v", "info", "-nostats", "-hide_banner"), path, to_wav) as output:
            yield output

    def version(self) -> str:
        """First line of `ffmpeg -version`. Raises DecoderMissing."""
        program = self._program or packaged_program()
        try:
            done = subprocess.run(
                [program, "-version"], capture_output=True, stdin=subprocess.DEVNULL, timeout=20, check=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise DecoderMissing(f"ffmpeg does not run: {error} (HOTLINE_FFMPEG)") from None
        return done.stdout.decode(errors="replace").partition("\n")[0]

    @contextmanager
    def _running(self, how: Sequence[str], path: Path, what: Sequence[str]) -> Iterator[FfmpegOutput]:
        command = [
            self._program or packaged_program(), "-nostdin", *how, "-bitexact", "-threads", "1", "-filter_threads", "1",
            "-protocol_whitelist", "file", "-format_whitelist", _FORMATS, "-codec_whitelist", _DECODERS,
            "-threads", "1", "-i", f"file:{path.resolve()}", "-map", "0:a:0", "-vn", "-sn", "-dn", *what,
        ]  # fmt: skip
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                process_group=0,
                env={"LC_ALL": "C"},
            )
        except OSError as error:
            raise DecoderMissing(f"ffmpeg does not start: {error.strerror} (HOTLINE_FFMPEG)") from None
        output = FfmpegOutput(process, time.monotonic() + self._timeout_s)
        try:
            self._limit(process.pid)
            yield output
        finally:
            output.close()

    def _limit(self, pid: int) -> None:
        """Set from outside: a hook in the child would not be safe in a process with threads."""
        cpu_s = max(1, round(self._timeout_s))
        limits = {
            resource.RLIMIT_CPU: cpu_s,
            resource.RLIMIT_AS: _MEMORY_BYTES,
            resource.RLIMIT_NOFILE: _OPEN_FILES,
            resource.RLIMIT_FSIZE: 0,
            resource.RLIMIT_CORE: 0,
        }
        with contextlib.suppress(ProcessLookupError):  # it is over already
            os.setpriority(os.PRIO_PROCESS, pid, _NICENESS)
            for kind, most in limits.items():
                resource.prlimit(pid, kind, (most, most))


def refusal(complaints: str) -> AudioUnreadable:
    """The error for a file that ffmpeg made nothing of; its words are for logs, without the path."""
    lines = [line.split("] ", 1)[-1] for line in complaints.splitlines() if line.strip()]
    reason = lines[0] if lines else "no reason given"
    if "file:" in reason:
        reason = reason.rsplit(": ", 1)[-1]
    return AudioUnreadable(f"not audio that can be decoded: {reason[:200]}")
