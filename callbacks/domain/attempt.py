"""One try to call a citizen: its life, what its dialler is given, and what comes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from callbacks.domain.disposition import PICKED_UP, Disposition, of_conversation
from callbacks.domain.rating import Answers


class AttemptState(StrEnum):
    CLAIMED = "claimed"  # the right to dial is taken; nothing has rung yet
    DIALLING = "dialling"  # written before the INVITE leaves: from here on it may have rung
    ENDED = "ended"


class AttemptAction(StrEnum):
    DIAL = "dial"
    END = "end"


ATTEMPT_LIFE: dict[tuple[AttemptState, AttemptAction], AttemptState] = {
    (AttemptState.CLAIMED, AttemptAction.DIAL): AttemptState.DIALLING,
    (AttemptState.CLAIMED, AttemptAction.END): AttemptState.ENDED,
    (AttemptState.DIALLING, AttemptAction.END): AttemptState.ENDED,
}
LIVE_STATES = (AttemptState.CLAIMED, AttemptState.DIALLING)


class KeyPress(Protocol):
    """One key as the network gave it; `at_ms` counts from the answer."""

    @property
    def digit(self) -> str: ...

    @property
    def at_ms(self) -> int: ...


COUNTED = ("accepted", "confirmed")
"""Verdicts of spoken answers that were taken for an answer."""


class SpokenAnswer(Protocol):
    """One spoken answer as it was heard, counted or not; times count from the answer of the call."""

    @property
    def question(self) -> str: ...

    @property
    def phrase(self) -> str: ...

    @property
    def confidence(self) -> float: ...

    @property
    def start_ms(self) -> int: ...

    @property
    def end_ms(self) -> int: ...

    @property
    def verdict(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to dial once. `solved` and `satisfaction` are known already: ask only what is None."""

    task_id: str
    attempt_id: str
    number: int
    call_id: str
    phone: str
    ticket_number: str | None
    solved: bool | None
    satisfaction: int | None


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """How the attempt ended. `cause` keeps the network's own words; answers are those of this call only."""

    disposition: Disposition
    cause: str | None = None
    solved: bool | None = None
    satisfaction: int | None = None
    digits: Sequence[KeyPress] = ()
    voice_answers: Sequence[SpokenAnswer] = ()

    @property
    def answers(self) -> Answers:
        return Answers(self.solved, self.satisfaction)


def settled_disposition(result: AttemptResult, known_before: Answers) -> Disposition:
    """The disposition that fits the answers: a call that was picked up is ANSWERED exactly when nothing is
    left to ask, so a script that calls half a conversation 'answered' still gets a next step."""
    if result.disposition not in PICKED_UP:
        return result.disposition
    return of_conversation(
        is_complete=result.answers.filled_up_from(known_before).is_complete,
        has_reacted=bool(result.digits or result.voice_answers) or not result.answers.is_empty,
    )


def recovered_disposition(state: AttemptState) -> Disposition:
    """What is certain about an attempt whose process is gone."""
    return Disposition.NOT_DIALLED if state is AttemptState.CLAIMED else Disposition.INTERRUPTED
