"""Words of danger are told while the caller still speaks, once each, and filing keeps them."""

import dataclasses
import json

import pytest

from ivr.adapters.simulated import Act, HangUp, Press, Say, SimulatedCall
from ivr.domain.events import EmergencyHeard
from ivr.scripts.inbound import run_inbound
from tests.support.listeners import ScriptedListener, deaf, said, saying
from tests.support.phone_stage import PhoneStage

MESSAGE: list[Act] = [Press("1", during="menu"), Say(2), HangUp()]


async def test_a_guess_that_is_taken_back_at_once_raises_no_alarm(stage: PhoneStage) -> None:
    stage.listener = ScriptedListener([saying("着火"), saying("着货车"), said("着货车")])
    books = await stage.take(SimulatedCall(MESSAGE))
    assert books.call.emergency_words == []


async def test_two_partial_texts_running_are_enough(stage: PhoneStage) -> None:
    stage.listener = ScriptedListener([saying("我家着"), saying("我家着火了"), saying("我家着火了快来")])
    books = await stage.take(SimulatedCall(MESSAGE))
    assert books.call.emergency_words == ["着火"]
    assert stage.facts.count(EmergencyHeard("call1")) == 1


async def test_a_word_may_straddle_two_final_texts(stage: PhoneStage) -> None:
    stage.listener = ScriptedListener([said("楼下", "有人", "打"), saying("人"), said("人")])
    books = await stage.take(SimulatedCall(MESSAGE))
    assert books.call.emergency_words == ["打人"]


async def test_each_word_is_told_once_and_later_ones_are_added(stage: PhoneStage) -> None:
    stage.listener = ScriptedListener([said("着火"), saying("有人受伤"), said("有人", "受伤", "着火")])
    books = await stage.take(SimulatedCall(MESSAGE))
    assert books.call.emergency_words == ["着火", "受伤"]


async def test_it_is_in_the_journal_and_in_the_books_while_the_caller_speaks(stage: PhoneStage) -> None:
    stage.listener = ScriptedListener([saying("着火"), saying("着火了")])
    seen: list[str] = []

    def look(fact: object) -> None:
        if isinstance(fact, EmergencyHeard):
            journal = (stage.spool / "call1" / "call.json").read_text(encoding="utf-8")
            seen.extend(json.loads(journal)["emergency_words"])
            seen.append(stage.books().call.status.value)

    stage.db.bus.subscribe(look)
    await stage.take(SimulatedCall(MESSAGE))
    assert seen[0] == "着火"
    assert seen[1] in ("ringing", "answered")


async def test_nothing_dangerous_leaves_nothing(stage: PhoneStage) -> None:
    stage.listener = ScriptedListener([said("路灯", "坏", "了")])
    books = await stage.take(SimulatedCall(MESSAGE))
    assert books.call.emergency_words == []
    assert EmergencyHeard("call1") not in stage.facts


async def test_a_dead_recogniser_costs_the_message_nothing(stage: PhoneStage) -> None:
    stage.listener = deaf()
    books = await stage.take(SimulatedCall(MESSAGE))
    assert books.message.duration_ms == 2000


@pytest.mark.parametrize("breaks", ["the lexicon", "the stream"])
async def test_a_watch_that_breaks_costs_the_message_nothing(stage: PhoneStage, breaks: str) -> None:
    def fail(text: str) -> list[str]:
        raise ValueError(text)

    class Breaking(ScriptedListener):
        def listen(self, phrases):  # type: ignore[no-untyped-def]
            stream = super().listen(phrases)
            stream.next_heard = None  # type: ignore[method-assign, assignment]
            return stream

    stage.listener = ScriptedListener([said("着火")]) if breaks == "the lexicon" else Breaking()
    tools = dataclasses.replace(stage.tools(), emergency_words=fail)
    await run_inbound(SimulatedCall(MESSAGE), tools)
    assert stage.books().message.duration_ms == 2000


async def test_the_stream_is_finished_after_the_recording_and_closed_with_the_call(stage: PhoneStage) -> None:
    stage.listener = listener = ScriptedListener([said("着火")])
    await stage.take(SimulatedCall(MESSAGE))
    (stream,) = listener.streams
    assert stream.phrases is None
    assert stream.heard_bytes == 32000
    assert stream.is_finished
    assert stream.is_closed
