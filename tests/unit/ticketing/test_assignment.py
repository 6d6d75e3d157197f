"""Who is asked next: rules one by one, then as properties over any desk."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.domain.assignment import (
    Asked,
    Ladder,
    MissReason,
    OfferTo,
    QueueForSupervisors,
    QueueReason,
    SeatRole,
    Skipped,
    Workload,
    by_fairness,
    hindrance,
    next_holder,
    why_missed,
)
from ticketing.domain.duty_roster import DutyPair, PresenceFacts, PresenceState

NOW = datetime(2026, 3, 2, tzinfo=UTC)
PAIR_1 = DutyPair("seat-1", "ann", "bob")
PAIR_2 = DutyPair("seat-2", "cai", "dan")


def desk(*pairs: DutyPair, **hindered: MissReason) -> Ladder:
    people = {person for pair in pairs for person in (pair.a_person_id, pair.b_person_id)}
    return Ladder(pairs, {person: hindered.get(person) for person in people})


def asked_all(ladder: Ladder, preferred: str | None = None) -> tuple[list[OfferTo], QueueForSupervisors]:
    """Go through the whole round with nobody accepting."""
    offers: list[OfferTo] = []
    while True:
        step = next_holder(ladder, [Asked(o.person_id, o.seat_id) for o in offers], preferred)
        if isinstance(step, QueueForSupervisors):
            return offers, step
        offers.append(step)
        assert len(offers) <= 2 * len(ladder.pairs), "the ladder must end"


def test_a_then_b_then_the_next_pair_then_the_supervisors() -> None:
    offers, end = asked_all(desk(PAIR_1, PAIR_2))
    assert [(offer.person_id, offer.role) for offer in offers] == [
        ("ann", SeatRole.A),
        ("bob", SeatRole.B),
        ("cai", SeatRole.A),
        ("dan", SeatRole.B),
    ]
    assert end == QueueForSupervisors(QueueReason.NOBODY_ACCEPTED, is_alarm=True)


def test_b_follows_a_even_when_another_pair_has_become_less_loaded() -> None:
    assert next_holder(desk(PAIR_2, PAIR_1), [Asked("ann", "seat-1")]) == OfferTo("bob", "seat-1", SeatRole.B)


def test_a_person_passed_over_is_a_miss_with_its_reason() -> None:
    ladder = desk(PAIR_1, PAIR_2, ann=MissReason.ABSENT, bob=MissReason.AT_CAPACITY)
    assert next_holder(ladder) == OfferTo(
        "cai",
        "seat-2",
        SeatRole.A,
        (
            Skipped("ann", "seat-1", SeatRole.A, MissReason.ABSENT),
            Skipped("bob", "seat-1", SeatRole.B, MissReason.AT_CAPACITY),
        ),
    )


def test_with_nobody_free_the_supervisors_have_it_at_once_with_an_alarm() -> None:
    ladder = desk(PAIR_1, ann=MissReason.ABSENT, bob=MissReason.BUSY)
    step = next_holder(ladder)
    assert isinstance(step, QueueForSupervisors)
    assert step.reason is QueueReason.NOBODY_FREE
    assert step.is_alarm
    assert [miss.person_id for miss in step.skipped] == ["ann", "bob"]


def test_with_nobody_on_duty_the_supervisors_have_it() -> None:
    assert next_holder(desk()) == QueueForSupervisors(QueueReason.NOBODY_FREE)


def test_a_person_on_two_seats_is_asked_once() -> None:
    offers, _ = asked_all(desk(PAIR_1, DutyPair("seat-2", "bob", "ann"), DutyPair("seat-3", "ann", "eva")))
    assert [offer.person_id for offer in offers] == ["ann", "bob", "eva"]


def test_who_was_passed_over_and_came_back_is_asked_after_all() -> None:
    ladder = desk(PAIR_1)
    assert next_holder(ladder, [Asked("bob", "seat-1")]) == OfferTo("ann", "seat-1", SeatRole.A)


def test_a_repeated_caller_goes_to_the_seat_that_has_his_ticket() -> None:
    offers, _ = asked_all(desk(PAIR_1, PAIR_2), preferred="seat-2")
    assert [offer.person_id for offer in offers] == ["cai", "dan", "ann", "bob"]


def test_a_repeated_caller_whose_seat_is_off_duty_goes_the_normal_way() -> None:
    assert next_holder(desk(PAIR_1), preferred_seat_id="seat-9") == OfferTo("ann", "seat-1", SeatRole.A)


def test_the_least_loaded_pair_is_first() -> None:
    loads = {"ann": Workload(2), "bob": Workload(0), "cai": Workload(0), "dan": Workload(1)}
    assert by_fairness([PAIR_1, PAIR_2], loads) == [PAIR_2, PAIR_1]


def test_between_equal_loads_the_longest_idle_pair_is_first() -> None:
    recently, long_ago = NOW - timedelta(minutes=1), NOW - timedelta(hours=3)
    loads = {"ann": Workload(1, long_ago), "bob": Workload(0, recently), "cai": Workload(1, long_ago)}
    assert by_fairness([PAIR_1, PAIR_2], loads) == [PAIR_2, PAIR_1]


def test_between_equals_the_order_of_the_desk_stays() -> None:
    assert by_fairness([PAIR_1, PAIR_2], {}) == [PAIR_1, PAIR_2]


def seen(state: PresenceState, seconds_ago: float = 0) -> PresenceFacts:
    return PresenceFacts("ann", state, NOW - timedelta(hours=1), NOW - timedelta(seconds=seconds_ago))


@pytest.mark.parametrize(
    ("presence", "open_tickets", "reason"),
    [
        (None, 0, MissReason.ABSENT),
        (seen(PresenceState.OFFLINE), 0, MissReason.ABSENT),
        (seen(PresenceState.AVAILABLE, 45), 0, MissReason.ABSENT),
        (seen(PresenceState.AWAY), 0, MissReason.BUSY),
        (seen(PresenceState.AVAILABLE), 20, MissReason.AT_CAPACITY),
        (seen(PresenceState.AVAILABLE), 19, None),
    ],
)
def test_what_keeps_a_person_from_being_asked(
    presence: PresenceFacts | None, open_tickets: int, reason: MissReason | None
) -> None:
    assert hindrance(presence, Workload(open_tickets), capacity=20, grace_s=45, now=NOW) is reason


@pytest.mark.parametrize(
    ("expires_in_s", "presence", "reason"),
    [
        (1, seen(PresenceState.AVAILABLE), None),
        (0, seen(PresenceState.AVAILABLE), MissReason.SILENT),
        (1, seen(PresenceState.AVAILABLE, 45), MissReason.LEFT),
        (1, seen(PresenceState.OFFLINE), MissReason.LEFT),
        (1, seen(PresenceState.AWAY), None),
        (1, None, MissReason.LEFT),
    ],
)
def test_when_an_open_offer_is_over(
    expires_in_s: int, presence: PresenceFacts | None, reason: MissReason | None
) -> None:
    assert why_missed(NOW + timedelta(seconds=expires_in_s), presence, grace_s=45, now=NOW) is reason


people = st.sampled_from([f"p{n}" for n in range(8)])
pairs = st.lists(st.tuples(people, people).filter(lambda pair: pair[0] != pair[1]), max_size=6).map(
    lambda found: [DutyPair(f"seat-{n}", a, b) for n, (a, b) in enumerate(found)]
)
hindrances = st.dictionaries(people, st.one_of(st.none(), st.sampled_from(list(MissReason))))
ladders = st.builds(Ladder, pairs, hindrances)


@given(ladders, st.one_of(st.none(), st.sampled_from(["seat-0", "seat-3", "seat-99"])))
def test_a_round_asks_everybody_who_is_free_once_and_ends_with_the_supervisors(
    ladder: Ladder, preferred: str | None
) -> None:
    offers, end = asked_all(ladder, preferred)
    on_duty = {person for pair in ladder.pairs for person in (pair.a_person_id, pair.b_person_id)}
    free = {person for person in on_duty if ladder.hindrances.get(person, MissReason.ABSENT) is None}
    names = [offer.person_id for offer in offers]
    assert len(names) == len(set(names))
    assert set(names) == free
    assert {miss.person_id for miss in end.skipped} == on_duty - free
    assert end.is_alarm


@given(ladders)
def test_an_offer_names_a_person_who_sits_there_in_that_role(ladder: Ladder) -> None:
    for offer in asked_all(ladder)[0]:
        pair = next(pair for pair in ladder.pairs if pair.seat_id == offer.seat_id)
        assert offer.person_id == (pair.a_person_id if offer.role is SeatRole.A else pair.b_person_id)


@given(st.lists(ladders, min_size=1, max_size=20))
def test_even_on_a_desk_that_changes_at_every_step_nobody_is_asked_twice(steps: list[Ladder]) -> None:
    asked: list[Asked] = []
    for ladder in steps:
        step = next_holder(ladder, asked)
        if isinstance(step, OfferTo):
            assert step.person_id not in {offer.person_id for offer in asked}
            asked.append(Asked(step.person_id, step.seat_id))


@given(pairs, st.dictionaries(people, st.builds(Workload, st.integers(0, 20), st.none())))
def test_fairness_orders_all_pairs_by_load_and_loses_none(found: list[DutyPair], loads: dict[str, Workload]) -> None:
    ordered = by_fairness(found, loads)
    assert sorted(ordered, key=lambda pair: pair.seat_id) == sorted(found, key=lambda pair: pair.seat_id)
    sums = [sum(loads.get(p, Workload()).open_tickets for p in (o.a_person_id, o.b_person_id)) for o in ordered]
    assert sums == sorted(sums)
