"""Which archives may be unpacked: nothing leaves the folder, nothing grows beyond the limits."""

import stat

import pytest

from asr.domain.catalogue.model_errors import ArchiveUnsafe
from asr.domain.catalogue.unpacking import Member, UnpackLimits, plan_unpacking

_LIMITS = UnpackLimits(max_bytes=10_000_000, max_files=10, max_ratio=10)


def member(name: str, size: int = 10, packed: int = 10, mode: int = 0) -> Member:
    return Member(name, size, packed, mode)


def paths(*members: Member) -> list[str]:
    return [str(each.path) for each in plan_unpacking(members, 1000, _LIMITS)]


def test_the_folder_around_everything_is_taken_off() -> None:
    assert paths(member("m-1/"), member("m-1/am/final.mdl"), member("m-1/README")) == ["am/final.mdl", "README"]


def test_files_at_the_top_stay_where_they_are() -> None:
    assert paths(member("am/final.mdl"), member("README")) == ["am/final.mdl", "README"]


@pytest.mark.parametrize(
    "name",
    [
        "../evil", "m/../../evil", "/etc/passwd", "//host/share", "C:/evil", "m\\..\\evil", "m/./x", "m//x", ".", "",
        "m/bad\nname", "m/bad\x00name", "m/" + "x" * 300,
    ],
)  # fmt: skip
def test_a_name_that_is_no_plain_path_below_is_refused(name: str) -> None:
    with pytest.raises(ArchiveUnsafe, match="not a path below"):
        paths(member("m/good"), member(name))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_are_refused(kind: int) -> None:
    with pytest.raises(ArchiveUnsafe, match="not a plain file"):
        paths(member("m/link", mode=kind | 0o777))


def test_plain_files_and_folders_may_say_so() -> None:
    assert paths(member("m/", mode=stat.S_IFDIR | 0o755), member("m/x", mode=stat.S_IFREG | 0o644)) == ["x"]


@pytest.mark.parametrize("second", ["m/x", "M/X"])
def test_a_name_that_is_there_twice_is_refused(second: str) -> None:
    with pytest.raises(ArchiveUnsafe, match="twice"):
        paths(member("m/x"), member(second))


def test_a_file_inside_a_file_is_refused() -> None:
    with pytest.raises(ArchiveUnsafe, match="inside a file"):
        paths(member("m/x"), member("m/x/y"), member("n"))


def test_too_many_entries_are_refused() -> None:
    with pytest.raises(ArchiveUnsafe, match="11 entries"):
        paths(*(member(f"m/{number}") for number in range(11)))


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(ArchiveUnsafe, match="are allowed"):
        paths(member("m/x", size=10_000_001))


def test_a_bomb_is_refused_by_its_ratio() -> None:
    with pytest.raises(ArchiveUnsafe, match="no speech model"):
        paths(member("m/x", size=2_000_000))


def test_entries_that_share_their_bytes_are_refused() -> None:
    with pytest.raises(ArchiveUnsafe, match="overlap"):
        paths(*(member(f"m/{number}", packed=500) for number in range(3)))
