"""From the journal of a call that is over into the books: its end, its sound, its message, and what follows from it.

May be killed at any line and repeated by any process that holds the journal.
"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import structlog

from ivr import repository
from ivr.domain.call import CallOutcome, CallStatus, HangupBy
from ivr.domain.call_record import CallRecord, RecordingFacts, outcome_of
from ivr.domain.conversation import Side
from ivr.domain.events import CallbackRequested, CallEnded, CallMissed, VoiceMessageLeft
from ivr.domain.policy import CallFilingPolicy
from ivr.journal import CallJournal
from ivr.models import MessageQuality
from ivr.ports import AudioFiles
from kit.db import Database, Transaction
from kit.events import Event
from kit.storage import FileStore, StoredFile
from kit.storage.file_store import FileMissing

log = structlog.get_logger(__name__)


class CallFiler:
    def __init__(self, db: Database, files: FileStore, audio: AudioFiles, policy: CallFilingPolicy) -> None:
        self._db = db
        self._files = files
        self._audio = audio
        self._policy = policy

    def file(self, journal: CallJournal) -> CallOutcome:
        """Put a call that is over into the books, then remove its journal. The caller holds the journal.

        Raises what the database or the disk raises; then it may be repeated.
        """
        self._settle(journal)
        stored = self._adopt_recording(journal)
        talk = self._adopt_talk(journal)
        record = journal.record
        with self._db.transaction() as tx:
            is_first = repository.end_call(tx.session, repository.call_row(record, CallStatus.ENDED))
            if is_first:
                for fact in self._write_down(tx, record, stored, talk):
                    tx.raise_event(fact)
        journal.remove()
        outcome = outcome_of(record)
        log.info("ivr.call.filed", call_id=record.start.call_id, outcome=outcome.value, was_filed_before=not is_first)
        return outcome

    def quality(self, duration_ms: int, speech_ms: int) -> MessageQuality:
        """Whether there is enough in it to be recognised."""
        if duration_ms < self._policy.message_min_s * 1000:
            return MessageQuality.TOO_SHORT
        if speech_ms < self._policy.speech_min_s * 1000:
            return MessageQuality.SILENT
        return MessageQuality.OK

    def note(self, journal: CallJournal, record: CallRecord) -> None:
        """Keep the facts, in memory at least: a full disk must not keep a call from being filed."""
        try:
            journal.note(record)
        except OSError as error:
            log.warning("ivr.journal.note_failed", call_id=record.start.call_id, errno=error.errno)

    def _settle(self, journal: CallJournal) -> None:
        """Complete what a killed process left open: the end of the call, and a recording without its facts."""
        record = journal.record
        if record.ended_at is None:
            last_seen = datetime.fromtimestamp(journal.last_sign_of_life(), UTC)
            record = replace(
                record,
                ended_at=max(last_seen, record.start.started_at),
                hangup_by=HangupBy.NETWORK,
                cause="process_died",
            )
        if record.recording_started_at is not None and record.recording is None:
            record = replace(record, recording=self._rescued(journal), recording_ended_at=record.ended_at)
        if record != journal.record:
            self.note(journal, record)

    def _rescued(self, journal: CallJournal) -> RecordingFacts | None:
        """Facts of a recording that nobody finished; None when no sound was ever written."""
        path = journal.message_path
        if path is None:
            return None
        if path.exists():
            self._audio.repair_wav(path)
        else:  # perhaps adopted by a filer that was killed before its commit
            try:
                path = self._files.local_path(repository.file_key_of_call(journal.record))
            except FileMissing:
                return None
        facts = self._audio.measure_wav(path)
        return RecordingFacts(facts.duration_ms, facts.speech_ms, facts.sha256, is_partial=True)

    def _adopt_recording(self, journal: CallJournal) -> StoredFile | None:
        """Before the commit: the books never name a file that is not in the store."""
        record, path = journal.record, journal.message_path
        if record.recording is None or path is None:
            return None
        try:
            stored = self._files.adopt(path, repository.file_key_of_call(record))
        except FileNotFoundError:  # somebody removed it: the caller is called back instead
            log.exception("ivr.recording.lost", call_id=record.start.call_id)
            self.note(journal, replace(record, recording=None, is_recording_failed=True))
            return None
        if stored.sha256 != record.recording.sha256:
            log.error("ivr.recording.hash_differs", call_id=record.start.call_id, file_key=stored.key)
        return stored

    def _adopt_talk(self, journal: CallJournal) -> StoredFile | None:
        """The two sides of a talk as one file in the store; None when there was no talk, or no sound of it.

        A talk that left nothing is made good like a lost message: the caller is called back.
        """
        record, folder = journal.record, journal.talk_folder
        if record.talk_started_at is None:
            return None
        stored = self._joined_talk(journal, folder) if folder is not None else None
        if stored is None:
            log.error("ivr.talk.sound_lost", call_id=record.start.call_id)
            if record.recording is None:
                self.note(journal, replace(record, is_recording_failed=True))
        return stored

    def _joined_talk(self, journal: CallJournal, folder: Path) -> StoredFile | None:
        record = journal.record
        joined = folder / "talk.wav"
        agent, citizen = (folder / f"{side}.wav" for side in (Side.AGENT, Side.CITIZEN))
        if agent.exists() or citizen.exists():
            for side in (agent, citizen):
                side.touch()  # killed between the two: what one of them said is kept
                self._audio.repair_wav(side)
            facts = self._audio.join_sides(agent, citizen, joined)
            is_partial = record.talk_ended_at is None
            talk = RecordingFacts(facts.duration_ms, facts.speech_ms, facts.sha256, is_partial)
            self.note(journal, replace(record, talk=talk))
        try:
            return self._files.adopt(joined, repository.talk_key_of(record))
        except FileNotFoundError:
            return None

    def _write_down(
        self, tx: Transaction, record: CallRecord, stored: StoredFile | None, talk: StoredFile | None
    ) -> list[Event]:
        """Recordings and message of a call that is filed for the first time; returns the facts to tell."""
        call_id, recording = record.start.call_id, record.recording
        if recording is not None and stored is not None:
            tx.session.add(repository.recording_row(record, recording, stored))
            tx.session.flush()
            if record.has_message:
                tx.session.add(
                    repository.message_row(record, recording, self.quality(recording.duration_ms, recording.speech_ms))
                )
        if record.talk is not None and talk is not None:
            tx.session.add(repository.talk_row(record, record.talk, talk))
            tx.session.flush()
            if outcome_of(record) is CallOutcome.TALKED:
                quality = self.quality(record.talk.duration_ms, record.talk.speech_ms)
                tx.session.add(repository.talk_message_row(record, record.talk, quality))
        return [CallEnded(call_id), *_next_step(record)]


def _next_step(record: CallRecord) -> list[Event]:
    call_id = record.start.call_id
    match outcome_of(record):
        case CallOutcome.MESSAGE_LEFT:
            return [VoiceMessageLeft(repository.message_id_of(call_id), call_id)]
        case CallOutcome.TALKED if record.talk is not None:
            return [VoiceMessageLeft(repository.message_id_of(call_id), call_id)]
        case CallOutcome.CALLBACK_REQUESTED:
            return [CallbackRequested(call_id)]
        case CallOutcome.MISSED:
            return [CallMissed(call_id)]
        case _:
            return []
