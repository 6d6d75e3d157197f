"""Puts a speech model into the folder of models: fetch, check, unpack, try, and only then one rename.

Everything happens in `.incoming/NAME` beside the target. Killed at any line, the model is not installed, and the
next install goes on with what was fetched.
"""

import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from asr.adapters.model_archive import unpack, unpacked_bytes
from asr.adapters.model_download import DownloadLimits, Progress, download
from asr.adapters.model_files import model_identity
from asr.adapters.model_probe import ProbeReport, probe_model
from asr.domain.catalogue.model_errors import (
    ArchiveUnreadable,
    ArchiveUnsafe,
    ChecksumWrong,
    DiskTooSmall,
    DownloadRefused,
    InstallRunning,
    ModelFolderUnusable,
    ModelUnknown,
)
from asr.domain.catalogue.speech_model import CatalogueEntry, FileFacts, InstalledModel, ModelIdentity
from asr.domain.catalogue.unpacking import UnpackLimits
from kit.clock import Clock, SystemClock
from kit.storage.file_store import fsync_path, sha256_of

log = structlog.get_logger(__name__)

RECEIPT = "installed.json"
INCOMING = ".incoming"
_SPARE_BYTES = 256 << 20
"""Left free for the hotline itself: recordings come first."""

Tell = Callable[[str, int, int | None], None]
"""Told of progress: the step (`fetch`, `unpack`, `try`), bytes done, bytes in all."""


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True)
class Order:
    """What to install and where from: a local `file`, else `mirror`, else the catalogue's address."""

    id: str
    file: Path | None = None
    mirror: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Installer:
    """The parts are replaceable for tests; the defaults are the real ones."""

    models_dir: Path
    catalogue: dict[str, CatalogueEntry]
    download_limits: DownloadLimits = field(default_factory=DownloadLimits)
    unpack_limits: UnpackLimits = field(default_factory=UnpackLimits)
    probe: Callable[[Path], ProbeReport] = probe_model
    free_bytes: Callable[[Path], int] = free_bytes
    clock: Clock = field(default_factory=SystemClock)

    def install(self, order: Order, tell: Tell) -> InstalledModel:
        """Returns what was written down. Raises the named errors of asr/domain/catalogue/model_errors.py."""
        entry = self.catalogue.get(order.id)
        if order.file is None and (entry is None or entry.is_embedded):
            raise ModelUnknown(f"{order.id} is not in the catalogue (`hotline models list`)", model=order.id)
        scratch = self.models_dir / INCOMING / order.id
        with self._alone(order.id), _disk_errors_named():
            scratch.mkdir(parents=True, exist_ok=True)
            archive, source = self._archive(order, entry, scratch, tell)
            with _thrown_away_when_wrong(archive if order.file is None else None):
                digest = _checked(order, entry, archive)
                unpacked = self._unpacked(archive, scratch, tell)
            tell("try", 0, None)
            report = self.probe(unpacked)
            installed = InstalledModel(
                id=order.id,
                identity=entry.identity if entry else model_identity(unpacked, known_as=order.id),
                sample_rate=report.sample_rate,
                size_bytes=sum(path.stat().st_size for path in _files(unpacked)),
                source=source,
                archive_sha256=digest,
                installed_at=self.clock.now(),
                files=tuple(file_facts(unpacked)),
            )
            write_receipt(unpacked, installed)
            unpacked.rename(self.models_dir / order.id)
            fsync_path(self.models_dir)
            shutil.rmtree(scratch)
        log.info("asr.model.installed", model=order.id, sha256=digest)
        return installed

    @contextmanager
    def _alone(self, model: str) -> Iterator[None]:
        """The kernel lets go of the lock when its holder dies."""
        folder = self.models_dir / INCOMING
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{model}.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise InstallRunning(f"{model} is being installed by another process", model=model) from None
            yield

    def _archive(self, order: Order, entry: CatalogueEntry | None, scratch: Path, tell: Tell) -> tuple[Path, str]:
        """The archive on this machine, and where it came from. A file that was handed over is used where it lies."""
        if order.file is not None:
            if not order.file.is_file():
                raise DownloadRefused(f"{order.file} is not a file")
            return order.file, order.file.name
        assert entry is not None
        url = address_of(entry, order.mirror)
        part = scratch / "archive.part"
        have = part.stat().st_size if part.exists() else 0
        if entry.archive_bytes:
            self._need(entry.archive_bytes - have)

        def on_progress(progress: Progress) -> None:
            if progress.total_bytes:
                self._need(progress.total_bytes - progress.done_bytes)
            tell("fetch", progress.done_bytes, progress.total_bytes)

        download(url, part, self.download_limits, expected_bytes=entry.archive_bytes, on_progress=on_progress)
        return part, url

    def _unpacked(self, archive: Path, scratch: Path, tell: Tell) -> Path:
        total = unpacked_bytes(archive, self.unpack_limits)
        self._need(total)
        target = scratch / "unpacked"
        shutil.rmtree(target, ignore_errors=True)
        done = 0

        def on_bytes(count: int) -> None:
            nonlocal done
            done += count
            tell("unpack", done, total)

        unpack(archive, target, self.unpack_limits, on_bytes=on_bytes)
        return target

    def _need(self, size: int) -> None:
        free = self.free_bytes(self.models_dir)
        if size > 0 and free < size + _SPARE_BYTES:
            raise DiskTooSmall(f"{size >> 20} MiB and a reserve are needed, {free >> 20} MiB are free", free_bytes=free)


def _checked(order: Order, entry: CatalogueEntry | None, archive: Path) -> str:
    """The archive's SHA-256; raises ChecksumWrong when a known sum is another."""
    digest, md5 = _digests(archive)
    wanted = [("SHA-256", order.sha256.lower(), digest)]
    if entry is not None:
        wanted += [("SHA-256", entry.sha256, digest), ("MD5", entry.md5, md5)]
    for kind, expected, found in wanted:
        if expected and expected != found:
            raise ChecksumWrong(f"{kind} is {found}, expected {expected}", found=found, expected=expected)
    return digest


@contextmanager
def _thrown_away_when_wrong(fetched: Path | None) -> Iterator[None]:
    """Going on with a wrong archive would never help: the next install fetches it anew."""
    try:
        yield
    except (ChecksumWrong, ArchiveUnreadable, ArchiveUnsafe):
        if fetched is not None:
            fetched.unlink()
        raise


def address_of(entry: CatalogueEntry, mirror: str) -> str:
    """The official address, or the archive of the same name on a mirror."""
    if not mirror:
        return entry.url
    if urlsplit(mirror).scheme not in ("http", "https"):
        raise DownloadRefused(f"a mirror's address begins with http:// or https://, not {mirror!r}")
    return f"{mirror.rstrip('/')}/{entry.id}.zip"


def file_facts(folder: Path) -> Iterator[FileFacts]:
    """Every file of a model but the receipt, as it is now."""
    for path in _files(folder):
        yield FileFacts(path.relative_to(folder).as_posix(), path.stat().st_size, sha256_of(path))


def write_receipt(folder: Path, installed: InstalledModel) -> None:
    """A folder with a receipt is complete: it is the last file that is written."""
    with (folder / RECEIPT).open("w", encoding="utf-8") as stream:
        json.dump(asdict(installed), stream, ensure_ascii=False, indent=1, default=datetime.isoformat)
        stream.flush()
        os.fsync(stream.fileno())
    for each in (*(path for path in folder.rglob("*") if path.is_dir()), folder):
        fsync_path(each)


def read_receipt(folder: Path) -> InstalledModel | None:
    """None where nothing was installed by us, or the receipt cannot be read."""
    try:
        raw = json.loads((folder / RECEIPT).read_text(encoding="utf-8"))
        return InstalledModel(
            **raw
            | {
                "identity": ModelIdentity(**raw["identity"]),
                "installed_at": datetime.fromisoformat(raw["installed_at"]),
                "files": tuple(FileFacts(**each) for each in raw["files"]),
            }
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != RECEIPT)


def _digests(archive: Path) -> tuple[str, str]:
    md5 = hashlib.md5(usedforsecurity=False)  # what the publisher publishes: finds damage, proves nothing
    with archive.open("rb") as stream:
        while block := stream.read(1 << 20):
            md5.update(block)
    return sha256_of(archive), md5.hexdigest()


@contextmanager
def _disk_errors_named() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskTooSmall("the disk is full; what was fetched is kept for the next try") from error
        raise ModelFolderUnusable(f"{error.strerror}: {error.filename}") from error
