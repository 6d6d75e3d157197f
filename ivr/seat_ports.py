"""What a call that wants a person needs of the people side: whose turn it is, who is rung, what they want done."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from ivr.domain.conversation import Side
from ivr.domain.hearing import Heard
from ivr.domain.policy import WaitingPolicy
from ivr.ports import DialFailure, Dialler, Switchboard


@dataclass(frozen=True, slots=True)
class SeatOffer:
    """Whose phone is to ring now."""

    offer_no: int
    person_id: str
    phone: str
    rings_for_s: float


@dataclass(frozen=True, slots=True)
class WaitingPlace:
    number: int
    """1: the next."""
    wait_s: float | None
    """None: nothing is known to guess it by."""


class SeatOrderKind(StrEnum):
    HOLD = "hold"
    RESUME = "resume"
    MUTE = "mute"
    UNMUTE = "unmute"
    PAUSE_RECORDING = "pause_recording"
    RESUME_RECORDING = "resume_recording"
    INVITE = "invite"  # a third party comes in: `target` is its number
    REMOVE_GUEST = "remove_guest"
    HAND_OVER = "hand_over"  # he leaves; the caller and the third party talk on
    TRANSFER = "transfer"  # to the line of another desk: `target` is its id
    LISTEN = "listen"  # a supervisor, at the phone `target`
    WHISPER = "whisper"
    BARGE = "barge"
    HANG_UP = "hang_up"


SUPERVISOR_ORDERS = frozenset({SeatOrderKind.LISTEN, SeatOrderKind.WHISPER, SeatOrderKind.BARGE})


@dataclass(frozen=True, slots=True)
class SeatOrder:
    """What the person at the seat, or his supervisor, wants of the talk."""

    kind: SeatOrderKind
    target: str = ""
    number: int = 0
    """By which its giver is told how it went."""


class OrderFailure(StrEnum):
    """Why an order came to nothing, beside the failures of a dial."""

    HUNG_UP = "hung_up"  # who was to come in had left in that moment
    TALK_OVER = "talk_over"
    TOO_MANY = "too_many"  # third parties
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TalkState:
    """How a talk stands, for the screen of its person; told anew with every change."""

    is_held: bool = False
    is_muted: bool = False
    is_recording: bool = False
    is_recording_paused: bool = False
    guests: tuple[str, ...] = ()
    """Third parties on the line, as they were dialled."""
    failed_guest: str | None = None
    """Who could not be reached just now, and why: `10086: busy`."""
    failed_order: str | None = None
    """What its person wanted last, when it came to nothing: `mute`. All stands as before."""


class SeatExchange(Protocol):
    """The people side of a call that wants a person; wired by app. Nothing here raises: without the books
    nobody can be asked, and what could not be written down is settled later."""

    async def join(self, call_id: str, caller: str) -> bool:
        """Into the line. False: nobody can be asked at all."""
        ...

    async def next_offer(self, call_id: str) -> SeatOffer:
        """Wait until it is this caller's turn and somebody is free."""
        ...

    async def missed(self, call_id: str, offer: SeatOffer, why: DialFailure) -> None: ...

    async def returned(self, call_id: str, offer: SeatOffer) -> None:
        """Our line could not ring him: no fault of his, and he can be asked again."""
        ...

    async def accepted(self, call_id: str, offer: SeatOffer) -> bool:
        """He picked up. False: too late."""
        ...

    async def left(self, call_id: str, *, is_diverted: bool) -> None:
        """The caller hung up in the line, or wants something else instead."""
        ...

    async def place(self, call_id: str) -> WaitingPlace | None: ...

    async def requeue(self, call_id: str) -> bool:
        """The person's leg broke and the caller is still there: back to his place."""
        ...

    async def transferred(self, call_id: str, desk_id: str) -> bool:
        """To the line of another desk, at his place in time; its person is free. False: it is over."""
        ...

    def went_on(self, call_id: str, person_id: str | None) -> None:
        """A talk with this person was found that outlived its process; from now on it is served here."""
        ...

    async def ended(self, call_id: str) -> None:
        """The talk is over."""
        ...

    async def next_order(self, call_id: str) -> SeatOrder:
        """Wait for the next one."""
        ...

    def order_failed(self, order: SeatOrder, why: DialFailure | OrderFailure) -> None:
        """It came to nothing; who gave it is told, and nobody else."""
        ...

    def stands(self, call_id: str, state: TalkState) -> None: ...

    def heard(self, call_id: str, side: Side, heard: Heard) -> None:
        """Words of the talk, partial or final, for the screen of its person."""
        ...


@dataclass(frozen=True, slots=True)
class SeatTools:
    """What every talk of this process shares. The dialler rings people's phones."""

    exchange: SeatExchange
    dialler: Dialler
    switchboard: Switchboard
    policy: WaitingPolicy
