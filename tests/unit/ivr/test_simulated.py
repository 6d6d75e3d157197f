"""The simulated line keeps the promises of CallControl and Dialler."""

from pathlib import Path

import pytest

from ivr.adapters.simulated import HangUp, Press, Say, SimulatedCall, SimulatedDialler, Wait
from ivr.adapters.wav_recorder import measure_wav
from ivr.domain.errors import CallerHungUp
from ivr.domain.prompts import Prompt
from ivr.ports import DialFailed, DialFailure, RecordEnd
from ivr.prompt_book import PromptBook


async def test_a_listed_digit_stops_the_prompt_and_others_are_dropped(prompts: PromptBook) -> None:
    call = SimulatedCall([Press("12", during="greeting")])
    clips = prompts.clips(Prompt.GREETING, Prompt.MENU)
    assert await call.play(clips, interrupt_on="2") == "2"
    assert call.heard == ["greeting"]
    assert await call.read_digit(1) is None
    assert [press.digit for press in call.digits] == ["1", "2"]


async def test_after_the_hang_up_everything_but_hanging_up_raises(prompts: PromptBook, tmp_path: Path) -> None:
    call = SimulatedCall([HangUp()])
    with pytest.raises(CallerHungUp):
        await call.read_digit(1)
    with pytest.raises(CallerHungUp):
        await call.play(prompts.clips(Prompt.BEEP))
    with pytest.raises(CallerHungUp):
        await call.record(tmp_path / "a.wav", max_s=1)
    await call.hang_up()
    assert call.end_cause == "bye"


async def test_a_recording_is_a_real_file_with_true_facts(tmp_path: Path) -> None:
    call = SimulatedCall([Say(1), Say(pcm=bytes(16000)), HangUp()])
    recorded = await call.record(tmp_path / "a.wav", max_s=9)
    assert recorded.ended_by is RecordEnd.HANGUP
    assert recorded.duration_ms == 2000
    assert 900 <= recorded.speech_ms <= 1100
    assert measure_wav(recorded.path).sha256 == recorded.sha256
    with pytest.raises(CallerHungUp):
        await call.read_digit(1)


async def test_silence_passes_without_waiting() -> None:
    call = SimulatedCall([Wait(), Press("5")])
    assert await call.read_digit(3600) is None
    assert await call.read_digit(3600) == "5"


async def test_the_dialler_tells_apart_why_nobody_answers() -> None:
    dialler = SimulatedDialler({"1": [Press("1")], "2": DialFailure.BUSY})
    call = await dialler.dial("1", call_id="a", ring_timeout_s=1)
    assert await call.read_digit(1) == "1"
    for number, failure in (("2", DialFailure.BUSY), ("3", DialFailure.INVALID_NUMBER)):
        with pytest.raises(DialFailed) as failed:
            await dialler.dial(number, call_id="b", ring_timeout_s=1)
        assert failed.value.failure is failure
    assert dialler.dialled == ["1", "2", "3"]
