"""Desks, seats, shifts and presence with a real database."""

from datetime import timedelta

import pytest

from kit.events import Event
from tests.integration.ticketing.scene import AVAILABLE, AWAY, OFFLINE, Scene
from ticketing.domain.duty_roster import DutyPair, Gap
from ticketing.domain.errors import BadShift, DeskNotFound, NameTaken, PersonUnknown, SeatNotFound, ShiftNotFound
from ticketing.domain.events import PresenceChanged

DAY = timedelta(days=1)


def test_desks_seats_and_shifts_are_listed_as_they_were_added(scene: Scene) -> None:
    seat_id = scene.add_pair("ann", "bob")
    now = scene.clock.now()
    assert [(desk.id, desk.is_intake) for desk in scene.duty.desks()] == [(scene.desk_id, True)]
    assert [seat.id for seat in scene.duty.seats(scene.desk_id)] == [seat_id]
    assert [(s.seat_id, s.ends_at) for s in scene.duty.shifts(scene.desk_id, now, now + DAY)] == [(seat_id, None)]
    assert scene.duty.on_duty(scene.desk_id) == [DutyPair(seat_id, "ann", "bob")]


def test_what_does_not_exist_or_exists_already_is_refused(scene: Scene) -> None:
    seat_id = scene.add_pair("ann", "bob")
    now = scene.clock.now()
    with pytest.raises(NameTaken):
        scene.duty.add_desk("受理席组")
    with pytest.raises(NameTaken):
        scene.duty.add_seat(scene.desk_id, "受理席1")
    with pytest.raises(DeskNotFound):
        scene.duty.add_seat("nowhere", "席")
    with pytest.raises(SeatNotFound):
        scene.duty.add_shift("nowhere", now, None, "ann", "bob")
    with pytest.raises(ShiftNotFound):
        scene.duty.end_shift("nothing", now)
    with pytest.raises(PersonUnknown):
        scene.duty.add_shift(seat_id, now - 3 * DAY, now - 2 * DAY, "ann", "nobody")
    with pytest.raises(PersonUnknown):
        scene.duty.set_presence("nobody", AVAILABLE)


def test_overlapping_shifts_of_a_seat_are_refused_until_the_old_one_ends(scene: Scene) -> None:
    seat_id = scene.add_pair("ann", "bob")
    now = scene.clock.now()
    old = scene.duty.shifts(scene.desk_id, now, now)[0]
    with pytest.raises(BadShift):
        scene.duty.add_shift(seat_id, now + DAY, None, "bob", "ann")
    scene.duty.end_shift(old.id, now + DAY)
    scene.duty.add_shift(seat_id, now + DAY, None, "bob", "ann")
    with pytest.raises(BadShift):
        scene.duty.end_shift(old.id, now + 2 * DAY)
    scene.clock.advance(DAY)
    assert scene.duty.on_duty(scene.desk_id) == [DutyPair(seat_id, "bob", "ann")]


def test_minutes_nobody_covers_are_shown(scene: Scene) -> None:
    scene.add_pair("ann", "bob")
    now = scene.clock.now()
    assert scene.duty.uncovered(scene.desk_id, now, now + DAY) == []
    shift = scene.duty.shifts(scene.desk_id, now, now)[0]
    scene.duty.end_shift(shift.id, now + timedelta(hours=6))
    assert scene.duty.uncovered(scene.desk_id, now, now + DAY) == [Gap(now + timedelta(hours=6), now + DAY)]


def test_presence_is_told_only_when_it_changes(desk: Scene, facts: list[Event]) -> None:
    facts.clear()
    desk.duty.set_presence("ann", AVAILABLE)
    assert facts == []
    desk.duty.set_presence("ann", AWAY)
    assert facts == [PresenceChanged("ann")]


def test_seen_keeps_a_person_present_and_tells_when_he_comes_back(desk: Scene, facts: list[Event]) -> None:
    facts.clear()
    desk.wait(44, seen=("ann",))
    desk.wait(44, seen=("ann",))
    assert desk.duty.is_available("ann")
    assert not desk.duty.is_available("bob")
    assert facts == []
    desk.duty.seen("bob")
    assert desk.duty.is_available("bob")
    assert facts == [PresenceChanged("bob")]


def test_seen_writes_a_few_times_per_grace_time_only(desk: Scene) -> None:
    before = desk.duty.presence("ann")
    desk.wait(5, seen=("ann",))
    assert desk.duty.presence("ann") == before


def test_seen_of_somebody_who_never_signed_in_is_nothing(scene: Scene) -> None:
    scene.duty.seen("sue")
    assert scene.duty.presence("sue") is None


def test_the_person_on_duty_is_who_would_be_offered_the_next_ticket(scene: Scene) -> None:
    assert scene.duty.person_on_duty() is None
    scene.add_pair("ann", "bob")
    assert scene.duty.person_on_duty() is None
    scene.come("bob")
    assert scene.duty.person_on_duty() == "bob"
    scene.come("ann")
    assert scene.duty.person_on_duty(scene.desk_id) == "ann"
    assert scene.holder(scene.open()) == "ann"
    scene.duty.set_presence("ann", OFFLINE)
    assert scene.duty.person_on_duty() == "bob"
