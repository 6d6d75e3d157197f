"""The catalogue is checked when it is read, and says nothing that nobody has published."""

from pathlib import Path

import pytest

from app.model_catalogue import load_catalogue
from asr.domain.catalogue.model_errors import CatalogueWrong

_GOOD = """
[[model]]
id = "m-1.0"
name = "m"
version = "1.0"
licence = "Apache-2.0"
summary = "s"
size_text = "1 MB"
source = "https://example.org"
url = "https://example.org/m-1.0.zip"
"""


def test_the_shipped_catalogue_has_the_official_models_and_the_embedded_one() -> None:
    catalogue = load_catalogue()
    official = ["vosk-model-small-cn-0.22", "vosk-model-cn-0.22", "vosk-model-cn-kaldi-multicn-0.15"]
    assert list(catalogue) == ["mini-cn", *official]
    assert [catalogue[each].is_embedded for each in catalogue] == [True, False, False, False]
    for name in official:
        assert catalogue[name].url == f"https://alphacephei.com/vosk/models/{name}.zip"
        assert catalogue[name].identity.licence == "Apache-2.0"
        assert {"SpeechIO-02", "THCHS"} <= {each.test_set for each in catalogue[name].errors}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("[[model]]", "[[modell]]"), "modell"),
        (('id = "m-1.0"', 'id = "../m"'), "folder"),
        (('version = "1.0"', ""), "version"),
        (("https://example.org/m-1.0.zip", "http://example.org/m.zip"), "https"),
        (("size_text", "size"), "size"),
        (('source = "https://example.org"', 'source = "x"\nmd5 = "abc"'), "md5"),
        (('source = "https://example.org"', 'source = "x"\ncer = { a = -1 }'), "cer"),
        (('name = "m"', 'name = "m'), "models.toml"),
    ],
)
def test_what_is_wrong_in_it_is_named(tmp_path: Path, change: tuple[str, str], named: str) -> None:
    path = tmp_path / "models.toml"
    path.write_text(_GOOD.replace(*change, 1), encoding="utf-8")
    with pytest.raises(CatalogueWrong, match=named):
        load_catalogue(path)


def test_a_name_is_there_once(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text(_GOOD * 2, encoding="utf-8")
    with pytest.raises(CatalogueWrong, match="twice"):
        load_catalogue(path)


def test_no_catalogue_at_all_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueWrong, match=r"none\.toml"):
        load_catalogue(tmp_path / "none.toml")
