"""What the console sends, checked at the border. (What it gets are the frozen shapes of app/views.)"""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

from app.views.administration import PersonView
from app.views.duty_board import PresenceView
from asr.domain.review import OriginalReason
from intake.domain.call_event import SAID_BY_CLIENTS, CallEventKind, CallWay, RecordingOf
from ivr.seat_ports import SeatOrderKind
from people.domain.role import Role
from ticketing.domain.department import Level
from ticketing.domain.duty_roster import PresenceState
from ticketing.domain.lifecycle import MOVES, MoveCause, TicketAction
from ticketing.domain.seat_call import WrapUpCode
from ticketing.domain.ticket import Expedite


def _without_nul(text: str) -> str:
    if "\0" in text:  # PostgreSQL has no such character
        raise ValueError("must not hold a NUL character")
    return text


def _near_our_time(instant: datetime) -> datetime:
    if not 2000 <= instant.year < 2200:  # far ones overflow in the conversion between zones
        raise ValueError("must lie between the years 2000 and 2200")
    return instant.astimezone(UTC)


def _said_by_clients(kind: CallEventKind) -> CallEventKind:
    if kind not in SAID_BY_CLIENTS:
        raise ValueError("nobody but us may say so")
    return kind


def _text(max_length: int, min_length: int = 1) -> object:
    return StringConstraints(strip_whitespace=True, min_length=min_length, max_length=max_length)


_PLAIN = AfterValidator(_without_nul)
_ID_PATTERN = r"^[0-9A-Za-z_-]{1,32}$"

Name = Annotated[str, _text(64), _PLAIN]
Note = Annotated[str, _text(4000), _PLAIN]
ShortNote = Annotated[str, _text(500, min_length=0), _PLAIN]
LongText = Annotated[str, _text(5000), _PLAIN]
SlotText = Annotated[str, _text(255), _PLAIN]
Password = Annotated[str, StringConstraints(min_length=1, max_length=256), _PLAIN]
Login = Annotated[str, _text(64), _PLAIN]
ShortText = Annotated[str, _text(64, min_length=0), _PLAIN]
Id = Annotated[str, StringConstraints(pattern=_ID_PATTERN)]
Instant = Annotated[AwareDatetime, AfterValidator(_near_our_time)]

PathId = Annotated[str, Path(pattern=_ID_PATTERN)]
QueryText = Annotated[str | None, Query(max_length=64), AfterValidator(lambda text: text and _without_nul(text))]
Cursor = Annotated[str | None, Query(max_length=256)]
Limit = Annotated[int, Query(ge=1, le=200)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _has_no_route_of_its_own(action: TicketAction) -> TicketAction:
    if action not in MOVES:
        raise ValueError("this is not done here")
    return action


MoveAction = Annotated[
    TicketAction,
    AfterValidator(_has_no_route_of_its_own),
    WithJsonSchema({"type": "string", "enum": sorted(MOVES)}),
]
SaidKind = Annotated[
    CallEventKind,
    AfterValidator(_said_by_clients),
    WithJsonSchema({"type": "string", "enum": sorted(SAID_BY_CLIENTS)}),
]


class SignInBody(_Body):
    login: Login
    password: Password


class SessionView(BaseModel):
    """Who is signed in. Unsafe requests carry `csrf_token` in the header X-CSRF-Token."""

    person: PersonView
    csrf_token: str
    presence: PresenceView


class PhoneEntry(BaseModel):
    """The way to the browser line: connect to `address` and say hello with `token` (docs/web-phone.md)."""

    token: str
    address: str


class AcceptBody(_Body):
    """`offer_no` is the one the screen showed: an offer that has moved on is refused."""

    offer_no: Annotated[int, Field(ge=0, le=2**31 - 1)]


class NoteBody(_Body):
    text: Note


class MoveBody(_Body):
    """What is to be done, with what the action needs (docs/ticket-life.md).

    `seen_offer_no`: the ticket's `offer_no` on the screen; when it changed hands since, nothing is done.
    """

    action: MoveAction
    text: ShortNote = ""
    department_ids: Annotated[list[Id], Field(max_length=50)] = []
    """Where it goes. To open it for grabbing: the first has to take it, when nobody grabs."""
    cause: MoveCause | None = None
    level: Expedite | None = None
    seen_offer_no: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None


class DepartmentBody(_Body):
    code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,64}$")]
    name: Name
    level: Level
    parent_id: Id | None = None
    duty_phone: ShortText | None = None
    duty_contact: ShortText | None = None
    takes_dispatch: bool = True
    is_active: bool = True


class MemberBody(_Body):
    person_id: Id


class ResolveBody(_Body):
    resolution: Note


class OpenOriginalBody(_Body):
    """`other` needs a note. Reason and note stand in the timeline."""

    reason: OriginalReason
    note: ShortNote = ""


class OriginalOpened(BaseModel):
    original_until: datetime


class CorrectionBody(_Body):
    """`base`: how many corrections the person had seen (`number` of the newest, or 0)."""

    text: LongText
    base: Annotated[int, Field(ge=0, le=2**31 - 1)]


class DecisionBody(_Body):
    """With a `label` (and a `value`, if it differs): set it. Without: confirm the candidate number `choice`."""

    label: SlotText | None = None
    value: SlotText | None = None
    choice: Annotated[int, Field(ge=0, le=1000)] = 0


class AssignBody(_Body):
    person_id: Id


class FinishCallbackBody(_Body):
    """`solved` and `satisfaction` (1 very satisfied … 5 very dissatisfied) where the citizen was asked for them."""

    note: Note
    solved: bool | None = None
    satisfaction: Annotated[int, Field(ge=1, le=5)] | None = None


class PresenceBody(_Body):
    state: PresenceState


_PHONE = r"^(sips?:[^\s<>\"]+|browser:[0-9a-z]+|PJSIP/[0-9A-Za-z_.-]+|\+?[0-9]{2,20})$"


class PhoneBody(_Body):
    phone: Annotated[str, Field(max_length=128, pattern=_PHONE)] | None


class SeatOrderBody(_Body):
    kind: SeatOrderKind
    target: Annotated[str, Field(max_length=32, pattern=r"^(\+?[0-9]{0,20}|[0-9a-f]{32})$")] = ""
    """The number of the third party, for `invite` and `remove_guest`; the id of a desk, for `transfer`."""


class WrapUpBody(_Body):
    code: WrapUpCode
    note: Annotated[str, Field(max_length=2000)] = ""


class NewPersonBody(_Body):
    login: Login
    display_name: Name
    role: Role
    password: Password


class PasswordBody(_Body):
    password: Password


class NewDeskBody(_Body):
    name: Name
    is_intake: bool = False


class NewSeatBody(_Body):
    desk_id: Id
    name: Name
    position: Annotated[int, Field(ge=0, le=10_000)] = 0


class EndShiftBody(_Body):
    ends_at: Instant


class NewShiftBody(_Body):
    """Without `ends_at`: until further notice."""

    seat_id: Id
    starts_at: Instant
    ends_at: Instant | None = None
    a_person_id: Id
    b_person_id: Id


class UseModelBody(_Body):
    """The id of an installed model, or `default`: the one that the settings name."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]


class VoiceMessageFields(_Body):
    """`external_id` is the client's own; `caller` as the network gave it, empty where it was withheld."""

    external_id: Annotated[str, _text(128), _PLAIN]
    caller: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64), _PLAIN] = ""
    line: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64), _PLAIN] = ""
    """The line it belongs to; empty: the client's."""
    recorded_at: Instant | None = None


class VoiceMessageByReference(VoiceMessageFields):
    """The sound lies elsewhere, on a host that this client may refer to."""

    audio_url: Annotated[str, _text(2048), _PLAIN]


class VoiceMessageReceipt(BaseModel):
    """`is_repetition`: it had come before, and nothing was added."""

    id: str
    is_repetition: bool
    progress_url: str


class CallEventBody(_Body):
    """One thing that happened to a call, or to an agent, on another telephone system.

    `id` and `call_id` are that system's own. What a kind needs, and what each field means: docs/call-events.md.
    """

    id: Annotated[str, _text(100), _PLAIN]
    kind: SaidKind
    at: Instant
    call_id: Annotated[str, _text(128, min_length=0), _PLAIN] = ""
    direction: CallWay | None = None
    caller: ShortText = ""
    line: ShortText = ""
    agent: ShortText = ""
    transferred_to: ShortText = ""
    state: Annotated[str, _text(32, min_length=0), _PLAIN] = ""
    cause: ShortText = ""
    recording_url: Annotated[str, _text(2048, min_length=0), _PLAIN] = ""
    recording_of: RecordingOf | None = None
    opens_ticket: bool | None = None


class CallEventsReceipt(BaseModel):
    """Ids of events: those that were new, and those that had come before."""

    new: list[str]
    repeated: list[str]


class Created(BaseModel):
    id: str


class Health(BaseModel):
    status: str


class Readiness(BaseModel):
    """`is_ready` needs the database; without Redis the feed is slower and jobs wait for the scheduler."""

    is_ready: bool
    database: bool
    redis: bool
    resting_recognisers: int
    """Workers that take no message for a while because none could be recognised. Intake goes on."""
