"""Facts of speech recognition."""

from dataclasses import dataclass

from kit.events import Event


@dataclass(frozen=True, slots=True)
class TranscriptReady(Event):
    """A transcript with text, or one that found no words (status `empty`)."""

    recording_id: str


@dataclass(frozen=True, slots=True)
class TranscriptFailed(Event):
    """Recognition was given up for good; the ticket must say so."""

    recording_id: str


@dataclass(frozen=True, slots=True)
class RecordingDivided(Event):
    """A long recording was cut into parts; each is to be recognised by itself."""

    recording_id: str


@dataclass(frozen=True, slots=True)
class TranscriptCorrected(Event):
    """A person has written down what was really said."""

    recording_id: str
