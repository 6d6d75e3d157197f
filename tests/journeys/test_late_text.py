"""Speech that is late, long or deadly: the ticket comes in time, and every text that can be had reaches it."""

import pytest
from sqlalchemy import select

from asr.domain.errors import RECOGNISER_KILLED
from asr.models import Transcript, TranscriptPart
from ivr.adapters.simulated import Press, Say
from tests.journeys.conftest import LONG_MESSAGE_S, Hotline
from ticketing.domain.ticket import Actor, TicketFacts
from ticketing.models import TextSource, Ticket, TicketEvent


def the_ticket(hotline: Hotline) -> TicketFacts:
    with hotline.services.db.reading() as session:
        ticket_id = session.scalars(select(Ticket.id)).one()
    return hotline.services.tickets.ticket(ticket_id)


def timeline(hotline: Hotline) -> list[str]:
    with hotline.services.db.reading() as session:
        return list(session.scalars(select(TicketEvent.action).order_by(TicketEvent.id)))


def transcripts(hotline: Hotline) -> list[Transcript]:
    with hotline.services.db.reading() as session:
        return list(session.scalars(select(Transcript)))


async def leave_message(hotline: Hotline, seconds: float = 3) -> None:
    await hotline.take_call(Press("1"), Say(seconds), Press("#"))


async def leave_message_and_lose_patience(hotline: Hotline) -> None:
    await leave_message(hotline)
    hotline.pass_time(hotline.services.policy.speech.give_up_after_s + 20)


@pytest.mark.parametrize("processes_die", [False, True], ids=["all is well", "every process dies after its commit"])
async def test_a_text_that_comes_after_the_ticket_reaches_it(hotline: Hotline, processes_die: bool) -> None:
    if processes_die:
        hotline.kill_after_commits()
    await leave_message_and_lose_patience(hotline)
    ticket = the_ticket(hotline)
    assert (ticket.text, ticket.text_source) == ("", TextSource.PENDING_TRANSCRIPT)
    assert ticket.holder_person_id == hotline.a
    assert transcripts(hotline) == [], "it is late, not given up"

    hotline.pass_time()
    hotline.work()
    hotline.pass_time()
    hotline.pass_time()
    after = the_ticket(hotline)
    assert (after.text, after.text_source) == ("路灯坏了", TextSource.TRANSCRIPT)
    assert (after.id, after.holder_person_id, after.offer_no) == (ticket.id, ticket.holder_person_id, ticket.offer_no)
    assert timeline(hotline).count("transcribed") == 1


async def test_the_late_text_reaches_a_ticket_that_somebody_works_on(hotline: Hotline) -> None:
    await leave_message_and_lose_patience(hotline)
    ticket = the_ticket(hotline)
    hotline.services.tickets.assign(ticket.id, hotline.b, Actor(hotline.boss, is_supervisor=True))
    hotline.pass_time()
    hotline.work()
    after = the_ticket(hotline)
    assert (after.text, after.holder_person_id) == ("路灯坏了", hotline.b)


async def test_a_ticket_with_text_never_goes_back_to_waiting_for_it(hotline: Hotline) -> None:
    await leave_message(hotline)
    (message_id,) = hotline.unrecognised()
    hotline.work()
    hotline.services.flow.open_untranscribed(message_id)
    assert the_ticket(hotline).text_source is TextSource.TRANSCRIPT
    assert timeline(hotline).count("transcribed") == 0


async def test_patience_is_longer_with_longer_messages(hotline: Hotline) -> None:
    await leave_message(hotline, LONG_MESSAGE_S)
    hotline.pass_time(hotline.services.policy.speech.give_up_after_s + LONG_MESSAGE_S / 2)
    with hotline.services.db.reading() as session:
        assert session.scalars(select(Ticket.id)).all() == []
    hotline.pass_time(2 * LONG_MESSAGE_S)
    assert the_ticket(hotline).text_source is TextSource.PENDING_TRANSCRIPT


async def test_a_recording_that_kills_every_recogniser_is_set_aside_and_the_next_is_not(hotline: Hotline) -> None:
    await leave_message(hotline)
    (deadly,) = hotline.unrecognised()
    hotline.queue.waiting.clear()
    hotline.queue.broken[deadly] = RECOGNISER_KILLED
    hotline.pass_time()
    (given_up,) = transcripts(hotline)
    assert given_up.failure_code == RECOGNISER_KILLED
    assert the_ticket(hotline).text_source is TextSource.FAILED_TRANSCRIPT


@pytest.mark.parametrize("processes_die", [False, True], ids=["all is well", "every process dies after its commit"])
async def test_a_long_recording_is_recognised_in_parts_and_becomes_one_text(
    hotline: Hotline, processes_die: bool
) -> None:
    if processes_die:
        hotline.kill_after_commits()
    await leave_message(hotline, LONG_MESSAGE_S)
    hotline.pass_time()
    hotline.work()  # it is cut
    hotline.pass_time()
    parts = len(hotline.queue.waiting)
    assert parts >= LONG_MESSAGE_S / 6
    hotline.work()  # each part, the last one puts it together
    hotline.pass_time()
    hotline.pass_time()
    (transcript,) = transcripts(hotline)
    assert transcript.text == "路灯坏了" * parts
    assert the_ticket(hotline).text == "路灯坏了。" * parts
    with hotline.services.db.reading() as session:
        assert session.scalars(select(TranscriptPart)).all() == [], "the words stand in the transcript alone"


async def test_a_process_that_dies_before_it_puts_the_parts_together_is_made_good(hotline: Hotline) -> None:
    await leave_message(hotline, LONG_MESSAGE_S)
    hotline.work()
    asr, (message_id,) = hotline.services.asr, hotline.unrecognised()
    recording_id = hotline.services.ivr.message(message_id).recording_id
    for part in asr.open_parts(recording_id):
        asr._parts.store(part, hotline.model.recognise(b"", 8000), 1)  # and the process is killed
    hotline.queue.waiting.clear()
    hotline.pass_time()
    hotline.work()
    assert the_ticket(hotline).text_source is TextSource.TRANSCRIPT


async def test_parts_recognised_twice_or_too_late_change_nothing(hotline: Hotline) -> None:
    await leave_message(hotline, LONG_MESSAGE_S)
    hotline.work()
    waiting = list(hotline.queue.waiting)
    hotline.queue.waiting = waiting[:-1] * 2 + waiting[-1:]
    hotline.work()
    before = transcripts(hotline)[0].text
    hotline.queue.waiting = waiting
    hotline.work()
    (transcript,) = transcripts(hotline)
    assert transcript.text == before == "路灯坏了" * len(waiting)
