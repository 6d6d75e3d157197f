"""What a model is called."""

import json
from pathlib import Path

import pytest

from asr.adapters.model_files import model_identity, sample_rate_of
from asr.domain.catalogue.speech_model import ModelIdentity, identity_of, is_model_id
from asr.domain.errors import ModelMissing


@pytest.mark.parametrize(
    ("folder", "name", "version"),
    [
        ("vosk-model-cn-0.22", "vosk-model-cn", "0.22"),
        ("vosk-model-small-cn-0.22", "vosk-model-small-cn", "0.22"),
        ("vosk-model-cn-kaldi-multicn-0.15", "vosk-model-cn-kaldi-multicn", "0.15"),
        ("vosk-model-fr-0.6-linto-2.2.0", "vosk-model-fr", "0.6-linto-2.2.0"),
        ("mini-cn", "mini-cn", "unknown"),
        ("2024", "2024", "unknown"),
    ],
)
def test_name_and_version_come_from_the_folder(folder: str, name: str, version: str) -> None:
    assert identity_of(folder) == ModelIdentity(name, version)


@pytest.mark.parametrize("text", ["vosk-model-cn-0.22", "a", "A_1.b"])
def test_a_model_can_be_called_so(text: str) -> None:
    assert is_model_id(text)


@pytest.mark.parametrize("text", ["", ".", "..", ".hidden", "a/b", "a\\b", "a b", "-x", "x" * 81, "模型", "a\0", "a\n"])
def test_no_model_is_called_so(text: str) -> None:
    assert not is_model_id(text)


def test_a_model_may_say_itself_what_it_is_called(tmp_path: Path) -> None:
    folder = tmp_path / "vosk-model-cn-0.22"
    folder.mkdir()
    assert model_identity(folder) == ModelIdentity("vosk-model-cn", "0.22")
    (folder / "model.json").write_text(json.dumps({"name": "ours", "version": "2026-11", "licence": "Apache-2.0"}))
    assert model_identity(folder) == ModelIdentity("ours", "2026-11", "Apache-2.0")


@pytest.mark.parametrize("card", ["", "{", "[]", '{"version": "1"}', '{"name": 7}'])
def test_a_broken_card_counts_as_none(tmp_path: Path, card: str) -> None:
    folder = tmp_path / "m-1.0"
    folder.mkdir()
    (folder / "model.json").write_text(card)
    assert model_identity(folder) == ModelIdentity("m", "1.0")


def test_the_sample_rate_stands_in_the_configuration(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        sample_rate_of(tmp_path)
    (tmp_path / "mfcc.conf").write_text("--use-energy=false\n")
    assert sample_rate_of(tmp_path) == 16000
    (tmp_path / "mfcc.conf").write_text("--sample-frequency=8000 # telephone\n")
    assert sample_rate_of(tmp_path) == 8000
