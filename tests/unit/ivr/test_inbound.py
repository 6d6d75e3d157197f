"""Every way through the inbound call, and what it leaves in the books."""

import pytest

from ivr.adapters.simulated import Act, HangUp, Press, Say, SimulatedCall, Wait
from ivr.domain.call import CallOutcome, CallStatus, HangupBy
from ivr.domain.events import CallAnswered, CallArrived, CallbackRequested, CallEnded, CallMissed, VoiceMessageLeft
from ivr.domain.prompts import Prompt
from ivr.models import MessageQuality
from ivr.ports import TicketProgress
from tests.support.phone_stage import NUMBER, POLICY, PhoneStage

MESSAGE: list[Act] = [Press("1", during="menu"), Say(2), Press("#")]
NUMBER_READ = ["ticket_number_is", *(f"digit_{digit}" for digit in NUMBER if digit != "-"), "repeat_number"]
ONE = [TicketProgress("20260301-00007", "accepted")]
THREE = [
    TicketProgress("20260302-00309", "new"),
    TicketProgress("20260301-00107", "resolved"),
    TicketProgress("20260228-00042", "closed"),
]


def heard_between(call: SimulatedCall, first: str, last: str) -> list[str]:
    return call.heard[call.heard.index(first) : call.heard.index(last) + 1]


# --- a message


async def test_a_message_is_recorded_received_and_numbered(stage: PhoneStage) -> None:
    call = SimulatedCall(MESSAGE)
    books = await stage.take(call)
    assert call.heard == ["greeting", "menu", "message_prompt", "beep", "message_received", *NUMBER_READ, "goodbye"]
    assert books.call.outcome is CallOutcome.MESSAGE_LEFT
    assert (books.call.hangup_by, books.call.cause) == (HangupBy.SYSTEM, "local_bye")
    assert books.call.caller == books.message.caller == "+8613900000001"
    assert books.call.digits == [{"digit": "1", "at_ms": 150}, {"digit": "#", "at_ms": books.call.digits[1]["at_ms"]}]
    assert books.message.ticket_number == NUMBER
    assert books.message.quality is MessageQuality.OK
    assert books.recordings[0].duration_ms == 2000
    assert not books.recordings[0].is_partial
    assert stage.files.local_path(books.recordings[0].file_key).stat().st_size == books.recordings[0].size_bytes
    assert [type(fact) for fact in stage.facts] == [CallArrived, CallAnswered, CallEnded, VoiceMessageLeft]
    assert stage.spooled() == []


@pytest.mark.parametrize("key", list("0123456789*#"))
async def test_any_key_ends_the_message(stage: PhoneStage, key: str) -> None:
    books = await stage.take(SimulatedCall([Press("1"), Say(2), Press(key)]))
    assert books.message.duration_ms == 2000


async def test_hanging_up_ends_the_message_and_keeps_it(stage: PhoneStage) -> None:
    call = SimulatedCall([Press("1"), Say(2), HangUp()])
    books = await stage.take(call)
    assert call.heard[-1] == "beep"
    assert books.call.hangup_by is HangupBy.CALLER
    assert books.message.ticket_number is None
    assert books.message.quality is MessageQuality.OK


async def test_a_message_ends_at_its_limit_and_the_caller_is_told(stage: PhoneStage) -> None:
    call = SimulatedCall([Press("1"), Say(99)])
    books = await stage.take(call)
    assert "message_full" in call.heard
    assert books.message.duration_ms == POLICY.message_max_s * 1000


@pytest.mark.parametrize(
    ("acts", "quality"),
    [
        ([Press("1"), HangUp()], MessageQuality.TOO_SHORT),
        ([Press("1"), Press("#")], MessageQuality.TOO_SHORT),
        ([Press("1"), Say(0.5), Press("#")], MessageQuality.TOO_SHORT),
        ([Press("1"), Say(pcm=bytes(32000)), Press("#")], MessageQuality.SILENT),
        ([Press("1")], MessageQuality.SILENT),
    ],
)
async def test_empty_and_silent_messages_are_kept(stage: PhoneStage, acts: list[Act], quality: MessageQuality) -> None:
    books = await stage.take(SimulatedCall(acts))
    assert books.message.quality is quality
    assert books.call.outcome is CallOutcome.MESSAGE_LEFT


async def test_the_number_is_read_again_on_request(stage: PhoneStage) -> None:
    call = SimulatedCall([*MESSAGE, Press("*", during="repeat_number"), Press("*"), Wait()])
    await stage.take(call)
    assert heard_between(call, "message_received", "goodbye") == [
        "message_received",
        *NUMBER_READ * 3,
        "goodbye",
    ]


async def test_received_is_said_only_when_sound_and_journal_are_durable(stage: PhoneStage) -> None:
    """At the moment the caller hears it, another process could already file the whole message."""
    seen: list[str] = []

    class Watching(SimulatedCall):
        async def play(self, clips, *, interrupt_on="0123456789*#"):  # type: ignore[no-untyped-def]
            if clips[0].key == "message_received":
                folder = stage.spool / self.call_id
                seen.append((folder / "call.json").read_text(encoding="utf-8"))
                assert (folder / "message.wav").stat().st_size == 44 + 32000
            return await super().play(clips, interrupt_on=interrupt_on)

    books = await stage.take(Watching(MESSAGE))
    assert books.recordings[0].sha256 in seen[0]


async def test_keys_pressed_before_the_prompt_ends_are_taken(stage: PhoneStage) -> None:
    call = SimulatedCall([Press("1", during="greeting"), Press("9", during="message_prompt"), Say(2), HangUp()])
    books = await stage.take(call)
    assert call.heard == ["greeting", "message_prompt", "beep"]
    assert books.call.outcome is CallOutcome.MESSAGE_LEFT


async def test_an_impatient_key_before_the_beep_does_not_end_the_message(stage: PhoneStage) -> None:
    books = await stage.take(SimulatedCall([Press("1"), Press("##", during="message_prompt"), Say(2), HangUp()]))
    assert books.message.duration_ms == 2000


# --- agent, busy, callback


@pytest.mark.parametrize("ask", [[Press("0", during="menu")], [Press("0")], [Wait()]])
async def test_zero_or_silence_asks_for_an_agent_and_every_seat_is_busy(stage: PhoneStage, ask: list[Act]) -> None:
    call = SimulatedCall([*ask, Press("1"), Say(2), HangUp()])
    books = await stage.take(call)
    assert call.heard == ["greeting", "menu", "seats_busy", "message_prompt", "beep"]
    assert books.call.outcome is CallOutcome.MESSAGE_LEFT


async def test_silence_after_busy_is_a_missed_call_that_is_called_back(stage: PhoneStage) -> None:
    call = SimulatedCall()
    books = await stage.take(call)
    assert call.heard == ["greeting", "menu", "seats_busy", "will_call_back", "goodbye"]
    assert books.call.outcome is CallOutcome.MISSED
    assert stage.facts[2:] == [CallEnded("call1"), CallMissed("call1")]


@pytest.mark.parametrize("acts", [[Press("2")], [Press("0"), Press("2")], [Press("2"), HangUp("callback_promised")]])
async def test_a_callback_is_promised_with_the_number_and_counts_from_the_choice(
    stage: PhoneStage, acts: list[Act]
) -> None:
    call = SimulatedCall(acts)
    books = await stage.take(call)
    assert "callback_promised" in call.heard
    assert books.call.outcome is CallOutcome.CALLBACK_REQUESTED
    assert stage.facts[2:] == [CallEnded("call1"), CallbackRequested("call1")]


async def test_the_number_that_will_be_called_is_spelled(stage: PhoneStage) -> None:
    call = SimulatedCall([Press("2")])
    await stage.take(call)
    assert heard_between(call, "callback_promised", "goodbye")[1:-1] == [f"digit_{digit}" for digit in "13900000001"]


@pytest.mark.parametrize("caller", ["anonymous", "", "\x00\x07", "*"])
async def test_a_withheld_number_is_asked_for_a_message_instead(stage: PhoneStage, caller: str) -> None:
    call = SimulatedCall([Press("2"), Say(2), HangUp()], caller=caller)
    books = await stage.take(call)
    assert call.heard == ["greeting", "menu", "number_withheld", "message_prompt", "beep"]
    assert books.call.outcome is CallOutcome.MESSAGE_LEFT


async def test_a_silent_caller_without_a_number_is_asked_for_a_message_and_promised_nothing(stage: PhoneStage) -> None:
    call = SimulatedCall([Wait(), Wait(), Say(2), HangUp()], caller="anonymous")
    books = await stage.take(call)
    assert "will_call_back" not in call.heard
    assert call.heard[-3:] == ["number_withheld", "message_prompt", "beep"]
    assert books.call.outcome is CallOutcome.MESSAGE_LEFT


async def test_a_full_disk_promises_nothing_to_a_caller_without_a_number(stage: PhoneStage) -> None:
    call = SimulatedCall([Press("1"), Say(2)], caller="anonymous", disk_full_after_s=0.5)
    await stage.take(call)
    assert call.heard[-3:] == ["recording_failed", "call_again_later", "goodbye"]


# --- keys


async def test_star_repeats_the_menu_as_often_as_one_likes(stage: PhoneStage) -> None:
    call = SimulatedCall([Press("*") for _ in range(9)] + [Press("2")])
    await stage.take(call)
    assert call.heard.count("menu") == 10
    assert call.heard.count("greeting") == 1


async def test_wrong_keys_are_explained_then_count_as_silence(stage: PhoneStage) -> None:
    call = SimulatedCall([Press("7"), Press("8"), Press("9"), Press("2")])
    books = await stage.take(call)
    assert call.heard[:7] == ["greeting", "menu", "wrong_key", "menu", "wrong_key", "menu", "seats_busy"]
    assert books.call.outcome is CallOutcome.CALLBACK_REQUESTED


async def test_the_same_key_within_300_ms_counts_once(stage: PhoneStage) -> None:
    call = SimulatedCall([Press("00", during="menu", gap_ms=100), Press("2")])
    books = await stage.take(call)
    assert [press["digit"] for press in books.call.digits] == ["0", "2"]


# --- progress


async def test_the_progress_of_the_only_ticket_is_told_by_the_calling_number(stage: PhoneStage) -> None:
    stage.desk.tickets = ONE
    call = SimulatedCall([Press("3")])
    books = await stage.take(call)
    assert stage.desk.asked_for == ["+8613900000001"]
    spelled = [f"digit_{digit}" for digit in "2026030100007"]
    assert call.heard[2:] == ["progress_ticket", *spelled, "status_accepted", "progress_after", "goodbye"]
    assert books.call.outcome is CallOutcome.PROGRESS_TOLD
    assert stage.facts[2:] == [CallEnded("call1")]


@pytest.mark.parametrize(
    ("acts", "wrong", "status"),
    [
        ([Press("0107")], 0, "status_resolved"),
        ([Press("42"), Press("#")], 0, "status_closed"),
        ([Press("9", during="progress_several"), Wait()], 0, "status_new"),
        ([Press("*"), Press("0107")], 0, "status_resolved"),
        ([Press("01"), Press("*"), Press("0042")], 0, "status_closed"),
        ([Press("7777"), Press("0107")], 1, "status_resolved"),
        ([Press("7777"), Press("8888"), Press("9999")], 2, "status_new"),
        ([Wait()], 0, "status_new"),
    ],
)
async def test_several_tickets_are_told_apart_by_their_last_digits(
    stage: PhoneStage, acts: list[Act], wrong: int, status: str
) -> None:
    stage.desk.tickets = THREE
    call = SimulatedCall([Press("3"), *acts])
    books = await stage.take(call)
    assert status in call.heard
    assert call.heard.count("progress_wrong") == wrong
    assert books.call.outcome is CallOutcome.PROGRESS_TOLD


async def test_after_wrong_digits_the_newest_ticket_is_announced_as_such(stage: PhoneStage) -> None:
    stage.desk.tickets = THREE
    call = SimulatedCall([Press("3"), Press("7777"), Press("8888"), Press("9999")])
    await stage.take(call)
    assert "progress_newest" in call.heard


@pytest.mark.parametrize("is_away", [False, True])
async def test_without_a_ticket_or_a_database_the_caller_is_told_and_gets_the_menu(
    stage: PhoneStage, is_away: bool
) -> None:
    stage.desk.is_away = is_away
    call = SimulatedCall([Press("3"), Press("2")])
    books = await stage.take(call)
    told = "progress_unavailable" if is_away else "progress_none"
    assert call.heard[:4] == ["greeting", "menu", told, "menu"]
    assert books.call.outcome is CallOutcome.CALLBACK_REQUESTED


async def test_progress_is_repeated_and_leads_back_to_the_menu(stage: PhoneStage) -> None:
    stage.desk.tickets = ONE
    call = SimulatedCall([Press("3"), Press("*"), Press("#", during="progress_after"), *MESSAGE])
    books = await stage.take(call)
    assert call.heard.count("progress_ticket") == 2
    assert books.call.outcome is CallOutcome.MESSAGE_LEFT


async def test_a_wish_for_an_agent_after_the_progress_is_not_forgotten(stage: PhoneStage) -> None:
    stage.desk.tickets = ONE
    books = await stage.take(SimulatedCall([Press("3"), Press("#"), Press("0"), HangUp("seats_busy")]))
    assert books.call.outcome is CallOutcome.MISSED


async def test_an_unknown_status_is_said_to_be_in_hand(stage: PhoneStage) -> None:
    stage.desk.tickets = [TicketProgress("1", "whistled")]
    call = SimulatedCall([Press("3")])
    await stage.take(call)
    assert "status_other" in call.heard


# --- hanging up, everywhere

GOT_MESSAGE, GOT_CALLBACK = CallOutcome.MESSAGE_LEFT, CallOutcome.CALLBACK_REQUESTED
GOT_PROGRESS, GOT_NOTHING = CallOutcome.PROGRESS_TOLD, CallOutcome.MISSED
WRONG_THRICE: list[Act] = [Press("3"), Press("7777"), Press("8888"), Press("9999")]

# how many tickets the caller has, what he does first, in which prompt he hangs up, what it must become
POINTS: list[tuple[int, list[Act], str, CallOutcome]] = [
    (0, [], "greeting", GOT_NOTHING),
    (0, [], "menu", GOT_NOTHING),
    (0, [Press("1")], "message_prompt", GOT_NOTHING),
    (0, [Press("1")], "beep", GOT_NOTHING),
    (0, MESSAGE, "message_received", GOT_MESSAGE),
    (0, MESSAGE, "ticket_number_is", GOT_MESSAGE),
    (0, MESSAGE, "digit_4", GOT_MESSAGE),
    (0, MESSAGE, "repeat_number", GOT_MESSAGE),
    (0, MESSAGE, "goodbye", GOT_MESSAGE),
    (0, [Press("1"), Say(9)], "message_full", GOT_MESSAGE),
    (0, [Press("0")], "seats_busy", GOT_NOTHING),
    (0, [Press("0")], "will_call_back", GOT_NOTHING),
    (0, [Press("0")], "goodbye", GOT_NOTHING),
    (0, [Press("2")], "callback_promised", GOT_CALLBACK),
    (0, [Press("2")], "digit_9", GOT_CALLBACK),
    (0, [Press("2")], "goodbye", GOT_CALLBACK),
    (0, [Press("9")], "wrong_key", GOT_NOTHING),
    (0, [Press("3")], "progress_none", GOT_NOTHING),
    (1, [Press("3")], "progress_ticket", GOT_NOTHING),
    (1, [Press("3")], "digit_7", GOT_NOTHING),
    (1, [Press("3")], "status_accepted", GOT_PROGRESS),
    (1, [Press("3")], "progress_after", GOT_PROGRESS),
    (3, [Press("3")], "progress_several", GOT_NOTHING),
    (3, [Press("3"), Press("7777")], "progress_wrong", GOT_NOTHING),
    (3, WRONG_THRICE, "progress_newest", GOT_NOTHING),
    (3, WRONG_THRICE, "status_new", GOT_PROGRESS),
]


@pytest.mark.parametrize("cause", ["bye", "dead_media"])
@pytest.mark.parametrize(("tickets", "acts", "prompt", "outcome"), POINTS)
async def test_hanging_up_anywhere_leaves_a_record_somebody_owns(
    stage: PhoneStage, tickets: int, acts: list[Act], prompt: str, outcome: CallOutcome, cause: str
) -> None:
    stage.desk.tickets = {0: [], 1: ONE, 3: THREE}[tickets]
    call = SimulatedCall([*acts, HangUp(prompt, cause)])
    books = await stage.take(call)
    assert call.heard[-1] == prompt
    assert books.call.status is CallStatus.ENDED
    assert books.call.outcome is outcome
    assert books.call.cause == cause
    assert books.call.hangup_by is (HangupBy.CALLER if cause == "bye" else HangupBy.NETWORK)
    assert len(books.messages) == (outcome is GOT_MESSAGE)
    assert stage.facts.count(CallEnded("call1")) == 1
    assert stage.spooled() == []


def test_every_inbound_prompt_is_a_hang_up_point_tested_above() -> None:
    elsewhere = {
        Prompt.NUMBER_LATER,
        Prompt.NUMBER_WITHHELD,
        Prompt.RECORDING_FAILED,
        Prompt.CALL_AGAIN_LATER,
        Prompt.APOLOGY,
        Prompt.TIME_UP,
        Prompt.PROGRESS_UNAVAILABLE,
    }
    tested = {prompt for _, _, prompt, _ in POINTS} | {prompt.value for prompt in elsewhere}
    families = ("digit_", "status_", "revisit_", "said_", "voice_", "not_understood")  # these: test_voice_answers.py
    seats = ("queue_", "seat_connecting", "seat_lost", "hold_music")  # and these: test_seat_call.py
    assert {prompt.value for prompt in Prompt if not prompt.startswith(families + seats)} <= tested


async def test_a_call_given_up_while_ringing_is_a_missed_call(stage: PhoneStage) -> None:
    call = SimulatedCall(cancelled=True)
    books = await stage.take(call)
    assert call.heard == []
    assert (books.call.outcome, books.call.answered_at, books.call.cause) == (CallOutcome.MISSED, None, "cancel")
