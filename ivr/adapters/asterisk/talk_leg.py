"""One person in a conversation: a channel of this Asterisk, or a call of another line that gets a channel here."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from ivr.adapters.asterisk.call import AsteriskCall
from ivr.adapters.asterisk.media_channel import open_media_channel
from ivr.adapters.asterisk.media_stream import AsteriskStream
from ivr.adapters.asterisk.stack import AsteriskStack
from ivr.adapters.conversation_hub import FramedCall
from ivr.adapters.sound import encode
from ivr.domain.conversation import LegRole
from ivr.ports import CallControl, SoundEncoding


@dataclass(frozen=True, slots=True)
class Whisper:
    """A whisperer's place: a bridge with a snoop of the agent."""

    bridge: str
    snoop: str
    beside: str
    """The agent's channel."""


class TalkLeg(ABC):
    """Where the person is, and as what."""

    def __init__(self, call: CallControl, role: LegRole) -> None:
        self.call = call
        self.role = role
        self.channel_id = ""
        self.whisper: Whisper | None = None
        self.is_muted = False
        self.is_held = False
        self.is_sure = True
        """Asterisk has said that it is held and muted so, and not otherwise."""

    @abstractmethod
    async def come(self, stack: AsteriskStack, on_gone: Callable[[], None]) -> None:
        """Get a channel. Raises AriAway, AriRefused or TimeoutError."""

    @abstractmethod
    async def go_back(self, stack: AsteriskStack) -> None:
        """To its script, alone."""


class OwnLeg(TalkLeg):
    """A call of this Asterisk."""

    def __init__(self, call: AsteriskCall, role: LegRole) -> None:
        super().__init__(call, role)
        self.own = call
        self.channel_id = call.channel_id

    async def come(self, stack: AsteriskStack, on_gone: Callable[[], None]) -> None:
        self.own.on_over = on_gone

    async def go_back(self, stack: AsteriskStack) -> None:
        self.own.on_over = None
        await self.own.come_back()

    def let_go(self) -> None:
        """Over for this process; the person stays where he is."""
        self.own.on_over = None
        self.own.let_go("stopped")


class ForeignLeg(TalkLeg):
    """A call of another line: its frames go to and fro over a media channel of its own."""

    def __init__(self, call: CallControl, framed: FramedCall, role: LegRole) -> None:
        super().__init__(call, role)
        self._audio = framed.audio
        self._theirs = framed.stream
        self._ours = AsteriskStream()
        self._ours.listener = self

    async def come(self, stack: AsteriskStack, on_gone: Callable[[], None]) -> None:
        self.channel_id = await open_media_channel(stack, self._ours, lambda _: on_gone())
        self._audio.on_sound = self._say
        self._audio.on_over = on_gone
        self._theirs.discard()
        self._theirs.start_hearing(is_live=True)
        self._ours.start_hearing()

    async def go_back(self, stack: AsteriskStack) -> None:
        self._audio.on_sound = self._audio.on_over = None
        self._ours.stop_hearing()
        self._theirs.stop_hearing()
        self._theirs.discard()
        stack.unlisten(self.channel_id)
        stack.remove("channels", self.channel_id)

    def _say(self, pcm: bytes) -> None:
        self._ours.relay(encode(pcm, SoundEncoding.ALAW))

    # --- MediaListener of the channel in Asterisk ---

    def frame_heard(self, pcm: bytes) -> None:
        self._theirs.play(encode(pcm, self._theirs.encoding))

    def digit_pressed(self, digit: str) -> None:
        """Its own line tells of keys."""

    def sound_played(self) -> None:
        """Live sound has no end."""


def leg_of(call: CallControl, role: LegRole) -> TalkLeg:
    if isinstance(call, AsteriskCall):
        return OwnLeg(call, role)
    assert isinstance(call, FramedCall), "a leg of a line without frames"
    return ForeignLeg(call, call, role)
