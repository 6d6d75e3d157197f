"""Use cases of the phone line: keep the journal of a live call, file it in the books once it is over.

Filing itself is in `ivr/filing.py`.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.exc import DBAPIError

from ivr import repository
from ivr.domain.call import CallDirection, CallOutcome, CallStatus
from ivr.domain.call_record import CallRecord, CallStart, RecordingFacts, printable
from ivr.domain.errors import CallNotFound, VoiceMessageNotFound
from ivr.domain.events import (
    CallAnswered,
    CallArrived,
    EmergencyHeard,
    TalkRecorded,
    VoiceMessageLeft,
)
from ivr.domain.policy import CallFilingPolicy
from ivr.filing import CallFiler
from ivr.journal import CallJournal, JournalCorrupt, is_going_on, journals_in, quarantine
from ivr.models import MessageKind, MessageQuality, Recording, VoiceMessage
from ivr.ports import AudioFiles
from kit.clock import Clock
from kit.db import Database, Transaction
from kit.storage import FileStore

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CallFacts:
    """A call as the books know it."""

    id: str
    direction: CallDirection
    line: str
    caller: str
    status: CallStatus
    outcome: CallOutcome | None
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class UploadedMessage:
    """A sound that did not come over a line of ours: a WAV file of ours, and who left it when."""

    message_id: str
    caller: str = field(repr=False)
    received_at: datetime
    wav: Path
    """Gone afterwards: it is taken into the file store."""
    sample_rate: int
    channels: int
    duration_ms: int
    speech_ms: int
    is_readable: bool = True
    """False: the sound could not be had, and the file is silent."""
    call_id: str | None = None
    """Whose recording it is; None: it belongs to no call."""
    opens_ticket: bool = True
    """False: it is kept with its call."""
    is_talk: bool = False
    """Somebody talked with the caller."""


@dataclass(frozen=True, slots=True)
class VoiceMessageFacts:
    """A voice message as the books know it."""

    id: str
    call_id: str | None
    recording_id: str
    caller: str
    quality: MessageQuality
    ticket_number: str | None
    received_at: datetime
    file_key: str
    duration_ms: int
    person_id: str | None = None
    """Who talked with him; None: it was left alone."""


@dataclass(frozen=True, slots=True)
class SpokenFacts:
    """Something to be recognised: a voice message, or the recording of a talk, which has no ticket of its own."""

    id: str
    """What its jobs go by."""
    recording_id: str
    file_key: str
    duration_ms: int
    is_message: bool
    has_speech: bool


class IvrService:
    """Synchronous; the call loop calls it in a thread."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        files: FileStore,
        audio: AudioFiles,
        spool: Path,
        telephony_id: str,
        policy: CallFilingPolicy,
    ) -> None:
        self._db = db
        self._clock = clock
        self._files = files
        self._audio = audio
        self._spool = spool
        self._telephony_id = telephony_id
        self._filer = CallFiler(db, files, audio, policy)
        self._complained_of: set[str] = set()

    def open_journal(self, start: CallStart) -> CallJournal:
        """The journal of a call that begins now. With a full disk it lives in memory: the call goes on."""
        start = replace(start, line=printable(start.line), caller=printable(start.caller))
        record = CallRecord(start, self._telephony_id)
        try:
            return CallJournal.create(self._spool, record)
        except OSError:
            log.exception("ivr.journal.open_failed", call_id=start.call_id)
            return CallJournal(record)

    def call_arrived(self, start: CallStart) -> None:
        """The live row of a ringing call. Nothing depends on it: filing writes the whole call anyway."""
        with self._db.transaction() as tx:
            if repository.call_by_id(tx.session, start.call_id) is None:
                tx.session.add(repository.call_row(CallRecord(start, self._telephony_id), CallStatus.RINGING))
                tx.raise_event(CallArrived(start.call_id))

    def call_answered(self, call_id: str, at: datetime) -> None:
        with self._db.transaction() as tx:
            if repository.mark_answered(tx.session, call_id, at):
                tx.raise_event(CallAnswered(call_id))

    def emergency_heard(self, call_id: str, words: Sequence[str]) -> None:
        """The caller is speaking of danger right now; filing writes it once more."""
        with self._db.transaction() as tx:
            if repository.mark_emergency(tx.session, call_id, words):
                tx.raise_event(EmergencyHeard(call_id))

    def file_call(self, journal: CallJournal) -> CallOutcome:
        """Put a call that is over into the books, then remove its journal.

        The caller of this method holds the journal, and closes it afterwards also when this raises.
        Raises what the database or the disk raises; nothing is lost then: file_left_behind repeats it.
        """
        return self._filer.file(journal)

    def file_upload(self, upload: UploadedMessage) -> None:
        """Put an uploaded sound into the books; does nothing when it is there already."""
        recording_id = repository.recording_id_of(upload.message_id)
        with self._db.transaction() as tx:
            tx.take_turns(f"ivr.upload {upload.call_id or upload.message_id}")
            if repository.recording_by_id(tx.session, recording_id) is not None:
                return  # before the file is touched: a second try may have nothing but silence
            stored = self._files.adopt(upload.wav, repository.file_key_of(recording_id, upload.received_at))
            tx.session.add(
                Recording(
                    id=recording_id,
                    call_id=upload.call_id,
                    upload_id=upload.message_id,
                    file_key=stored.key,
                    size_bytes=stored.size,
                    sha256=stored.sha256,
                    sample_rate=upload.sample_rate,
                    channels=upload.channels,
                    duration_ms=upload.duration_ms,
                    started_at=upload.received_at,
                )
            )
            tx.session.flush()
            if upload.opens_ticket:
                self._write_message(tx, upload, recording_id)
            else:
                tx.raise_event(TalkRecorded(recording_id))
        log.info("ivr.upload.filed", message_id=upload.message_id, is_message=upload.opens_ticket)

    def _write_message(self, tx: Transaction, upload: UploadedMessage, recording_id: str) -> None:
        """Of several messages of one call the first is the call's; all of them become tickets."""
        is_first = upload.call_id is not None and repository.message_of_call(tx.session, upload.call_id) is None
        quality = MessageQuality.UNREADABLE
        if upload.is_readable:
            quality = self._filer.quality(upload.duration_ms, upload.speech_ms)
        tx.session.add(
            VoiceMessage(
                id=upload.message_id,
                call_id=upload.call_id if is_first else None,
                recording_id=recording_id,
                kind=MessageKind.TALK if upload.is_talk else MessageKind.MESSAGE,
                caller=printable(upload.caller),
                quality=quality,
                duration_ms=upload.duration_ms,
                received_at=self._clock.now(),  # what waits for its transcript is counted from here
            )
        )
        tx.raise_event(VoiceMessageLeft(upload.message_id, upload.call_id))

    def file_foreign_call(self, record: CallRecord, sound: Path | None) -> None:
        """Put a call that somebody else took for us into the books, once; `sound` (WAV) stays where it is.

        Raises what file_call raises, and FileNotFoundError when the sound is gone.
        """
        with self._db.reading() as session:
            if repository.call_by_id(session, record.start.call_id) is not None:
                return
        try:
            journal = CallJournal.create(self._spool, record, sound)
        except FileExistsError:
            return  # it is being filed, or file_left_behind will
        try:
            if sound is not None and journal.message_path is not None:
                self._audio.repair_wav(journal.message_path)
                facts = self._audio.measure_wav(journal.message_path)
                recording = RecordingFacts(facts.duration_ms, facts.speech_ms, facts.sha256)
                self._filer.note(journal, replace(record, recording=recording))
            self.file_call(journal)
        finally:
            journal.close()

    def going_on(self) -> frozenset[str]:
        """Calls whose process may be dead while their people still talk inside the telephone system."""
        now = time.time()
        return frozenset(folder.name for folder in journals_in(self._spool) if is_going_on(folder, now))

    def take_over(self, call_id: str) -> CallJournal | None:
        """The journal of a call whose process died and that goes on without it; None when there is none to be had."""
        try:
            return CallJournal.take_over(self._spool / call_id)
        except JournalCorrupt:
            return None  # file_left_behind says so

    def file_left_behind(self) -> int:
        """File every call whose process died or could not reach the database; returns how many.

        Unreadable journals go to the quarantine. With the database away the journals stay for the next time.
        """
        filed = 0
        for folder in journals_in(self._spool):
            if is_going_on(folder, time.time()):
                continue  # before its lock is touched: the next telephony process wants it
            try:
                journal = CallJournal.take_over(folder)
            except JournalCorrupt as error:
                log.error("ivr.journal.quarantined", path=str(quarantine(folder)), reason=str(error.__cause__))  # noqa: TRY400 - a trace says nothing of a torn file
                continue
            if journal is None:
                continue
            try:
                self.file_call(journal)
                filed += 1
                self._complained_of.discard(folder.name)
            except DBAPIError as error:
                self._complain("database", error)
                break
            except Exception as error:  # noqa: BLE001 - one bad call must not keep the others from being filed
                self._complain(folder.name, error)
            finally:
                journal.close()
        else:
            self._complained_of.discard("database")
        return filed

    def call(self, call_id: str) -> CallFacts:
        """Raises CallNotFound."""
        with self._db.reading() as session:
            row = repository.call_by_id(session, call_id)
            if row is None:
                raise CallNotFound("no such call")
            return CallFacts(
                row.id, row.direction, row.line, row.caller, row.status, row.outcome, row.started_at, row.ended_at
            )

    def message(self, message_id: str) -> VoiceMessageFacts:
        """Raises VoiceMessageNotFound."""
        with self._db.reading() as session:
            found = repository.message_with_recording(session, message_id)
            if found is None:
                raise VoiceMessageNotFound("no such voice message")
            message, recording = found
            call = repository.call_by_id(session, message.call_id) if message.kind is MessageKind.TALK else None
            return VoiceMessageFacts(
                id=message.id,
                call_id=message.call_id,
                recording_id=message.recording_id,
                caller=message.caller,
                quality=message.quality,
                ticket_number=message.ticket_number,
                received_at=message.received_at,
                file_key=recording.file_key,
                duration_ms=message.duration_ms,
                person_id=call.person_id if call is not None else None,
            )

    def spoken(self, spoken_id: str) -> SpokenFacts | None:
        """A voice message, or the talk that an upload became; None where no sound could be had."""
        with self._db.reading() as session:
            return _spoken(repository.spoken(session, spoken_id))

    def spoken_of_recording(self, recording_id: str) -> SpokenFacts | None:
        """None for a recording that nobody recognises."""
        with self._db.reading() as session:
            return _spoken(repository.spoken_of_recording(session, recording_id))

    def _complain(self, about: str, error: Exception) -> None:
        """Say it once with the trace; the sweeper comes by every few seconds."""
        if about not in self._complained_of:
            self._complained_of.add(about)
            log.error("ivr.call.filing_failed", about=about, exc_info=error)


def _spoken(found: tuple[Recording, VoiceMessage | None] | None) -> SpokenFacts | None:
    if found is None:
        return None
    recording, message = found
    spoken_id = message.id if message else recording.upload_id
    if spoken_id is None:
        return None
    return SpokenFacts(
        id=spoken_id,
        recording_id=recording.id,
        file_key=recording.file_key,
        duration_ms=recording.duration_ms,
        is_message=message is not None,
        has_speech=message is None or message.quality is MessageQuality.OK,
    )
