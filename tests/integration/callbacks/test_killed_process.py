"""kill -9 of a real process between claim and dial, and after it: one dial per attempt, and the task goes on."""

import select
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callbacks.domain.disposition import Disposition
from callbacks.domain.errors import AttemptReleased
from callbacks.domain.lifecycle import CallbackStatus
from callbacks.service import CallbackService
from kit.clock import FixedClock
from kit.db import Database
from tests.integration.callbacks.books import POLICY, Books, Line, answered

ROOT = Path(__file__).parents[3]
DEADLINE_S = 30.0


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime.now(UTC))  # the other process lives by the machine's clock


def _run_and_kill(database: Database, dials: Path, stop_at: str) -> None:
    module = "tests.integration.callbacks.dialling_process"
    command = [sys.executable, "-m", module, database.url, "t1", str(dials), stop_at]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        assert process.stderr is not None
        is_readable, _, _ = select.select([process.stderr], [], [], DEADLINE_S)
        assert is_readable, "the process did not get ready in time"
        assert process.stderr.readline() == b"ready\n"
    finally:
        process.kill()
        process.wait(DEADLINE_S)


def test_killed_between_claim_and_dial_the_next_process_dials_at_once(
    database: Database, clock: FixedClock, line: Line, books: Books, tmp_path: Path
) -> None:
    task_id, dials = line.task(), tmp_path / "dials"
    _run_and_kill(database, dials, "claimed")
    assert not dials.exists()
    (lost,) = books.attempts(task_id)

    reborn = CallbackService(database, clock, POLICY)
    assert reborn.release_interrupted("t1") == 1
    with pytest.raises(AttemptReleased):
        reborn.mark_dialling(lost.id)
    (claim,) = reborn.claim_due("t1", 1)
    reborn.mark_dialling(claim.attempt_id)
    reborn.finish_attempt(claim.attempt_id, answered(True, 1))

    assert [each.disposition for each in books.attempts(task_id)] == [Disposition.NOT_DIALLED, Disposition.ANSWERED]
    assert reborn.task(task_id).attempt_count == 1


def test_killed_after_the_dial_that_attempt_is_never_dialled_again(
    database: Database, clock: FixedClock, line: Line, books: Books, tmp_path: Path
) -> None:
    task_id, dials = line.task(), tmp_path / "dials"
    _run_and_kill(database, dials, "dialled")
    (lost,) = books.attempts(task_id)
    assert dials.read_text().split() == [lost.id]

    reborn = CallbackService(database, clock, POLICY)
    assert reborn.release_interrupted("t1") == 1
    with pytest.raises(AttemptReleased):
        reborn.mark_dialling(lost.id)
    assert reborn.claim_due("t1", 9) == []
    task = reborn.task(task_id)
    assert (task.status, task.attempt_count) == (CallbackStatus.PENDING, 1)
    assert books.attempts(task_id)[0].disposition is Disposition.INTERRUPTED
    clock.advance(task.due_at - clock.now())
    assert [claim.number for claim in reborn.claim_due("t1", 9)] == [2]
