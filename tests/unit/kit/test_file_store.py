from pathlib import Path

import pytest

from kit.storage import LocalFileStore
from kit.storage.file_store import BadKey, FileMissing


def test_adopting_moves_the_file_and_tells_its_hash(tmp_path: Path) -> None:
    source = tmp_path / "a.wav"
    source.write_bytes(b"abc")
    stored = LocalFileStore(tmp_path / "store").adopt(source, "recordings/2026/a.wav")
    assert not source.exists()
    assert stored.size == 3
    assert stored.sha256.startswith("ba7816bf")


def test_adopting_twice_is_the_same_as_once(tmp_path: Path) -> None:
    source, store = tmp_path / "a.wav", LocalFileStore(tmp_path / "store")
    source.write_bytes(b"abc")
    assert store.adopt(source, "a.wav") == store.adopt(source, "a.wav")


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../a", "a/../../b"])
def test_keys_never_leave_the_store(tmp_path: Path, key: str) -> None:
    with pytest.raises(BadKey):
        LocalFileStore(tmp_path).local_path(key)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        LocalFileStore(tmp_path).open("nothing.wav")
