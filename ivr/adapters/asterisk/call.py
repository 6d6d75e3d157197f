"""One live call on Asterisk: its channel, its sound, its end. Implements ivr.ports.CallControl."""

import asyncio
from collections.abc import Callable, Container

import structlog

from ivr.adapters.asterisk.ari_client import AriAway, AriRefused, path_of
from ivr.adapters.asterisk.facts import Facts
from ivr.adapters.asterisk.media_leg import MediaLeg, NoMedia
from ivr.adapters.asterisk.media_stream import AsteriskStream
from ivr.adapters.asterisk.outcomes import end_cause
from ivr.adapters.asterisk.stack import AsteriskStack
from ivr.adapters.audio_call import AudioCall
from ivr.adapters.call_audio import CallAudio

log = structlog.get_logger(__name__)

_UNANSWERED = "19"  # Q.850: becomes SIP 480 for a call that we do not take


class AsteriskCall(AudioCall):
    """Inbound: ringing, `answer` picks up. Outbound: made by the dialler, already up; `answer` brings the sound.

    `end_cause` becomes one of: `bye`, `cancel`, `dead_media` (told by Asterisk), `local_bye` (ours), `stopped` (the
    line closes), `transport_media` (no sound could be had), `transport_asterisk` (Asterisk, or the way to it, died).
    """

    def __init__(
        self, stack: AsteriskStack, channel_id: str, *, call_id: str, caller: str, line: str, is_up: bool = False
    ) -> None:
        """`is_up`: it was answered before us."""
        super().__init__(call_id=call_id, caller=caller, line=line)
        self.channel_id = channel_id
        self.on_ended: Callable[[AsteriskCall], None] = lambda call: None
        self._stack = stack
        self._leg: MediaLeg | None = None
        self._is_answering = False
        self._is_up = is_up
        self._early_digits: list[str] = []
        self._last_words: asyncio.TimerHandle | None = None
        self.on_over: Callable[[], None] | None = None
        """For the conversation it is in: told once, when the call is over."""
        stack.listen(channel_id, self._on_event)

    # --- CallControl ---

    async def answer(self) -> None:
        self._must_live()
        if self._is_answering:
            return
        self._is_answering = True
        leg = self._leg = MediaLeg(self._stack, self.channel_id, self._media_lost)
        try:
            await asyncio.gather(self._pick_up(), leg.open())
        except (NoMedia, AriAway, AriRefused):
            self.leave("transport_media")
        self._must_live()
        self._is_up = True
        self._audio = CallAudio(leg.stream, self._stack.shelf, self._stack.writer)
        for digit in self._early_digits:  # pressed while the sound was still being connected
            self._audio.digit_pressed(digit)

    async def _pick_up(self) -> None:
        await self._stack.ari.request("POST", path_of("channels", self.channel_id, "answer"))

    async def hang_up(self) -> None:
        self.leave("local_bye")

    # --- beyond the port ---

    @property
    def stream(self) -> AsteriskStream:
        if self._audio is None or self._leg is None:
            raise self._why_not_up()
        return self._leg.stream

    async def come_back(self) -> None:
        """From a conversation to its own sound, if it lives. Raises AriAway or AriRefused."""
        if self._end_cause is None and self._leg is not None:
            await self._leg.take_back_caller()

    def leave(self, cause: str) -> None:
        """End the call from our side; does nothing on one that is over."""
        if self._end_cause is None:
            reason = {} if self._is_up else {"reason_code": _UNANSWERED}
            self._stack.remove("channels", self.channel_id, **reason)
            self._end(cause)

    def let_go(self, cause: str) -> None:
        """Over for us; the caller stays where he is, because somebody else serves him now."""
        self._end(cause)

    def check(self, living_channels: Container[str]) -> None:
        """Events were lost for a while: is the call still there, and its sound?"""
        if self.channel_id not in living_channels:
            self._end("transport_asterisk")
            return
        self._stack.subscribe(self.channel_id)
        if self._leg is not None:
            self._leg.check(living_channels)

    @property
    def is_cut_off(self) -> bool:
        """No sound comes or goes: with ARI away too, nobody can tell whether the caller is still there."""
        return self._leg is None or not self._leg.stream.is_connected

    # --- from the network ---

    def _on_event(self, event: Facts) -> None:
        match event.text("type"):
            case "ChannelDtmfReceived":
                if self._audio is not None:
                    self._audio.digit_pressed(event.text("digit"))
                else:
                    self._early_digits.append(event.text("digit"))
            case "ChannelDestroyed":
                self._end(end_cause(event.number("cause"), is_answered=self._is_up))
            case "StasisEnd" if self._last_words is None and self._end_cause is None:
                # its cause comes with ChannelDestroyed, unless the caller was faster than our subscription
                wait_s = self._stack.config.destroyed_within_s
                loop = asyncio.get_running_loop()
                self._last_words = loop.call_later(wait_s, self._end, end_cause(0, is_answered=self._is_up))

    def _media_lost(self) -> None:
        self.leave("transport_media")

    def _end(self, cause: str) -> None:
        if self._end_cause is not None:
            return
        self._end_cause = cause
        self._stack.unlisten(self.channel_id)
        if self._last_words is not None:
            self._last_words.cancel()
        if self._audio is not None:
            self._audio.end()
        if self._leg is not None:
            self._leg.close()
        if self.on_over is not None:
            self.on_over()
        log.info("line.call.ended", call_id=self.call_id, cause=cause)
        self.on_ended(self)
