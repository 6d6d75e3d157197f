"""`hotline transcribe` as an operator meets it: no database, no queue, files in and text out."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.demo.voice import synthesise
from config.settings import ROOT
from tests.support.encoded_audio import encoded

_SENTENCE = "我们小区已经三天没有热水了。"
_HEARD = "我们小区已经三天没有热水了"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two messages, one of them deeper, a file that is no audio, and a hidden one."""
    folder = tmp_path_factory.mktemp("messages")
    (folder / "deeper").mkdir()
    synthesise(_SENTENCE, folder / "a.wav", "f4")
    encoded(folder / "a.wav", "amr").rename(folder / "deeper" / "b.wav")
    (folder / "c.mp3").write_bytes(b"no audio")
    (folder / ".hidden").write_bytes(b"no audio")
    return folder


def _transcribe(*words: str | Path, data: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HOTLINE_DATA_DIR": str(data)}
    command = [sys.executable, "-m", "app.cli", "transcribe", *map(str, words)]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_one_file_gives_its_text_and_its_words_on_request(folder: Path, tmp_path: Path) -> None:
    done = _transcribe(folder / "a.wav", "--words", data=tmp_path / "var")
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert "".join(character for character in lines[0] if character.isalnum()).startswith(_HEARD[:4])
    assert "".join(line.split()[-1] for line in lines[1:]) == _HEARD
    assert not (tmp_path / "var").exists()


def test_a_folder_gives_one_object_per_file_in_order_and_its_status_tells_of_failures(
    folder: Path, tmp_path: Path
) -> None:
    done = _transcribe(folder, "--json", data=tmp_path)
    a, c, b = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [Path(each["path"]).name for each in (a, c, b)] == ["a.wav", "c.mp3", "b.wav"]
    assert (a["text"], b["text"], c["text"]) == (_HEARD, _HEARD, None)
    assert (a["error"], b["error"], c["error"]) == (None, None, "audio.unreadable")
    assert a["model"] == "mini-cn"
    assert a["duration_ms"] == a["audio_quality"]["duration_ms"] > 2000
    assert set(a["words"][0]) == {"text", "start_ms", "end_ms", "confidence", "speaker"}
    assert {"reading", "slots", "redactions", "model_version", "rules_version"} < set(a)


def test_a_missing_model_stops_it_with_one_line(folder: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "VOSK_MODEL": str(tmp_path / "nowhere")}
    command = [sys.executable, "-m", "app.cli", "transcribe", str(folder)]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, "asr.model_missing" in done.stderr, "Traceback" in done.stderr) == (2, True, False)
