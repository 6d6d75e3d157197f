"""A real listener in a process of its own: `python -m tests.support.listener_process PLAN` (JSON).

With the real model, or with one that does what the phrases of a stream say: hang, die, fail, grow.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

from app.listener.limits import ListenerLimits
from app.listener.parent import ListenerParent, LiveModels
from asr.domain.errors import RecognitionFailed
from asr.domain.live_text import LiveText
from asr.domain.words import Word
from asr.ports import StreamingRecogniser
from config.settings import ROOT
from kit.net import free_port
from tests.support.waiting import eventually

_READY_WITHIN_S = 15
HELLO = '{"sample_rate": 8000, "phrases": null}'


class _Decoder:
    """Understands one word in every tenth of a second of sound."""

    def __init__(self, phrases: Sequence[str] | None) -> None:
        self.unknown_phrases = [phrase for phrase in phrases or () if phrase == "unknown"]
        self._todo = phrases or ()
        self._heard_bytes = 0

    def accept(self, pcm: bytes) -> Sequence[LiveText]:
        if "hang" in self._todo:
            threading.Event().wait()
        if "die" in self._todo:
            os.abort()
        if "fail" in self._todo:
            raise RecognitionFailed("told to fail")
        if "grow" in self._todo:
            _KEPT.append(b"x" * (64 << 20))
        self._heard_bytes += len(pcm)
        return [LiveText.partial(f"w{self._heard_bytes // 1600}")]

    def finish(self) -> Sequence[LiveText]:
        return [LiveText.final((Word(f"{self._heard_bytes}", 0, self._heard_bytes // 16, 1.0),))]


class _ObedientModel:
    def __init__(self, name: str) -> None:
        self.name = name

    def open(self, sample_rate: int, phrases: Sequence[str] | None) -> _Decoder:
        return _Decoder(phrases)


_KEPT: list[bytes] = []


class _ObedientModels:
    """LiveModels whose name stands in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._name = ""

    def load(self) -> _ObedientModel:
        self._name = self._file.read_text()
        return _ObedientModel(self._name)

    def follow(self) -> _ObedientModel | None:
        return None if self._file.read_text() == self._name else self.load()


class _EmbeddedModel:
    def load(self) -> StreamingRecogniser:
        from asr.adapters.vosk_live import VoskStreams

        return VoskStreams(ROOT / "asr" / "models" / "mini-cn")

    def follow(self) -> None:
        return None


def main(plan: str) -> None:
    facts = json.loads(plan)
    models: LiveModels = _ObedientModels(Path(facts["model_file"])) if facts["model_file"] else _EmbeddedModel()
    limits = ListenerLimits(**facts["limits"])
    ListenerParent(models, ("127.0.0.1", facts["port"]), children=facts["children"], limits=limits).run()


class RunningListener:
    def __init__(self, port: int, process: "subprocess.Popen[bytes]", model_file: Path | None) -> None:
        self.port = port
        self.process = process
        self.model_file = model_file

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def children(self) -> list[int]:
        return [child.pid for child in psutil.Process(self.process.pid).children()]

    def stream(self, hello: str = HELLO) -> ClientConnection:
        """A stream that has said its hello; the answer is not read yet."""
        connection = connect(self.url, compression=None, proxy=None, open_timeout=2, legacy=True)
        with contextlib.suppress(ConnectionClosed):  # refused already, for want of room
            connection.send(hello)
        return connection

    def ready_stream(self, *phrases: str) -> ClientConnection:
        connection = self.stream(json.dumps({"sample_rate": 8000, "phrases": phrases or None}))
        assert json.loads(connection.recv(timeout=5))["ready"] is True
        return connection


def is_serving(url: str) -> bool:
    try:
        with connect(url, compression=None, proxy=None, open_timeout=1) as connection:
            connection.send(HELLO)
            return "ready" in json.loads(connection.recv(timeout=1))
    except (OSError, WebSocketException, TimeoutError):
        return False


@contextlib.contextmanager
def running_listener(
    folder: Path, *, children: int = 1, is_real: bool = False, port: int = 0, **limits: float
) -> Iterator[RunningListener]:
    """A listener that serves; with all its children gone at the end, however it was treated."""
    port = port or free_port()
    model_file = None if is_real else folder / "model-name"
    if model_file is not None:
        model_file.write_text("obedient")
    plan = {"port": port, "children": children, "model_file": str(model_file or ""), "limits": limits}
    command = [sys.executable, "-m", "tests.support.listener_process", json.dumps(plan)]
    process = subprocess.Popen(command, cwd=ROOT, process_group=0)
    try:
        running = RunningListener(port, process, model_file)
        eventually(lambda: is_serving(running.url), _READY_WITHIN_S)
        yield running
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(3)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


if __name__ == "__main__":
    main(sys.argv[1])
