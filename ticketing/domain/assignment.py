"""Who is asked next: A → B → the next pair of the desk → the supervisor queue. Never nobody, never two.

Choices made here, where the trade leaves them open:
- The ladder is looked at anew at every step, so a person who was passed over and has come back is asked
  after all; nobody is asked twice in one round, so it always ends, with the supervisors and an alarm.
- Whoever was asked and then left (console gone for the grace time) is passed over at the next tick, not
  only when his time is up. Going "away" alone ends nothing: he can still accept.
- Whoever accepted keeps the ticket, present or not; only a supervisor's `assign` moves it.
- A ticket that waits with the supervisors although nobody was asked in this round (nobody was there) is
  offered again when somebody can be; once anybody was asked, the end of the ladder is theirs to decide.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from ticketing.domain.duty_roster import DutyPair, PresenceFacts


class SeatRole(StrEnum):
    A = "a"
    B = "b"


class HolderKind(StrEnum):
    """Exactly one holds a ticket at any time."""

    PERSON = "person"
    SUPERVISOR_QUEUE = "supervisor_queue"
    DEPARTMENT = "department"
    GRAB_BOARD = "grab_board"
    """Open to several departments."""


class OfferOutcome(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"


class MissReason(StrEnum):
    ABSENT = "absent"
    """Not asked: signed out, or his console is silent."""
    BUSY = "busy"
    """Not asked: signed in, but set to away."""
    AT_CAPACITY = "at_capacity"
    """Not asked: holds as many open tickets as he may."""
    SILENT = "silent"
    """Asked, and his time ran out."""
    LEFT = "left"
    """Asked, and gone before he answered."""
    ON_CALL = "on_call"
    """Not asked: he talks, or still writes about the last talk."""
    NO_PHONE = "no_phone"
    """Not asked: no phone of his is known."""
    REFUSED = "refused"
    """Asked, and said no."""
    UNREACHABLE = "unreachable"
    """Asked, but his phone could not be made to ring."""


class QueueReason(StrEnum):
    NOBODY_FREE = "nobody_free"
    """Nobody on duty could be asked in this round."""
    NOBODY_ACCEPTED = "nobody_accepted"
    """Some were asked, and the ladder came to its end."""
    GIVEN_BACK = "given_back"
    """Its department returned it, and who had sent it there is not on duty."""


@dataclass(frozen=True, slots=True)
class Workload:
    open_tickets: int = 0
    worked_at: datetime | None = None
    """When he last got or finished work; None: never."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """A desk at one instant: its pairs on duty in order of fairness, and what keeps each person from being asked."""

    pairs: Sequence[DutyPair]
    hindrances: Mapping[str, MissReason | None]
    """By person; None: may be asked. A person who is not named counts as absent."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An offer already made in this round."""

    person_id: str
    seat_id: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A person passed over without being asked: a miss all the same, and recorded with its reason."""

    person_id: str
    seat_id: str
    role: SeatRole
    reason: MissReason


@dataclass(frozen=True, slots=True)
class OfferTo:
    person_id: str
    seat_id: str
    role: SeatRole
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueForSupervisors:
    """The end of the ladder. `is_alarm`: tell the supervisors loudly, the citizen has nobody."""

    reason: QueueReason
    skipped: tuple[Skipped, ...] = ()
    is_alarm: bool = True


def hindrance(
    presence: PresenceFacts | None, workload: Workload, *, capacity: int, grace_s: float, now: datetime
) -> MissReason | None:
    """What keeps a person from being asked now; None: nothing."""
    if presence is None or not presence.is_signed_in(now, grace_s):
        return MissReason.ABSENT
    if not presence.is_available(now, grace_s):
        return MissReason.BUSY
    if workload.open_tickets >= capacity:
        return MissReason.AT_CAPACITY
    return None


def by_fairness(pairs: Sequence[DutyPair], workloads: Mapping[str, Workload]) -> list[DutyPair]:
    """Least loaded pair first; ties by longest idle; further ties keep the desk's order."""
    never = datetime.min.replace(tzinfo=UTC)
    nothing = Workload()

    def burden(pair: DutyPair) -> tuple[int, datetime]:
        a, b = (workloads.get(person, nothing) for person in (pair.a_person_id, pair.b_person_id))
        return a.open_tickets + b.open_tickets, max(a.worked_at or never, b.worked_at or never)

    return sorted(pairs, key=burden)


def next_holder(
    ladder: Ladder, asked: Sequence[Asked] = (), preferred_seat_id: str | None = None
) -> OfferTo | QueueForSupervisors:
    """The next step of a round: whom to ask, or that the supervisors have it now.

    `asked`: the offers of this round in order; the seat asked last stays in turn, so that B follows A.
    `preferred_seat_id`: the seat that holds another open ticket of the same caller; first, if on duty.
    """
    have_been_asked = {offer.person_id for offer in asked}
    seat_in_turn = asked[-1].seat_id if asked else preferred_seat_id
    skipped: dict[str, Skipped] = {}
    for person_id, seat_id, role in _rungs(ladder.pairs, seat_in_turn):
        if person_id in have_been_asked or person_id in skipped:
            continue
        reason = ladder.hindrances.get(person_id, MissReason.ABSENT)
        if reason is None:
            return OfferTo(person_id, seat_id, role, tuple(skipped.values()))
        skipped[person_id] = Skipped(person_id, seat_id, role, reason)
    why = QueueReason.NOBODY_ACCEPTED if asked else QueueReason.NOBODY_FREE
    return QueueForSupervisors(why, tuple(skipped.values()))


def why_missed(
    expires_at: datetime, presence: PresenceFacts | None, *, grace_s: float, now: datetime
) -> MissReason | None:
    """Why an open offer is over; None: it still stands."""
    if now >= expires_at:
        return MissReason.SILENT
    if presence is None or presence.has_left(now, grace_s):
        return MissReason.LEFT
    return None


def _rungs(pairs: Sequence[DutyPair], first_seat_id: str | None) -> Iterator[tuple[str, str, SeatRole]]:
    for pair in sorted(pairs, key=lambda pair: pair.seat_id != first_seat_id):
        yield pair.a_person_id, pair.seat_id, SeatRole.A
        yield pair.b_person_id, pair.seat_id, SeatRole.B
