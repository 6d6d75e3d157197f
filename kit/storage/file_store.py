"""A store for immutable files by key; local folder now, an object store behind the same port later."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from kit.errors import Invalid, NotFound

_BLOCK = 1 << 20


class BadKey(Invalid):
    code = "storage.bad_key"


class FileMissing(NotFound):
    code = "storage.file_missing"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is known of a stored file: its key, size in bytes and lower-case hex SHA-256."""

    key: str
    size: int
    sha256: str


class FileStore(Protocol):
    """Keys are relative POSIX paths (`recordings/2026/11/ab12.wav`). A stored file is never changed."""

    def adopt(self, path: Path, key: str) -> StoredFile:
        """Take a local file in under `key`, durably; the source is gone afterwards. Idempotent by key."""
        ...

    def open(self, key: str) -> BinaryIO: ...

    def local_path(self, key: str) -> Path:
        """A readable local path to the file (an object store would fetch it to a cache)."""
        ...


class LocalFileStore:
    """Files below one folder, written durably (fsync of file and folder) and renamed into place."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def adopt(self, path: Path, key: str) -> StoredFile:
        target = self._path(key)
        if not path.exists() and target.exists():
            return self._describe(target, key)
        target.parent.mkdir(parents=True, exist_ok=True)
        facts = self._describe(path, key)
        try:
            path.replace(target)
        except OSError:  # another file system: copy beside the target first, so that the name appears whole
            beside = target.with_name(target.name + ".part")
            shutil.copyfile(path, beside)
            fsync_path(beside)
            beside.replace(target)
            path.unlink()
        fsync_path(target)
        fsync_path(target.parent)
        return facts

    def open(self, key: str) -> BinaryIO:
        return self.local_path(key).open("rb")

    def local_path(self, key: str) -> Path:
        path = self._path(key)
        if not path.is_file():
            raise FileMissing("no such file", key=key)
        return path

    def _path(self, key: str) -> Path:
        parts = PurePosixPath(key).parts
        if not parts or key.startswith("/") or ".." in parts:
            raise BadKey("keys are relative paths without '..'", key=key)
        return self._root.joinpath(*parts)

    @staticmethod
    def _describe(path: Path, key: str) -> StoredFile:
        return StoredFile(key, path.stat().st_size, sha256_of(path))


def sha256_of(path: Path) -> str:
    """Lower-case hex SHA-256 of the file's content."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def fsync_path(path: Path) -> None:
    """Force a file or a folder's entries onto the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
