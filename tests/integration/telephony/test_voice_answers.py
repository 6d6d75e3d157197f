"""Callers who speak instead of pressing keys: real SIP, real listener, voices the model was not trained on."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from app.schema import METADATA
from ivr.adapters.embedded_sip import EmbeddedSipLine
from ivr.adapters.embedded_sip.call import SipCall
from ivr.adapters.live_speech import LiveSpeech
from ivr.domain.errors import CallerHungUp
from ivr.domain.policy import InboundPolicy, RevisitPolicy
from ivr.ports import CallControl, Clip
from ivr.prompt_book import PromptBook
from ivr.scripts.callback import CallbackAnswers, ask_satisfaction
from ivr.scripts.inbound import run_inbound
from kit import speech_synthesis
from kit.clock import FixedClock
from kit.db import Database
from kit.ids import new_id
from tests.contracts.eventually import eventually
from tests.contracts.sounds import write_wav
from tests.integration.telephony.conftest import running_line
from tests.support.listener_process import RunningListener, running_listener
from tests.support.phone_stage import Books, PhoneStage, silent_prompts

POLICY = InboundPolicy(menu_silence_s=6, message_max_s=10, max_call_s=60, books_timeout_s=20)
REVISIT = RevisitPolicy(answer_silence_s=6, max_call_s=60, dissatisfied_from=4)
LISTENED_AFTER_S = 0.7
WITHIN_S = 20


@pytest.fixture(scope="module")
def listener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningListener]:
    with running_listener(tmp_path_factory.mktemp("listener"), is_real=True, children=2) as running:
        yield running


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> PromptBook:
    return silent_prompts(tmp_path_factory.mktemp("prompts"))


@pytest.fixture
def stage(tmp_path: Path, clock: FixedClock, prompts: PromptBook) -> Iterator[PhoneStage]:
    db = Database(f"sqlite:///{tmp_path / 'hotline.sqlite3'}")
    METADATA.create_all(db.engine)
    yield PhoneStage(tmp_path, db, clock, prompts)
    db.dispose()


def voice(folder: Path, text: str, *, speaker: str = "m3") -> Clip:
    pcm = speech_synthesis.synthesise(text, voice=speaker)
    return Clip(text, write_wav(folder / f"{new_id()}.wav", pcm))


@asynccontextmanager
async def caller_on(stage: PhoneStage, url: str) -> AsyncIterator[SipCall]:
    """A telephone that has called the hotline, whose listener is at `url`."""
    stage.listener = LiveSpeech(url)

    async def take(call: CallControl) -> None:
        await run_inbound(call, stage.tools(POLICY))

    async with running_line(take) as line, running_line() as phone:
        call = await phone.dialler.place(f"sip:12345@127.0.0.1:{line.port}", call_id=new_id(), ring_timeout_s=5)
        await asyncio.sleep(LISTENED_AFTER_S)  # greeting and menu are said; people wait as long
        yield call
        await call.hang_up()
        await eventually(
            lambda: stage.books().calls != [] and stage.books().call.outcome is not None, within_s=WITHIN_S
        )


async def until(stage: PhoneStage, is_so: Callable[[Books], bool]) -> None:
    await eventually(lambda: bool(stage.books().calls) and is_so(stage.books()), within_s=WITHIN_S)


@pytest.mark.parametrize(("phrase", "speaker", "wish"), [("留言", "f4", "message"), ("给我回电", "Annie", "callback")])
async def test_a_spoken_wish_is_granted(
    stage: PhoneStage, listener: RunningListener, tmp_path: Path, phrase: str, speaker: str, wish: str
) -> None:
    async with caller_on(stage, listener.url) as caller:
        await caller.play([voice(tmp_path, phrase, speaker=speaker)], interrupt_on="")
        await eventually(lambda: f'"wish": "{wish}"' in _journal(stage), within_s=WITHIN_S)
    (answer,) = stage.books().call.voice_answers
    assert (answer["phrase"], answer["verdict"]) == (phrase, "accepted")
    assert answer["confidence"] > 0.85
    assert 600 < answer["start_ms"] < answer["end_ms"] < 5000
    assert stage.books().call.digits == []


async def test_danger_in_a_message_is_known_before_it_ends(
    stage: PhoneStage, listener: RunningListener, tmp_path: Path
) -> None:
    async with caller_on(stage, listener.url) as caller:
        await caller.stream.send_key("1")
        await asyncio.sleep(LISTENED_AFTER_S)
        await caller.play([voice(tmp_path, "你好，家里漏气了。")], interrupt_on="")
        await until(stage, lambda books: books.call.emergency_words != [])
        assert caller.end_cause is None
    assert stage.books().call.emergency_words == ["漏气"]


async def test_with_every_process_of_the_listener_killed_in_the_middle_of_a_call_the_keys_go_on(
    stage: PhoneStage, tmp_path: Path
) -> None:
    with running_listener(tmp_path, children=2) as mortal:
        async with caller_on(stage, mortal.url) as caller:
            await caller.play([voice(tmp_path, "我要")], interrupt_on="")
            for pid in [*mortal.children(), mortal.process.pid]:
                os.kill(pid, signal.SIGKILL)
                await asyncio.sleep(0.1)
                assert caller.end_cause is None
            await caller.stream.send_key("2")
            await until(stage, lambda books: books.call.outcome is not None)
    assert stage.books().call.outcome == "callback_requested"


async def test_a_listener_that_stands_still_costs_a_caller_nothing(stage: PhoneStage, tmp_path: Path) -> None:
    with running_listener(tmp_path) as still:
        standing = [*still.children(), still.process.pid]
        for pid in standing:
            psutil.Process(pid).suspend()
        try:
            async with caller_on(stage, still.url) as caller:
                await caller.stream.send_key("2")
                await until(stage, lambda books: books.call.outcome is not None)
        finally:
            for pid in standing:
                psutil.Process(pid).resume()
    assert stage.books().call.outcome == "callback_requested"


async def test_both_questions_of_a_revisit_are_answered_by_voice(
    prompts: PromptBook, listener: RunningListener, tmp_path: Path
) -> None:
    speech = [voice(tmp_path, "没有解决", speaker="f4"), voice(tmp_path, "非常不满意", speaker="f4")]

    async def citizen(call: CallControl) -> None:
        await call.answer()
        await asyncio.sleep(LISTENED_AFTER_S + 0.6)
        for clip in speech:
            await call.play([clip], interrupt_on="")
            await asyncio.sleep(2.2)
        with contextlib.suppress(CallerHungUp):
            await call.read_digit(10)

    async with running_line(citizen) as phone, running_line() as line:
        answers = await _revisit(line, phone, prompts, listener)
    assert (answers.solved, answers.satisfaction) == (False, 5)
    assert [answer.phrase for answer in answers.voice_answers] == ["没有解决", "非常不满意"]


async def _revisit(
    line: EmbeddedSipLine, phone: EmbeddedSipLine, prompts: PromptBook, listener: RunningListener
) -> CallbackAnswers:
    uri = f"sip:13900000001@127.0.0.1:{phone.port}"
    call = await line.dialler.dial(uri, call_id=new_id(), ring_timeout_s=5)
    return await ask_satisfaction(call, prompts, "20260302-00417", None, None, REVISIT, LiveSpeech(listener.url))


def _journal(stage: PhoneStage) -> str:
    """The journal of the call, alive or filed."""
    for path in stage.spool.glob("*/call.json"):
        return path.read_text(encoding="utf-8")
    books = stage.books()
    return '"wish": "callback"' if books.calls and books.call.outcome == "callback_requested" else ""
