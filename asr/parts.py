"""The parts of a long recording, from the cut to the last word. Every step may be repeated.

The cut is stored, not computed again: another model, with another sample rate, would cut elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from asr import repository
from asr.domain.audio.cutting import Stretch
from asr.domain.events import RecordingDivided
from asr.domain.transcript import Recognised
from asr.domain.words import Speaker, on_one_timeline
from asr.ports import Cutter, Sound
from kit.clock import Clock
from kit.db import Database


@dataclass(frozen=True, slots=True)
class Part:
    recording_id: str
    part_no: int
    speaker: Speaker
    stretch: Stretch
    is_recognised: bool


class Parts:
    """`cutter` None: recordings of any length are recognised in one go."""

    def __init__(self, db: Database, clock: Clock, cutter: Cutter | None) -> None:
        self._db = db
        self._clock = clock
        self._cutter = cutter

    def divide(self, recording_id: str, sound: Sound) -> bool:
        """Whether the recording is in parts: it is cut now if it is long and was not cut before."""
        stretches = [(side.speaker, stretch) for side in sound.sides for stretch in self._cut(side.pcm, sound)]
        if len(stretches) <= len(sound.sides):
            return False
        with self._db.transaction() as tx:
            tx.take_turns(f"asr.parts.{recording_id}")
            if not repository.parts(tx.session, recording_id):
                repository.add_parts(tx.session, recording_id, stretches)
                tx.raise_event(RecordingDivided(recording_id))
        return True

    def open(self, recording_id: str) -> list[Part]:
        """Those that nobody has recognised yet."""
        return [part for part in self._all(recording_id) if not part.is_recognised]

    def find(self, recording_id: str, part_no: int) -> Part | None:
        return next((part for part in self._all(recording_id) if part.part_no == part_no), None)

    def store(self, part: Part, recognised: Recognised, took_ms: int) -> None:
        """Keep what was heard in the part, its times moved to those of the recording."""
        start_ms = part.stretch.start_ms
        words = tuple(
            replace(word, start_ms=word.start_ms + start_ms, end_ms=word.end_ms + start_ms, speaker=part.speaker)
            for word in recognised.words
        )
        with self._db.transaction() as tx:
            heard = replace(recognised, words=words)
            repository.store_part(tx.session, part.recording_id, part.part_no, heard, took_ms, self._clock.now())

    def together(self, recording_id: str) -> tuple[Recognised, int] | None:
        """All words on one timeline, and the milliseconds they took; None while a part is open."""
        with self._db.reading() as session:
            if not all(is_recognised for *_, is_recognised in repository.parts(session, recording_id)):
                return None
            heard = repository.recognised_parts(session, recording_id)
        if not heard:
            return None
        words = on_one_timeline(word for recognised, _ in heard for word in recognised.words)
        return replace(heard[-1][0], words=words), sum(took_ms for _, took_ms in heard)

    def _all(self, recording_id: str) -> list[Part]:
        with self._db.reading() as session:
            return [Part(recording_id, *row) for row in repository.parts(session, recording_id)]

    def _cut(self, pcm: bytes, sound: Sound) -> Sequence[Stretch]:
        return self._cutter.cut(pcm, sound.sample_rate) if self._cutter else ()
