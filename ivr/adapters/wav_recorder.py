"""Recordings as WAV files, written by threads of their own so that no disk ever holds up a call.

What was written survives a kill: the header is right at least once a second and can be repaired from the length.
"""

import hashlib
import os
import struct
import threading
import time
import wave
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path

import numpy as np
import structlog

from ivr.domain.errors import RecordingFailed
from ivr.ports import SAMPLE_RATE
from kit.storage.file_store import fsync_path, sha256_of

log = structlog.get_logger(__name__)

HEADER_BYTES = 44
_SWEEP_S = 0.1
_SYNC_EVERY_S = 1.0
_THREADS = 2
_FRAME = SAMPLE_RATE // 50

# a sample's root mean square over 20 ms, of 32768: -50 dBFS and -30 dBFS
_QUIETEST_SPEECH = 100.0
_LOUDEST_NOISE = 1000.0
_SPEECH_OVER_NOISE = 3.0
_SHORTEST_SPEECH_FRAMES = 3


@dataclass(frozen=True, slots=True)
class WavFacts:
    duration_ms: int
    speech_ms: int
    sha256: str
    """Of the whole file, lower-case hexadecimal."""


def _header(data_bytes: int) -> bytes:
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", 36 + data_bytes, b"WAVE",
        b"fmt ", 16, 1, 1, SAMPLE_RATE, SAMPLE_RATE * 2, 2, 16,
        b"data", data_bytes,
    )  # fmt: skip


def repair_wav(path: Path) -> None:
    """Make a file that a killed process left behind a whole one: header from the length, durable. Repeatable."""
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        data_bytes = max(0, size - HEADER_BYTES) & ~1
        file.truncate(HEADER_BYTES + data_bytes)
        file.seek(0)
        file.write(_header(data_bytes))
        file.flush()
        os.fsync(file.fileno())


def make_equally_long(paths: Sequence[Path]) -> int:
    """Fill the shorter of some finished recordings up with silence, durably; returns the common length in ms."""
    sizes = [max(HEADER_BYTES, path.stat().st_size) for path in paths]
    for path, size in zip(paths, sizes, strict=True):
        with path.open("ab") as file:
            file.write(bytes(max(sizes) - size))
        repair_wav(path)
        _sync_folder(path.parent)
    return (max(sizes) - HEADER_BYTES) // 2 * 1000 // SAMPLE_RATE


def measure_wav(path: Path) -> WavFacts:
    """Length, time above the noise floor, and hash of one of our recordings."""
    content = path.read_bytes()
    samples = np.frombuffer(content, dtype="<i2", offset=HEADER_BYTES, count=(len(content) - HEADER_BYTES) // 2)
    return WavFacts(
        duration_ms=len(samples) * 1000 // SAMPLE_RATE,
        speech_ms=_speech_ms(samples),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _speech_ms(samples: "np.ndarray[tuple[int], np.dtype[np.int16]]") -> int:
    """20 ms frames well above the quietest tenth of the recording; clicks shorter than 60 ms do not count."""
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float32)
    if len(frames) < _SHORTEST_SPEECH_FRAMES:
        return 0
    level = np.sqrt(np.mean(frames**2, axis=1))
    floor = float(np.clip(np.percentile(level, 10) * _SPEECH_OVER_NOISE, _QUIETEST_SPEECH, _LOUDEST_NOISE))
    loud = level > floor
    long_enough = loud[:-2] & loud[1:-1] & loud[2:]
    kept = np.zeros_like(loud)
    for shift in range(_SHORTEST_SPEECH_FRAMES):
        kept[shift : shift + len(long_enough)] |= long_enough
    return int(np.count_nonzero(kept)) * 20


def join_sides(agent: Path, citizen: Path, target: Path) -> WavFacts:
    """Two of our recordings as one stereo file, the agent left, durable. Speech is the citizen's."""
    sides = [np.frombuffer(path.read_bytes(), dtype="<i2", offset=HEADER_BYTES) for path in (agent, citizen)]
    length = max(side.size for side in sides)
    both = np.stack([np.pad(side, (0, length - side.size)) for side in sides], axis=1)
    fresh = target.with_name(target.name + ".new")
    with wave.open(str(fresh), "wb") as out:
        out.setparams((2, 2, SAMPLE_RATE, 0, "NONE", ""))
        out.writeframes(both.tobytes())
    fsync_path(fresh)
    fresh.replace(target)
    _sync_folder(target.parent)
    return WavFacts(length * 1000 // SAMPLE_RATE, _speech_ms(sides[1]), sha256_of(target))


class Recording:
    """One file being written. `write` costs nothing; the writer's thread does the work."""

    def __init__(self, path: Path, on_failed: Callable[[], None]) -> None:
        self.path = path
        self.failed = False
        self._on_failed = on_failed
        self._chunks: deque[bytes] = deque()
        self._file: RawIOBase | None = None
        self._written = 0
        self._synced_at = 0.0
        self._is_dirty = False
        self.is_finishing = False
        self.facts: Future[WavFacts] = Future()
        self.wake: Callable[[], None] = lambda: None

    def write(self, pcm: bytes) -> None:
        if not self.failed:
            self._chunks.append(pcm)

    def finish(self) -> "Future[WavFacts]":
        """Close, fsync, measure; the future raises RecordingFailed if any byte did not reach the disk."""
        self.is_finishing = True
        self.wake()
        return self.facts

    def abandon(self) -> None:
        """Close what there is; nobody waits for the facts."""
        self.finish()

    # --- only from the writer's thread ---

    def work(self) -> bool:
        """Write what has come; True when the recording is over."""
        is_last = self.is_finishing  # read before the chunks: what was written before `finish` is in them
        if not self.failed:
            try:
                self._write_on(is_last)
            except OSError as error:
                self._fail(error)
        if is_last and not self.facts.done():
            self.facts.set_exception(RecordingFailed("the recording could not be written"))
        return is_last

    def _write_on(self, is_last: bool) -> None:
        if self._file is None:
            self._open()
        assert self._file is not None
        pending = b"".join(self._chunks.popleft() for _ in range(len(self._chunks)))
        if pending:
            _write_all(self._file, pending)
            self._written += len(pending)
            self._is_dirty = True
        now = time.monotonic()
        if is_last:
            self._sync()
            self._file.close()
            _sync_folder(self.path.parent)
            self.facts.set_result(measure_wav(self.path))
        elif self._is_dirty and now - self._synced_at >= _SYNC_EVERY_S:
            self._sync()
            self._synced_at = now

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # unbuffered: what `write` returned for has left the process and survives its death
        self._file = self.path.open("wb", buffering=0)
        _write_all(self._file, _header(0))
        self._synced_at = time.monotonic()

    def _sync(self) -> None:
        assert self._file is not None
        self._file.seek(0)
        _write_all(self._file, _header(self._written))
        self._file.seek(0, os.SEEK_END)
        os.fsync(self._file.fileno())
        self._is_dirty = False

    def _fail(self, error: OSError) -> None:
        self.failed = True
        self._chunks.clear()
        log.error("line.recording.failed", error=type(error).__name__, errno=error.errno)
        if self._file is not None:
            try:
                self._file.close()
            except OSError as close_error:
                log.warning("line.recording.close_failed", errno=close_error.errno)
        self._on_failed()


def _write_all(file: RawIOBase, data: bytes) -> None:
    """An unbuffered file may take less than it was given: a full disk shows only at the next try."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) or 0 :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class RecordingWriter:
    """A few threads that write all recordings of a process. They start with the first recording."""

    def __init__(self) -> None:
        self._sweepers: list[_Sweeper] = []
        self._next = 0

    def open(self, path: Path, *, on_failed: Callable[[], None]) -> Recording:
        """Begin a file; `on_failed` is called once, from another thread, as soon as writing fails."""
        recording = Recording(path, on_failed)
        if len(self._sweepers) < _THREADS:
            self._sweepers.append(_Sweeper())
        self._sweepers[self._next % len(self._sweepers)].add(recording)
        self._next += 1
        return recording

    def close(self) -> None:
        """Finish every open recording and end the threads; blocks for as long as the disk takes."""
        for sweeper in self._sweepers:
            sweeper.stop()
        self._sweepers.clear()


class _Sweeper(threading.Thread):
    def __init__(self) -> None:
        super().__init__(name="recording-writer", daemon=True)
        self._recordings: set[Recording] = set()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._is_stopping = False
        self.start()

    def add(self, recording: Recording) -> None:
        recording.wake = self._wake.set
        with self._lock:
            self._recordings.add(recording)
        self._wake.set()

    def stop(self) -> None:
        self._is_stopping = True
        self._wake.set()
        self.join()

    def run(self) -> None:
        while True:
            # nothing open: sleep until there is; else write ten times a second
            self._wake.wait(_SWEEP_S if self._recordings else None)
            self._wake.clear()
            is_stopping = self._is_stopping
            with self._lock:
                recordings = list(self._recordings)
            for recording in recordings:
                if is_stopping:
                    recording.is_finishing = True
                if self._is_over(recording):
                    with self._lock:
                        self._recordings.discard(recording)
            if is_stopping:
                return

    @staticmethod
    def _is_over(recording: Recording) -> bool:
        try:
            return recording.work()
        except Exception as error:
            # the edge of this thread: one recording that breaks must not stop the others
            log.exception("line.recording.broke")
            if not recording.facts.done():
                recording.facts.set_exception(RecordingFailed(type(error).__name__))
            return True
