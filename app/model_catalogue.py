"""config/speech/models.toml, checked: the speech models that can be installed, and what is published about them."""

import tomllib
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from asr.domain.catalogue.model_errors import CatalogueWrong
from asr.domain.catalogue.speech_model import CatalogueEntry, ModelIdentity, PublishedError, is_model_id
from config.settings import ROOT

CATALOGUE_FILE = ROOT / "config" / "speech" / "models.toml"

_Text = Annotated[str, Field(min_length=1, max_length=200)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: _Text
    name: _Text
    version: _Text
    licence: _Text
    summary: _Text
    size_text: _Text
    source: _Text
    url: str = ""
    archive_bytes: Annotated[int, Field(gt=0)] | None = None
    md5: Annotated[str, Field(pattern=r"^([0-9a-f]{32})?$")] = ""
    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    cer: dict[str, Annotated[float, Field(gt=0, le=100)]] = {}

    @model_validator(mode="after")
    def _names_a_folder_and_an_address(self) -> Self:
        if not is_model_id(self.id):
            raise ValueError("id: must be usable as the name of a folder")
        if self.url and urlsplit(self.url).scheme != "https":
            raise ValueError("url: must begin with https://")
        return self

    def entry(self) -> CatalogueEntry:
        return CatalogueEntry(
            id=self.id,
            identity=ModelIdentity(self.name, self.version, self.licence),
            summary=self.summary,
            size_text=self.size_text,
            url=self.url,
            source=self.source,
            archive_bytes=self.archive_bytes,
            md5=self.md5,
            sha256=self.sha256,
            errors=tuple(PublishedError(test_set, value) for test_set, value in self.cer.items()),
        )


class _Catalogue(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    model: list[_Model]

    @model_validator(mode="after")
    def _ids_are_different(self) -> Self:
        if len({each.id for each in self.model}) < len(self.model):
            raise ValueError("an id is there twice")
        return self


def load_catalogue(path: Path = CATALOGUE_FILE) -> dict[str, CatalogueEntry]:
    """Entries by id, in the file's order; raises CatalogueWrong naming what is wrong and where."""
    try:
        catalogue = _Catalogue.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        if isinstance(error, ValidationError):
            wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
            raise CatalogueWrong(f"{path.name}: {wrong}") from None
        raise CatalogueWrong(f"{path.name}: {error}") from None
    return {each.id: each.entry() for each in catalogue.model}
