"""Use cases of people who work with a transcript: open the original, correct the text, decide on slots.

Who may do so to which recording is not known here: that follows from the ticket, and is asked before.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog

from asr import repository, review_repository
from asr.domain.errors import (
    CorrectionMissing,
    CorrectionOutdated,
    OriginalNoteMissing,
    OriginalReasonMissing,
    SlotUnknown,
    TranscriptMissing,
)
from asr.domain.events import TranscriptCorrected
from asr.domain.masking import masked_label, masked_transcript
from asr.domain.privacy.redacting import redactions_in
from asr.domain.privacy.redaction import masked
from asr.domain.review import (
    AccessFacts,
    CorrectionFacts,
    DecisionFacts,
    OriginalReason,
    ReviewFacts,
    TrainingPair,
)
from asr.domain.slots.slot import SlotKind
from asr.domain.transcript import TranscriptFacts
from asr.ports import RuleBook
from kit.clock import Clock
from kit.db import Database, Transaction

log = structlog.get_logger(__name__)

_LABEL_LENGTH = 255


class ReviewService:
    """What somebody typed is masked by the same rules as what somebody said."""

    def __init__(self, db: Database, clock: Clock, rule_book: RuleBook, original_life: timedelta) -> None:
        self._db = db
        self._clock = clock
        self._rule_book = rule_book
        self._original_life = original_life

    # ---- the original

    def open_original(self, recording_id: str, person_id: str, reason: OriginalReason, note: str = "") -> datetime:
        """Open the unmasked text and sound for this person and a limited time; until when. Written down for good.

        Raises OriginalNoteMissing.
        """
        if reason is OriginalReason.OTHER and not note.strip():
            raise OriginalNoteMissing
        now = self._clock.now()
        access = AccessFacts(person_id, reason, note.strip(), now, now + self._original_life)
        with self._db.transaction() as tx:
            review_repository.add_access(tx.session, recording_id, access)
        log.info(
            "asr.original.opened",
            recording_id=recording_id,
            person_id=person_id,
            reason=reason.value,
            expires_at=access.expires_at.isoformat(),
        )
        return access.expires_at

    def original_until(self, recording_id: str, person_id: str) -> datetime | None:
        with self._db.reading() as session:
            return review_repository.open_until(session, recording_id, person_id, self._clock.now())

    def require_original(self, recording_id: str, person_id: str) -> None:
        """Raises OriginalReasonMissing unless this person has opened it, not too long ago."""
        if self.original_until(recording_id, person_id) is None:
            raise OriginalReasonMissing

    # ---- corrections

    def correct(self, recording_id: str, person_id: str, text: str, base: int) -> int:
        """Write down what was really said; the number of this correction. `base`: how many the person had seen.

        Raises TranscriptMissing, CorrectionMissing, OriginalReasonMissing, CorrectionOutdated.
        """
        text = text.strip()
        if not text:
            raise CorrectionMissing
        self.require_original(recording_id, person_id)
        with self._db.transaction() as tx:
            transcript_id = self._hold(tx, recording_id)
            number = len(review_repository.review(tx.session, recording_id).corrections) + 1
            if base != number - 1:
                raise CorrectionOutdated("it was corrected since", corrections=number - 1)
            correction = CorrectionFacts(number, text, self._mask(text), person_id, self._clock.now())
            review_repository.add_correction(tx.session, transcript_id, correction)
            tx.raise_event(TranscriptCorrected(recording_id))
        log.info("asr.transcript.corrected", recording_id=recording_id, person_id=person_id, number=number)
        return number

    def review(self, recording_id: str) -> ReviewFacts:
        with self._db.reading() as session:
            return review_repository.review(session, recording_id)

    def training_pairs(
        self, *, original_for: str | None = None, reason: OriginalReason = OriginalReason.TRAINING, note: str = ""
    ) -> Iterator[TrainingPair]:
        """What was heard and what was said, masked; `original_for`: unmasked, and written down for this person."""
        with self._db.reading() as session:
            recording_ids = review_repository.corrected_recordings(session)
        for recording_id in recording_ids:
            if original_for is not None:
                self.open_original(recording_id, original_for, reason, note)
            with self._db.reading() as session:
                facts = _transcript(repository.find_by_recording(session, recording_id))
                last = review_repository.review(session, recording_id).corrections[-1]
            shown = facts if original_for is not None else masked_transcript(facts)
            corrected = last.text if original_for is not None else last.masked_text
            yield TrainingPair(recording_id, shown.text, corrected, facts.model, facts.model_version, last.at)

    # ---- slots

    def confirm_slot(self, recording_id: str, person_id: str, kind: SlotKind, choice: int = 0) -> str:
        """The machine's proposal number `choice` (from 0) of this kind is right. Its value.

        Raises TranscriptMissing, SlotUnknown.
        """
        with self._db.transaction() as tx:
            transcript_id = self._hold(tx, recording_id)
            facts = _transcript(repository.find_by_recording(tx.session, recording_id))
            places = [index for index, slot in enumerate(facts.slots) if slot.kind is kind]
            if not 0 <= choice < len(places):
                raise SlotUnknown(kind=kind.value)
            slot, hidden = facts.slots[places[choice]], masked_transcript(facts).slots[places[choice]]
            self._decide(tx, transcript_id, person_id, kind, slot.value, slot.label, hidden.label)
        log.info("asr.slot.confirmed", recording_id=recording_id, person_id=person_id, kind=kind.value)
        return slot.value

    def set_slot(self, recording_id: str, person_id: str, kind: SlotKind, value: str, label: str) -> None:
        """A person knows better. Raises TranscriptMissing."""
        with self._db.transaction() as tx:
            transcript_id = self._hold(tx, recording_id)
            shown = masked_label(kind, self._mask(label))
            self._decide(tx, transcript_id, person_id, kind, value, label, shown)
        log.info("asr.slot.set", recording_id=recording_id, person_id=person_id, kind=kind.value)

    def _decide(
        self, tx: Transaction, transcript_id: str, person_id: str, kind: SlotKind, value: str, label: str, shown: str
    ) -> None:
        value, label, shown = (text[:_LABEL_LENGTH] for text in (value, label, shown))
        decision = DecisionFacts(kind, value, label, shown, person_id, self._clock.now())
        review_repository.add_decision(tx.session, transcript_id, decision)

    def _mask(self, text: str) -> str:
        return masked(text, redactions_in(text, self._rule_book.rules()))

    def _hold(self, tx: Transaction, recording_id: str) -> str:
        """Those who work on the same transcript take turns. Its id; raises TranscriptMissing."""
        tx.take_turns(f"asr.review.{recording_id}")
        return review_repository.transcript_id(tx.session, recording_id)


def _transcript(found: TranscriptFacts | None) -> TranscriptFacts:
    if found is None:
        raise TranscriptMissing
    return found
