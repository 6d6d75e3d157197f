"""Filing a call: whole, once, and in the end always, whatever dies in between."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from types import FrameType
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ivr.adapters.simulated import HangUp, Press, Say, SimulatedCall
from ivr.adapters.wav_recorder import measure_wav, repair_wav
from ivr.domain.call import CallDirection, CallOutcome, CallStatus, HangupBy
from ivr.domain.call_record import CallStart, RecordingFacts
from ivr.domain.errors import CallNotFound, VoiceMessageNotFound
from ivr.domain.events import CallAnswered, CallArrived, CallbackRequested, CallEnded, CallMissed, VoiceMessageLeft
from ivr.domain.menu import Wish
from ivr.journal import CallJournal
from ivr.models import MessageQuality
from ivr.repository import message_id_of, recording_id_of
from ivr.service import UploadedMessage
from kit.db import Database
from kit.storage.file_store import sha256_of
from tests.integration.ivr import recording_process
from tests.support.phone_stage import PhoneStage


def start_of(stage: PhoneStage, call_id: str, direction: CallDirection = CallDirection.INBOUND) -> CallStart:
    return CallStart(call_id, direction, "12345", "+8613900000001", stage.clock.now())


def journal_with_message(stage: PhoneStage, call_id: str, *, is_finished: bool = True) -> CallJournal:
    """A call that was over after a message of two seconds; or whose process died while recording it."""
    journal = stage.service.open_journal(start_of(stage, call_id))
    now = stage.clock.now()
    path = journal.message_path
    assert path is not None
    path.write_bytes(bytes(44) + Say(2).sound())  # as if killed before even the header was written
    if is_finished:
        repair_wav(path)
    record = replace(journal.record, answered_at=now, wish=Wish.MESSAGE, recording_started_at=now)
    if is_finished:
        facts = measure_wav(path)
        record = replace(
            record,
            recording=RecordingFacts(facts.duration_ms, facts.speech_ms, facts.sha256),
            recording_ended_at=now,
            ticket_number=f"T-{call_id}",
            ended_at=now,
            hangup_by=HangupBy.CALLER,
            cause="bye",
        )
    journal.note(record)
    return journal


def assert_filed_exactly_once(stage: PhoneStage, call_id: str) -> None:
    books = stage.books()
    assert [call.status for call in books.calls if call.id == call_id] == [CallStatus.ENDED]
    (recording,) = [recording for recording in books.recordings if recording.call_id == call_id]
    (message,) = [message for message in books.messages if message.call_id == call_id]
    assert (recording.id, message.id) == (recording_id_of(call_id), message_id_of(call_id))
    assert sha256_of(stage.files.local_path(recording.file_key)) == recording.sha256
    assert recording.duration_ms == message.duration_ms == 2000
    assert stage.facts.count(CallEnded(call_id)) == 1
    assert stage.facts.count(VoiceMessageLeft(message.id, call_id)) == 1


_FILING_CODE = (
    "ivr/service.py",
    "ivr/journal.py",
    "ivr/repository.py",
    "kit/storage/file_store.py",
)


class Killed(BaseException):
    """Stands for kill -9: nothing catches it."""


@contextmanager
def killed_at_line(number: int) -> Iterator[Callable[[], bool]]:
    """Die before the n-th line that the filing code executes; yields whether it came to that."""
    lines_left = number
    has_died = False

    def before_line(frame: FrameType, event: str, _arg: Any) -> Any:
        nonlocal lines_left, has_died
        if not frame.f_code.co_filename.endswith(
            (
                "ivr/service.py",
                "ivr/journal.py",
                "ivr/repository.py",
                "storage/file_store.py",
                "adapters/wav_recorder.py",
            )
        ):
            return None
        if event == "line" and not has_died:
            lines_left -= 1
            if lines_left == 0:
                has_died = True
                raise Killed
        return before_line

    before = sys.gettrace()
    sys.settrace(before_line)
    try:
        yield lambda: has_died
    except Killed:
        pass
    finally:
        sys.settrace(before)


def release_as_the_kernel_does(journal: CallJournal) -> None:
    """A dead process lets go of its file locks, whatever else it held."""
    assert journal._lock is not None
    os.close(journal._lock)


@pytest.mark.parametrize("is_finished", [True, False])
def test_a_kill_between_any_two_lines_of_filing_loses_and_doubles_nothing(stage: PhoneStage, is_finished: bool) -> None:
    step = 1 if stage.db.url.startswith("sqlite") else 5  # the same lines: a sample is enough for the other database
    for line in range(1, 1000, step):
        call_id = f"c{line}"
        journal = journal_with_message(stage, call_id, is_finished=is_finished)
        with killed_at_line(line) as has_died:
            stage.service.file_call(journal)
        release_as_the_kernel_does(journal)
        stage.service.file_left_behind()
        assert_filed_exactly_once(stage, call_id)
        assert stage.spooled() == []
        if not has_died():
            break
    assert line > 60, "the trace must have seen the filing code"
    assert not has_died()


def test_filing_again_changes_nothing(stage: PhoneStage) -> None:
    journal = journal_with_message(stage, "c1")
    stage.service.file_call(journal)
    journal.close()
    filed = stage.books()
    journal_with_message(stage, "c1").close()  # as if the kill had come before the folder was removed
    (stage.spool / "c1" / "message.wav").unlink()
    assert stage.service.file_left_behind() == 1
    assert len(stage.books().messages) == len(filed.messages) == 1
    assert_filed_exactly_once(stage, "c1")


def test_a_process_killed_while_recording_loses_nothing_that_was_spoken(stage: PhoneStage) -> None:
    command = [sys.executable, "-m", recording_process.__name__, str(stage.spool)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as telephony:
        assert telephony.stdout is not None
        assert telephony.stdout.readline() == "spoken\n"
        assert stage.service.file_left_behind() == 0, "its process lives"
        telephony.kill()
        telephony.wait(timeout=20)
    assert stage.service.file_left_behind() == 1
    books = stage.books()
    assert (books.call.outcome, books.call.hangup_by) == (CallOutcome.MESSAGE_LEFT, HangupBy.NETWORK)
    assert (books.call.cause, books.call.telephony_id) == ("process_died", "telephony-killed")
    assert books.call.ended_at is not None
    assert books.call.ended_at >= books.call.started_at
    assert books.recordings[0].is_partial
    assert books.message.quality is MessageQuality.OK
    assert_filed_exactly_once(stage, "killed1")


@pytest.mark.parametrize(
    ("wish", "fact"),
    [
        (None, CallMissed("c1")),
        (Wish.AGENT, CallMissed("c1")),
        (Wish.MESSAGE, CallMissed("c1")),
        (Wish.CALLBACK, CallbackRequested("c1")),
        (Wish.PROGRESS, CallMissed("c1")),
    ],
)
def test_a_call_whose_process_died_before_any_sound_is_still_owned(
    stage: PhoneStage, wish: Wish | None, fact: object
) -> None:
    journal = stage.service.open_journal(start_of(stage, "c1"))
    started_at = stage.clock.now() if wish is Wish.MESSAGE else None
    journal.note(replace(journal.record, wish=wish, recording_started_at=started_at))
    journal.close()
    assert stage.service.file_left_behind() == 1
    assert stage.facts == [CallEnded("c1"), fact]
    assert stage.books().recordings == []


def test_a_live_row_grows_into_the_filed_call(stage: PhoneStage) -> None:
    start = start_of(stage, "c1")
    stage.service.call_arrived(start)
    stage.service.call_arrived(start)
    assert stage.service.call("c1").status is CallStatus.RINGING
    stage.service.call_answered("c1", stage.clock.now() + timedelta(seconds=1))
    assert stage.service.call("c1").status is CallStatus.ANSWERED
    journal = journal_with_message(stage, "c1")
    stage.service.file_call(journal)
    journal.close()
    assert stage.service.call("c1").status is CallStatus.ENDED
    left = VoiceMessageLeft(message_id_of("c1"), "c1")
    assert stage.facts == [CallArrived("c1"), CallAnswered("c1"), CallEnded("c1"), left]


def test_news_of_a_call_that_is_filed_already_changes_nothing(stage: PhoneStage) -> None:
    journal = journal_with_message(stage, "c1")
    stage.service.file_call(journal)
    journal.close()
    stage.service.call_arrived(start_of(stage, "c1"))
    stage.service.call_answered("c1", stage.clock.now())
    stage.service.call_answered("unknown", stage.clock.now())
    assert stage.service.call("c1").status is CallStatus.ENDED
    assert CallArrived("c1") not in stage.facts


def test_a_message_is_told_with_all_that_the_next_step_needs(stage: PhoneStage) -> None:
    journal = journal_with_message(stage, "c1")
    stage.service.file_call(journal)
    journal.close()
    message = stage.service.message(message_id_of("c1"))
    assert message.file_key == f"recordings/2026/03/02/{message.recording_id}.wav"
    assert (message.caller, message.ticket_number, message.duration_ms) == ("+8613900000001", "T-c1", 2000)
    assert message.received_at == stage.clock.now()


def test_what_is_unknown_is_not_found(stage: PhoneStage) -> None:
    with pytest.raises(CallNotFound):
        stage.service.call("nothing")
    with pytest.raises(VoiceMessageNotFound):
        stage.service.message("nothing")


def test_an_outbound_call_is_filed_without_a_next_step(stage: PhoneStage) -> None:
    journal = stage.service.open_journal(start_of(stage, "out1", CallDirection.OUTBOUND))
    journal.note(replace(journal.record, is_talked_through=True))
    assert stage.service.file_call(journal) is CallOutcome.CALLBACK_DONE
    journal.close()
    assert stage.facts == [CallEnded("out1")]


def test_a_recording_that_somebody_removed_becomes_a_callback(stage: PhoneStage) -> None:
    journal = journal_with_message(stage, "c1")
    (stage.spool / "c1" / "message.wav").unlink()
    assert stage.service.file_call(journal) is CallOutcome.CALLBACK_REQUESTED
    journal.close()
    assert stage.facts == [CallEnded("c1"), CallbackRequested("c1")]


def test_with_the_database_broken_the_journals_stay_and_are_filed_later(stage: PhoneStage, database: Database) -> None:
    for call_id in ("c1", "c2"):
        journal_with_message(stage, call_id).close()
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE voice_message RENAME TO away"))
    assert stage.service.file_left_behind() == 0
    assert stage.service.file_left_behind() == 0
    assert stage.spooled() == ["c1", "c2"]
    assert stage.facts == []
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO voice_message"))
    assert stage.service.file_left_behind() == 2
    for call_id in ("c1", "c2"):
        assert_filed_exactly_once(stage, call_id)


def test_a_call_that_cannot_be_filed_raises_and_keeps_its_journal(stage: PhoneStage, database: Database) -> None:
    journal = journal_with_message(stage, "c1")
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE call RENAME TO away"))
    with pytest.raises(SQLAlchemyError):
        stage.service.file_call(journal)
    journal.close()
    assert stage.spooled() == ["c1"]


@pytest.mark.parametrize("content", ["", "{", '{"format": 99}'])
def test_unreadable_journals_go_to_the_quarantine_and_do_not_stop_the_others(stage: PhoneStage, content: str) -> None:
    journal_with_message(stage, "bad").close()
    (stage.spool / "bad" / "call.json").write_text(content)
    journal_with_message(stage, "good").close()
    assert stage.service.file_left_behind() == 1
    assert stage.service.file_left_behind() == 0
    assert sorted(path.name for path in (stage.spool / "quarantine" / "bad").iterdir()) == [
        "call.json",
        "lock",
        "message.wav",
    ]
    assert_filed_exactly_once(stage, "good")


def test_one_call_that_cannot_be_filed_does_not_stop_the_others(stage: PhoneStage) -> None:
    journal_with_message(stage, "bad", is_finished=False).close()
    (stage.spool / "bad" / "message.wav").unlink()
    (stage.spool / "bad" / "message.wav").mkdir()
    journal_with_message(stage, "good").close()
    assert stage.service.file_left_behind() == 1
    assert stage.spooled() == ["bad"]


def test_an_empty_spool_or_none_is_nothing_to_do(stage: PhoneStage) -> None:
    assert stage.service.file_left_behind() == 0


def test_many_sweepers_file_every_call_once(stage: PhoneStage) -> None:
    call_ids = [f"c{number}" for number in range(12)]
    for call_id in call_ids:
        journal_with_message(stage, call_id).close()
    filed: list[int] = []
    sweepers = [
        threading.Thread(target=lambda: filed.append(stage.service.file_left_behind()), daemon=True) for _ in range(4)
    ]
    for sweeper in sweepers:
        sweeper.start()
    for sweeper in sweepers:
        sweeper.join(timeout=60)
    assert sum(filed) == len(call_ids)
    for call_id in call_ids:
        assert_filed_exactly_once(stage, call_id)


async def test_whole_calls_end_in_the_books_of_either_database(stage: PhoneStage) -> None:
    await stage.take(SimulatedCall([Press("1"), Say(2), Press("#")], call_id="c1"))
    await stage.take(SimulatedCall([Press("2")], call_id="c2"))
    books = await stage.take(SimulatedCall([HangUp("menu")], call_id="c3"))
    assert [call.outcome for call in books.calls] == [
        CallOutcome.MESSAGE_LEFT,
        CallOutcome.CALLBACK_REQUESTED,
        CallOutcome.MISSED,
    ]


def test_a_disk_that_refuses_the_journal_does_not_keep_a_call_from_being_filed(stage: PhoneStage) -> None:
    stage.spool.write_text("not a folder")
    journal = stage.service.open_journal(start_of(stage, "c1"))
    assert journal.message_path is None
    assert stage.service.file_call(journal) is CallOutcome.MISSED
    journal.close()
    assert stage.books().call.id == "c1"


def test_an_upload_that_is_filed_keeps_its_sound_whatever_a_second_try_brings(stage: PhoneStage) -> None:
    """The first try filed it and died before it was marked as taken in; the second gave up."""
    now = stage.clock.now()
    real, silent = stage.spool / "real.wav", stage.spool / "silent.wav"
    stage.spool.mkdir(parents=True, exist_ok=True)
    for path, sound in ((real, Say(2).sound()), (silent, b"")):
        path.write_bytes(bytes(44) + sound)
        repair_wav(path)
    stage.service.file_upload(UploadedMessage("up-1", "13900000001", now, real, 8000, 1, 2000, 2000))
    filed = stage.service.message("up-1")
    before = sha256_of(stage.files.local_path(filed.file_key))
    stage.service.file_upload(UploadedMessage("up-1", "13900000001", now, silent, 8000, 1, 0, 0, is_readable=False))
    assert sha256_of(stage.files.local_path(filed.file_key)) == before
