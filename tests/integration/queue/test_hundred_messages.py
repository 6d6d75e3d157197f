"""Every recognition process is killed in turn, again and again, while a hundred messages are in flight."""

import os
import signal
from contextlib import suppress
from datetime import timedelta
from multiprocessing.process import BaseProcess

import psutil

from app.queue import ABANDONED_AFTER
from tests.integration.queue.stage import Stage

_MESSAGES = [f"m{number:03}" for number in range(100)]
_ROUNDS = 2
_MESSAGES_BETWEEN_KILLS = 5


def test_a_hundred_messages_become_a_hundred_transcripts_whoever_is_killed(stage: Stage) -> None:
    workers = [stage.start_worker(), stage.start_worker()]
    for message in _MESSAGES:
        stage.leave_message(message, "路灯坏了")
    for _ in range(_ROUNDS):
        for place, worker in enumerate(workers):
            _kill_horse_at_work(stage)  # of either; its worker lives, and goes on with another
            _kill_horse_at_work(stage)
            _kill_with_its_horse(stage, worker)
            workers[place] = stage.start_worker()

    assert stage.queue.waiting() > 0, "they were in flight all the time"

    stage.clock.advance(ABANDONED_AFTER + timedelta(minutes=5))  # as the scheduler does, when it is time
    for message in set(_MESSAGES) - set(stage.transcribed()):
        stage.queue.enqueue_transcription(message)
    stage.eventually_transcribed(set(_MESSAGES))
    assert sorted(stage.transcribed()) == _MESSAGES, "each once"
    assert set(stage.texts()) == {"路灯坏了"}


def _kill_horse_at_work(stage: Stage) -> None:
    """In the middle of things: some messages after the last kill."""
    for _ in range(_MESSAGES_BETWEEN_KILLS):
        stage.next_fact()
    with suppress(ProcessLookupError):  # it was a victim already
        os.kill(stage.next_horse_at_work(), signal.SIGKILL)


def _kill_with_its_horse(stage: Stage, worker: BaseProcess) -> None:
    horses = psutil.Process(worker.pid).children()
    stage.kill(worker)
    for horse in horses:
        with suppress(psutil.NoSuchProcess):
            horse.kill()
