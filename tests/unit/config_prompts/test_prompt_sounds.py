"""Building and checking prompts: every fault that would be heard on the line is found before."""

import shutil
import wave
from pathlib import Path

import numpy as np
import pytest

from config.prompt_check import check_prompts
from config.prompt_sounds import TableWrong, active_level_dbfs, build_prompts
from config.settings import ROOT
from ivr.domain.prompts import Prompt
from kit.speech_synthesis import SynthesiserMissing

SHIPPED = ROOT / "config" / "prompts"
KEYS = ["goodbye", "beep"]
TABLE = '[prompts]\ngoodbye = "再见。"\n[tones]\nbeep = {hertz = 1000, seconds = 0.2}\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small table, built."""
    (tmp_path / "prompts.toml").write_text(TABLE, encoding="utf-8")
    build_prompts(tmp_path)
    return tmp_path


def codes(folder: Path, keys: list[str] = KEYS) -> list[tuple[str, str]]:
    return [(problem.key, problem.code) for problem in check_prompts(folder, keys)]


def write_wav(path: Path, samples: "np.ndarray[tuple[int], np.dtype[np.int16]]", rate: int = 8000) -> None:
    path.parent.mkdir(exist_ok=True)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.tobytes())


def tone(amplitude: float) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    wave_form = amplitude * np.sin(np.arange(8000) * 0.7)
    return np.asarray(np.clip(wave_form, -32768, 32767), dtype=np.int16)


def test_the_shipped_prompts_say_everything_that_scripts_may_ask_for() -> None:
    assert check_prompts(SHIPPED, [prompt.value for prompt in Prompt]) == []


def test_shipped_prompts_are_equally_loud() -> None:
    for path in (SHIPPED / "zh-CN").glob("*.wav"):
        with wave.open(str(path)) as sound:
            samples = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2") / 32768
        assert -23 < active_level_dbfs(samples) < -19, path.name
        assert np.abs(samples).max() < 10 ** (-2.9 / 20), path.name


def test_the_same_text_gives_the_same_bytes(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in (folder / "zh-CN").iterdir()}
    assert sorted(build_prompts(folder, rebuild_all=True)) == sorted(KEYS)
    assert before == {path.name: path.read_bytes() for path in (folder / "zh-CN").iterdir()}


def test_only_what_changed_is_built_and_what_is_gone_is_dropped(folder: Path) -> None:
    assert build_prompts(folder) == []
    (folder / "prompts.toml").write_text('[prompts]\ngoodbye = "再会。"\n', encoding="utf-8")
    assert build_prompts(folder) == ["goodbye"]
    assert sorted(path.name for path in (folder / "zh-CN").iterdir()) == ["goodbye.wav", "manifest.json"]


def test_a_complete_folder_has_no_problems(folder: Path) -> None:
    assert codes(folder) == []


def test_a_changed_text_or_reading_without_a_new_sound_is_found(folder: Path) -> None:
    (folder / "prompts.toml").write_text(TABLE.replace("再见", "再会"), encoding="utf-8")
    assert codes(folder) == [("goodbye", "text_changed")]
    (folder / "prompts.toml").write_text(TABLE + '[readings]\n"再见" = "zai4 jian5"\n', encoding="utf-8")
    assert codes(folder) == [("goodbye", "text_changed")]


def test_a_missing_sound_a_missing_text_and_an_unused_text_are_found(folder: Path) -> None:
    (folder / "zh-CN" / "beep.wav").unlink()
    assert codes(folder, ["beep", "menu"]) == [
        ("beep", "sound_missing"),
        ("goodbye", "unused"),
        ("menu", "text_missing"),
    ]


def test_a_generated_sound_changed_by_hand_is_found(folder: Path) -> None:
    write_wav(folder / "zh-CN" / "goodbye.wav", tone(3000))
    assert codes(folder) == [("goodbye", "sound_changed")]


@pytest.mark.parametrize(
    ("amplitude", "rate", "expected"),
    [
        (3000, 8000, []),
        (3000, 16000, [("goodbye", "wrong_format")]),
        (99999, 8000, [("goodbye", "clipped")]),
        (5, 8000, [("goodbye", "silent")]),
    ],
)
def test_a_recorded_replacement_is_checked(
    folder: Path, amplitude: float, rate: int, expected: list[tuple[str, str]]
) -> None:
    write_wav(folder / "custom" / "goodbye.wav", tone(amplitude), rate)
    assert codes(folder) == expected


def test_a_recorded_replacement_that_replaces_nothing_is_found(folder: Path) -> None:
    write_wav(folder / "custom" / "godbye.wav", tone(3000))
    (folder / "custom" / "beep.mp3").write_bytes(b"ID3")
    assert codes(folder) == [("beep", "unused"), ("godbye", "unused")]


def test_what_is_no_wav_is_found(folder: Path) -> None:
    (folder / "custom").mkdir()
    (folder / "custom" / "goodbye.wav").write_bytes(b"no sound")
    assert codes(folder) == [("goodbye", "wrong_format")]


@pytest.mark.parametrize("table", [None, "[prompts", "goodbye = 1"])
def test_a_wrong_table_is_named(tmp_path: Path, table: str | None) -> None:
    if table:
        (tmp_path / "prompts.toml").write_text(table)
    with pytest.raises(TableWrong, match=r"prompts\.toml"):
        build_prompts(tmp_path)


def test_without_the_synthesiser_building_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    shutil.rmtree(folder / "zh-CN")
    with pytest.raises(SynthesiserMissing, match="espeak-ng"):
        build_prompts(folder)
