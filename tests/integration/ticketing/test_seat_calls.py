"""Calls that want a person: first come first served, A before B, one phone at a time, nobody in a ghost state."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest

from kit.clock import FixedClock
from kit.db import Database
from tests.integration.ticketing.scene import AVAILABLE, AWAY, CALLER, POLICY, Scene
from ticketing import seat_call_repository
from ticketing.domain.assignment import MissReason, OfferOutcome
from ticketing.domain.errors import SeatCallMovedOn, SeatCallNotFound
from ticketing.domain.seat_call import SeatCallAction, SeatCallStatus, SeatOffer, WrapUpCode
from ticketing.seat_call_service import SeatCallService

HERE = "telephony-1"


class Line(Scene):
    """A desk whose people have phones."""

    def __init__(self, db: Database, clock: FixedClock) -> None:
        super().__init__(db, clock)
        self.calls = SeatCallService(db, clock, POLICY)

    def answer_phones(self, *people: str) -> None:
        self.come(*people)
        for person in people:
            self.duty.set_phone(person, f"sip:{person}@pbx.example")

    def join(self, call_id: str, caller: str = CALLER, telephony_id: str = HERE) -> None:
        self.clock.advance(timedelta(seconds=1))
        self.calls.join(call_id, caller, telephony_id)

    def offered(self) -> list[tuple[str, str]]:
        return [(offer.call_id, offer.person_id) for offer in self.calls.offer_next(HERE)]

    def offer(self) -> SeatOffer:
        (offer,) = self.calls.offer_next(HERE)
        return offer

    def talk(self, call_id: str) -> SeatOffer:
        self.join(call_id)
        offer = self.offer()
        assert self.calls.accept(call_id, offer.offer_no)
        return offer

    def written(self, call_id: str) -> list[tuple[str, WrapUpCode | None, str | None]]:
        with self.db.reading() as session:
            rows = seat_call_repository.wrap_ups_of(session, call_id)
            return [(row.person_id, row.code, row.note) for row in rows]

    def status(self, call_id: str) -> SeatCallStatus:
        return self.calls.seat_call(call_id).status


@pytest.fixture
def line(database: Database, clock: FixedClock) -> Line:
    made = Line(database, clock)
    made.add_pair("ann", "ben")
    return made


def test_a_is_called_first_then_b_and_who_missed_is_away_with_the_reason(line: Line) -> None:
    line.answer_phones("ann", "ben")
    line.join("c1")
    first = line.offer()
    assert (first.person_id, first.phone) == ("ann", "sip:ann@pbx.example")
    assert first.expires_at - line.clock.now() == timedelta(seconds=POLICY.call_offer_s)
    assert line.calls.miss("c1", first.offer_no, MissReason.SILENT)
    assert line.offered() == [("c1", "ben")]
    presence = line.duty.presence("ann")
    assert presence is not None
    assert (presence.state, presence.away_reason) == (AWAY, MissReason.SILENT)
    line.duty.set_presence("ann", AVAILABLE)
    back = line.duty.presence("ann")
    assert back is not None
    assert back.away_reason is None


def test_the_next_pair_follows_the_one_that_was_asked(line: Line) -> None:
    line.add_pair("cem", "dan")
    line.answer_phones("ann", "ben", "cem", "dan")
    line.join("c1")
    asked = []
    for _ in range(4):
        offer = line.offer()
        asked.append(offer.person_id)
        line.calls.miss("c1", offer.offer_no, MissReason.REFUSED)
    assert asked == ["ann", "ben", "cem", "dan"]
    assert line.offered() == []
    line.duty.set_presence("cem", AVAILABLE)  # he has come back, so he is asked again
    assert line.offered() == [("c1", "cem")]


@pytest.mark.parametrize("why", ["no phone", "away", "on a call", "writing"])
def test_who_cannot_take_a_call_is_passed_over(line: Line, why: str) -> None:
    line.answer_phones("ann", "ben")
    match why:
        case "no phone":
            line.duty.set_phone("ann", None)
        case "away":
            line.duty.set_presence("ann", AWAY)
        case _:
            line.talk("c0")
    if why == "writing":
        line.calls.end_talk("c0")
    line.join("c1")
    assert line.offered() == [("c1", "ben")]


def test_the_line_is_served_in_its_order(line: Line) -> None:
    for call_id in ("c1", "c2", "c3"):
        line.join(call_id, caller=f"+86139000000{call_id[1:]}0")
    assert [line.calls.place(call_id).number for call_id in ("c1", "c2", "c3")] == [1, 2, 3]
    line.answer_phones("ann", "ben")
    assert line.offered() == [("c1", "ann"), ("c2", "ben")]
    assert line.calls.leave("c1", SeatCallAction.ABANDON)
    assert line.offered() == [("c3", "ann")]


def test_who_calls_again_at_once_has_his_place_back_and_later_has_not(line: Line) -> None:
    line.join("c1")
    line.join("c2", caller="+8613900000002")
    line.calls.leave("c1", SeatCallAction.ABANDON)
    line.join("c3")
    assert line.calls.place("c3").number == 1
    line.calls.leave("c3", SeatCallAction.ABANDON)
    line.wait(POLICY.redial_s + 1)
    line.calls.note_life(["c2"])
    line.join("c4")
    assert line.calls.place("c4").number == 2


def test_those_who_withhold_their_number_do_not_inherit_each_others_place(line: Line) -> None:
    line.join("c1", caller="anonymous")
    line.join("c2", caller="anonymous")
    line.calls.leave("c1", SeatCallAction.ABANDON)
    line.join("c3", caller="anonymous")
    assert line.calls.place("c3").number == 2


def test_a_caller_with_an_open_ticket_is_put_through_to_its_seat(line: Line) -> None:
    line.add_pair("cem", "dan")
    line.come("cem")
    ticket_id = line.open()
    assert line.holder(ticket_id) == "cem"
    line.answer_phones("ann", "ben", "cem", "dan")
    line.join("c1")
    assert line.offered() == [("c1", "cem")]
    line.join("c2", caller="+8613900000002")
    assert line.offered() == [("c2", "ann")]


def test_among_the_free_the_longest_without_a_call_is_first(line: Line) -> None:
    line.add_pair("cem", "dan")
    line.answer_phones("ann", "cem")
    for call_id, person in (("c1", "ann"), ("c2", "cem"), ("c3", "ann"), ("c4", "cem")):
        offer = line.talk(call_id)
        assert offer.person_id == person
        line.calls.end_talk(call_id)
        line.calls.wrap_up(call_id, person, WrapUpCode.ANSWERED)


def test_the_instant_in_which_he_accepts_and_the_caller_hangs_up_has_one_winner(line: Line) -> None:
    line.answer_phones("ann")
    for number in range(6):
        call_id = f"c{number}"
        line.join(call_id)
        acts = (
            partial(line.calls.accept, call_id, line.offer().offer_no),
            partial(line.calls.leave, call_id, SeatCallAction.ABANDON),
        )
        start = threading.Barrier(2)
        with ThreadPoolExecutor(2) as both:
            accepted, left = both.map(partial(_at_once, start), acts)
        assert accepted is not left
        assert line.status(call_id) is (SeatCallStatus.TALKING if accepted else SeatCallStatus.ABANDONED)
        if accepted:
            line.calls.end_talk(call_id)
            line.calls.wrap_up(call_id, "ann", WrapUpCode.NOTHING_SAID)


def _at_once(start: threading.Barrier, act: Callable[[], bool]) -> bool:
    start.wait(timeout=20)
    return act()


def test_a_late_pick_up_takes_nothing_from_the_next(line: Line) -> None:
    line.answer_phones("ann", "ben")
    line.join("c1")
    first = line.offer()
    line.calls.miss("c1", first.offer_no, MissReason.SILENT)
    second = line.offer()
    assert not line.calls.accept("c1", first.offer_no)
    assert not line.calls.miss("c1", first.offer_no, MissReason.SILENT)
    assert line.calls.accept("c1", second.offer_no)
    assert line.calls.seat_call("c1").person_id == "ben"


def test_two_processes_never_ring_one_person_twice(line: Line) -> None:
    line.answer_phones("ann")
    line.join("c1", telephony_id="telephony-1")
    line.join("c2", caller="+8613900000002", telephony_id="telephony-2")
    with ThreadPoolExecutor(4) as threads:
        offers = [
            offer for found in threads.map(line.calls.offer_next, ["telephony-1", "telephony-2"] * 4) for offer in found
        ]
    assert [(offer.call_id, offer.person_id) for offer in offers] == [("c1", "ann")]


def test_a_dead_process_does_not_block_the_line(line: Line) -> None:
    line.join("c1", telephony_id="telephony-dead")
    line.join("c2", caller="+8613900000002")
    line.wait(20)
    line.calls.note_life(["c2"])
    line.answer_phones("ann")
    assert line.offered() == [("c2", "ann")]
    assert line.calls.settle_ghosts() == 1
    assert line.status("c1") is SeatCallStatus.ABANDONED


def test_ghosts_of_a_process_that_begins_anew_are_ended_at_once(line: Line) -> None:
    line.answer_phones("ann", "ben")
    line.talk("c1")
    line.join("c2", caller="+8613900000002")
    assert line.offered() == [("c2", "ben")]
    assert line.calls.settle_ghosts("telephony-2") == 0
    assert line.calls.settle_ghosts(HERE, {"c1"}) == 1, "a telephone system may still hold that talk"
    assert line.calls.settle_ghosts(HERE) == 1
    assert (line.status("c1"), line.status("c2")) == (SeatCallStatus.WRAP_UP, SeatCallStatus.ABANDONED)


def test_a_talk_outlives_the_books_being_away_for_a_while(line: Line) -> None:
    line.answer_phones("ann")
    line.talk("c1")
    line.wait(100)
    assert line.calls.settle_ghosts() == 0
    line.wait(30)
    assert line.calls.settle_ghosts() == 1


def test_a_broken_leg_brings_the_caller_back_to_his_place(line: Line) -> None:
    line.answer_phones("ann", "ben")
    line.talk("c1")
    line.join("c2", caller="+8613900000002")
    assert line.calls.requeue("c1")
    assert line.calls.place("c1").number == 1
    assert line.offered() == [("c1", "ben")]
    presence = line.duty.presence("ann")
    assert presence is not None
    assert presence.away_reason is MissReason.LEFT


def test_the_next_call_comes_after_the_wrap_up_and_only_its_own_person_writes_it(line: Line) -> None:
    line.answer_phones("ann")
    line.talk("c1")
    line.join("c2", caller="+8613900000002")
    with pytest.raises(SeatCallMovedOn):
        line.calls.wrap_up("c1", "ann", WrapUpCode.TICKET)
    assert line.calls.end_talk("c1")
    assert line.offered() == []
    with pytest.raises(SeatCallNotFound):
        line.calls.wrap_up("c1", "ben", WrapUpCode.TICKET)
    line.calls.wrap_up("c1", "ann", WrapUpCode.TICKET, "路灯")
    assert line.offered() == [("c2", "ann")]
    assert line.calls.seat_call("c1").status is SeatCallStatus.DONE
    assert line.written("c1") == [("ann", WrapUpCode.TICKET, "路灯")]


def test_how_long_it_will_take_is_guessed_from_recent_calls(line: Line) -> None:
    line.answer_phones("ann")
    line.join("c0")
    assert line.calls.place("c0").wait is None
    offer = line.offer()
    line.calls.accept("c0", offer.offer_no)
    line.wait(120, seen=("ann", "ben"))
    line.calls.end_talk("c0")
    line.calls.wrap_up("c0", "ann", WrapUpCode.ANSWERED)
    line.join("c1")
    line.join("c2", caller="+8613900000002")
    assert line.calls.place("c2").wait == timedelta(seconds=240)


def test_a_call_that_was_passed_on_is_guessed_by_what_it_took_each_person(line: Line) -> None:
    line.answer_phones("ann")
    line.talk("c1")
    line.wait(30, seen=("ann",))
    line.calls.transfer("c1", line.desk_id)
    line.calls.wrap_up("c1", "ann", WrapUpCode.TRANSFERRED)
    line.wait(300, seen=("ann",))
    line.calls.note_life(["c1"])
    line.calls.accept("c1", line.offer().offer_no)
    line.join("c2", caller="+8613900000002")
    assert line.calls.place("c2").wait == timedelta(seconds=30)


def test_offers_tell_their_end(line: Line) -> None:
    line.answer_phones("ann", "ben")
    line.join("c1")
    line.calls.miss("c1", line.offer().offer_no, MissReason.UNREACHABLE)
    line.offer()
    line.calls.leave("c1", SeatCallAction.DIVERT)
    with line.db.reading() as session:
        offers = seat_call_repository.offers_of(session, "c1")
    ended = [(offer.person_id, offer.outcome, offer.reason) for offer in offers]
    assert ended == [
        ("ann", OfferOutcome.MISSED, MissReason.UNREACHABLE),
        ("ben", OfferOutcome.WITHDRAWN, None),
    ]
    assert line.calls.call_of("ben") is None


def test_joining_twice_is_joining_once(line: Line) -> None:
    line.join("c1")
    line.join("c1")
    assert line.calls.place("c1").number == 1


def transferred(line: Line) -> SeatOffer:
    """A call that ann has passed on to another desk, where tom's phone rings for it."""
    line.answer_phones("ann")
    line.talk("c1")
    other = line.duty.add_desk("税务专席")
    seat_id = line.duty.add_seat(other, "税务专席1")
    for person in ("tom", "eve"):
        line.add_person(person)
    line.duty.add_shift(seat_id, line.clock.now(), None, "tom", "eve")
    line.answer_phones("tom")
    assert line.calls.transfer("c1", other)
    assert not line.calls.transfer("c1", other)
    return line.offer()


def test_a_transferred_caller_is_served_by_the_other_desk_while_the_first_person_writes_up_his_part(line: Line) -> None:
    assert transferred(line).person_id == "tom"
    line.join("c2", caller="+8613900000002")
    assert line.offered() == []
    line.calls.wrap_up("c1", "ann", WrapUpCode.TRANSFERRED, "税务问题")
    assert line.offered() == [("c2", "ann")]


@pytest.mark.parametrize("first", ["ann", "tom"])
def test_everybody_who_talked_keeps_a_wrap_up_of_his_own(line: Line, first: str) -> None:
    line.calls.accept("c1", transferred(line).offer_no)
    with pytest.raises(SeatCallMovedOn):
        line.calls.wrap_up("c1", "tom", WrapUpCode.ANSWERED)  # he still talks
    if first == "ann":
        line.calls.wrap_up("c1", "ann", WrapUpCode.TRANSFERRED)
        assert line.status("c1") is SeatCallStatus.TALKING
    line.calls.end_talk("c1")
    line.calls.wrap_up("c1", "tom", WrapUpCode.ANSWERED, "已答复")
    if first == "tom":
        line.calls.wrap_up("c1", "ann", WrapUpCode.TRANSFERRED)
    with pytest.raises(SeatCallMovedOn):
        line.calls.wrap_up("c1", "ann", WrapUpCode.NUISANCE)
    assert line.status("c1") is SeatCallStatus.DONE
    assert line.written("c1") == [("ann", WrapUpCode.TRANSFERRED, None), ("tom", WrapUpCode.ANSWERED, "已答复")]


def test_who_lost_his_telephone_owes_his_part_and_so_does_the_next_one(line: Line) -> None:
    line.answer_phones("ann", "ben")
    line.talk("c1")
    line.calls.requeue("c1")
    line.calls.accept("c1", line.offer().offer_no)
    line.calls.end_talk("c1")
    assert line.written("c1") == [("ann", None, None), ("ben", None, None)]
    line.duty.set_presence("ann", AVAILABLE)
    line.join("c2", caller="+8613900000002")
    assert line.offered() == []
