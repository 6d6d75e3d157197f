"""What people do with a transcript: see the original, correct the text, decide on slots. Facts and rules of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from asr.domain.slots.slot import Slot, SlotKind


class OriginalReason(StrEnum):
    """Why somebody needs what is masked for everybody else."""

    HANDLING = "handling"  # to settle the matter: whom to call, where to go
    EMERGENCY = "emergency"
    CORRECTION = "correction"  # the text is wrong
    COMPLAINT = "complaint"
    QUALITY = "quality"  # a supervisor's check of the service
    TRAINING = "training"  # pairs for a better model; by an administrator's export
    OTHER = "other"  # needs a note


@dataclass(frozen=True, slots=True)
class CorrectionFacts:
    """`number` counts the corrections of a transcript, from 1. The last one counts, all are kept."""

    number: int
    text: str = field(repr=False)
    masked_text: str = field(repr=False)
    person_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """A person's word on a slot."""

    kind: SlotKind
    value: str = field(repr=False)
    label: str = field(repr=False)
    masked_label: str = field(repr=False)
    person_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AccessFacts:
    """Who was shown the original, why, and until when."""

    person_id: str
    reason: OriginalReason
    note: str = field(repr=False)
    at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """All that people said about one transcript. `decisions` holds the last one of each kind."""

    corrections: tuple[CorrectionFacts, ...] = ()
    decisions: tuple[DecisionFacts, ...] = ()

    def decision(self, kind: SlotKind) -> DecisionFacts | None:
        return next((each for each in self.decisions if each.kind is kind), None)


@dataclass(frozen=True, slots=True)
class TrainingPair:
    """What the machine heard and what was said."""

    recording_id: str
    heard: str = field(repr=False)
    corrected: str = field(repr=False)
    model: str
    model_version: str
    corrected_at: datetime


def may_act_upon(slot: Slot | None, decision: DecisionFacts | None) -> bool:
    """Whether something may follow from a slot by itself: it is sure enough, or a person has decided."""
    return decision is not None or (slot is not None and not slot.needs_person)
