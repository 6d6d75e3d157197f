"""What the scripts need from a telephone line, and nothing more.

Every adapter (embedded SIP, Asterisk, simulated, later the browser) passes one contract suite.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from ivr.domain.conversation import LegRole, Side
from ivr.domain.hearing import Heard

ANY_DIGIT = "0123456789*#"
SAMPLE_RATE = 8000
"""Telephone audio everywhere inside: 8000 Hz, mono, 16-bit signed little-endian PCM."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A prompt's sound: an 8 kHz mono 16-bit WAV file."""

    key: str
    path: Path


@dataclass(frozen=True, slots=True)
class DigitPress:
    """One key press as the network gave it; `at_ms` counts from the answer."""

    digit: str
    at_ms: int


class RecordEnd(StrEnum):
    DIGIT = "digit"
    LIMIT = "limit"
    HANGUP = "hangup"


@dataclass(frozen=True, slots=True)
class Recorded:
    """Facts of a finished recording; the file is closed, fsynced and hashed."""

    path: Path
    duration_ms: int
    speech_ms: int
    """Time above the noise floor; 0 means silence."""
    sha256: str
    ended_by: RecordEnd


class SoundFacts(Protocol):
    """What a closed sound file holds."""

    @property
    def duration_ms(self) -> int: ...

    @property
    def speech_ms(self) -> int:
        """Time above the noise floor; 0 means silence."""
        ...

    @property
    def sha256(self) -> str: ...


class AudioFiles(Protocol):
    """What filing needs to know of recordings that a dead process left behind."""

    def repair_wav(self, path: Path, /) -> None:
        """Make a half-written WAV whole (its header claims what is there), durably. Repeatable. Raises OSError."""
        ...

    def measure_wav(self, path: Path, /) -> SoundFacts: ...

    def join_sides(self, agent: Path, citizen: Path, target: Path, /) -> SoundFacts:
        """Two mono files as one, the agent left, durably. The shorter one is filled with silence.

        `speech_ms` is the citizen's. Raises OSError.
        """
        ...


class Listening(Protocol):
    """One stream of a caller's speech. Nothing here raises or waits, except `next_heard`, which waits for speech."""

    @property
    def is_reliable(self) -> bool:
        """False once sound was lost or the recogniser died: an answer must not be taken from the rest."""
        ...

    def hear(self, pcm: bytes) -> None:
        """The next sound, at SAMPLE_RATE. Dropped when the recogniser does not keep up."""
        ...

    async def next_heard(self) -> Heard | None:
        """What was understood next, partial or final, timed from the first sound; None: nothing more will come."""
        ...

    def finish(self) -> None:
        """No more sound: what is still open will come as final, then None."""
        ...

    def close(self) -> None:
        """Nobody listens any more. May be called at any time, and twice."""
        ...


class Listener(Protocol):
    """The recogniser of live speech, which may be dead at any time: then every stream ends at once."""

    def listen(self, phrases: Sequence[str] | None) -> Listening:
        """Begin a stream. `phrases`: only these are listened for, all else is UNKNOWN; None: free speech.

        Called from the event loop; returns at once and never raises.
        """
        ...


class CallControl(Protocol):
    """One live call. Every method raises CallerHungUp once the other side is gone (record: see there)."""

    call_id: str
    caller: str
    """As the network gave it; not normalised."""
    line: str
    """The number that was dialled."""

    @property
    def digits(self) -> Sequence[DigitPress]:
        """All key presses so far; the same digit within 300 ms counts once."""
        ...

    @property
    def end_cause(self) -> str | None:
        """How the call ended once it has, e.g. `bye`, `cancel`, `dead_media`; None while it lives."""
        ...

    async def answer(self) -> None:
        """Pick up. Does nothing on a call that is up already."""
        ...

    async def play(self, clips: Sequence[Clip], *, interrupt_on: str = ANY_DIGIT) -> str | None:
        """Play clips back to back. A digit of `interrupt_on`, also one pressed before, stops it at once:
        that digit is returned and consumed. None: played to the end. Digits not listed are ignored (dropped)."""
        ...

    async def read_digit(self, timeout_s: float) -> str | None:
        """The next key press, also one made before the call of this method; None after the time."""
        ...

    async def read_answer(self, listening: Listening, timeout_s: float) -> str | Heard | None:
        """The next key press, also one made before; or what the caller says from now on (final, with words;
        times count from the answer of the call); or None after so long a silence. Whoever is speaking is not
        cut off by that time. Sound that `listening` lost answers nothing: then only keys count."""
        ...

    async def record(
        self,
        path: Path,
        *,
        max_s: float,
        stop_on: str = ANY_DIGIT,
        on_sound: Callable[[bytes], None] | None = None,
    ) -> Recorded:
        """Write what the caller says to `path` (8 kHz 16-bit mono WAV) as it comes; `on_sound` gets the same.

        Ends by a digit of `stop_on` (consumed), by the limit, or by hang-up: that one returns
        normally, with RecordEnd.HANGUP, and only the next call on this object raises.
        Raises RecordingFailed when the file cannot be written.
        """
        ...

    async def hang_up(self) -> None:
        """End the call from our side. Never raises; may be called twice."""
        ...


class SoundEncoding(StrEnum):
    """How a media stream carries sound; always 8000 Hz mono."""

    PCM16 = "pcm16"
    ALAW = "alaw"
    ULAW = "ulaw"


class MediaListener(Protocol):
    """Who is told what happens on a media stream. Called from the event loop; must not block or raise."""

    def frame_heard(self, pcm: bytes) -> None:
        """The next stretch of the caller's sound as PCM, usually 20 ms; gaps are already filled with silence."""
        ...

    def digit_pressed(self, digit: str) -> None: ...

    def sound_played(self) -> None:
        """Everything given to `play` has left."""
        ...


class MediaStream(Protocol):
    """The sound of one call in 20 ms frames, both ways: what `ivr/adapters/call_audio.py` stands on."""

    listener: MediaListener | None

    @property
    def encoding(self) -> SoundEncoding:
        """What `play` expects."""
        ...

    def play(self, sound: bytes) -> None:
        """Append sound; the stream cuts it into frames and paces them by absolute time."""
        ...

    def discard(self) -> None:
        """Drop what was not played yet; it is not reported as played."""
        ...

    def start_hearing(self, *, is_live: bool = False) -> None:
        """From now on the caller's sound goes to the listener, true in time to this moment.

        `is_live`: somebody listens, so little delay matters more than a late packet.
        """
        ...

    def stop_hearing(self) -> None:
        """Hand over what was received up to this moment, then no more."""
        ...


class DialFailure(StrEnum):
    """Why an outbound call was not answered."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    INVALID_NUMBER = "invalid_number"
    CONGESTED = "congested"  # the network or trunk, not the citizen (503, timeouts of the trunk)


class DialFailed(Exception):
    """The outcome of a dial that nobody picked up; `cause` keeps the network's own words (`sip 486`)."""

    def __init__(self, failure: DialFailure, cause: str) -> None:
        super().__init__(f"{failure}: {cause}")
        self.failure = failure
        self.cause = cause


class LineUnusable(DialFailed):
    """Our own line is away or full: nobody was rung, whoever was to be rung."""

    def __init__(self, cause: str) -> None:
        super().__init__(DialFailure.CONGESTED, cause)


class Dialler(Protocol):
    async def dial(self, number: str, *, call_id: str, ring_timeout_s: float) -> CallControl:
        """Place one call and wait until it is answered. Raises DialFailed. Cancelling the task
        cancels the call. `number` is a telephone number or a full `sip:` URI."""
        ...


SOUND_ELSEWHERE = "elsewhere"
"""A file of this name in a talk's folder: its sound is with the telephone system, and will be fetched."""


@dataclass(frozen=True, slots=True)
class SideRecordings:
    """A talk as two WAV files (8 kHz 16-bit mono) that begin at the same moment and are equally long."""

    agent: Path
    citizen: Path
    duration_ms: int


class Conversation(Protocol):
    """Legs that hear each other. A leg that is in it is not played to, asked or recorded by its script.

    Nothing here raises for a leg that is gone: `next_departure` tells. `hold`, `resume` and `mute` raise LegNotChanged.
    """

    on_sound: Callable[[Side, bytes], None] | None
    """Gets each side's sound as it is recorded (PCM at SAMPLE_RATE), pauses included. Must not block or raise."""

    @property
    def legs(self) -> Mapping[str, LegRole]:
        """Call id → role, of everybody who is in it."""
        ...

    async def join(self, call: CallControl, role: LegRole) -> None:
        """An answered call comes in; one that is in it already takes the role. Raises CallerHungUp."""
        ...

    async def leave(self, call: CallControl) -> None:
        """Back to its script, alive and alone. Does nothing for one that is not in it."""
        ...

    async def hold(self, call: CallControl, music: Sequence[Clip]) -> None:
        """It hears the music, over and over, and nobody hears it, until `resume`. A PBX may play its own music."""
        ...

    async def resume(self, call: CallControl) -> None: ...

    async def mute(self, call: CallControl, *, is_muted: bool) -> None:
        """Nobody hears it; it hears everybody."""
        ...

    async def start_recording(self, folder: Path) -> None:
        """Both sides, into `agent.wav` and `citizen.wav`. Raises RecordingFailed when that is known at once."""
        ...

    async def pause_recording(self, *, is_paused: bool) -> None:
        """While paused, silence is recorded: the time goes on. The taps of `on_sound` hear silence too.

        Raises RecordingFailed: it stands as before, as far as anybody knows.
        """
        ...

    async def stop_recording(self) -> SideRecordings | None:
        """Closed, durable files; None when there was no recording. Raises RecordingFailed."""
        ...

    async def next_departure(self) -> CallControl:
        """Wait until a leg has hung up (or was lost); it is out already. One after the other.

        Raises TalkGoesOn when the line stops and its talks do not.
        """
        ...

    async def close(self) -> None:
        """Everybody out, alive; the recording is stopped and kept. May be called twice."""
        ...


class Switchboard(Protocol):
    def open_conversation(self, conversation_id: str) -> Conversation:
        """An empty one. Its legs may come from any line of this process, or of this PBX."""
        ...


@dataclass(frozen=True, slots=True)
class TicketProgress:
    """What may be said of a ticket on the phone: nothing private."""

    number: str
    status: str
    """A ticket status value (`new`, `accepted`, `resolved`, `revisit`, `closed`, `reopened`)."""


class TicketDesk(Protocol):
    """What the inbound script asks of the ticketing side; wired by app. Synchronous (database)."""

    def reserve_number(self, call_id: str) -> str:
        """A ticket number for this call; asking twice gives the same one."""
        ...

    def open_tickets_of(self, caller: str) -> Sequence[TicketProgress]:
        """The caller's tickets, newest first; at most ten."""
        ...
