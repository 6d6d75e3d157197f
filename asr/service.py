"""Use cases of speech to text. Every one may be repeated: a recording gets exactly one transcript."""

import time
from collections.abc import Callable
from dataclasses import replace

import structlog
from sqlalchemy.exc import IntegrityError

from asr import repository
from asr.domain.audio_quality import AudioQuality
from asr.domain.errors import AudioUnreadable
from asr.domain.events import TranscriptFailed, TranscriptReady
from asr.domain.transcript import Recognised, TranscriptFacts, TranscriptStatus
from asr.domain.understanding import Understanding, understand
from asr.ports import AudioConverter, Recogniser, RuleBook, Sound
from kit.clock import Clock
from kit.db import Database
from kit.storage.file_store import FileStore

log = structlog.get_logger(__name__)


class AsrService:
    """`recogniser` is asked for only when something is to be recognised: loading a model takes time and memory."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        files: FileStore,
        recogniser: Callable[[], Recogniser],
        audio: AudioConverter,
        rule_book: RuleBook,
    ) -> None:
        self._db = db
        self._clock = clock
        self._files = files
        self._recogniser = recogniser
        self._audio = audio
        self._rule_book = rule_book

    def transcribe(self, recording_id: str, file_key: str) -> None:
        """Recognise a recording and store its transcript; does nothing when it has one.

        A file that is not audio is stored as failed: trying again would not help. Everything that may pass
        (RecognitionFailed, ModelMissing, FileMissing) is raised, and nothing is stored.
        """
        if self.transcript(recording_id) is not None:
            return
        started = time.perf_counter()
        recogniser = self._recogniser()
        try:
            sound = self._audio.decode(self._files.local_path(file_key), recogniser.sample_rate)
        except AudioUnreadable as error:
            log.warning("asr.audio.refused", recording_id=recording_id, reason=error.message)
            self.give_up(recording_id, error.code)
            return
        recognised = heard_on_all_sides(recogniser, sound)
        understanding = understand(recognised.words, self._rule_book.rules())
        took_ms = round((time.perf_counter() - started) * 1000)
        self._store(self._heard(recording_id, recognised, understanding, sound.quality, took_ms))

    def give_up(self, recording_id: str, code: str) -> None:
        """Store that there will be no transcript, and why; does nothing when there is one.

        A recogniser that comes back later with a text after all is too late: the ticket has said so already.
        """
        self._store(
            TranscriptFacts(
                recording_id=recording_id,
                status=TranscriptStatus.FAILED,
                text="",
                words=(),
                mean_confidence=None,
                model="",
                failure_code=code,
                took_ms=0,
                created_at=self._clock.now(),
            )
        )

    def transcript(self, recording_id: str) -> TranscriptFacts | None:
        with self._db.reading() as session:
            return repository.find_by_recording(session, recording_id)

    def _heard(
        self,
        recording_id: str,
        recognised: Recognised,
        understanding: Understanding,
        quality: AudioQuality | None,
        took_ms: int,
    ) -> TranscriptFacts:
        return TranscriptFacts(
            recording_id=recording_id,
            status=recognised.status,
            text=recognised.text,
            words=recognised.words,
            mean_confidence=recognised.mean_confidence,
            model=recognised.model,
            model_version=recognised.model_version,
            reading=understanding.reading,
            slots=understanding.slots,
            redactions=understanding.redactions,
            rules_version=understanding.rules_version,
            audio_quality=quality,
            failure_code=None,
            took_ms=took_ms,
            created_at=self._clock.now(),
        )

    def _store(self, facts: TranscriptFacts) -> None:
        try:
            with self._db.transaction() as tx:
                if repository.find_by_recording(tx.session, facts.recording_id) is not None:
                    return
                repository.add(tx.session, facts)
                failed = facts.status is TranscriptStatus.FAILED
                tx.raise_event((TranscriptFailed if failed else TranscriptReady)(facts.recording_id))
        except IntegrityError:
            if self.transcript(facts.recording_id) is None:
                raise  # not a race: there is no such recording
            return  # another worker stored its transcript between our look and our insert
        log.info(
            "asr.transcript.stored",
            recording_id=facts.recording_id,
            status=facts.status.value,
            words=len(facts.words),
            mean_confidence=facts.mean_confidence,
            model=facts.model,
            failure_code=facts.failure_code,
            took_ms=facts.took_ms,
        )


def heard_on_all_sides(recogniser: Recogniser, sound: Sound) -> Recognised:
    """Each side by itself, then all words on one timeline."""
    heard = [(side.speaker, recogniser.recognise(side.pcm, sound.sample_rate)) for side in sound.sides]
    words = [replace(word, speaker=speaker) for speaker, recognised in heard for word in recognised.words]
    words.sort(key=lambda word: (word.start_ms, word.end_ms))
    first = heard[0][1]
    return Recognised(tuple(words), first.model, first.model_version)
