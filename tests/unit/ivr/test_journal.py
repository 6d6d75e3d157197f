"""The journal of a call: whole or not there, locked while its process lives, never deleted unread."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.domain.call import CallDirection, HangupBy
from ivr.domain.call_record import CallRecord, CallStart, RecordingFacts
from ivr.domain.menu import Wish
from ivr.domain.question import VoiceAnswer, VoiceVerdict
from ivr.journal import CallJournal, JournalCorrupt, journals_in, quarantine

AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
RECORD = CallRecord(CallStart("c1", CallDirection.INBOUND, "12345", "+8613900000001", AT), "telephony-test")
VOICE_ANSWERS = st.builds(
    VoiceAnswer,
    question=st.text(max_size=8),
    phrase=st.text(max_size=8),
    confidence=st.floats(0, 1),
    start_ms=st.integers(0),
    end_ms=st.integers(0),
    verdict=st.sampled_from(VoiceVerdict),
)
INSTANTS = st.none() | st.datetimes(timezones=st.just(UTC))


def test_a_living_journal_is_left_alone_and_a_closed_one_is_taken_over(tmp_path: Path) -> None:
    journal = CallJournal.create(tmp_path, RECORD)
    assert CallJournal.take_over(tmp_path / "c1") is None
    journal.close()
    journal.close()
    taken = CallJournal.take_over(tmp_path / "c1")
    assert taken is not None
    assert taken.record == RECORD
    taken.close()


@given(
    record=st.builds(
        CallRecord,
        start=st.builds(
            CallStart,
            call_id=st.just("c1"),
            direction=st.sampled_from(CallDirection),
            line=st.text(max_size=8),
            caller=st.text(max_size=8),
            started_at=st.datetimes(timezones=st.just(UTC)),
        ),
        telephony_id=st.text(max_size=8),
        answered_at=INSTANTS,
        notice_version=st.none() | st.text(max_size=8),
        wish=st.none() | st.sampled_from(Wish),
        is_progress_told=st.booleans(),
        is_talked_through=st.booleans(),
        recording_started_at=INSTANTS,
        recording_ended_at=INSTANTS,
        recording=st.none() | st.builds(RecordingFacts, st.integers(0), st.integers(0), st.text(max_size=4)),
        is_recording_failed=st.booleans(),
        ticket_number=st.none() | st.text(max_size=8),
        ended_at=INSTANTS,
        hangup_by=st.none() | st.sampled_from(HangupBy),
        cause=st.none() | st.text(max_size=8),
        digits=st.lists(st.tuples(st.sampled_from("0123456789*#"), st.integers(0))).map(tuple),
        voice_answers=st.lists(VOICE_ANSWERS, max_size=2).map(tuple),
        emergency_words=st.lists(st.text(max_size=4), max_size=2).map(tuple),
    )
)
def test_facts_come_back_as_they_were_noted(tmp_path_factory: pytest.TempPathFactory, record: CallRecord) -> None:
    spool = tmp_path_factory.mktemp("spool")
    CallJournal.create(spool, record).close()
    taken = CallJournal.take_over(spool / "c1")
    assert taken is not None
    assert taken.record == record
    taken.close()


def test_a_torn_rewrite_leaves_the_facts_before_it(tmp_path: Path) -> None:
    journal = CallJournal.create(tmp_path, RECORD)
    (tmp_path / "c1" / "call.json.new").write_text('{"format": 1, "sta')
    journal.close()
    taken = CallJournal.take_over(tmp_path / "c1")
    assert taken is not None
    assert taken.record == RECORD
    taken.close()


@pytest.mark.parametrize(
    "text", ["", "{", "null", "[]", "7", '"x"', "{}", '{"format": 2}', '{"format": 1, "start": {}}', "\x00" * 80]
)
def test_an_unreadable_journal_is_named_and_set_aside_with_its_sound(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "c1"
    folder.mkdir()
    (folder / "call.json").write_text(text)
    (folder / "message.wav").write_bytes(b"RIFF")
    with pytest.raises(JournalCorrupt):
        CallJournal.take_over(folder)
    assert (quarantine(folder) / "message.wav").exists()
    assert journals_in(tmp_path) == []


def test_a_journal_without_facts_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "c1").mkdir()
    with pytest.raises(JournalCorrupt):
        CallJournal.take_over(tmp_path / "c1")


def test_the_quarantine_keeps_both_of_two_journals_of_one_name(tmp_path: Path) -> None:
    for _ in range(2):
        (tmp_path / "c1").mkdir()
        quarantine(tmp_path / "c1")
    assert len(list((tmp_path / "quarantine").iterdir())) == 2


def test_a_filed_journal_vanishes_at_once_even_if_killed_while_cleaning_up(tmp_path: Path) -> None:
    journal = CallJournal.create(tmp_path, RECORD)
    journal.close()
    (tmp_path / "c1").rename(tmp_path / ".filed-c1")  # the kill came right after the rename
    assert journals_in(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_journal_still_being_made_is_not_seen(tmp_path: Path) -> None:
    (tmp_path / ".new-c1").mkdir()
    assert journals_in(tmp_path) == []


def test_a_call_id_cannot_leave_the_spool(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="folder name"):
        CallJournal.create(tmp_path, replace(RECORD, start=replace(RECORD.start, call_id="../c1")))


def test_an_unwritable_spool_is_an_os_error_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file")
    with pytest.raises(OSError, match="directory"):
        CallJournal.create(tmp_path / "spool", RECORD)


def test_facts_that_the_disk_refuses_are_kept_in_memory(tmp_path: Path) -> None:
    journal = CallJournal.create(tmp_path, RECORD)
    os.rename(tmp_path / "c1", tmp_path / "gone")  # noqa: PTH104 - the disk goes away under the journal
    with pytest.raises(OSError, match="No such file"):
        journal.note(replace(RECORD, wish=Wish.CALLBACK))
    assert journal.record.wish is Wish.CALLBACK
    journal.close()
