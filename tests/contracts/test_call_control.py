"""What every telephone line must do with one call (ivr.ports.CallControl)."""

import hashlib
from pathlib import Path

import pytest

from ivr.adapters.simulated import HangUp, Press, Say
from ivr.domain.errors import CallerHungUp, RecordingFailed
from ivr.domain.hearing import Heard
from ivr.ports import Clip, RecordEnd
from tests.contracts.rigs import CALLER, LINE, Rig
from tests.contracts.sounds import read_pcm
from tests.support.listeners import ScriptedListener, deaf, said, saying


async def test_a_call_names_its_caller_and_the_line_that_was_dialled(rig: Rig) -> None:
    async with rig.incoming() as call:
        assert (call.caller, call.line) == (CALLER, LINE)
        assert call.call_id
        assert call.end_cause is None


async def test_answering_twice_is_answering_once(rig: Rig, prompt: Clip) -> None:
    async with rig.incoming() as call:
        await call.answer()
        await call.answer()
        assert await call.play([prompt]) is None


async def test_a_prompt_is_played_to_its_end_when_nobody_presses(rig: Rig, prompt: Clip) -> None:
    async with rig.incoming() as call:
        await call.answer()
        assert await call.play([prompt, prompt]) is None
        assert list(call.digits) == []


async def test_a_key_stops_the_prompt_and_is_consumed(rig: Rig, prompt: Clip) -> None:
    async with rig.incoming(Press("1", during="prompt")) as call:
        await call.answer()
        assert await call.play([prompt]) == "1"
        assert await call.read_digit(0.1) is None
        assert [press.digit for press in call.digits] == ["1"]


async def test_a_key_pressed_before_a_prompt_stops_it(rig: Rig, prompt: Clip) -> None:
    async with rig.incoming(Press("12", during="prompt")) as call:
        await call.answer()
        assert await call.play([prompt]) == "1"
        assert await call.play([prompt]) == "2"


async def test_keys_that_were_not_asked_for_are_dropped(rig: Rig, prompt: Clip) -> None:
    async with rig.incoming(Press("5", during="prompt")) as call:
        await call.answer()
        assert await call.play([prompt], interrupt_on="1") is None
        assert await call.read_digit(0.1) is None
        assert [press.digit for press in call.digits] == ["5"]


async def test_the_next_key_is_read_and_silence_is_none(rig: Rig) -> None:
    async with rig.incoming(Press("#")) as call:
        await call.answer()
        assert await call.read_digit(3) == "#"
        assert await call.read_digit(0.1) is None


async def test_a_key_answers_whoever_listens(rig: Rig) -> None:
    async with rig.incoming(Press("1")) as call:
        await call.answer()
        assert await call.read_answer(deaf().listen(["留言"]), 3) == "1"
        assert await call.read_answer(ScriptedListener([said("留言")]).listen(["留言"]), 0.3) is None


async def test_a_spoken_answer_comes_with_times_since_the_answer_of_the_call(rig: Rig, prompt: Clip) -> None:
    async with rig.incoming(Say(seconds=0.5)) as call:
        await call.answer()
        await call.play([prompt])
        stream = ScriptedListener([saying("留"), said("留言")]).listen(["留言"])
        answer = await call.read_answer(stream, 3)
        assert isinstance(answer, Heard)
        assert answer.text == "留言"
        (word,) = answer.words
        assert word.end_ms - word.start_ms == 400
        assert word.start_ms >= 1000  # the prompt came first
        assert stream.heard_bytes > 0


async def test_speech_that_was_lost_answers_nothing(rig: Rig) -> None:
    async with rig.incoming(Say(seconds=0.2)) as call:
        await call.answer()
        stream = ScriptedListener([said("留言")], is_reliable=False).listen(["留言"])
        assert await call.read_answer(stream, 0.6) is None


async def test_hanging_up_instead_of_an_answer_ends_the_script(rig: Rig) -> None:
    async with rig.incoming(HangUp()) as call:
        await call.answer()
        with pytest.raises(CallerHungUp):
            await call.read_answer(deaf().listen(None), 3)


async def test_what_is_recorded_can_be_listened_to_meanwhile(rig: Rig, tmp_path: Path) -> None:
    heard: list[bytes] = []
    async with rig.incoming(Say(seconds=0.5), Press("#")) as call:
        await call.answer()
        recorded = await call.record(tmp_path / "message.wav", max_s=10, stop_on="#", on_sound=heard.append)
    assert b"".join(heard) == recorded.path.read_bytes()[44:]


async def test_the_same_key_within_300_ms_counts_once(rig: Rig) -> None:
    async with rig.incoming(Press("77", gap_ms=50)) as call:
        await call.answer()
        assert await call.read_digit(3) == "7"
        assert await call.read_digit(0.5) is None
        assert [press.digit for press in call.digits] == ["7"]


async def test_presses_are_kept_with_their_time_since_the_answer(rig: Rig) -> None:
    async with rig.incoming(Press("12")) as call:
        await call.answer()
        assert [await call.read_digit(3), await call.read_digit(3)] == ["1", "2"]
        first, second = call.digits
        assert 0 <= first.at_ms < second.at_ms


async def test_a_recording_ends_by_the_key_and_its_facts_are_true(rig: Rig, tmp_path: Path) -> None:
    async with rig.incoming(Say(seconds=1.0), Press("#")) as call:
        await call.answer()
        recorded = await call.record(tmp_path / "message.wav", max_s=10, stop_on="#")
    assert recorded.ended_by is RecordEnd.DIGIT
    assert recorded.sha256 == hashlib.sha256(recorded.path.read_bytes()).hexdigest()
    assert abs(len(read_pcm(recorded.path)) / 8 - recorded.duration_ms) <= 1
    assert 800 <= recorded.speech_ms <= 1100
    assert recorded.duration_ms >= recorded.speech_ms


async def test_a_recording_ends_at_its_limit_to_the_sample(rig: Rig, tmp_path: Path) -> None:
    async with rig.incoming(Say(seconds=2.0)) as call:
        await call.answer()
        recorded = await call.record(tmp_path / "message.wav", max_s=0.8)
    assert recorded.ended_by is RecordEnd.LIMIT
    assert recorded.duration_ms == 800


async def test_silence_is_recorded_as_silence(rig: Rig, tmp_path: Path) -> None:
    async with rig.incoming() as call:
        await call.answer()
        recorded = await call.record(tmp_path / "message.wav", max_s=0.5)
    assert (recorded.duration_ms, recorded.speech_ms) == (500, 0)


async def test_hanging_up_ends_a_recording_and_only_then_the_script(rig: Rig, tmp_path: Path, prompt: Clip) -> None:
    async with rig.incoming(Say(seconds=0.6), HangUp()) as call:
        await call.answer()
        recorded = await call.record(tmp_path / "message.wav", max_s=10)
        assert recorded.ended_by is RecordEnd.HANGUP
        assert recorded.speech_ms >= 400
        with pytest.raises(CallerHungUp):
            await call.play([prompt])
        assert call.end_cause == "bye"


async def test_hanging_up_during_a_prompt_ends_the_script(rig: Rig, prompt: Clip) -> None:
    async with rig.incoming(HangUp(during="prompt")) as call:
        await call.answer()
        with pytest.raises(CallerHungUp):
            await call.play([prompt])
        for use in (call.answer(), call.play([prompt]), call.read_digit(1)):
            with pytest.raises(CallerHungUp):
                await use


async def test_our_own_hang_up_may_come_twice_and_ends_the_call(rig: Rig, prompt: Clip) -> None:
    async with rig.incoming() as call:
        await call.answer()
        await call.hang_up()
        await call.hang_up()
        assert call.end_cause == "local_bye"
        with pytest.raises(CallerHungUp):
            await call.play([prompt])


async def test_a_caller_who_gave_up_cannot_be_answered(rig: Rig) -> None:
    async with rig.cancelled() as call:
        with pytest.raises(CallerHungUp):
            await call.answer()
        assert call.end_cause == "cancel"


async def test_a_recording_that_cannot_be_written_fails_at_once(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a folder is needed")
    async with rig.incoming(Say(seconds=5)) as call:
        await call.answer()
        with pytest.raises(RecordingFailed):
            await call.record(tmp_path / "taken" / "message.wav", max_s=60)
