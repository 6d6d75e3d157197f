"""A speech model: what it is called, what is known about it before it is installed, and what an installed one is."""

import re
from dataclasses import dataclass
from datetime import datetime

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_VERSIONED = re.compile(r"(?P<name>.+?)-(?P<version>\d[\w.]*(?:-[\w.]+)*)")
UNKNOWN_VERSION = "unknown"


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """What a transcript keeps about the model that made it."""

    name: str
    version: str
    licence: str = ""


@dataclass(frozen=True, slots=True)
class PublishedError:
    """A character error rate as the model's publisher states it; not measured here."""

    test_set: str
    cer_percent: float


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One model that can be installed. None and empty stand for facts that nobody has published."""

    id: str
    """Its folder and the name of its archive: `vosk-model-cn-0.22`."""
    identity: ModelIdentity
    summary: str
    size_text: str
    url: str
    """Address of the official archive; empty for the embedded model."""
    source: str
    """Where these facts stand."""
    archive_bytes: int | None = None
    md5: str = ""
    sha256: str = ""
    errors: tuple[PublishedError, ...] = ()

    @property
    def is_embedded(self) -> bool:
        return not self.url


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One file of an installed model, as it was unpacked."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """What was written down when a model was installed."""

    id: str
    identity: ModelIdentity
    sample_rate: int
    size_bytes: int
    source: str
    archive_sha256: str
    installed_at: datetime
    files: tuple[FileFacts, ...]


def is_model_id(text: str) -> bool:
    """May this name a model's folder? No separators, no leading dot: it never leaves the folder of models."""
    return _ID.fullmatch(text) is not None


def identity_of(folder_name: str) -> ModelIdentity:
    """`vosk-model-cn-0.22` is `vosk-model-cn`, version `0.22`; a name without a version says that it is unknown."""
    found = _VERSIONED.fullmatch(folder_name)
    if found is None:
        return ModelIdentity(folder_name, UNKNOWN_VERSION)
    return ModelIdentity(found["name"], found["version"])
