"""All facts of one call as they become known, and what they add up to."""

from dataclasses import dataclass
from datetime import datetime

from ivr.domain.call import CallDirection, CallOutcome, HangupBy
from ivr.domain.menu import Wish
from ivr.domain.question import VoiceAnswer

_NETWORK_CAUSES = ("dead_media", "network_lost", "transport", "process_died", "stopped", "timeout")
_TEXT_MAX = 64


@dataclass(frozen=True, slots=True)
class CallStart:
    """What is known when it rings."""

    call_id: str
    direction: CallDirection
    line: str
    caller: str
    """E.164 where possible (kit.phone_number.normalise)."""
    started_at: datetime


@dataclass(frozen=True, slots=True)
class RecordingFacts:
    """A closed, fsynced and hashed sound file."""

    duration_ms: int
    speech_ms: int
    sha256: str
    is_partial: bool = False
    """Broken off by a full disk or a dead process: what was spoken before is kept."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """Grows by `dataclasses.replace` while the call lives; everything after `start` may still be unknown."""

    start: CallStart
    telephony_id: str
    answered_at: datetime | None = None
    notice_version: str | None = None
    wish: Wish | None = None
    is_progress_told: bool = False
    is_talked_through: bool = False
    """Outbound only: the conversation reached its end."""
    recording_started_at: datetime | None = None
    recording_ended_at: datetime | None = None
    recording: RecordingFacts | None = None
    talk_started_at: datetime | None = None
    """Since when a person has been, or was, on the line; its sound lies in the journal, side by side."""
    talk_ended_at: datetime | None = None
    talk: RecordingFacts | None = None
    """The talk's two sides in one file, joined when it is filed."""
    person_id: str | None = None
    """Who talked with the caller, the last one if there were several."""
    is_recording_failed: bool = False
    """Nothing is left of what he said, to us or to a person: he is called back."""
    ticket_number: str | None = None
    ended_at: datetime | None = None
    hangup_by: HangupBy | None = None
    cause: str | None = None
    digits: tuple[tuple[str, int], ...] = ()
    """Raw key presses: digit and milliseconds since the answer."""
    voice_answers: tuple[VoiceAnswer, ...] = ()
    """Spoken answers as they were heard, counted or not."""
    emergency_words: tuple[str, ...] = ()
    """Words of danger that were heard while the caller spoke, each once."""

    @property
    def has_message(self) -> bool:
        return self.recording is not None and not self.is_recording_failed


def outcome_of(record: CallRecord) -> CallOutcome:
    """What the caller got. A wish that was not met leaves a missed call, whatever was told before it."""
    if record.start.direction is CallDirection.OUTBOUND:
        return CallOutcome.CALLBACK_DONE if record.is_talked_through else CallOutcome.CALLBACK_FAILED
    if record.has_message:
        return CallOutcome.MESSAGE_LEFT
    if record.wish is Wish.CALLBACK or record.is_recording_failed:
        return CallOutcome.CALLBACK_REQUESTED
    if record.talk_started_at is not None and record.wish is Wish.AGENT:
        return CallOutcome.TALKED
    if record.is_progress_told and record.wish in (None, Wish.PROGRESS):
        return CallOutcome.PROGRESS_TOLD
    return CallOutcome.MISSED


def who_hung_up(end_cause: str | None) -> HangupBy:
    """Of a call that ended under the script's feet: its caller, or the network (also when our line closes down)."""
    return HangupBy.NETWORK if end_cause and end_cause.startswith(_NETWORK_CAUSES) else HangupBy.CALLER


def can_be_called_back(caller: str) -> bool:
    """Withheld and garbled numbers cannot; an extension of three digits can."""
    return sum(char.isdigit() for char in caller) >= 3


def printable(text: str) -> str:
    """What the network sent, cut to what the books hold, without control characters."""
    return "".join(char for char in text if char.isprintable())[:_TEXT_MAX]
