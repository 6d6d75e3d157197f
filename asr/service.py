"""Use cases of speech to text. Every one may be repeated: a recording gets exactly one transcript."""

import time
from collections.abc import Callable
from dataclasses import replace

import structlog
from sqlalchemy.exc import IntegrityError

from asr import repository
from asr.domain.audio.audio_quality import AudioQuality
from asr.domain.audio.cutting import Stretch
from asr.domain.errors import AudioUnreadable
from asr.domain.events import TranscriptFailed, TranscriptReady
from asr.domain.transcript import Recognised, TranscriptFacts, TranscriptStatus
from asr.domain.understanding import Understanding, understand
from asr.domain.words import on_one_timeline
from asr.parts import Part, Parts
from asr.ports import AudioConverter, Cutter, Recogniser, RuleBook, Side, Sound
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
        cutter: Cutter | None = None,
    ) -> None:
        """`cutter` None: recordings of any length are recognised in one go."""
        self._db = db
        self._clock = clock
        self._files = files
        self._recogniser = recogniser
        self._audio = audio
        self._rule_book = rule_book
        self._parts = Parts(db, clock, cutter)
        self._last_long: tuple[str, int, Sound] | None = None

    def transcribe(self, recording_id: str, file_key: str) -> None:
        """Recognise a recording and store its transcript; does nothing when it has one.

        A long recording is cut instead (RecordingDivided), and then each of its `open_parts` is to be transcribed.
        A file that is not audio is stored as failed: trying again would not help. Everything that may pass
        (RecognitionFailed, ModelMissing, FileMissing) is raised, and nothing is stored.
        """
        if self.transcript(recording_id) is not None:
            return
        self._last_long = None
        started = time.perf_counter()
        recogniser = self._recogniser()
        sound = self._decoded(recording_id, file_key, recogniser.sample_rate)
        if sound is None:
            return
        if self._parts.divide(recording_id, sound):
            self._put_together(recording_id, sound)
            return
        recognised = heard_on_all_sides(recogniser, sound)
        understanding = understand(recognised.words, self._rule_book.rules())
        self._store(self._heard(recording_id, recognised, understanding, sound.quality, _ms_since(started)))

    def open_parts(self, recording_id: str) -> list[Part]:
        """Parts of a long recording that nobody has recognised yet."""
        return self._parts.open(recording_id)

    def transcribe_part(self, recording_id: str, file_key: str, part_no: int) -> None:
        """Recognise one part; whoever finds that it was the last puts the transcript together.

        Raises as `transcribe` does.
        """
        part = self._parts.find(recording_id, part_no)
        if part is None:
            return  # the transcript is there
        started = time.perf_counter()
        recogniser = self._recogniser()
        sound = self._decoded_long(recording_id, file_key, recogniser.sample_rate)
        if sound is None:
            return
        if not part.is_recognised:
            side = next(side for side in sound.sides if side.speaker is part.speaker)
            recognised = recogniser.recognise(_slice(side, part.stretch, sound.sample_rate), sound.sample_rate)
            self._parts.store(part, recognised, _ms_since(started))
        self._put_together(recording_id, sound)

    def give_up(self, recording_id: str, code: str) -> None:
        """Store that there will be no transcript, and why; does nothing when there is one. It is final."""
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

    def _decoded(self, recording_id: str, file_key: str, sample_rate: int) -> Sound | None:
        """None: it is not audio, which is stored."""
        try:
            return self._audio.decode(self._files.local_path(file_key), sample_rate)
        except AudioUnreadable as error:
            log.warning("asr.audio.refused", recording_id=recording_id, reason=error.message)
            self.give_up(recording_id, error.code)
            return None

    def _decoded_long(self, recording_id: str, file_key: str, sample_rate: int) -> Sound | None:
        """The same, kept for the next part: the parts of a recording follow each other."""
        kept = self._last_long
        if kept is not None and kept[:2] == (recording_id, sample_rate):
            return kept[2]
        kept = self._last_long = None  # let go of it before the next is read
        sound = self._decoded(recording_id, file_key, sample_rate)
        if sound is not None:
            self._last_long = (recording_id, sample_rate, sound)
        return sound

    def _put_together(self, recording_id: str, sound: Sound) -> None:
        """Nothing while a part is open. Two who finish at once both do it, and one transcript is stored."""
        whole = self._parts.together(recording_id)
        if whole is None:
            return
        self._last_long = None
        recognised, took_ms = whole
        understanding = understand(recognised.words, self._rule_book.rules())
        self._store(self._heard(recording_id, recognised, understanding, sound.quality, took_ms))

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
    words = on_one_timeline(replace(word, speaker=speaker) for speaker, side in heard for word in side.words)
    return replace(heard[0][1], words=words)


def _slice(side: Side, stretch: Stretch, sample_rate: int) -> bytes:
    start, end = (at_ms * sample_rate // 1000 * 2 for at_ms in (stretch.start_ms, stretch.end_ms))
    return side.pcm[start:end]


def _ms_since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
