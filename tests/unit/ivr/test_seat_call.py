"""A caller who wants a person: whoever is asked, whoever hangs up first, it is told and kept."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ivr.adapters.simulated import Act, HangUp, Press, Say, SimulatedCall, SimulatedDialler, StayOn
from ivr.adapters.simulated_talk import Departure, SimulatedConversation, SimulatedSwitchboard
from ivr.domain.call import CallDirection, CallOutcome, HangupBy
from ivr.domain.call_record import CallStart
from ivr.domain.conversation import LegRole
from ivr.domain.errors import LegNotChanged, RecordingFailed
from ivr.domain.events import (
    CallAnswered,
    CallArrived,
    CallbackRequested,
    CallEnded,
    CallMissed,
    EmergencyHeard,
    VoiceMessageLeft,
)
from ivr.domain.menu import Wish
from ivr.domain.policy import WaitingPolicy
from ivr.line_ports import FoundLeg
from ivr.models import MessageKind, MessageQuality
from ivr.ports import CallControl, DialFailure
from ivr.seat_ports import SeatOrder, SeatOrderKind, SeatTools, WaitingPlace
from people.domain.role import Role
from people.models import Person
from tests.contracts.sounds import write_tone
from tests.support.listeners import ScriptedListener, said
from tests.support.phone_stage import PhoneStage
from tests.support.seat_exchange import ScriptedExchange

PATIENT = WaitingPolicy(announce_every_s=600, limit_s=600, talk_max_s=60)
HASTY = WaitingPolicy(announce_every_s=0.05, limit_s=600, talk_max_s=60)
WANTS_A_PERSON = Press("0", during="menu")
WAITS: list[Act] = [WANTS_A_PERSON, StayOn(during="hold_music")]
Phones = Mapping[str, Sequence[Act] | DialFailure]


class Scene:
    """A stage with a people side."""

    def __init__(self, stage: PhoneStage) -> None:
        self.stage = stage
        with stage.db.transaction() as tx:
            for phone in ("ann", "ben"):
                person = Person(id=f"person-{phone}", login=phone, display_name=phone, role=Role.AGENT, is_active=True)
                person.created_at = stage.clock.now()
                tx.session.add(person)

        self.is_time: Callable[[], bool] = lambda: True
        """When somebody may hang up at last."""

    def has(
        self, exchange: ScriptedExchange, phones: Phones, *departures: Departure, policy: WaitingPolicy = PATIENT
    ) -> SimulatedSwitchboard:
        self.exchange = exchange
        self.dialler = SimulatedDialler(phones)
        self.switchboard = SimulatedSwitchboard(*departures, is_time=lambda: self.is_time())
        self.stage.seats = SeatTools(exchange, self.dialler, self.switchboard, policy)
        return self.switchboard


@pytest.fixture
def scene(stage: PhoneStage) -> Scene:
    return Scene(stage)


async def test_a_caller_talks_with_a_person_and_the_talk_is_kept(scene: Scene) -> None:
    scene.has(ScriptedExchange("ann"), {"ann": []}, Departure.CITIZEN)
    books = await scene.stage.take(SimulatedCall(WAITS))
    assert (books.call.outcome, books.call.hangup_by) == (CallOutcome.TALKED, HangupBy.CALLER)
    assert books.call.person_id == "person-ann"
    (recording,) = books.recordings
    assert (recording.channels, recording.duration_ms, recording.is_partial) == (2, 2000, False)
    assert (books.message.kind, books.message.quality) == (MessageKind.TALK, MessageQuality.OK)
    assert scene.exchange.told == ["join", "accepted ann", "left", "ended"]
    assert [type(fact) for fact in scene.stage.facts] == [CallArrived, CallAnswered, CallEnded, VoiceMessageLeft]
    assert scene.stage.service.message(books.message.id).person_id == "person-ann"
    assert scene.stage.spooled() == []
    (leg,) = scene.dialler.calls
    assert leg.is_hung_up_by_us


async def test_when_the_person_hangs_up_the_caller_hears_goodbye(scene: Scene) -> None:
    scene.has(ScriptedExchange("ann"), {"ann": []}, Departure.AGENT)
    call = SimulatedCall(WAITS)
    books = await scene.stage.take(call)
    assert call.heard[-1] == "goodbye"
    assert (books.call.outcome, books.call.hangup_by) == (CallOutcome.TALKED, HangupBy.SYSTEM)


@pytest.mark.parametrize("failure", [DialFailure.NO_ANSWER, DialFailure.REJECTED, DialFailure.UNREACHABLE])
async def test_whoever_does_not_answer_is_noted_and_the_next_one_rings(scene: Scene, failure: DialFailure) -> None:
    scene.has(ScriptedExchange("ann", "ben"), {"ann": failure, "ben": []}, Departure.CITIZEN)
    books = await scene.stage.take(SimulatedCall(WAITS))
    assert scene.exchange.told == ["join", f"missed ann {failure}", "accepted ben", "left", "ended"]
    assert books.call.person_id == "person-ben"


async def test_a_broken_telephone_brings_the_next_person_and_one_recording(scene: Scene) -> None:
    scene.has(ScriptedExchange("ann", "ben"), {"ann": [], "ben": []}, Departure.AGENT_LOST, Departure.CITIZEN)
    call = SimulatedCall([WANTS_A_PERSON, StayOn(during="hold_music"), StayOn(during="hold_music")])
    books = await scene.stage.take(call)
    assert "seat_lost" in call.heard
    assert scene.exchange.told == ["join", "accepted ann", "requeue", "accepted ben", "left", "ended"]
    assert len(books.recordings) == 1
    assert books.call.person_id == "person-ben"


@pytest.mark.parametrize("during", ["seat_connecting", "hold_music"])
async def test_who_hangs_up_in_the_line_is_missed_and_no_phone_rings_on(scene: Scene, during: str) -> None:
    scene.has(ScriptedExchange(), {})
    books = await scene.stage.take(SimulatedCall([WANTS_A_PERSON, HangUp(during=during)]))
    assert books.call.outcome is CallOutcome.MISSED
    assert scene.exchange.told == ["join", "left", "ended"]
    assert CallMissed in {type(fact) for fact in scene.stage.facts}


@pytest.mark.parametrize(
    ("acts", "outcome", "fact"),
    [
        ([Press("1", during="hold_music"), Say(2), Press("#")], CallOutcome.MESSAGE_LEFT, VoiceMessageLeft),
        ([Press("2", during="hold_music")], CallOutcome.CALLBACK_REQUESTED, CallbackRequested),
    ],
)
async def test_who_does_not_want_to_wait_leaves_a_message_or_is_called_back(
    scene: Scene, acts: list[Act], outcome: CallOutcome, fact: type
) -> None:
    scene.has(ScriptedExchange(), {})
    books = await scene.stage.take(SimulatedCall([WANTS_A_PERSON, *acts]))
    assert books.call.outcome is outcome
    assert fact in {type(each) for each in scene.stage.facts}
    assert "diverted" in scene.exchange.told


async def test_he_is_told_where_he_stands(scene: Scene) -> None:
    scene.has(ScriptedExchange(place=WaitingPlace(3, 150)), {}, policy=HASTY)
    call = SimulatedCall([WANTS_A_PERSON, HangUp(during="queue_choices")])
    await scene.stage.take(call)
    start = call.heard.index("queue_number")
    told = ["queue_number", "digit_3", "queue_place", "queue_wait", "digit_2", "queue_minutes", "queue_choices"]
    assert call.heard[start : start + 7] == told


@pytest.mark.parametrize(
    ("place", "prompt"),
    [
        (WaitingPlace(3, 150), "queue_number"),
        (WaitingPlace(3, 150), "digit_3"),
        (WaitingPlace(3, 150), "queue_place"),
        (WaitingPlace(3, 150), "queue_wait"),
        (WaitingPlace(3, 150), "queue_minutes"),
        (WaitingPlace(12, 1200), "queue_long"),
        (WaitingPlace(12, 1200), "queue_wait_long"),
        (WaitingPlace(1, None), "queue_choices"),
    ],
)
async def test_hanging_up_while_he_is_told_leaves_a_missed_call(scene: Scene, place: WaitingPlace, prompt: str) -> None:
    scene.has(ScriptedExchange(place=place), {}, policy=HASTY)
    call = SimulatedCall([WANTS_A_PERSON, HangUp(during=prompt)])
    books = await scene.stage.take(call)
    assert (call.heard[-1], books.call.outcome) == (prompt, CallOutcome.MISSED)
    assert "left" in scene.exchange.told


async def test_hanging_up_after_a_broken_telephone_leaves_the_talk(scene: Scene) -> None:
    scene.has(ScriptedExchange("ann"), {"ann": []}, Departure.AGENT_LOST)
    books = await scene.stage.take(SimulatedCall([WANTS_A_PERSON, HangUp(during="seat_lost")]))
    assert books.call.outcome is CallOutcome.TALKED
    assert books.message.kind is MessageKind.TALK


async def test_a_long_line_and_a_long_wait_are_told_in_words(scene: Scene) -> None:
    scene.has(ScriptedExchange(place=WaitingPlace(12, 1200)), {}, policy=HASTY)
    call = SimulatedCall([WANTS_A_PERSON, HangUp(during="queue_choices")])
    await scene.stage.take(call)
    start = call.heard.index("queue_long")
    assert call.heard[start : start + 3] == ["queue_long", "queue_wait_long", "queue_choices"]


async def test_after_the_limit_he_is_asked_and_who_says_nothing_waits_on(scene: Scene) -> None:
    scene.has(ScriptedExchange(), {}, policy=WaitingPolicy(announce_every_s=0.05, limit_s=0.01, talk_max_s=60))
    call = SimulatedCall([WANTS_A_PERSON, Press("2", during="seats_busy")])
    books = await scene.stage.take(call)
    assert books.call.outcome is CallOutcome.CALLBACK_REQUESTED


async def test_with_nobody_to_ask_he_is_told_so(scene: Scene) -> None:
    scene.has(ScriptedExchange(has_desk=False), {})
    call = SimulatedCall([WANTS_A_PERSON, Press("2", during="seats_busy")])
    books = await scene.stage.take(call)
    assert books.call.outcome is CallOutcome.CALLBACK_REQUESTED
    assert scene.exchange.told == ["join"]


async def test_who_picks_up_too_late_is_hung_up_on(scene: Scene) -> None:
    scene.has(ScriptedExchange("ann", is_too_late=True), {"ann": []}, policy=HASTY)
    await scene.stage.take(SimulatedCall([WANTS_A_PERSON, Press("2", during="hold_music")]))
    (leg,) = scene.dialler.calls
    assert leg.is_hung_up_by_us


async def test_orders_are_obeyed_and_the_screen_is_told_how_the_talk_stands(scene: Scene) -> None:
    kinds = (
        SeatOrderKind.HOLD, SeatOrderKind.RESUME, SeatOrderKind.MUTE, SeatOrderKind.UNMUTE,
        SeatOrderKind.PAUSE_RECORDING, SeatOrderKind.RESUME_RECORDING,
    )  # fmt: skip
    orders = [SeatOrder(kind) for kind in kinds]
    switchboard = scene.has(ScriptedExchange("ann", orders=orders), {"ann": []}, Departure.AGENT)
    await scene.stage.take(SimulatedCall(WAITS))
    (conversation,) = switchboard.conversations
    assert conversation.done == [
        "join citizen", "join agent", "hold citizen hold_music", "resume citizen", "mute agent", "unmute agent",
        "pause", "go on",
    ]  # fmt: skip
    states = scene.exchange.states
    assert any(state.is_held for state in states)
    assert any(state.is_muted for state in states)
    assert any(state.is_recording_paused for state in states)
    assert states[-1].is_recording


async def test_a_third_party_comes_in_and_one_that_does_not_answer_is_told(scene: Scene) -> None:
    orders = [SeatOrder(SeatOrderKind.INVITE, "119"), SeatOrder(SeatOrderKind.INVITE, "10086")]
    phones: Phones = {"ann": [], "119": [], "10086": DialFailure.BUSY}
    switchboard = scene.has(ScriptedExchange("ann", orders=orders), phones, Departure.AGENT)
    await scene.stage.take(SimulatedCall(WAITS))
    assert f"join {LegRole.THIRD_PARTY}" in switchboard.conversations[0].done
    assert ("119",) in {state.guests for state in scene.exchange.states}
    assert "10086: busy" in {state.failed_guest for state in scene.exchange.states}
    assert all(leg.end_cause for leg in scene.dialler.calls)


@pytest.mark.parametrize("failure", [DialFailure.BUSY, DialFailure.NO_ANSWER])
async def test_a_supervisor_who_cannot_be_rung_is_told_and_the_person_sees_nothing(
    scene: Scene, failure: DialFailure
) -> None:
    orders = [SeatOrder(kind, "boss") for kind in (SeatOrderKind.LISTEN, SeatOrderKind.WHISPER, SeatOrderKind.BARGE)]
    scene.has(ScriptedExchange("ann", orders=orders), {"ann": [], "boss": failure}, Departure.AGENT)
    scene.is_time = lambda: len(scene.exchange.failures) == 3
    await scene.stage.take(SimulatedCall(WAITS))
    assert scene.exchange.failures == [(order.kind, failure.value) for order in orders]
    assert "boss" not in str(scene.exchange.states)


class SlowDialler(SimulatedDialler):
    """Its telephones ring for a while."""

    async def dial(self, number: str, *, call_id: str, ring_timeout_s: float) -> SimulatedCall:
        call = await super().dial(number, call_id=call_id, ring_timeout_s=ring_timeout_s)
        for _ in range(5):
            await asyncio.sleep(0)
        return call


async def test_a_third_party_that_is_asked_for_twice_is_rung_once_and_not_left_behind(scene: Scene) -> None:
    orders = [SeatOrder(SeatOrderKind.INVITE, "119")] * 2
    switchboard = scene.has(ScriptedExchange("ann", orders=orders), {}, Departure.AGENT)
    scene.dialler = SlowDialler({"ann": [], "119": []})
    scene.stage.seats = SeatTools(scene.exchange, scene.dialler, switchboard, PATIENT)
    scene.is_time = lambda: ("119",) in {state.guests for state in scene.exchange.states}
    await asyncio.wait_for(scene.stage.take(SimulatedCall(WAITS)), 20)
    assert scene.dialler.dialled == ["ann", "119"]
    assert all(leg.end_cause for leg in scene.dialler.calls)


async def test_who_could_not_be_muted_is_not_shown_as_muted_and_his_person_is_told(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def mute(self: SimulatedConversation, call: CallControl, *, is_muted: bool) -> None:
        raise LegNotChanged("planted")

    monkeypatch.setattr(SimulatedConversation, "mute", mute)
    orders = [SeatOrder(SeatOrderKind.MUTE), SeatOrder(SeatOrderKind.HOLD)]
    scene.has(ScriptedExchange("ann", orders=orders), {"ann": []}, Departure.AGENT)
    scene.is_time = lambda: scene.exchange.states[-1].is_held
    await asyncio.wait_for(scene.stage.take(SimulatedCall(WAITS)), 20)
    assert scene.exchange.failures == [(SeatOrderKind.MUTE, "failed")]
    assert {state.is_muted for state in scene.exchange.states} == {False}
    assert "mute" in {state.failed_order for state in scene.exchange.states}
    assert scene.exchange.states[-1].failed_order is None, "the next one goes well"


async def test_no_more_third_parties_come_in_than_may_and_whoever_asked_is_told(scene: Scene) -> None:
    numbers = ("110", "119", "120", "122")
    orders = [SeatOrder(SeatOrderKind.INVITE, number) for number in numbers]
    scene.has(ScriptedExchange("ann", orders=orders), {}, Departure.AGENT)
    scene.dialler = SlowDialler({"ann": []} | {number: [] for number in numbers})
    scene.stage.seats = SeatTools(scene.exchange, scene.dialler, scene.switchboard, PATIENT)
    scene.is_time = lambda: len(scene.exchange.states[-1].guests) == PATIENT.guests_max
    await asyncio.wait_for(scene.stage.take(SimulatedCall(WAITS)), 20)
    assert scene.dialler.dialled == ["ann", "110", "119", "120"]
    assert scene.exchange.failures == [(SeatOrderKind.INVITE, "too_many")]
    assert "122: too_many" in {state.failed_guest for state in scene.exchange.states}


async def test_the_next_person_sees_who_else_is_on_the_line(scene: Scene) -> None:
    orders = [SeatOrder(SeatOrderKind.INVITE, "119"), SeatOrder(SeatOrderKind.TRANSFER, "desk-2")]
    phones: Phones = {"ann": [], "ben": [], "119": []}
    scene.has(ScriptedExchange("ann", "ben", orders=orders), phones, Departure.AGENT, Departure.CITIZEN)
    scene.is_time = lambda: bool(scene.dialler.calls and scene.dialler.calls[0].is_hung_up_by_us)
    await asyncio.wait_for(scene.stage.take(SimulatedCall([WANTS_A_PERSON])), 20)
    assert "accepted ben" in scene.exchange.told
    assert scene.exchange.states[-1].guests == ("119",)


async def test_words_of_danger_raise_the_alarm_while_they_talk(scene: Scene) -> None:
    scene.stage.listener = ScriptedListener([said("家里", "着火", "了")], ends=False)
    scene.has(ScriptedExchange("ann"), {"ann": []}, Departure.CITIZEN)
    scene.is_time = lambda: EmergencyHeard in {type(fact) for fact in scene.stage.facts}
    books = await asyncio.wait_for(scene.stage.take(SimulatedCall(WAITS)), 20)
    assert books.call.emergency_words == ["着火"]
    assert {text for _, text in scene.exchange.words} == {"家里着火了"}


async def test_a_transferred_caller_stands_in_the_other_line_and_is_recorded_on(scene: Scene) -> None:
    orders = [SeatOrder(SeatOrderKind.TRANSFER, "desk-2")]
    scene.has(ScriptedExchange("ann", "ben", orders=orders), {"ann": [], "ben": []}, Departure.AGENT, Departure.CITIZEN)
    scene.is_time = lambda: bool(scene.dialler.calls and scene.dialler.calls[0].is_hung_up_by_us)
    books = await asyncio.wait_for(scene.stage.take(SimulatedCall([WANTS_A_PERSON])), 20)
    assert scene.exchange.told == ["join", "accepted ann", "transferred desk-2", "accepted ben", "left", "ended"]
    assert (len(books.recordings), books.call.person_id) == (1, "person-ben")


async def test_after_a_hand_over_caller_and_third_party_talk_on(scene: Scene) -> None:
    orders = [SeatOrder(SeatOrderKind.INVITE, "119"), SeatOrder(SeatOrderKind.HAND_OVER)]
    phones: Phones = {"ann": [], "119": []}
    scene.has(ScriptedExchange("ann", orders=orders), phones, Departure.AGENT, Departure.CITIZEN)
    scene.is_time = lambda: bool(scene.dialler.calls and scene.dialler.calls[0].is_hung_up_by_us)
    books = await asyncio.wait_for(scene.stage.take(SimulatedCall(WAITS)), 20)
    assert books.call.outcome is CallOutcome.TALKED
    ann, guest = scene.dialler.calls
    assert ann.end_cause is not None
    assert guest.end_cause is not None
    assert scene.exchange.told[:3] == ["join", "accepted ann", "ended"]


async def test_a_talk_of_which_nothing_is_left_is_made_good_by_a_call_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def start_recording(self: SimulatedConversation, folder: Path) -> None:
        raise RecordingFailed("no disk")

    monkeypatch.setattr(SimulatedConversation, "start_recording", start_recording)
    scene.has(ScriptedExchange("ann"), {"ann": []}, Departure.CITIZEN)
    books = await scene.stage.take(SimulatedCall(WAITS))
    assert (books.call.outcome, books.call.person_id) == (CallOutcome.CALLBACK_REQUESTED, "person-ann")
    assert CallbackRequested in {type(fact) for fact in scene.stage.facts}
    assert scene.stage.spooled() == []


async def test_of_a_talk_with_one_side_on_disk_that_side_is_kept(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def start_recording(self: SimulatedConversation, folder: Path) -> None:
        await asyncio.to_thread(folder.mkdir)
        await asyncio.to_thread(write_tone, folder / "citizen.wav", seconds=2)

    monkeypatch.setattr(SimulatedConversation, "start_recording", start_recording)
    scene.has(ScriptedExchange("ann"), {"ann": []}, Departure.CITIZEN)
    books = await scene.stage.take(SimulatedCall(WAITS))
    assert (books.call.outcome, books.message.quality) == (CallOutcome.TALKED, MessageQuality.OK)
    assert books.recordings[0].duration_ms == 2000


async def test_with_the_books_away_a_broken_telephone_leaves_the_caller_a_choice(scene: Scene) -> None:
    exchange = ScriptedExchange("ann", can_requeue=False)
    scene.has(exchange, {"ann": []}, Departure.AGENT_LOST)
    books = await scene.stage.take(SimulatedCall([WANTS_A_PERSON, Press("2", during="seats_busy")]))
    assert books.call.outcome is CallOutcome.CALLBACK_REQUESTED
    assert exchange.told[-2:] == ["left", "ended"]


async def test_a_talk_that_cannot_be_taken_down_leaves_the_line_all_the_same(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def close(self: SimulatedConversation) -> None:
        raise ConnectionError("planted")

    monkeypatch.setattr(SimulatedConversation, "close", close)
    scene.has(ScriptedExchange("ann"), {"ann": []}, Departure.CITIZEN)
    await scene.stage.take(SimulatedCall(WAITS))
    assert scene.exchange.told[-2:] == ["left", "ended"]


@dataclass
class Found:
    """A talk that went on: its people, and how they stand. Implements FoundTalk."""

    citizen: CallControl
    others: Sequence[FoundLeg]
    conversation: SimulatedConversation
    conversation_id: str = "call1"
    is_held: bool = False
    is_recording_paused: bool = False

    async def outlive(self) -> None:
        raise AssertionError("its journal is there")


async def _found(scene: Scene, *others: FoundLeg, departures: Sequence[Departure] = ()) -> Found:
    """What a process that died in a talk with Ann has left."""
    scene.has(ScriptedExchange("ben"), {"ben": []}, *departures)
    citizen = SimulatedCall([StayOn(during="hold_music")])
    stage = scene.stage
    start = CallStart("call1", CallDirection.INBOUND, "12345", "+8613900000001", stage.clock.now())
    journal = stage.service.open_journal(start)
    now = stage.clock.now()
    facts = {"answered_at": now, "wish": Wish.AGENT, "talk_started_at": now, "digits": (("0", 900),)}
    journal.note(replace(journal.record, **facts, person_id="person-ann", person_leg="ann"))  # type: ignore[arg-type]
    journal.close()
    conversation = scene.switchboard.open_conversation("call1")
    for leg in (FoundLeg(citizen, LegRole.CITIZEN), *others):
        await conversation.join(leg.call, leg.role)
    return Found(citizen, others, conversation)


def _leg(name: str, role: LegRole) -> FoundLeg:
    return FoundLeg(SimulatedCall([], call_id=name, caller=name), role)


async def test_a_found_talk_knows_its_person_its_guests_and_its_supervisors_again(scene: Scene) -> None:
    barging, ann = _leg("boss", LegRole.AGENT), _leg("ann", LegRole.AGENT)
    guest = _leg("119", LegRole.THIRD_PARTY)
    found = await _found(scene, barging, ann, guest, departures=[Departure.CITIZEN])
    books = await scene.stage.take_up(found)
    assert scene.exchange.told == ["went_on person-ann", "left", "ended"]
    assert scene.exchange.states[-1].guests == ("119",)
    assert (books.call.outcome, books.call.person_id, books.call.cause) == (CallOutcome.TALKED, "person-ann", "bye")
    assert books.call.digits == [{"digit": "0", "at_ms": 900}]
    assert all(leg.call.end_cause for leg in (barging, ann, guest))


async def test_a_found_talk_that_was_handed_over_goes_on_between_caller_and_third_party(scene: Scene) -> None:
    found = await _found(scene, _leg("119", LegRole.THIRD_PARTY), departures=[Departure.CITIZEN])
    books = await scene.stage.take_up(found)
    assert "requeue" not in scene.exchange.told
    assert books.call.outcome is CallOutcome.TALKED


async def test_who_is_found_alone_is_back_at_his_place_and_reaches_the_next_person(scene: Scene) -> None:
    found = await _found(scene, departures=[Departure.CITIZEN])
    books = await scene.stage.take_up(found)
    assert scene.exchange.told == ["went_on person-ann", "requeue", "accepted ben", "left", "ended"]
    assert (len(books.recordings), books.call.person_id) == (1, "person-ben")
