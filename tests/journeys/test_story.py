"""The way of one call, from the ring to the closed ticket, also when every process dies after every commit."""

import asyncio
import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import structlog
from sqlalchemy import select

from app.outbound import OutboundCalls
from app.scheduler import Scheduler
from asr.models import Transcript
from callbacks.domain.attempt import AttemptResult, Claim
from callbacks.domain.disposition import Disposition
from callbacks.domain.lifecycle import CallbackKind, CallbackStatus
from callbacks.domain.rating import RatingSource
from callbacks.models import CallbackAttempt, CallbackTask, Rating
from ivr.adapters.live_speech import LiveSpeech
from ivr.adapters.simulated import HangUp, Press, Say, SimulatedDialler
from ivr.domain.call import CallDirection
from ivr.domain.call_record import CallStart
from kit import speech_synthesis
from kit.db import Database
from tests.journeys.conftest import CITIZEN, Hotline
from tests.support.listener_process import RunningListener, running_listener
from ticketing.domain.assignment import HolderKind
from ticketing.domain.lifecycle import TicketAction, TicketStatus
from ticketing.domain.ticket import Actor, TicketFacts
from ticketing.models import TextSource, Ticket

IN_THE_MORNING = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
"""10:00 in Beijing: inside the calling hours."""


@pytest.fixture(scope="module")
def listener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningListener]:
    with running_listener(tmp_path_factory.mktemp("listener"), is_real=True) as running:
        yield running


def _the_ticket(hotline: Hotline) -> TicketFacts:
    with hotline.services.db.reading() as session:
        ticket_id = session.scalars(select(Ticket.id)).one()
    return hotline.services.tickets.ticket(ticket_id)


def _all_tasks(hotline: Hotline) -> list[CallbackTask]:
    with hotline.services.db.reading() as session:
        return list(session.scalars(select(CallbackTask)))


def _resolve(hotline: Hotline) -> None:
    ticket = _the_ticket(hotline)
    assert ticket.holder_person_id
    holder = Actor(ticket.holder_person_id)
    hotline.services.tickets.act(ticket.id, TicketAction.ACCEPT, holder, offer_no=ticket.offer_no)
    hotline.services.tickets.act(ticket.id, TicketAction.RESOLVE, holder, note="修好了")


def _wait_until_morning(hotline: Hotline) -> None:
    hotline.clock.advance(IN_THE_MORNING - hotline.clock.now())


def _spoken(text: str) -> Say:
    """The citizen's voice, and a moment of silence after it."""
    return Say(pcm=speech_synthesis.synthesise(text, voice="f4") + bytes(24_000))


async def _dialling(hotline: Hotline) -> Claim:
    """A ticket was resolved, and its callback is claimed and marked: from here on it may have rung."""
    await hotline.take_call(Press("1"), Say(3), Press("#"))
    hotline.work()
    _resolve(hotline)
    _wait_until_morning(hotline)
    (claim,) = hotline.services.callbacks.claim_due(hotline.services.settings.telephony_id, 1)
    hotline.services.callbacks.mark_dialling(claim.attempt_id)
    return claim


@pytest.mark.parametrize(
    ("solved", "satisfied", "status", "level"),
    [("已经解决了", "非常满意", TicketStatus.CLOSED, 1), ("没有解决", "不满意", TicketStatus.REOPENED, 4)],
)
async def test_a_rating_by_voice_ends_the_ticket_as_one_by_keys_does(
    hotline: Hotline, listener: RunningListener, solved: str, satisfied: str, status: TicketStatus, level: int
) -> None:
    hotline.listener = LiveSpeech(listener.url)
    await hotline.take_call(_spoken("留言"), Say(3), Press("#"))
    hotline.work()
    _resolve(hotline)
    _wait_until_morning(hotline)
    await hotline.dial_due(_spoken(solved), _spoken(satisfied))
    assert _the_ticket(hotline).status is status
    with hotline.services.db.reading() as session:
        rating = session.scalars(select(Rating)).one()
    assert (rating.source, rating.satisfaction, rating.digits) == (RatingSource.VOICE, level, [])
    assert [answer["phrase"] for answer in rating.voice_answers] == [solved, satisfied]


async def test_screens_are_told_of_danger_while_the_caller_speaks(hotline: Hotline) -> None:
    services = hotline.services
    start = CallStart("live1", CallDirection.INBOUND, "12345", CITIZEN, hotline.clock.now())
    nudged = services.nudges.listen()
    await anext(nudged)
    services.ivr.call_arrived(start)
    assert "call" in await asyncio.wait_for(anext(nudged), 5)
    services.ivr.emergency_heard("live1", ["着火"])
    assert "call" in await asyncio.wait_for(anext(nudged), 5)


@pytest.mark.parametrize("processes_die", [False, True], ids=["all is well", "every process dies after its commit"])
async def test_a_message_becomes_a_rated_closed_ticket(hotline: Hotline, processes_die: bool) -> None:
    if processes_die:
        hotline.kill_after_commits()
    await hotline.take_call(Press("1"), Say(3), Press("#"))
    hotline.pass_time()
    hotline.work()
    hotline.pass_time()
    ticket = _the_ticket(hotline)
    assert (ticket.text, ticket.text_source) == ("路灯坏了", TextSource.TRANSCRIPT)
    assert ticket.holder_person_id == hotline.a
    _resolve(hotline)
    hotline.pass_time()
    assert _the_ticket(hotline).status is TicketStatus.REVISIT
    _wait_until_morning(hotline)
    await hotline.dial_due(Press("1", during="revisit_solved"), Press("2", during="revisit_satisfied"))
    hotline.pass_time()
    assert _the_ticket(hotline).status is TicketStatus.CLOSED
    with hotline.services.db.reading() as session:
        rating = session.scalars(select(Rating)).one()
    assert (rating.solved, rating.satisfaction) == (True, 2)


async def test_a_bad_rating_reopens_the_ticket_for_a_new_round(hotline: Hotline) -> None:
    await hotline.take_call(Press("1"), Say(3), Press("#"))
    hotline.work()
    _resolve(hotline)
    _wait_until_morning(hotline)
    hotline.be_present()
    await hotline.dial_due(Press("2", during="revisit_solved"), Press("5", during="revisit_satisfied"))
    ticket = _the_ticket(hotline)
    assert (ticket.status, ticket.round) == (TicketStatus.REOPENED, 2)
    assert ticket.holder_kind is HolderKind.PERSON


async def test_with_the_queue_away_the_message_waits_and_is_then_recognised_once(hotline: Hotline) -> None:
    hotline.queue.is_away = True
    await hotline.take_call(Press("1"), Say(3), Press("#"))
    hotline.pass_time()
    assert len(hotline.unrecognised()) == 1
    hotline.queue.is_away = False
    hotline.pass_time()
    hotline.pass_time()
    hotline.work()
    with hotline.services.db.reading() as session:
        assert len(session.scalars(select(Transcript.id)).all()) == 1
    assert _the_ticket(hotline).text == "路灯坏了"


async def test_a_silent_message_becomes_a_call_this_number_back_ticket(hotline: Hotline) -> None:
    await hotline.take_call(Press("1"), Say(pcm=bytes(16000 * 3)), Press("#"))
    ticket = _the_ticket(hotline)
    assert ticket.text_source is TextSource.UNUSABLE_MESSAGE


@pytest.mark.parametrize("processes_die", [False, True])
async def test_a_missed_call_becomes_a_task_that_the_person_on_duty_owns(hotline: Hotline, processes_die: bool) -> None:
    if processes_die:
        hotline.kill_after_commits()
    await hotline.take_call(HangUp(during="greeting"))
    hotline.pass_time()
    hotline.pass_time()
    (task,) = _all_tasks(hotline)
    assert (task.kind, task.status) == (CallbackKind.MISSED_CALL, CallbackStatus.WITH_PERSON)
    assert task.owner_person_id == hotline.a


async def test_an_answer_given_before_the_books_went_away_is_handed_in_later(hotline: Hotline) -> None:
    claim = await _dialling(hotline)
    hotline.keep_answers(claim, solved=True, satisfaction=1)  # on disk; then the process was killed
    dialler = await hotline.dial_due()
    assert dialler.dialled == []
    assert _the_ticket(hotline).status is TicketStatus.CLOSED


async def test_a_process_that_died_after_dialling_never_rings_for_the_same_attempt_again(hotline: Hotline) -> None:
    await _dialling(hotline)
    dialler = await hotline.dial_due(Press("1", during="revisit_solved"), Press("1", during="revisit_satisfied"))
    assert dialler.dialled == []  # interrupted: the ladder makes the next attempt wait
    hotline.pass_time(360)
    dialler = await hotline.dial_due(Press("1", during="revisit_solved"), Press("1", during="revisit_satisfied"))
    assert dialler.dialled == [CITIZEN]
    with hotline.services.db.reading() as session:
        numbers = session.scalars(select(CallbackAttempt.number).order_by(CallbackAttempt.number)).all()
    assert numbers == [1, 2]
    assert _the_ticket(hotline).status is TicketStatus.CLOSED


async def test_another_telephony_process_leaves_a_live_conversation_alone(hotline: Hotline) -> None:
    claim = await _dialling(hotline)
    settings = hotline.services.settings
    hotline.keep_answers(claim, solved=True, satisfaction=None)  # the citizen is at the second question
    other = dataclasses.replace(hotline.services, settings=settings.model_copy(update={"telephony_id": "telephony-2"}))
    await OutboundCalls(other, SimulatedDialler({}), hotline.prompts, hotline.listener).look()
    hotline.services.callbacks.finish_attempt(claim.attempt_id, AttemptResult(Disposition.ANSWERED, None, True, 1))
    assert _the_ticket(hotline).status is TicketStatus.CLOSED


async def test_a_fuller_report_after_a_partial_one_is_kept(hotline: Hotline) -> None:
    claim = await _dialling(hotline)
    for report in (AttemptResult(Disposition.ANSWERED, None, True), AttemptResult(Disposition.ANSWERED, None, True, 1)):
        hotline.services.callbacks.finish_attempt(claim.attempt_id, report)
        hotline.services.callbacks.finish_attempt(claim.attempt_id, report)
    assert _the_ticket(hotline).status is TicketStatus.CLOSED


async def test_without_a_trunk_the_satisfaction_call_goes_to_the_supervisors(hotline: Hotline) -> None:
    hotline.scheduler = Scheduler(
        dataclasses.replace(hotline.services, settings=hotline.services.settings.model_copy(update={"trunk": ""}))
    )
    await hotline.take_call(Press("1"), Say(3), Press("#"))
    hotline.work()
    _resolve(hotline)
    _wait_until_morning(hotline)
    hotline.pass_time()
    (task,) = _all_tasks(hotline)
    assert (task.status, task.owner_person_id) == (CallbackStatus.WITH_PERSON, None)
    hotline.services.callbacks.finish_by_person(task.id, hotline.boss, True, None, solved=True, satisfaction=2)
    assert _the_ticket(hotline).status is TicketStatus.CLOSED


async def test_the_owner_that_a_supervisor_chose_stays(hotline: Hotline) -> None:
    await hotline.take_call(HangUp(during="greeting"))
    (task,) = _all_tasks(hotline)
    hotline.services.callbacks.set_owner(task.id, hotline.b, by_person_id=hotline.boss)
    hotline.services.flow.find_owner(task.id)
    assert hotline.services.callbacks.task(task.id).owner_person_id == hotline.b


async def test_a_repeated_resolution_step_asks_nothing_of_a_reopened_ticket(hotline: Hotline) -> None:
    await hotline.take_call(Press("1"), Say(3), Press("#"))
    hotline.work()
    _resolve(hotline)
    _wait_until_morning(hotline)
    await hotline.dial_due(Press("2", during="revisit_solved"), Press("5", during="revisit_satisfied"))
    hotline.services.flow.ask_citizen(_the_ticket(hotline).id)
    assert len(_all_tasks(hotline)) == 1


@pytest.mark.parametrize("forged", ["sip:10.66.6.6", "*7213900000001"])
async def test_a_forged_number_is_never_dialled(hotline: Hotline, forged: str) -> None:
    await hotline.take_call(Press("1"), Say(3), Press("#"), caller=forged)
    hotline.work()
    _resolve(hotline)
    _wait_until_morning(hotline)
    assert (await hotline.dial_due()).dialled == []
    assert [task.status for task in _all_tasks(hotline)] == [CallbackStatus.WITH_PERSON]


def test_with_the_database_away_the_scheduler_waits_and_says_so_once(hotline: Hotline) -> None:
    away = Database("postgresql+psycopg://hotline@127.0.0.1:9/hotline")
    scheduler = Scheduler(dataclasses.replace(hotline.services, db=away))
    with structlog.testing.capture_logs() as lines:
        scheduler.tick()
        scheduler.tick()
    assert [line["event"] for line in lines] == ["app.scheduler.database_away"]
