"""The inbound call with its disk, its database or itself broken: the caller is told, and nothing is lost."""

import dataclasses
import shutil
import threading
from pathlib import Path

import pytest

from ivr.adapters.simulated import Act, HangUp, Press, Say, SimulatedCall, StayOn
from ivr.domain.call import CallOutcome
from ivr.domain.prompts import Prompt
from ivr.ports import Clip
from ivr.prompt_book import PromptBook
from tests.support.phone_stage import POLICY, PhoneStage

MESSAGE: list[Act] = [Press("1"), Say(2), Press("#")]
GOT_MESSAGE, GOT_NOTHING = CallOutcome.MESSAGE_LEFT, CallOutcome.MISSED


async def test_with_a_full_disk_the_caller_is_told_and_called_back(stage: PhoneStage) -> None:
    call = SimulatedCall([Press("1"), Say(2), Press("#")], disk_full_after_s=1.5)
    books = await stage.take(call)
    assert call.heard[-3:] == ["recording_failed", "will_call_back", "goodbye"]
    assert books.call.outcome is CallOutcome.CALLBACK_REQUESTED
    assert books.messages == []
    assert (books.recordings[0].duration_ms, books.recordings[0].is_partial) == (1500, True)


async def test_hanging_up_while_told_of_the_full_disk_changes_nothing(stage: PhoneStage) -> None:
    call = SimulatedCall([Press("1"), Say(2), Press("#"), HangUp("recording_failed")], disk_full_after_s=0)
    assert (await stage.take(call)).call.outcome is CallOutcome.CALLBACK_REQUESTED


async def test_without_a_spool_at_all_the_call_is_still_answered_and_kept(stage: PhoneStage) -> None:
    stage.spool.write_text("not a folder: every journal fails")
    call = SimulatedCall([Press("1"), Say(2), Press("#")])
    books = await stage.take(call)
    assert call.heard == ["greeting", "menu", "message_prompt", "recording_failed", "will_call_back", "goodbye"]
    assert books.call.outcome is CallOutcome.CALLBACK_REQUESTED


async def test_a_journal_that_fails_in_the_middle_is_a_failed_recording(stage: PhoneStage) -> None:
    class DiskDies(SimulatedCall):
        async def record(self, path, **how):  # type: ignore[no-untyped-def]
            recorded = await super().record(path, **how)
            shutil.rmtree(path.parent)
            return recorded

    call = DiskDies(MESSAGE)
    books = await stage.take(call)
    assert "message_received" not in call.heard
    assert books.call.outcome is CallOutcome.CALLBACK_REQUESTED


async def test_with_the_desk_away_the_message_is_received_without_a_number(stage: PhoneStage) -> None:
    stage.desk.is_away = True
    call = SimulatedCall(MESSAGE)
    books = await stage.take(call)
    assert call.heard[-3:] == ["message_received", "number_later", "goodbye"]
    assert books.message.ticket_number is None


async def test_a_desk_that_hangs_counts_as_away(stage: PhoneStage) -> None:
    stage.desk.hangs_on = threading.Event()
    call = SimulatedCall(MESSAGE)
    books = await stage.take(call, dataclasses.replace(POLICY, books_timeout_s=0.05))
    stage.desk.hangs_on.set()
    assert call.heard[-2:] == ["number_later", "goodbye"]
    assert books.call.outcome is CallOutcome.MESSAGE_LEFT


async def test_with_the_database_away_the_call_goes_on_and_is_filed_later(stage: PhoneStage, tmp_path: Path) -> None:
    database = tmp_path / "hotline.sqlite3"
    stage.db.dispose()
    kept = database.rename(tmp_path / "kept")
    database.mkdir()
    stage.desk.is_away = True
    call = SimulatedCall(MESSAGE)
    with pytest.raises(Exception, match="unable to open"):
        await stage.take(call)
    assert call.heard[-3:] == ["message_received", "number_later", "goodbye"]
    assert stage.service.file_left_behind() == 0
    assert stage.spooled() == ["call1"]
    database.rmdir()
    kept.rename(database)
    assert stage.service.file_left_behind() == 1
    assert stage.books().message.duration_ms == 2000
    assert stage.spooled() == []


def without(prompts: PromptBook, *missing: Prompt) -> PromptBook:
    kept: dict[Prompt, Clip] = {prompt: prompts.clip(prompt) for prompt in Prompt if prompt not in missing}
    return PromptBook(kept)


async def test_a_broken_script_apologises_and_still_takes_a_message(stage: PhoneStage) -> None:
    stage.prompts = without(stage.prompts, Prompt.MENU)
    call = SimulatedCall([Say(2), Press("#")])
    books = await stage.take(call)
    assert call.heard[:4] == ["apology", "message_prompt", "beep", "message_received"]
    assert books.call.outcome is CallOutcome.MESSAGE_LEFT


async def test_a_script_that_breaks_after_the_message_does_not_ask_for_it_again(stage: PhoneStage) -> None:
    stage.prompts = without(stage.prompts, Prompt.TICKET_NUMBER_IS)
    call = SimulatedCall(MESSAGE)
    books = await stage.take(call)
    assert call.heard[-4:] == ["message_received", "apology", "message_received", "goodbye"]
    assert books.call.outcome is CallOutcome.MESSAGE_LEFT


async def test_a_script_that_breaks_while_recording_promises_a_callback(stage: PhoneStage) -> None:
    class Breaks(SimulatedCall):
        async def record(self, path, **how):  # type: ignore[no-untyped-def]
            raise ZeroDivisionError

    call = Breaks([Press("1")])
    books = await stage.take(call)
    assert call.heard[-3:] == ["apology", "will_call_back", "goodbye"]
    assert books.call.outcome is CallOutcome.MISSED


async def test_when_even_the_apology_is_missing_the_call_is_a_missed_one(stage: PhoneStage) -> None:
    stage.prompts = without(stage.prompts, *Prompt)
    call = SimulatedCall([Press("1")])
    books = await stage.take(call)
    assert call.is_hung_up_by_us
    assert books.call.outcome is CallOutcome.MISSED


@pytest.mark.parametrize(
    ("acts", "prompt", "outcome"),
    [
        (MESSAGE, Prompt.NUMBER_LATER, GOT_MESSAGE),
        ([Press("3")], Prompt.PROGRESS_UNAVAILABLE, GOT_NOTHING),
        ([Press("2")], Prompt.NUMBER_WITHHELD, GOT_NOTHING),
    ],
)
async def test_hanging_up_in_the_middle_of_bad_news_is_filed_too(
    stage: PhoneStage, acts: list[Act], prompt: Prompt, outcome: CallOutcome
) -> None:
    stage.desk.is_away = True
    call = SimulatedCall([*acts, HangUp(prompt)], caller="anonymous")
    books = await stage.take(call)
    assert call.heard[-1] == prompt
    assert books.call.outcome is outcome


async def test_hanging_up_during_the_apology_is_a_missed_call(stage: PhoneStage) -> None:
    stage.prompts = without(stage.prompts, Prompt.MENU)
    books = await stage.take(SimulatedCall([HangUp("apology")]))
    assert books.call.outcome is GOT_NOTHING


@pytest.mark.parametrize("acts", [[StayOn("menu")], [StayOn()], [Press("1"), Say(2), StayOn()]])
async def test_no_call_lasts_longer_than_the_limit(stage: PhoneStage, acts: list[Act]) -> None:
    call = SimulatedCall(acts)
    books = await stage.take(call, dataclasses.replace(POLICY, max_call_s=0.3))
    assert call.heard[-2:] == ["time_up", "goodbye"]
    is_message = len(acts) > 1
    assert books.call.outcome is (CallOutcome.MESSAGE_LEFT if is_message else CallOutcome.MISSED)
    assert [recording.is_partial for recording in books.recordings] == [True] * is_message


async def test_garbage_from_the_network_fits_into_the_books(stage: PhoneStage) -> None:
    books = await stage.take(SimulatedCall([HangUp("menu", "x" * 500)], caller="9\x00" * 300, line="\r\n" + "l" * 300))
    assert len(books.call.caller) == 64
    assert books.call.line == "l" * 64


async def test_the_notice_version_is_stored_with_every_answered_call(stage: PhoneStage) -> None:
    books = await stage.take(SimulatedCall([HangUp("greeting")]))
    assert books.call.notice_version == stage.prompts.notice_version
