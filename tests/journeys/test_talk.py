"""The way of a call that wants a person: line, phone, talk, wrap-up, ticket in the hands of who talked."""

import asyncio

import pytest
from sqlalchemy import select

from ivr.adapters.simulated import HangUp, Press, StayOn
from ivr.adapters.simulated_talk import Departure
from ivr.domain.call import CallOutcome
from ivr.models import Call
from ivr.ports import DialFailure
from tests.contracts.eventually import eventually
from tests.journeys.conftest import Hotline
from ticketing.domain.assignment import MissReason
from ticketing.domain.duty_roster import PresenceState
from ticketing.domain.lifecycle import TicketStatus
from ticketing.domain.seat_call import SeatCallStatus, WrapUpCode
from ticketing.domain.ticket import TicketFacts
from ticketing.models import TextSource, Ticket

WAITS = (Press("0", during="menu"), StayOn(during="hold_music"))


def tickets(hotline: Hotline) -> list[TicketFacts]:
    with hotline.services.db.reading() as session:
        ids = session.scalars(select(Ticket.id)).all()
    return [hotline.services.tickets.ticket(ticket_id) for ticket_id in ids]


def outcomes(hotline: Hotline) -> list[CallOutcome | None]:
    with hotline.services.db.reading() as session:
        return list(session.scalars(select(Call.outcome)))


async def test_who_talked_has_the_ticket_with_the_words_of_both_sides(hotline: Hotline) -> None:
    async with hotline.people_answer({"sip:ann": ()}, Departure.CITIZEN):
        call = await hotline.take_call(*WAITS)
    await asyncio.to_thread(hotline.work)
    (ticket,) = tickets(hotline)
    assert (ticket.holder_person_id, ticket.status) == (hotline.a, TicketStatus.ACCEPTED)
    assert ticket.text_source is TextSource.TRANSCRIPT
    assert "路灯" in ticket.text
    mine = hotline.services.seat_calls.call_of(hotline.a)
    assert mine is not None
    assert (mine.call_id, mine.status) == (call.call_id, SeatCallStatus.WRAP_UP)
    hotline.services.seat_calls.wrap_up(call.call_id, hotline.a, WrapUpCode.TICKET)
    assert hotline.services.seat_calls.call_of(hotline.a) is None


async def test_a_is_silent_and_b_answers(hotline: Hotline) -> None:
    async with hotline.people_answer({"sip:ann": DialFailure.NO_ANSWER, "sip:ben": ()}, Departure.AGENT):
        await hotline.take_call(*WAITS)
    await asyncio.to_thread(hotline.work)
    (ticket,) = tickets(hotline)
    assert ticket.holder_person_id == hotline.b
    presence = hotline.services.duty.presence(hotline.a)
    assert presence is not None
    assert (presence.state, presence.away_reason) == (PresenceState.AWAY, MissReason.SILENT)


async def test_nobody_answers_and_the_caller_hangs_up_somebody_owns_the_missed_call(hotline: Hotline) -> None:
    failing = {"sip:ann": DialFailure.NO_ANSWER, "sip:ben": DialFailure.REJECTED}
    async with hotline.people_answer(failing):
        waiting = asyncio.create_task(hotline.take_call(*WAITS))
        await eventually(lambda: not hotline.services.duty.is_available(hotline.b))
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    hotline.pass_time()
    assert outcomes(hotline) == [CallOutcome.MISSED]


async def test_a_talk_survives_the_death_of_every_process(hotline: Hotline) -> None:
    hotline.kill_after_commits()
    async with hotline.people_answer({"sip:ann": ()}, Departure.CITIZEN):
        await hotline.take_call(*WAITS)
    for _ in range(4):
        hotline.pass_time()
        await asyncio.to_thread(hotline.work)
    (ticket,) = tickets(hotline)
    assert (ticket.holder_person_id, ticket.status) == (hotline.a, TicketStatus.ACCEPTED)
    assert "路灯" in ticket.text


async def test_a_caller_who_gives_up_in_the_line_leaves_no_ghost(hotline: Hotline) -> None:
    for person in (hotline.a, hotline.b):
        hotline.services.duty.set_presence(person, PresenceState.AWAY)
    async with hotline.people_answer({}):
        call = await hotline.take_call(Press("0", during="menu"), HangUp(during="hold_music"))
    assert hotline.services.seat_calls.seat_call(call.call_id).status is SeatCallStatus.ABANDONED
    assert outcomes(hotline) == [CallOutcome.MISSED]


@pytest.mark.parametrize("how", ["killed", "silent"])
async def test_a_dead_telephony_process_leaves_nobody_in_a_ghost_state(hotline: Hotline, how: str) -> None:
    calls = hotline.services.seat_calls
    hotline.services.duty.set_phone(hotline.a, "sip:ann")
    calls.join("talked", "13900000001", "telephony-1")
    (offer,) = calls.offer_next("telephony-1")
    calls.accept("talked", offer.offer_no)
    calls.join("waited", "13900000002", "telephony-1")
    if how == "killed":  # and started again under the same name
        async with hotline.people_answer({}):
            pass
    else:
        for _ in range(30):
            hotline.pass_time()
    assert calls.seat_call("talked").status is SeatCallStatus.WRAP_UP
    assert calls.seat_call("waited").status is SeatCallStatus.ABANDONED
