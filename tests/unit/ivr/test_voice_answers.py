"""Answers by voice in both scripts: keys × voice × confidence × a dead recogniser, and what is kept of them."""

from collections.abc import Sequence

import pytest

from ivr.adapters.simulated import Act, HangUp, Press, Say, SimulatedCall, Wait
from ivr.domain.call import CallOutcome
from ivr.domain.hearing import Heard
from ivr.domain.policy import RevisitPolicy
from ivr.prompt_book import PromptBook
from ivr.scripts.callback import CallbackAnswers, ask_satisfaction
from tests.support.listeners import ScriptedListener, deaf, said, saying
from tests.support.phone_stage import PhoneStage

REVISIT = RevisitPolicy(answer_silence_s=6, max_call_s=60, dissatisfied_from=4)
SAY = Say(1)
CLEAR, LIKELY, DOUBTFUL = 0.99, 0.7, 0.3


async def menu_of(stage: PhoneStage, acts: Sequence[Act], *script: Sequence[Heard]) -> SimulatedCall:
    stage.listener = ScriptedListener(*script)
    call = SimulatedCall(acts)
    await stage.take(call)
    return call


async def revisit(
    prompts: PromptBook, acts: Sequence[Act], *script: Sequence[Heard]
) -> tuple[SimulatedCall, CallbackAnswers]:
    call = SimulatedCall(acts)
    await call.answer()
    listener = ScriptedListener(*script)
    return call, await ask_satisfaction(call, prompts, "20260302-00417", None, None, REVISIT, listener)


# --- the menus


@pytest.mark.parametrize(
    ("phrase", "next_prompt"),
    [
        ("留言", "message_prompt"),
        ("给我回电", "callback_promised"),
        ("查进度", "progress_none"),
        ("人工", "seats_busy"),
    ],
)
async def test_a_clear_word_is_as_good_as_a_key(stage: PhoneStage, phrase: str, next_prompt: str) -> None:
    call = await menu_of(stage, [SAY, HangUp()], [said(phrase, confidence=CLEAR)])
    assert call.heard[:3] == ["greeting", "menu", next_prompt]


async def test_the_busy_menu_hears_too(stage: PhoneStage) -> None:
    call = await menu_of(stage, [SAY, SAY, HangUp()], [said("转人工")], [said("我要留言")])
    assert call.heard == ["greeting", "menu", "seats_busy", "message_prompt", "beep"]


async def test_a_likely_word_is_asked_back_and_counts_after_a_spoken_yes(stage: PhoneStage) -> None:
    call = await menu_of(stage, [SAY, SAY, HangUp()], [said("回电", confidence=LIKELY)], [said("是的")])
    assert call.heard[1:6] == ["menu", "voice_you_said", "said_callback", "voice_right", "callback_promised"]
    (answer,) = stage.books().call.voice_answers
    assert (answer["question"], answer["phrase"], answer["verdict"]) == ("menu", "回电", "confirmed")


async def test_a_likely_word_counts_after_the_key_for_yes(stage: PhoneStage) -> None:
    call = await menu_of(stage, [SAY, Press("1"), HangUp()], [said("回电", confidence=LIKELY)])
    assert call.heard[-1] != "menu"
    assert "callback_promised" in call.heard


@pytest.mark.parametrize(
    ("reply", "script"),
    [
        ([Press("2")], []),
        ([Press("#")], []),
        ([Wait()], []),
        ([SAY], [[said("不是")]]),
        ([SAY], [[said("?", "对")]]),
        ([SAY], [[said("对", confidence=LIKELY)]]),
        ([SAY], [[said("?")]]),
    ],
)
async def test_without_a_clear_yes_the_menu_is_asked_again(
    stage: PhoneStage, reply: list[Act], script: list[list[Heard]]
) -> None:
    acts: list[Act] = [SAY, *reply, Press("2")]
    call = await menu_of(stage, acts, [said("留言", confidence=LIKELY)], *script)
    assert call.heard[2:8] == [
        "voice_you_said", "said_message", "voice_right", "not_understood", "menu", "callback_promised",
    ]  # fmt: skip
    assert [answer["verdict"] for answer in stage.books().call.voice_answers] == ["unconfirmed"]


async def test_a_key_of_the_menu_pressed_while_asked_back_is_taken(stage: PhoneStage) -> None:
    call = await menu_of(stage, [SAY, Press("0", during="voice_right"), HangUp()], [said("留言", confidence=LIKELY)])
    assert call.heard[-1] == "seats_busy"


@pytest.mark.parametrize(
    "heard", [said("?"), said("留言", confidence=DOUBTFUL), said("留言", "人工"), said("天", "气")]
)
async def test_what_was_not_understood_is_asked_again_and_never_guessed(stage: PhoneStage, heard: Heard) -> None:
    call = await menu_of(stage, [SAY, Press("2")], [heard])
    assert call.heard[:5] == ["greeting", "menu", "not_understood", "menu", "callback_promised"]
    (answer,) = stage.books().call.voice_answers
    assert (answer["phrase"], answer["verdict"]) == ("", "unclear")


async def test_three_unclear_answers_count_as_silence(stage: PhoneStage) -> None:
    call = await menu_of(stage, [SAY, SAY, SAY, HangUp()], [said("?")], [said("?")], [said("?")])
    assert call.heard.count("menu") == 3
    assert call.heard[-1] == "seats_busy"


async def test_silence_still_means_an_agent(stage: PhoneStage) -> None:
    call = await menu_of(stage, [Wait(), HangUp()])
    assert call.heard == ["greeting", "menu", "seats_busy"]


async def test_partial_texts_alone_answer_nothing(stage: PhoneStage) -> None:
    call = await menu_of(stage, [SAY, HangUp()], [saying("留"), saying("留言")])
    assert "message_prompt" not in call.heard


@pytest.mark.parametrize("key", ["0", "1", "2", "3"])
async def test_with_a_dead_recogniser_every_key_works_and_speech_does_nothing(stage: PhoneStage, key: str) -> None:
    stage.listener = deaf()
    by_key, after_speech = (
        SimulatedCall([Press(key), HangUp()]),
        SimulatedCall([SAY, Press(key), HangUp()], call_id="2"),
    )
    await stage.take(by_key)
    await stage.take(after_speech)
    assert by_key.heard == after_speech.heard


async def test_an_answer_out_of_lost_sound_is_not_taken(stage: PhoneStage) -> None:
    stage.listener = ScriptedListener([said("留言")], is_reliable=False)
    call = SimulatedCall([SAY, HangUp()])
    await stage.take(call)
    assert "message_prompt" not in call.heard


async def test_a_key_pressed_during_the_prompt_needs_no_listener(stage: PhoneStage) -> None:
    stage.listener = listener = ScriptedListener()
    await stage.take(SimulatedCall([Press("2", during="menu")]))
    assert listener.streams == []


async def test_every_stream_listens_for_its_question_only_and_is_closed(stage: PhoneStage) -> None:
    stage.listener = listener = ScriptedListener([said("人工")], [said("回电")])
    await stage.take(SimulatedCall([SAY, SAY]))
    main, busy = listener.streams
    assert main.phrases is not None
    assert busy.phrases is not None
    assert "人工" in main.phrases
    assert "人工" not in busy.phrases
    assert main.is_closed
    assert busy.is_closed


async def test_what_was_said_is_kept_with_its_times_beside_the_raw_keys(stage: PhoneStage) -> None:
    await menu_of(stage, [SAY, HangUp()], [said("留言", confidence=0.93)])
    (answer,) = stage.books().call.voice_answers
    assert answer == {
        "question": "menu", "phrase": "留言", "confidence": 0.93, "start_ms": 200, "end_ms": 600, "verdict": "accepted",
    }  # fmt: skip
    assert stage.books().call.digits == []


async def test_a_hang_up_while_asked_back_keeps_what_was_said(stage: PhoneStage) -> None:
    await menu_of(stage, [SAY, HangUp("voice_right")], [said("留言", confidence=LIKELY)])
    call = stage.books().call
    assert call.outcome is CallOutcome.MISSED
    assert [answer["verdict"] for answer in call.voice_answers] == ["unconfirmed"]


# --- the revisit


async def test_both_questions_are_answered_by_voice(prompts: PromptBook) -> None:
    call, answers = await revisit(prompts, [SAY, SAY], [said("没有", "解决")], [said("非常", "不满意")])
    assert (answers.solved, answers.satisfaction) == (False, 5)
    assert call.heard[-1] == "revisit_again"
    assert [(answer.phrase, answer.verdict) for answer in answers.voice_answers] == [
        ("没有解决", "accepted"),
        ("非常不满意", "accepted"),
    ]
    assert answers.digits == ()


async def test_voice_and_keys_may_be_mixed(prompts: PromptBook) -> None:
    _, answers = await revisit(prompts, [SAY, Press("2")], [said("解决了")])
    assert (answers.solved, answers.satisfaction) == (True, 2)
    _, answers = await revisit(prompts, [Press("1"), SAY], [], [said("满意")])
    assert (answers.solved, answers.satisfaction) == (True, 2)


@pytest.mark.parametrize(("key", "level"), [("1", 3), ("4", 4), ("5", 5)])
async def test_so_so_is_asked_back_and_the_key_of_another_level_corrects_it(
    prompts: PromptBook, key: str, level: int
) -> None:
    call, answers = await revisit(prompts, [Press("1"), SAY, Press(key)], [], [said("一般")])
    assert "said_level_3" in call.heard
    assert answers.satisfaction == level


async def test_unclear_answers_end_without_a_rating_after_three(prompts: PromptBook) -> None:
    call, answers = await revisit(prompts, [SAY, SAY, SAY], *[[said("?")]] * 3)
    assert answers.solved is None
    assert call.heard.count("not_understood") == 2
    assert call.heard[-1] == "revisit_no_answer"
    assert len(answers.voice_answers) == 3


async def test_a_dead_recogniser_leaves_the_revisit_as_it_was(prompts: PromptBook) -> None:
    call = SimulatedCall([SAY, Press("1"), Press("2")])
    await call.answer()
    answers = await ask_satisfaction(call, prompts, "20260302-00417", None, None, REVISIT, deaf())
    assert (answers.solved, answers.satisfaction) == (True, 2)
    assert "not_understood" not in call.heard
