"""A model is installed whole and seen to load, or not at all: never half, never a wrong one."""

import fcntl
import hashlib
import os
import shutil
import signal
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from app.model_catalogue import load_catalogue
from app.model_install import INCOMING, Installer, Order, read_receipt
from asr.adapters.model_download import DownloadLimits
from asr.adapters.model_probe import ProbeReport, probe_model
from asr.domain.catalogue.model_errors import (
    ArchiveUnreadable,
    ArchiveUnsafe,
    ChecksumWrong,
    DiskTooSmall,
    DownloadFailed,
    DownloadRefused,
    InstallRunning,
    ModelUnknown,
    ModelUnloadable,
)
from asr.domain.catalogue.speech_model import ModelIdentity
from kit.errors import HotlineError
from tests.support.model_archives import MINI_CN, model_zip, write_model, zip_of
from tests.support.moody_server import MoodyServer, announce, fall_silent, moody_server, refuse, send_page, serve

NAME = "vosk-model-cn-0.22"
MODEL = model_zip(NAME)
_HALF = len(MODEL) // 2
_CONFIGURATION = (MINI_CN / "conf" / "mfcc.conf").read_bytes()


class Bench:
    """A folder of models and an installer whose line is local and impatient."""

    def __init__(self, folder: Path, server: MoodyServer) -> None:
        self.models = folder / "models"
        self.server = server
        limits = DownloadLimits(stall_s=0.3, tries=2, pause_s=0)
        self.installer = Installer(
            self.models, load_catalogue(), download_limits=limits, probe=lambda _: ProbeReport(8000)
        )

    def install(self, *, file: Path | None = None, sha256: str = "", name: str = NAME) -> list[str]:
        """Returns the steps that were told, each once."""
        steps: dict[str, None] = {}
        order = Order(name, file, "" if file else self.server.url, sha256)
        self.installer.install(order, lambda step, _done, _total: steps.setdefault(step))
        return list(steps)

    def refused(self, kind: type[HotlineError], **order: object) -> HotlineError:
        with pytest.raises(kind) as caught:
            self.install(**order)  # type: ignore[arg-type]
        assert not (self.models / NAME).exists(), "nothing half-installed"
        return caught.value


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with moody_server() as server:
        server.plan = [serve(MODEL)]
        yield Bench(tmp_path, server)


def _archive(folder: Path, content: bytes) -> Path:
    path = folder / "handed-over.zip"
    path.write_bytes(content)
    return path


def test_a_model_comes_from_a_mirror_and_is_written_down(bench: Bench) -> None:
    bench.installer = replace(bench.installer, probe=probe_model)
    assert bench.install() == ["fetch", "unpack", "try"]
    receipt = read_receipt(bench.models / NAME)
    assert receipt is not None
    assert receipt.identity == ModelIdentity("vosk-model-cn", "0.22", "Apache-2.0")
    assert receipt.sample_rate == 8000
    assert receipt.archive_sha256 == hashlib.sha256(MODEL).hexdigest()
    assert receipt.source == f"{bench.server.url}/{NAME}.zip"
    assert (bench.models / NAME / "am" / "final.mdl").read_bytes() == (MINI_CN / "am" / "final.mdl").read_bytes()
    assert not (bench.models / INCOMING / NAME).exists()


def test_a_model_comes_from_a_file_without_asking_anybody(bench: Bench, tmp_path: Path) -> None:
    archive = _archive(tmp_path, MODEL)
    assert bench.install(file=archive) == ["unpack", "try"]
    assert bench.server.asked == []
    assert archive.exists()


def test_a_file_may_hold_a_model_that_no_catalogue_knows(bench: Bench, tmp_path: Path) -> None:
    content = model_zip(more={"model.json": b'{"name": "ours", "version": "3.1"}'})
    bench.install(file=_archive(tmp_path, content), name="our-model")
    receipt = read_receipt(bench.models / "our-model")
    assert receipt is not None
    assert receipt.identity == ModelIdentity("ours", "3.1")


@pytest.mark.parametrize("name", ["no-such-model", "mini-cn"])
def test_what_has_no_address_is_not_fetched(bench: Bench, name: str) -> None:
    bench.refused(ModelUnknown, name=name)


def test_an_interrupted_install_goes_on_with_what_it_has(bench: Bench) -> None:
    bench.server.plan = [serve(MODEL, cut_after=_HALF), refuse(503)]
    bench.refused(DownloadFailed)
    bench.server.plan = [serve(MODEL)]
    bench.server.asked.clear()
    bench.install()
    assert "range" in bench.server.asked[0]


def test_a_file_that_changes_under_a_long_fetch_ends_whole(bench: Bench) -> None:
    other = model_zip("another-folder")
    bench.server.plan = [fall_silent(MODEL, _HALF), serve(other, tag='"v2"')]
    bench.install()
    receipt = read_receipt(bench.models / NAME)
    assert receipt is not None
    assert receipt.archive_sha256 == hashlib.sha256(other).hexdigest()


def test_a_right_checksum_is_accepted_and_a_wrong_one_refused(bench: Bench) -> None:
    error = bench.refused(ChecksumWrong, sha256="0" * 64)
    assert error.details["found"] == hashlib.sha256(MODEL).hexdigest()
    assert bench.install(sha256=hashlib.sha256(MODEL).hexdigest().upper()) == ["fetch", "unpack", "try"]


def test_the_published_md5_finds_another_file_of_the_same_size(bench: Bench) -> None:
    entry = replace(bench.installer.catalogue[NAME], archive_bytes=len(MODEL), md5=hashlib.md5(b"").hexdigest())  # noqa: S324
    bench.installer = replace(bench.installer, catalogue={NAME: entry})
    assert "MD5" in bench.refused(ChecksumWrong).message


def test_a_page_or_a_file_of_another_size_is_refused(bench: Bench) -> None:
    bench.server.plan = [send_page()]
    bench.refused(DownloadRefused)
    entry = replace(bench.installer.catalogue[NAME], archive_bytes=len(MODEL) + 1)
    bench.installer = replace(bench.installer, catalogue={NAME: entry})
    bench.server.plan = [serve(MODEL)]
    bench.refused(DownloadRefused)


def test_a_file_cut_short_by_a_wrong_length_is_refused_and_fetched_anew(bench: Bench) -> None:
    bench.server.plan = [announce(MODEL, _HALF, tag='"v1"')]
    bench.refused(ArchiveUnreadable)
    bench.server.plan = [serve(MODEL)]
    bench.server.asked.clear()
    bench.install()
    assert "range" not in bench.server.asked[0]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", ArchiveUnreadable),
        (b"PK", ArchiveUnreadable),
        (b"not a zip at all" * 100, ArchiveUnreadable),
        (MODEL[:_HALF], ArchiveUnreadable),
        (MODEL[_HALF:], ArchiveUnsafe),
        (MODEL.replace(_CONFIGURATION, b"#" * len(_CONFIGURATION), 1), ArchiveUnreadable),
        (zip_of(("m/../../escape", b"x")), ArchiveUnsafe),
        (zip_of(("/absolute", b"x")), ArchiveUnsafe),
        (zip_of(("m/link", b"/etc/passwd"), kind=0o120000), ArchiveUnsafe),
        (zip_of(("m/x", b"1"), ("m/X", b"2")), ArchiveUnsafe),
        (zip_of(("m/zeros", b"\0" * (64 << 20)), method=zipfile.ZIP_DEFLATED), ArchiveUnsafe),
        (zip_of(("m/x", b"1" * 100), method=zipfile.ZIP_BZIP2), ArchiveUnreadable),
        (zip_of(*((f"m/{number}", b"") for number in range(3000))), ArchiveUnsafe),
    ],
    ids=[
        "empty", "two bytes", "no zip", "first half", "second half", "changed inside", "escape", "absolute path",
        "symlink", "same name twice", "bomb", "unusual packing", "too many files",
    ],
)  # fmt: skip
def test_an_archive_that_is_no_honest_model_is_refused(
    bench: Bench, tmp_path: Path, content: bytes, kind: type[HotlineError]
) -> None:
    outside = set(tmp_path.rglob("escape")) | set(tmp_path.rglob("absolute"))
    bench.refused(kind, file=_archive(tmp_path, content))
    assert set(tmp_path.rglob("escape")) | set(tmp_path.rglob("absolute")) == outside


def test_a_directory_of_files_without_end_is_refused_before_it_is_read(bench: Bench, tmp_path: Path) -> None:
    lying = bytearray(MODEL)
    end = lying.rfind(b"PK\x05\x06")
    lying[end + 12 : end + 16] = (1 << 30).to_bytes(4, "little")
    assert "too long" in bench.refused(ArchiveUnsafe, file=_archive(tmp_path, bytes(lying))).message


def test_other_honest_archives_are_not_models(bench: Bench, tmp_path: Path) -> None:
    bench.installer = replace(bench.installer, probe=probe_model)
    error = bench.refused(
        ModelUnloadable, file=_archive(tmp_path, zip_of(("photos/a.jpg", b"x"), ("photos/b.jpg", b"y")))
    )
    assert "missing" in error.message


def test_a_model_with_a_missing_file_is_named(bench: Bench, tmp_path: Path) -> None:
    bench.installer = replace(bench.installer, probe=probe_model)
    content = model_zip(without="graph/words.txt")
    assert "words.txt" in bench.refused(ModelUnloadable, file=_archive(tmp_path, content)).message


@pytest.mark.parametrize("garbage", [b"\0" * 5000, os.urandom(5000), b"\0B<TransitionModel> " + b"\xff" * 5000])
def test_a_model_that_its_loader_cannot_read_costs_only_the_process_that_tried(tmp_path: Path, garbage: bytes) -> None:
    folder = write_model(tmp_path / "m")
    (folder / "am" / "final.mdl").write_bytes(garbage)
    with pytest.raises(ModelUnloadable):
        probe_model(folder)


def test_a_loader_that_is_killed_or_hangs_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child's Python finds another recogniser: one that misbehaves as native code can."""
    folder = write_model(tmp_path / "m")
    for body, named in (("os.kill(os.getpid(), 11)", signal.SIGSEGV.name), ("signal.pause()", "within 1 s")):
        monkeypatch.setenv("PYTHONPATH", str(_misbehaving(tmp_path / named.replace(" ", "-"), body)))
        with pytest.raises(ModelUnloadable, match=named):
            probe_model(folder, timeout_s=1.0)


def _misbehaving(folder: Path, body: str) -> Path:
    folder.mkdir()
    (folder / "vosk.py").write_text(f"import os, signal\nclass Model: pass\n{body}\n")
    return folder


def test_a_model_that_does_not_load_can_be_tried_again_without_fetching_it_anew(bench: Bench) -> None:
    def fail(_folder: Path) -> NoReturn:
        raise ModelUnloadable("not enough memory")

    sound = bench.installer
    bench.installer = replace(sound, probe=fail)
    bench.refused(ModelUnloadable)
    bench.installer = sound
    bench.server.asked.clear()
    bench.install()
    assert bench.server.asked[0]["range"] == f"bytes={len(MODEL)}-"


def test_too_little_room_is_said_before_it_is_used_up(bench: Bench, tmp_path: Path) -> None:
    bench.installer = replace(bench.installer, free_bytes=lambda _: 1 << 20)
    bench.refused(DiskTooSmall)
    bench.refused(DiskTooSmall, file=_archive(tmp_path, MODEL))


def test_a_disk_that_fills_up_on_the_way_is_named(bench: Bench) -> None:
    def full(_folder: Path) -> NoReturn:
        raise OSError(28, "No space left on device", "x")

    bench.installer = replace(bench.installer, probe=full)
    assert "disk is full" in bench.refused(DiskTooSmall).message


def test_a_second_install_of_the_same_model_is_told_so(bench: Bench) -> None:
    (bench.models / INCOMING).mkdir(parents=True)
    with (bench.models / INCOMING / f"{NAME}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        bench.refused(InstallRunning)
    bench.install()


def test_what_a_killed_install_left_is_no_model_and_stands_in_nobodys_way(bench: Bench) -> None:
    left = bench.models / INCOMING / NAME / "unpacked"
    shutil.copytree(MINI_CN, left)
    (bench.models / INCOMING / NAME / "archive.part").write_bytes(MODEL[:100])
    bench.install()
    assert read_receipt(bench.models / NAME) is not None
