"""The real recogniser with the embedded model and voices that it was not trained on."""

import itertools
import shutil
import subprocess
from pathlib import Path

import pytest

from app.demo.voice import character_error_rate, synthesise
from asr.adapters.audio_files import AudioFiles
from asr.adapters.vosk import VoskRecogniser
from asr.domain.errors import ModelMissing, RecognitionFailed
from config.settings import ROOT
from kit import speech_synthesis

_MODEL = ROOT / "asr" / "models" / "mini-cn"
_SENTENCES = (
    "您好，我想反映一下人民路路灯不亮的问题，希望尽快解决，谢谢。",
    "我们小区已经三天没有热水了，找过物业也没有用。",
    "请问护照怎么办理，需要带什么证件。",
)


@pytest.fixture(scope="module")
def recogniser() -> VoskRecogniser:
    return VoskRecogniser(_MODEL)


def _say(text: str, voice: str = "m3") -> bytes:
    return speech_synthesis.synthesise(text, voice=voice, rate_wpm=175)


@pytest.mark.parametrize("voice", ["m3", "f4", "Annie"])
def test_voices_it_never_heard_are_understood(recogniser: VoskRecogniser, voice: str) -> None:
    heard = [recogniser.recognise(_say(sentence, voice), 8000).text for sentence in _SENTENCES]
    assert character_error_rate("".join(_SENTENCES), "".join(heard)) < 0.25


@pytest.mark.parametrize("seconds", [0, 0.01, 3])
def test_silence_has_no_words(recogniser: VoskRecogniser, seconds: float) -> None:
    assert recogniser.recognise(b"\x00\x00" * int(8000 * seconds), 8000).words == ()


def test_word_times_count_from_the_first_sample_across_long_pauses(recogniser: VoskRecogniser) -> None:
    first, second = _say("路灯坏了"), _say("希望尽快解决")
    pause_s = 3.0
    words = recogniser.recognise(first + b"\x00\x00" * int(8000 * pause_s) + second, 8000).words
    assert words[0].start_ms < 500
    later = [word for word in words if word.start_ms > len(first) / 16 + 1000 * pause_s - 500]
    assert "".join(word.text for word in later) == "希望尽快解决"
    assert all(before.end_ms <= after.start_ms + 30 for before, after in itertools.pairwise(words))
    assert all(0 <= word.start_ms < word.end_ms and 0 <= word.confidence <= 1 for word in words)
    assert words[-1].end_ms <= (len(first) + len(second)) / 16 + 1000 * pause_s


def test_nothing_is_kept_from_one_recording_to_the_next(recogniser: VoskRecogniser) -> None:
    pcm = _say(_SENTENCES[0])
    first = recogniser.recognise(pcm, 8000)
    recogniser.recognise(_say(_SENTENCES[1]), 8000)
    assert recogniser.recognise(pcm, 8000) == first


def test_the_model_is_named_and_knows_its_rate(recogniser: VoskRecogniser) -> None:
    assert recogniser.recognise(b"", 8000).model == "mini-cn"
    assert recogniser.sample_rate == 8000


def test_audio_at_another_rate_is_refused_instead_of_misheard(recogniser: VoskRecogniser) -> None:
    with pytest.raises(RecognitionFailed):
        recogniser.recognise(_say(_SENTENCES[0]), 16000)


@pytest.mark.parametrize("form", [["-r", "16000", "-c", "2"], ["-r", "48000"], ["-b", "8", "-e", "unsigned"]])
def test_files_of_other_forms_are_understood_as_well(
    recogniser: VoskRecogniser, tmp_path: Path, form: list[str]
) -> None:
    synthesise(_SENTENCES[0], tmp_path / "said.wav", voice="m3")
    subprocess.run(["sox", "said.wav", *form, "other.wav"], cwd=tmp_path, check=True)
    pcm = AudioFiles().decode(tmp_path / "other.wav", recogniser.sample_rate).sides[0].pcm
    assert character_error_rate(_SENTENCES[0], recogniser.recognise(pcm, 8000).text) < 0.25


@pytest.fixture
def model_copy(tmp_path: Path) -> Path:
    copy = tmp_path / "model"
    shutil.copytree(_MODEL, copy)
    return copy


@pytest.mark.parametrize("name", ["am/final.mdl", "conf/mfcc.conf", "conf/model.conf", "graph/words.txt"])
def test_a_folder_without_a_needed_file_is_no_model_and_the_file_is_named(model_copy: Path, name: str) -> None:
    (model_copy / name).unlink()
    with pytest.raises(ModelMissing, match=name):
        VoskRecogniser(model_copy)


@pytest.mark.parametrize("name", ["graph/Gr.fst", "graph/HCLr.fst", "graph/disambig_tid.int"])
def test_a_folder_without_a_whole_graph_is_no_model(model_copy: Path, name: str) -> None:
    (model_copy / name).unlink()
    with pytest.raises(ModelMissing, match="graph"):
        VoskRecogniser(model_copy)


@pytest.mark.parametrize(
    "name", ["am/final.mdl", "conf/mfcc.conf", "graph/words.txt", "graph/Gr.fst", "graph/HCLr.fst"]
)
def test_a_damaged_model_is_no_model(model_copy: Path, name: str) -> None:
    content = (model_copy / name).read_bytes()
    (model_copy / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelMissing):
        VoskRecogniser(model_copy)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="nowhere"):
        VoskRecogniser(tmp_path / "nowhere")


def test_a_model_that_names_no_rate_wants_kaldis_default(model_copy: Path) -> None:
    configuration = model_copy / "conf" / "mfcc.conf"
    kept = [line for line in configuration.read_text().splitlines() if "sample-frequency" not in line]
    configuration.write_text("\n".join(kept))
    assert VoskRecogniser(model_copy).sample_rate == 16000


def test_a_rate_that_is_no_number_is_named(model_copy: Path) -> None:
    (model_copy / "conf" / "mfcc.conf").write_text("--sample-frequency=fast\n")
    with pytest.raises(ModelMissing, match="sample-frequency"):
        VoskRecogniser(model_copy)
