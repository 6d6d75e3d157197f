"""The way of a call on another telephone system: like one of ours, in whatever order it is told, whoever dies."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.referred_sounds import ReferredSounds
from app.views.call_log import CallPage, call_page
from app.views.recordings import Looker
from callbacks.domain.lifecycle import CallbackStatus
from callbacks.models import CallbackTask
from intake.domain.call_event import CallEvent, CallEventKind, RecordingOf, call_id_of
from intake.domain.client import ClientFacts
from intake.domain.errors import FetchFailed
from intake.models import VoiceUpload
from ivr.domain.call import CallOutcome, CallStatus
from ivr.models import MessageKind, VoiceMessage
from tests.journeys.conftest import CITIZEN, LONG_MESSAGE_S, Hotline
from tests.support.tones import write_tone
from ticketing.models import TextSource, Ticket

K = CallEventKind
HOST = "pbx.example"


class Pbx:
    """Another telephone system. Its sounds are fetched from where `sound` says, or not at all."""

    def __init__(self, hotline: Hotline, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hotline, self.sound = hotline, folder / "sound.wav"
        write_tone(self.sound)
        self.fails: FetchFailed | None = None
        new = hotline.services.intake_clients.add("old PBX", "12345", None, (HOST,))
        self.client: ClientFacts = hotline.services.intake_clients.of_id(new.id)
        monkeypatch.setattr(hotline.services.intake._fetcher, "fetch", self._fetch)

    def _fetch(self, url: str, target: Path) -> None:
        if self.fails is not None:
            raise self.fails
        target.write_bytes(self.sound.read_bytes())

    def event(self, kind: CallEventKind, after_s: float = 0, *, ref: str = "c-1", **more: Any) -> CallEvent:
        at = self.hotline.clock.now() + timedelta(seconds=after_s)
        return CallEvent(f"{ref}-{kind}-{after_s:g}", kind, at, ref, **more)

    def tell(self, *events: CallEvent) -> str:
        self.hotline.services.call_events.keep(self.client, events)
        return call_id_of(self.client.id, events[0].call_ref)

    def be_fetched(self) -> None:
        sounds = ReferredSounds(self.hotline.services)
        sounds.look()
        assert sounds.wait(20)

    def recording(self, of: RecordingOf, **more: Any) -> CallEvent:
        return self.event(K.RECORDING_READY, 70, recording_url=f"https://{HOST}/1.wav", recording_of=of, **more)


@pytest.fixture
def pbx(hotline: Hotline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pbx:
    return Pbx(hotline, tmp_path, monkeypatch)


def page_of(hotline: Hotline, call_id: str) -> CallPage:
    with hotline.services.db.reading() as session:
        return call_page(session, call_id, Looker(hotline.boss, hotline.clock.now(), may_open_original=True))


def tasks(hotline: Hotline) -> list[CallbackTask]:
    with hotline.services.db.reading() as session:
        return list(session.scalars(select(CallbackTask)))


def tickets(hotline: Hotline) -> list[Ticket]:
    with hotline.services.db.reading() as session:
        return list(session.scalars(select(Ticket)))


def test_a_missed_call_is_called_back_by_a_person(hotline: Hotline, pbx: Pbx) -> None:
    call_id = pbx.tell(pbx.event(K.RINGING, caller=CITIZEN), pbx.event(K.HUNG_UP, 20))
    (task,) = tasks(hotline)
    assert (task.call_id, task.phone, task.status) == (call_id, f"+86{CITIZEN}", CallbackStatus.WITH_PERSON)
    assert task.owner_person_id == hotline.a
    assert page_of(hotline, call_id).call.outcome is CallOutcome.MISSED


def test_an_answer_that_is_told_late_withdraws_the_task(hotline: Hotline, pbx: Pbx) -> None:
    call_id = pbx.tell(pbx.event(K.RINGING, caller=CITIZEN), pbx.event(K.HUNG_UP, 60))
    pbx.tell(pbx.event(K.ANSWERED, 8, agent="801"))
    (task,) = tasks(hotline)
    assert (task.status, task.note) == (CallbackStatus.DONE, "served_after_all")
    hotline.pass_time()
    assert len(tasks(hotline)) == 1
    assert page_of(hotline, call_id).call.outcome is CallOutcome.TALKED


def test_a_message_becomes_a_ticket_and_nobody_is_called_back_twice(hotline: Hotline, pbx: Pbx) -> None:
    call_id = pbx.tell(pbx.event(K.RINGING, caller=CITIZEN), pbx.event(K.HUNG_UP, 60))
    pbx.tell(pbx.recording(RecordingOf.MESSAGE))
    pbx.be_fetched()
    hotline.work()
    (ticket,) = tickets(hotline)
    assert "路灯" in ticket.text
    assert (ticket.caller, ticket.text_source) == (f"+86{CITIZEN}", TextSource.TRANSCRIPT)
    page = page_of(hotline, call_id)
    assert (page.call.outcome, page.call.ticket_id) == (CallOutcome.MESSAGE_LEFT, ticket.id)
    assert [task.status for task in tasks(hotline)] == [CallbackStatus.DONE]


def test_a_message_whose_sound_cannot_be_had_is_called_back(hotline: Hotline, pbx: Pbx) -> None:
    pbx.fails = FetchFailed("gone", is_final=True)
    pbx.tell(pbx.event(K.RINGING, caller=CITIZEN), pbx.recording(RecordingOf.MESSAGE))
    pbx.be_fetched()
    (ticket,) = tickets(hotline)
    assert (ticket.caller, ticket.text_source) == (f"+86{CITIZEN}", TextSource.UNUSABLE_MESSAGE)


@pytest.mark.parametrize("seconds", [3, LONG_MESSAGE_S])
def test_a_talk_is_kept_with_its_call_and_opens_no_ticket(hotline: Hotline, pbx: Pbx, seconds: int) -> None:
    """A long one is recognised in parts."""
    write_tone(pbx.sound, seconds)
    call_id = pbx.tell(pbx.event(K.RINGING, caller=CITIZEN), pbx.event(K.ANSWERED, 5), pbx.event(K.HUNG_UP, 60))
    pbx.tell(pbx.recording(RecordingOf.TALK))
    pbx.be_fetched()
    for _ in range(3):
        hotline.work()
        hotline.pass_time()
    page = page_of(hotline, call_id)
    assert (page.call.outcome, len(page.recordings)) == (CallOutcome.TALKED, 1)
    assert list(page.transcripts) == [page.recordings[0].id]
    assert (tickets(hotline), tasks(hotline)) == ([], [])


def test_a_talk_opens_a_ticket_when_its_event_says_so(hotline: Hotline, pbx: Pbx) -> None:
    call_id = pbx.tell(pbx.event(K.RINGING, caller=CITIZEN), pbx.event(K.ANSWERED, 5), pbx.event(K.HUNG_UP, 60))
    pbx.tell(pbx.recording(RecordingOf.TALK, opens_ticket=True))
    pbx.be_fetched()
    hotline.work()
    (ticket,) = tickets(hotline)
    page = page_of(hotline, call_id)
    assert (page.call.outcome, page.call.ticket_id) == (CallOutcome.TALKED, ticket.id)
    with hotline.services.db.reading() as session:
        assert session.scalar(select(VoiceMessage.kind)) is MessageKind.TALK


def test_a_talk_whose_sound_cannot_be_had_troubles_nobody(hotline: Hotline, pbx: Pbx) -> None:
    pbx.tell(pbx.event(K.RINGING, caller=CITIZEN), pbx.event(K.ANSWERED, 5), pbx.event(K.HUNG_UP, 60))
    pbx.sound.write_bytes(b"no sound")
    pbx.tell(pbx.recording(RecordingOf.TALK))
    pbx.be_fetched()
    hotline.work()
    hotline.pass_time()
    hotline.work()
    assert (tickets(hotline), tasks(hotline)) == ([], [])
    with hotline.services.db.reading() as session:
        assert session.scalar(select(VoiceUpload.failure_code)) is not None


def test_two_messages_of_one_call_are_two_tickets(hotline: Hotline, pbx: Pbx) -> None:
    pbx.tell(pbx.event(K.RINGING, caller=CITIZEN), pbx.recording(RecordingOf.MESSAGE))
    pbx.tell(pbx.event(K.RECORDING_READY, 90, recording_url=f"https://{HOST}/2", recording_of=RecordingOf.MESSAGE))
    pbx.be_fetched()
    hotline.work()
    assert len(tickets(hotline)) == 2


def test_a_recording_waits_a_little_for_the_event_that_names_its_caller(hotline: Hotline, pbx: Pbx) -> None:
    pbx.tell(pbx.recording(RecordingOf.MESSAGE))
    pbx.be_fetched()
    hotline.work()
    assert tickets(hotline) == []
    pbx.tell(pbx.event(K.RINGING, caller=CITIZEN))
    pbx.be_fetched()
    hotline.work()
    assert [ticket.caller for ticket in tickets(hotline)] == [f"+86{CITIZEN}"]


def test_a_recording_whose_caller_nobody_names_is_taken_all_the_same(hotline: Hotline, pbx: Pbx) -> None:
    call_id = pbx.tell(pbx.recording(RecordingOf.MESSAGE))
    hotline.clock.advance(timedelta(seconds=hotline.services.policy.call_events.caller_within_s))
    pbx.be_fetched()
    hotline.work()
    assert [ticket.caller for ticket in tickets(hotline)] == ["anonymous"]
    assert set(page_of(hotline, call_id).unknown) == {"caller", "started_at", "ended_at"}


def test_a_call_that_nobody_ends_is_settled_and_what_comes_later_still_counts(hotline: Hotline, pbx: Pbx) -> None:
    call_id = pbx.tell(pbx.event(K.RINGING, caller=CITIZEN), pbx.event(K.ANSWERED, 5))
    silent_s = hotline.services.policy.call_events.silent_s
    hotline.pass_time(silent_s - 60)
    assert page_of(hotline, call_id).call.status is CallStatus.ANSWERED
    hotline.pass_time(120)
    page = page_of(hotline, call_id)
    assert (page.call.status, page.call.cause, page.unknown) == (CallStatus.ENDED, "silent", ["ended_at"])
    end = pbx.event(K.HUNG_UP, -30, cause="normal")
    pbx.tell(end)
    page = page_of(hotline, call_id)
    assert (page.call.ended_at, page.call.cause, page.unknown) == (end.at, "normal", [])
    hotline.pass_time(2 * silent_s)
    assert page_of(hotline, call_id).call.ended_at == end.at


def test_a_call_that_only_rang_and_fell_silent_is_called_back(hotline: Hotline, pbx: Pbx) -> None:
    pbx.tell(pbx.event(K.RINGING, caller=CITIZEN))
    hotline.pass_time(hotline.services.policy.call_events.silent_s + 60)
    hotline.pass_time()
    assert [task.phone for task in tasks(hotline)] == [f"+86{CITIZEN}"]


# ---- whoever dies


def test_every_process_dies_after_its_commits_and_nothing_is_lost_or_doubled(hotline: Hotline, pbx: Pbx) -> None:
    hotline.kill_after_commits()
    missed = pbx.tell(pbx.event(K.RINGING, caller=CITIZEN), pbx.event(K.HUNG_UP, 20))
    left = pbx.tell(pbx.event(K.RINGING, ref="c-2", caller=CITIZEN), pbx.event(K.HUNG_UP, 60, ref="c-2"))
    pbx.tell(
        pbx.event(K.RECORDING_READY, 61, ref="c-2", recording_url=f"https://{HOST}/2", recording_of=RecordingOf.MESSAGE)
    )
    assert tasks(hotline) == []  # nobody has taken a step yet
    for _ in range(6):
        hotline.pass_time()
        pbx.be_fetched()
        hotline.work()
    assert [(task.call_id, task.status) for task in tasks(hotline)] == [(missed, CallbackStatus.WITH_PERSON)]
    assert len(tickets(hotline)) == 1
    assert page_of(hotline, left).call.ticket_id == tickets(hotline)[0].id


def test_a_death_before_the_withdrawal_leaves_no_task_behind(hotline: Hotline, pbx: Pbx) -> None:
    pbx.tell(pbx.event(K.RINGING, caller=CITIZEN), pbx.event(K.HUNG_UP, 60))
    hotline.kill_after_commits()
    pbx.tell(pbx.event(K.ANSWERED, 8))
    assert [task.status for task in tasks(hotline)] == [CallbackStatus.WITH_PERSON]
    for _ in range(3):
        hotline.pass_time()
    assert [task.status for task in tasks(hotline)] == [CallbackStatus.DONE]


def test_a_death_between_the_log_and_the_mark_writes_nothing_twice(
    hotline: Hotline, pbx: Pbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    events = pbx.event(K.RINGING, caller=CITIZEN), pbx.event(K.HUNG_UP, 20)
    with monkeypatch.context() as patched:
        patched.setattr(hotline.services.call_events, "mark_followed", die)
        with pytest.raises(KeyboardInterrupt):
            pbx.tell(*events)
    for _ in range(2):
        hotline.pass_time()
    assert len(tasks(hotline)) == 1


STORY = [(K.RINGING, 0), (K.MISSED, 5), (K.ANSWERED, 8), (K.TRANSFERRED, 30), (K.HUNG_UP, 60)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(STORY * 2), cuts=st.sets(st.integers(1, 9)), ref=st.uuids().map(str))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_however_the_events_arrive_the_log_says_the_same(
    hotline: Hotline, pbx: Pbx, order: list[tuple[CallEventKind, int]], cuts: set[int], ref: str
) -> None:
    """In any order, each twice, in any number of requests."""
    events = [pbx.event(kind, after_s, ref=ref, caller=CITIZEN, agent="801", target="802") for kind, after_s in order]
    edges = [0, *sorted(cuts), len(events)]
    for start, end in pairwise(edges):
        call_id = pbx.tell(*events[start:end])
    row = page_of(hotline, call_id).call
    assert (row.outcome, row.agents) == (CallOutcome.TALKED, ["801", "802"])
    assert (row.ended_at or row.started_at) - row.started_at == timedelta(seconds=60)
    assert all(task.status is CallbackStatus.DONE for task in tasks(hotline))
