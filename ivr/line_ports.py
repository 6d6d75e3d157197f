"""What the process needs from a whole telephone line: its calls, its talks that went on, its calls of our absence."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from ivr.domain.conversation import LegRole
from ivr.ports import CallControl, Conversation, Dialler, Switchboard


@dataclass(frozen=True, slots=True)
class FoundLeg:
    """One of the people of a talk that was found. The number by which he was reached is his call's `caller`."""

    call: CallControl
    role: LegRole
    is_held: bool = False
    is_muted: bool = False


class FoundTalk(Protocol):
    """A conversation that a predecessor of this process left, and that goes on without it."""

    @property
    def conversation_id(self) -> str: ...

    @property
    def conversation(self) -> Conversation:
        """Its recording, if it had one, runs: `start_recording` only says where the files shall go."""
        ...

    @property
    def citizen(self) -> CallControl:
        """Whose call it is. He may have hung up before it was found."""
        ...

    @property
    def others(self) -> Sequence[FoundLeg]:
        """Everybody but the citizen who is still in it."""
        ...

    @property
    def is_held(self) -> bool:
        """The citizen hears music."""
        ...

    @property
    def is_recording_paused(self) -> bool:
        """Known once `start_recording` has named the folder."""
        ...

    async def outlive(self) -> None:
        """Wait until at most one of its people is left, and hang him up."""
        ...


class TelephoneLine(Protocol):
    """Where calls come in and go out. Set `on_call` and `on_talk` before `start`."""

    on_call: Callable[[CallControl], Awaitable[None]] | None
    """Runs as one task per inbound call."""
    on_talk: Callable[[FoundTalk], Awaitable[None]] | None
    """Likewise per talk that was found going on; never on a line whose talks end with its process."""
    on_stock_taken: Callable[[frozenset[str]], None] | None
    """Told after every connection with a telephone system which talks go on there, this process's own included."""

    @property
    def dialler(self) -> Dialler: ...

    @property
    def switchboard(self) -> Switchboard: ...

    async def start(self) -> None:
        """Serve. Raises OSError when an address is taken."""
        ...

    async def stop(self) -> None:
        """Refuse new calls, end the live ones, let the scripts finish. Talks that need no process go on."""
        ...


@dataclass(frozen=True, slots=True)
class AwayCall:
    """A call that the telephone system took by itself while the hotline was away."""

    name: str
    caller: str = field(repr=False)
    line: str
    started_at: datetime
    recording_started_at: datetime | None
    """None: the caller hung up before the beep."""
    ended_at: datetime
    sound: Path | None
    is_complete: bool
    """False: the telephone system itself died over it."""


class AwayCalls(Protocol):
    def waiting(self, now: datetime) -> Sequence[AwayCall]:
        """Those that are over, oldest first."""
        ...

    def forget(self, name: str) -> None:
        """It is in the books. Does nothing for one that is gone."""
        ...
