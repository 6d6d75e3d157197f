"""Which archives may be unpacked: decided from the list of members alone, before a byte is written."""

import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from asr.domain.catalogue.model_errors import ArchiveUnsafe

_LONGEST_NAME = 200
_UNSHRUNK_BYTES = 1 << 20
"""Below this the ratio says nothing: a small file of zeros is no bomb."""


@dataclass(frozen=True, slots=True)
class UnpackLimits:
    """`max_ratio`: unpacked bytes for each byte of the archive. Speech models shrink to a half or a third."""

    max_bytes: int = 12 << 30
    max_files: int = 2000
    max_ratio: int = 40


@dataclass(frozen=True, slots=True)
class Member:
    """An entry of an archive as its directory describes it; it may lie."""

    name: str
    size: int
    packed_size: int
    mode: int
    """Unix mode with file type; 0 where the archive says nothing."""


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """`name` is the archive's own name of it, `path` where it goes below the target folder."""

    name: str
    path: PurePosixPath
    size: int


def plan_unpacking(members: Sequence[Member], archive_bytes: int, limits: UnpackLimits) -> tuple[PlannedFile, ...]:
    """The files to write. One folder around everything is taken off. Raises ArchiveUnsafe naming the first reason."""
    if len(members) > limits.max_files:
        raise ArchiveUnsafe(f"{len(members)} entries, {limits.max_files} are allowed", entries=len(members))
    total = sum(member.size for member in members)
    if total > limits.max_bytes:
        raise ArchiveUnsafe(f"{total} bytes unpacked, {limits.max_bytes} are allowed", unpacked_bytes=total)
    if total > max(_UNSHRUNK_BYTES, archive_bytes * limits.max_ratio):
        raise ArchiveUnsafe(f"{total} bytes out of {archive_bytes}: this is no speech model", unpacked_bytes=total)
    if sum(member.packed_size for member in members) > archive_bytes:
        raise ArchiveUnsafe("entries overlap, or the beginning is missing")
    paths = [_safe_path(member) for member in members]
    files = [(member, path) for member, path in zip(members, paths, strict=True) if not _is_folder(member)]
    _refuse_collisions([path for _, path in files])
    strip = 1 if len({path.parts[0] for _, path in files}) == 1 and all(len(path.parts) > 1 for _, path in files) else 0
    return tuple(PlannedFile(member.name, PurePosixPath(*path.parts[strip:]), member.size) for member, path in files)


def _is_folder(member: Member) -> bool:
    return member.name.endswith("/")


def _safe_path(member: Member) -> PurePosixPath:
    kind = stat.S_IFMT(member.mode)
    expected = (0, stat.S_IFDIR) if _is_folder(member) else (0, stat.S_IFREG)
    if kind not in expected:
        raise ArchiveUnsafe(f"{member.name!r} is not a plain file", entry=member.name)
    name = member.name.removesuffix("/")
    parts = name.split("/")
    is_plain = all(part and part not in (".", "..") and len(part) <= _LONGEST_NAME for part in parts)
    if not is_plain or not name.isprintable() or "\\" in name or ":" in name:
        raise ArchiveUnsafe(f"{member.name!r} is not a path below the model's folder", entry=member.name)
    return PurePosixPath(*parts)


def _refuse_collisions(paths: Sequence[PurePosixPath]) -> None:
    """Each path once, also where upper and lower case are one, and no file where another needs a folder."""
    seen: set[str] = set()
    for path in paths:
        folded = str(path).casefold()
        if folded in seen:
            raise ArchiveUnsafe(f"{str(path)!r} is there twice", entry=str(path))
        seen.add(folded)
    for path in paths:
        if any(str(parent).casefold() in seen for parent in path.parents):
            raise ArchiveUnsafe(f"{str(path)!r} lies inside a file", entry=str(path))
