"""What was heard in a recording, in its layers, as a screen shows it: masked, unless the original was asked for."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.views.viewer import PersonRef
from asr import repository, review_repository
from asr.domain.audio.audio_quality import AudioQuality
from asr.domain.masking import SAID_IN_OWN_WORDS, masked_transcript, redacted_as
from asr.domain.privacy.redaction import RedactionKind
from asr.domain.reading.pieces import PieceKind
from asr.domain.review import DecisionFacts, OriginalReason, ReviewFacts, may_act_upon
from asr.domain.slots.slot import Evidence, Slot, SlotKind
from asr.domain.transcript import TranscriptFacts, TranscriptStatus
from asr.domain.words import Speaker
from asr.models import Transcript
from people.models import Person


@dataclass(frozen=True, slots=True)
class WordView:
    """One recognised word: [start_ms, end_ms) from the start of the recording, confidence 0..1.

    `redaction`: it identifies a person; in the masked view its text is hidden.
    """

    text: str
    start_ms: int
    end_ms: int
    confidence: float
    speaker: Speaker
    redaction: RedactionKind | None


@dataclass(frozen=True, slots=True)
class PieceView:
    """A stretch of the reading text and the words [first_word, end_word) that it came from; punctuation from none."""

    text: str
    first_word: int
    end_word: int
    kind: PieceKind
    redaction: RedactionKind | None


@dataclass(frozen=True, slots=True)
class CandidateView:
    """What the machine found. `needs_person`: not sure enough to act upon."""

    value: str
    label: str
    confidence: float
    evidence: list[Evidence]
    reason: str
    needs_person: bool


@dataclass(frozen=True, slots=True)
class DecisionView:
    value: str
    label: str
    by: PersonRef
    at: datetime


@dataclass(frozen=True, slots=True)
class SlotView:
    """One kind of slot: the machine's candidates, and a person's word, which stands above them."""

    kind: SlotKind
    candidates: list[CandidateView]
    decision: DecisionView | None
    may_be_acted_upon: bool


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """The newest correction; `number` counts them from 1, and is the `base` of the next."""

    number: int
    text: str
    by: PersonRef
    at: datetime


@dataclass(frozen=True, slots=True)
class TranscriptView:
    """Three layers: `words` and their `text` as heard, `reading`, `correction`. Evidence counts in `reading`."""

    status: TranscriptStatus
    is_original: bool
    text: str
    words: list[WordView]
    reading: list[PieceView]
    correction: CorrectionView | None
    slots: list[SlotView]
    quality: AudioQuality | None
    mean_confidence: float | None
    model: str
    model_version: str
    failure_code: str | None


@dataclass(frozen=True, slots=True)
class OriginalAccessView:
    """Who was shown the original, why, and until when."""

    person: PersonRef
    reason: OriginalReason
    note: str
    at: datetime
    expires_at: datetime


def transcript_of(
    session: Session, recording_ids: Collection[str], *, is_original: bool = False
) -> TranscriptView | None:
    """The transcript of the one of these recordings that has one."""
    recording_id = session.scalar(
        select(Transcript.recording_id).where(Transcript.recording_id.in_(recording_ids)).limit(1)
    )
    facts = repository.find_by_recording(session, recording_id) if recording_id else None
    if facts is None:
        return None
    review = review_repository.review(session, facts.recording_id)
    names = _names(session, _people_in(review))
    return _view(facts if is_original else masked_transcript(facts), review, names, is_original=is_original)


def original_accesses(session: Session, recording_id: str) -> list[OriginalAccessView]:
    """Newest first."""
    found = review_repository.accesses(session, recording_id)
    names = _names(session, [each.person_id for each in found])
    return [
        OriginalAccessView(names[each.person_id], each.reason, each.note, each.at, each.expires_at) for each in found
    ]


def _people_in(review: ReviewFacts) -> set[str]:
    return {each.person_id for each in review.corrections} | {each.person_id for each in review.decisions}


def _names(session: Session, person_ids: Iterable[str]) -> dict[str, PersonRef]:
    rows = session.execute(select(Person.id, Person.display_name).where(Person.id.in_(set(person_ids))))
    return {person_id: PersonRef(person_id, name) for person_id, name in rows}


def _view(
    facts: TranscriptFacts, review: ReviewFacts, names: Mapping[str, PersonRef], *, is_original: bool
) -> TranscriptView:
    return TranscriptView(
        status=facts.status,
        is_original=is_original,
        text=facts.text,
        words=_words(facts),
        reading=_pieces(facts),
        correction=_correction(review, names, is_original=is_original),
        slots=_slots(facts.slots, review, names, is_original=is_original),
        quality=facts.audio_quality,
        mean_confidence=facts.mean_confidence,
        model=facts.model,
        model_version=facts.model_version,
        failure_code=facts.failure_code,
    )


def _words(facts: TranscriptFacts) -> list[WordView]:
    hidden = {
        index: redaction.kind
        for redaction in facts.redactions
        for index in range(redaction.first_word, redaction.end_word)
    }
    return [
        WordView(word.text, word.start_ms, word.end_ms, word.confidence, word.speaker, hidden.get(index))
        for index, word in enumerate(facts.words)
    ]


def _pieces(facts: TranscriptFacts) -> list[PieceView]:
    pieces, at = [], 0
    for piece in facts.reading.pieces:
        end = at + len(piece.text)
        redaction = redacted_as(facts.redactions, at, end)
        pieces.append(PieceView(piece.text, piece.first_word, piece.end_word, piece.kind, redaction))
        at = end
    return pieces


def _correction(review: ReviewFacts, names: Mapping[str, PersonRef], *, is_original: bool) -> CorrectionView | None:
    if not review.corrections:
        return None
    last = review.corrections[-1]
    return CorrectionView(last.number, last.text if is_original else last.masked_text, names[last.person_id], last.at)


def _slots(
    slots: Iterable[Slot], review: ReviewFacts, names: Mapping[str, PersonRef], *, is_original: bool
) -> list[SlotView]:
    """In the order in which SlotKind names them."""
    by_kind: dict[SlotKind, list[Slot]] = {}
    for slot in slots:
        by_kind.setdefault(slot.kind, []).append(slot)
    views = []
    for kind in SlotKind:
        found, decision = by_kind.get(kind, []), review.decision(kind)
        if found or decision:
            views.append(
                SlotView(
                    kind,
                    [_candidate(slot) for slot in found],
                    _decision(decision, names, is_original=is_original) if decision else None,
                    all(may_act_upon(slot, decision) for slot in found),
                )
            )
    return views


def _candidate(slot: Slot) -> CandidateView:
    return CandidateView(slot.value, slot.label, slot.confidence, list(slot.evidence), slot.reason, slot.needs_person)


def _decision(decision: DecisionFacts, names: Mapping[str, PersonRef], *, is_original: bool) -> DecisionView:
    by = names[decision.person_id]
    if is_original:
        return DecisionView(decision.value, decision.label, by, decision.at)
    is_plain = decision.kind not in SAID_IN_OWN_WORDS and decision.masked_label == decision.label
    return DecisionView(decision.value if is_plain else "", decision.masked_label, by, decision.at)
