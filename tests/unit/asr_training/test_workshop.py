"""Steps are done once, go on where they were cut off, and are done again when what they are made of changes."""

import io
import os
from pathlib import Path

import pytest
from rich.console import Console

from asr.training.worker_pool import Piece, WorkLost, run_all
from asr.training.workshop import Step, Workshop, fingerprint


def _workshop(folder: Path) -> Workshop:
    return Workshop(folder, Console(file=io.StringIO()))


def _counting_step(made_of: str, times: list[str]) -> Step:
    def make(folder: Path, told: object) -> None:
        times.append(made_of)
        (folder / "made.txt").write_text(made_of)

    return Step("part", "A part", made_of, make)


def test_a_step_is_not_repeated_until_it_is_made_of_something_else(tmp_path: Path) -> None:
    times: list[str] = []
    with _workshop(tmp_path) as workshop:
        for made_of in ("a", "a", "b", "b"):
            folder = workshop.do(_counting_step(made_of, times))
    assert times == ["a", "b"]
    assert (folder / "made.txt").read_text() == "b"


def test_a_step_that_was_cut_off_finds_what_it_had_made(tmp_path: Path) -> None:
    found: list[bool] = []

    def make(folder: Path, told: object) -> None:
        found.append((folder / "half.txt").exists())
        (folder / "half.txt").write_text("half")
        if len(found) == 1:
            raise OSError("cut off")

    with _workshop(tmp_path) as workshop:
        with pytest.raises(OSError, match="cut off"):
            workshop.do(Step("part", "A part", "a", make))
        workshop.do(Step("part", "A part", "a", make))
        workshop.do(Step("part", "A part", "b", make))
    assert found == [False, True, False]


def test_comments_and_layout_do_not_change_a_fingerprint(tmp_path: Path) -> None:
    first, second, third = (tmp_path / f"{name}.py" for name in "abc")
    first.write_text("x = [1, 2]\n")
    second.write_text("# why\nx = [\n    1,\n    2,\n]\n")
    third.write_text("x = [1, 3]\n")
    assert fingerprint(sources=[first]) == fingerprint(sources=[second])
    assert fingerprint(sources=[first]) != fingerprint(sources=[third])
    assert fingerprint(1, sources=[first]) != fingerprint(2, sources=[first])


def test_work_in_a_dying_process_is_tried_again(tmp_path: Path) -> None:
    def dies_at_first(tries: int) -> None:
        if tries == 0:
            os._exit(11)
        (tmp_path / "done").write_text(str(tries))

    done: list[str] = []
    run_all([Piece("brittle", dies_at_first)], timeout_s=30, on_done=lambda piece: done.append(piece.name))
    assert (tmp_path / "done").read_text() == "1"
    assert done == ["brittle"]


def test_work_that_always_dies_is_named() -> None:
    with pytest.raises(WorkLost, match="hopeless"):
        run_all([Piece("hopeless", lambda _: os._exit(1))], timeout_s=30)


def test_work_that_hangs_is_ended(tmp_path: Path) -> None:
    def hangs_at_first(tries: int) -> None:
        if tries == 0:
            os.read(os.pipe()[0], 1)

    run_all([Piece("slow", hangs_at_first)], timeout_s=0.3)
