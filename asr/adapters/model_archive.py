"""Zip archives of models: planned by the rules of the catalogue, written file by file, CRC checked."""

import errno
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from asr.domain.catalogue.model_errors import ArchiveUnreadable, ArchiveUnsafe
from asr.domain.catalogue.unpacking import Member, PlannedFile, UnpackLimits, plan_unpacking

_BLOCK = 1 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_END_RECORD = b"PK\x05\x06"
_END_BYTES = 22
_LONGEST_COMMENT = 1 << 16
_LARGEST_DIRECTORY = 4 << 20
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error)


def looks_like_zip(beginning: bytes) -> bool:
    """The first four bytes of an archive that has at least one entry."""
    return beginning.startswith(b"PK\x03\x04")


def unpacked_bytes(archive: Path, limits: UnpackLimits) -> int:
    """How much room the archive will need; raises what `unpack` would raise before it writes anything."""
    with _opened(archive) as zipped:
        return sum(planned.size for planned in _plan(zipped, archive, limits))


def unpack(archive: Path, target: Path, limits: UnpackLimits, *, on_bytes: Callable[[int], None]) -> None:
    """Write the archive's files below `target`, a new folder. Raises ArchiveUnsafe, ArchiveUnreadable, OSError.

    Every file is on the disk when this returns; folders are the caller's to flush.
    """
    target.mkdir(parents=True)
    with _opened(archive) as zipped:
        for planned in _plan(zipped, archive, limits):
            path = target / planned.path
            path.parent.mkdir(parents=True, exist_ok=True)
            with _named(planned.name), zipped.open(planned.name) as source, path.open("xb") as written:
                _copy(source, written, planned, on_bytes)


@contextmanager
def _named(what: str) -> Iterator[None]:
    """Everything that zipfile raises for wrong bytes; offsets that lead nowhere are an OSError of the file."""
    try:
        yield
    except _BROKEN as error:
        raise ArchiveUnreadable(f"{what}: {error}") from None
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise ArchiveUnreadable(f"{what}: damaged") from None


def _opened(archive: Path) -> zipfile.ZipFile:
    _refuse_huge_directory(archive)
    with _named("not a zip archive that can be read"):
        return zipfile.ZipFile(archive)


def _refuse_huge_directory(archive: Path) -> None:
    """The directory of an archive is read into memory as a whole, so its size is looked at before that."""
    with archive.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - _END_BYTES - _LONGEST_COMMENT))
        end = stream.read()
    at = end.rfind(_END_RECORD)
    if at < 0 or len(end) - at < _END_BYTES:
        raise ArchiveUnreadable("not a zip archive, or its end is missing")
    (directory_bytes,) = struct.unpack_from("<I", end, at + 12)
    if directory_bytes > _LARGEST_DIRECTORY:
        raise ArchiveUnsafe("its list of files is too long for a model", directory_bytes=directory_bytes)


def _plan(zipped: zipfile.ZipFile, archive: Path, limits: UnpackLimits) -> tuple[PlannedFile, ...]:
    entries = zipped.infolist()
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
            raise ArchiveUnreadable(f"{entry.filename!r} is encrypted or packed in an unusual way")
    members = [Member(e.orig_filename, e.file_size, e.compress_size, e.external_attr >> 16) for e in entries]
    return plan_unpacking(members, archive.stat().st_size, limits)


def _copy(source: IO[bytes], written: IO[bytes], planned: PlannedFile, on_bytes: Callable[[int], None]) -> None:
    """zipfile checks the CRC at the end, and stops at the size that the directory gives."""
    size = 0
    while block := source.read(_BLOCK):
        size += len(block)
        written.write(block)
        on_bytes(len(block))
    if size != planned.size:
        raise ArchiveUnreadable(f"{planned.name}: {size} bytes instead of {planned.size}")
    written.flush()
    os.fsync(written.fileno())
