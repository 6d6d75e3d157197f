"""One live browser call: its state, its media, its end, and its patience with a network that is away.

Implements ivr.ports.CallControl, for a citizen's page as for the answered phone of a seat.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from ivr.adapters.audio_call import AudioCall
from ivr.adapters.browser_line.config import BrowserLineConfig
from ivr.adapters.browser_line.messages import Digit, HangUp, Message, say
from ivr.adapters.browser_line.stream import BrowserStream
from ivr.adapters.browser_line.wire import Wire
from ivr.adapters.call_audio import CallAudio
from ivr.adapters.counters import Count, Counters
from ivr.adapters.frame_clock import FrameClock
from ivr.adapters.sound import SoundShelf
from ivr.adapters.wav_recorder import RecordingWriter

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Studio:
    """What all calls of a line share."""

    config: BrowserLineConfig
    counters: Counters
    clock: FrameClock
    shelf: SoundShelf = field(default_factory=SoundShelf)
    writer: RecordingWriter = field(default_factory=RecordingWriter)


class BrowserCall(AudioCall):
    """`end_cause` becomes one of: `bye`, `cancel` (the other side), `local_bye` (ours), `stopped` (the line
    closes), `network_lost`, `dead_media`."""

    def __init__(self, studio: Studio, *, call_id: str, caller: str, line: str) -> None:
        super().__init__(call_id=call_id, caller=caller, line=line)
        self.secret = secrets.token_urlsafe(16)
        """With it, and the id, a browser comes back to its call."""
        self.on_ended: Callable[[BrowserCall], None] = lambda call: None
        self._studio = studio
        self._wire: Wire | None = None
        self._stream: BrowserStream | None = None
        self._patience: asyncio.TimerHandle | None = None

    # --- CallControl ---

    async def answer(self) -> None:
        self._must_live()
        self.pick_up()

    async def hang_up(self) -> None:
        self.leave("local_bye")

    # --- beyond the port ---

    @property
    def stream(self) -> BrowserStream:
        if self._stream is None:
            raise self._why_not_up()
        return self._stream

    def pick_up(self) -> None:
        """Sound flows from now on; does nothing on a call that is up."""
        if self._audio is not None:
            return
        self._stream = BrowserStream(self._studio.clock, self._studio.counters)
        self._stream.wire = self._wire
        self._audio = CallAudio(self._stream, self._studio.shelf, self._studio.writer)
        self._tell_state()

    def leave(self, cause: str) -> None:
        """End the call; does nothing on one that is over."""
        if self._end_cause is not None:
            return
        self._end_cause = cause
        self._stop_patience()
        if self._audio is not None:
            self._audio.end()
        if self._stream is not None:
            self._stream.close()
        if self._wire is not None:
            self._wire.send_text(say("ended", call_id=self.call_id, cause=cause))
        log.info("line.call.ended", call_id=self.call_id, cause=cause)
        self.on_ended(self)

    def is_dead(self, now: float) -> bool:
        """Its socket lives, but no sound has come for too long."""
        stream = self._stream
        return (
            stream is not None
            and self._wire is not None
            and now - stream.last_heard_at > self._studio.config.dead_media_s
        )

    # --- the browser's socket ---

    @property
    def wire(self) -> Wire | None:
        """None while the network is away."""
        return self._wire

    def attach(self, wire: Wire) -> None:
        """The browser is there, first or again."""
        self._stop_patience()
        self._wire = wire
        if self._stream is not None:
            self._stream.wire = wire
            self._stream.last_heard_at = asyncio.get_running_loop().time()
        self._tell_state()

    def lost(self, wire: Wire) -> None:
        """This socket broke. Nothing to the call if the browser has another one already."""
        if wire is not self._wire or self._end_cause is not None:
            return
        self._wire = None
        if self._stream is not None:
            self._stream.wire = None
        self._studio.counters.add(Count.BROWSERS_LOST)
        resume_within_s = self._studio.config.resume_within_s
        log.info("line.call.network_away", call_id=self.call_id, kept_s=resume_within_s)
        self._patience = asyncio.get_running_loop().call_later(resume_within_s, self.leave, "network_lost")

    def take(self, message: Message | bytes) -> None:
        match message:
            case bytes():
                if self._stream is not None:
                    self._stream.take_frame(message)
            case Digit(digit=digit) if self._audio is not None:
                self._audio.digit_pressed(digit)
            case HangUp():
                self.leave("bye" if self.is_answered else "cancel")

    # --- parts ---

    def _tell_state(self) -> None:
        if self._wire is not None:
            state = "answered" if self.is_answered else "calling"
            resume_s = self._studio.config.resume_within_s
            self._wire.send_text(say(state, call_id=self.call_id, secret=self.secret, resume_within_s=resume_s))

    def _stop_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
