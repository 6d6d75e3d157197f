"""The speech models of this machine: which there are, which is in use, and what an operator may do with them."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.model_catalogue import load_catalogue
from app.model_choice import DEFAULT, EMBEDDED, Choice, ModelChoice
from app.model_install import INCOMING, Installer, Order, Tell, file_facts, read_receipt
from asr.adapters.model_files import model_identity, sample_rate_of
from asr.adapters.model_probe import ProbeReport, probe_model
from asr.domain.catalogue.model_errors import (
    ModelDamaged,
    ModelEmbedded,
    ModelInUse,
    ModelNameWrong,
    ModelNotInstalled,
    NoPreviousModel,
)
from asr.domain.catalogue.speech_model import CatalogueEntry, ModelIdentity, PublishedError, is_model_id
from asr.domain.errors import ModelMissing
from config.settings import Settings
from kit.storage.file_store import fsync_path


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model as lists show it. What has a default is known of installed models only."""

    id: str
    identity: ModelIdentity
    summary: str
    size_text: str
    source: str
    errors: tuple[PublishedError, ...]
    is_embedded: bool
    is_installed: bool
    is_in_use: bool
    sample_rate: int | None = None
    size_bytes: int | None = None
    installed_at: datetime | None = None
    archive_sha256: str = ""


class ModelShelf:
    """`probe` tries a folder in another process; it takes as long as loading the model takes."""

    def __init__(
        self,
        settings: Settings,
        *,
        installer: Installer | None = None,
        probe: Callable[[Path], ProbeReport] = probe_model,
    ) -> None:
        self.choice = ModelChoice(settings)
        self._models_dir = self.choice.models_dir
        self._installer = installer or Installer(self._models_dir, load_catalogue())
        self._catalogue = self._installer.catalogue
        self._probe = probe

    def rows(self) -> list[ModelRow]:
        """The catalogue in its order, then what else is installed, then the folder of VOSK_MODEL when it is another."""
        ids = [*self._catalogue, *(name for name in self._installed_ids() if name not in self._catalogue)]
        rows = [self._row(model) for model in ids]
        known = {self.choice.folder_of(row.id) for row in rows}
        return rows if self.choice.default_folder in known else [*rows, self._row(DEFAULT)]

    def in_use(self) -> ModelRow:
        """The model that `folder()` names, whether it is there or not."""
        return next((row for row in self.rows() if row.is_in_use), self._row(self.choice.readable().model))

    def install(self, order: Order, tell: Tell) -> ModelRow:
        """Install, or find that it is installed. It is not taken into use."""
        _refuse_wrong_name(order.id)
        if not self._is_there(order.id):
            self._installer.install(order, tell)
        return self._row(order.id)

    def check(self, model: str) -> ModelRow:
        """Its files are those that were installed, and it loads. Raises ModelDamaged, ModelUnloadable."""
        folder = self._folder_of_installed(model)
        receipt = read_receipt(folder)
        if receipt is not None:
            known, found = {each.path: each for each in receipt.files}, {each.path: each for each in file_facts(folder)}
            wrong = sorted(path for path in known.keys() | found.keys() if known.get(path) != found.get(path))
            if wrong:
                named = ", ".join(wrong[:5])
                raise ModelDamaged(
                    f"{model}: {len(wrong)} files are missing, new or changed: {named}", files=len(wrong)
                )
        self._probe(folder)
        return self._row(model)

    def use(self, model: str) -> Choice:
        """Try the model, then take it into use; a broken one is refused and nothing changes."""
        self._probe(self._folder_of_installed(model))
        return self.choice.use(model)

    def use_previous(self) -> Choice:
        previous = self.choice.readable().previous
        if previous is None:
            raise NoPreviousModel("no other model was in use before")
        return self.use(previous)

    def remove(self, model: str) -> None:
        """Delete an installed model. Its folder vanishes in one step, so a kill leaves no half of it."""
        _refuse_wrong_name(model)
        if self.choice.folder_of(model) in (EMBEDDED, self.choice.default_folder):
            raise ModelEmbedded(f"{model} cannot be removed: it is the default", model=model)
        folder = self._folder_of_installed(model)
        if folder == self.choice.folder():
            raise ModelInUse(f"{model} is in use (use another one first: hotline models use …)", model=model)
        grave = self._models_dir / INCOMING / f"removed-{secrets.token_hex(8)}"
        grave.parent.mkdir(exist_ok=True)
        folder.rename(grave)
        fsync_path(self._models_dir)
        shutil.rmtree(grave)

    def _installed_ids(self) -> Iterator[str]:
        if self._models_dir.is_dir():
            for folder in sorted(self._models_dir.iterdir()):
                if is_model_id(folder.name) and read_receipt(folder) is not None:
                    yield folder.name

    def _is_there(self, model: str) -> bool:
        folder = self.choice.folder_of(model)
        is_own = folder in (EMBEDDED, self.choice.default_folder)
        return folder.is_dir() if is_own else read_receipt(folder) is not None

    def _folder_of_installed(self, model: str) -> Path:
        if model != DEFAULT:
            _refuse_wrong_name(model)
        if not self._is_there(model):
            raise ModelNotInstalled(f"{model} is not installed (hotline models install {model})", model=model)
        return self.choice.folder_of(model)

    def _row(self, model: str) -> ModelRow:
        folder = self.choice.folder_of(model)
        row = _from_catalogue(self._catalogue[model]) if model in self._catalogue else _from_folder(model, folder)
        row = replace(row, is_in_use=folder == self.choice.folder(), is_installed=self._is_there(model))
        if not row.is_installed:
            return row
        receipt = read_receipt(folder)
        if receipt is not None:
            return replace(
                row,
                identity=receipt.identity,
                sample_rate=receipt.sample_rate,
                size_bytes=receipt.size_bytes,
                installed_at=receipt.installed_at,
                archive_sha256=receipt.archive_sha256,
            )
        return replace(row, identity=_with_licence(model_identity(folder), row.identity), sample_rate=_rate(folder))


def _from_catalogue(entry: CatalogueEntry) -> ModelRow:
    return ModelRow(
        id=entry.id,
        identity=entry.identity,
        summary=entry.summary,
        size_text=entry.size_text,
        source=entry.source,
        errors=entry.errors,
        is_embedded=entry.is_embedded,
        is_installed=False,
        is_in_use=False,
    )


def _from_folder(model: str, folder: Path) -> ModelRow:
    receipt = read_receipt(folder)
    return ModelRow(
        id=model,
        identity=receipt.identity if receipt else model_identity(folder),
        summary="the folder that VOSK_MODEL names" if model == DEFAULT else "not in the catalogue",
        size_text=f"{receipt.size_bytes / 1e6:.0f} MB" if receipt else "",
        source=receipt.source if receipt else str(folder),
        errors=(),
        is_embedded=False,
        is_installed=False,
        is_in_use=False,
    )


def _with_licence(own: ModelIdentity, published: ModelIdentity) -> ModelIdentity:
    return own if own.licence else replace(own, licence=published.licence)


def _rate(folder: Path) -> int | None:
    try:
        return sample_rate_of(folder)
    except ModelMissing:
        return None


def _refuse_wrong_name(model: str) -> None:
    if not is_model_id(model) or model == DEFAULT:
        raise ModelNameWrong(f"{model!r} cannot be the name of a model", model=model[:80])
