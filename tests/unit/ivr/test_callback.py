"""The satisfaction call: every answer, silence, wrong key and hang-up."""

import dataclasses

import pytest

from ivr.adapters.simulated import Act, HangUp, Press, SimulatedCall, StayOn, Wait
from ivr.domain.policy import RevisitPolicy
from ivr.domain.prompts import Prompt
from ivr.ports import Listener
from ivr.prompt_book import PromptBook
from ivr.scripts.callback import CallbackAnswers, ask_satisfaction
from tests.support.listeners import deaf

POLICY = RevisitPolicy(answer_silence_s=6, max_call_s=60, dissatisfied_from=4)
OPENING = ["revisit_opening", "digit_0", "digit_4", "digit_1", "digit_7", "revisit_ticket"]


async def ask(
    call: SimulatedCall,
    prompts: PromptBook,
    solved: bool | None = None,
    satisfaction: int | None = None,
    policy: RevisitPolicy = POLICY,
    listener: Listener | None = None,
) -> CallbackAnswers:
    await call.answer()
    return await ask_satisfaction(call, prompts, "20260302-00417", solved, satisfaction, policy, listener or deaf())


async def test_solved_and_satisfied(prompts: PromptBook) -> None:
    call = SimulatedCall([Press("1"), Press("2")])
    answers = await ask(call, prompts)
    assert call.heard == [*OPENING, "revisit_solved", "revisit_noted", "revisit_satisfied", "revisit_thanks"]
    assert (answers.solved, answers.satisfaction, answers.is_complete) == (True, 2, True)
    assert [press.digit for press in answers.digits] == ["1", "2"]
    assert not answers.has_hung_up
    assert call.is_hung_up_by_us


@pytest.mark.parametrize(
    ("solved_key", "level_key", "farewell"),
    [
        *[("1", key, "revisit_thanks") for key in "123"],
        *[("1", key, "revisit_again") for key in "45"],
        *[("2", key, "revisit_again") for key in "12345"],
    ],
)
async def test_whoever_is_not_content_hears_that_the_ticket_is_handled_again(
    prompts: PromptBook, solved_key: str, level_key: str, farewell: str
) -> None:
    call = SimulatedCall([Press(solved_key), Press(level_key)])
    answers = await ask(call, prompts)
    assert call.heard[-1] == farewell
    assert answers.solved is (solved_key == "1")
    assert answers.satisfaction == int(level_key)


async def test_only_what_is_missing_is_asked(prompts: PromptBook) -> None:
    call = SimulatedCall([Press("5")])
    answers = await ask(call, prompts, solved=True)
    assert "revisit_solved" not in call.heard
    assert (answers.solved, answers.satisfaction) == (True, 5)


@pytest.mark.parametrize(
    ("acts", "solved", "satisfaction"),
    [
        ([Press("*"), Press("1"), Press("*"), Press("3")], True, 3),
        ([Press("3"), Press("9"), Press("2"), Press("0"), Press("6"), Press("1")], False, 1),
        ([Wait(), Press("1"), Wait(), Press("1")], True, 1),
        ([Press("3"), Press("4"), Press("5"), Press("1")], None, None),
        ([Wait(), Wait(), Press("1")], None, None),
        ([Press("1"), Wait(), Wait(), Press("1")], True, None),
    ],
)
async def test_star_repeats_wrong_keys_are_explained_and_silence_is_asked_once_more(
    prompts: PromptBook, acts: list[Act], solved: bool | None, satisfaction: int | None
) -> None:
    answers = await ask(SimulatedCall(acts), prompts)
    assert (answers.solved, answers.satisfaction) == (solved, satisfaction)


async def test_silence_ends_politely_and_is_told_apart(prompts: PromptBook) -> None:
    call = SimulatedCall()
    answers = await ask(call, prompts)
    assert call.heard[-3:] == ["revisit_solved", "revisit_solved", "revisit_no_answer"]
    assert answers.digits == ()
    assert not answers.is_complete


async def test_a_key_pressed_twice_does_not_answer_the_next_question(prompts: PromptBook) -> None:
    call = SimulatedCall([Press("11", during="revisit_solved"), Press("4")])
    answers = await ask(call, prompts)
    assert (answers.solved, answers.satisfaction) == (True, 4)


async def test_keys_pressed_before_the_first_question_answer_nothing(prompts: PromptBook) -> None:
    call = SimulatedCall([Press("2", during="revisit_opening"), Press("1"), Press("1")])
    answers = await ask(call, prompts)
    assert (answers.solved, answers.satisfaction) == (True, 1)


@pytest.mark.parametrize(
    ("acts", "prompt", "solved", "satisfaction"),
    [
        ([], "revisit_opening", None, None),
        ([], "digit_4", None, None),
        ([], "revisit_ticket", None, None),
        ([], "revisit_solved", None, None),
        ([Press("9")], "wrong_key", None, None),
        ([Press("1")], "revisit_noted", True, None),
        ([Press("2")], "revisit_satisfied", False, None),
        ([Press("1"), Press("1")], "revisit_thanks", True, 1),
        ([Press("2"), Press("5")], "revisit_again", False, 5),
        ([], "revisit_no_answer", None, None),
    ],
)
async def test_hanging_up_anywhere_keeps_what_was_answered(
    prompts: PromptBook, acts: list[Act], prompt: str, solved: bool | None, satisfaction: int | None
) -> None:
    call = SimulatedCall([*acts, HangUp(prompt)])
    answers = await ask(call, prompts)
    assert call.heard[-1] == prompt
    assert (answers.solved, answers.satisfaction) == (solved, satisfaction)
    assert answers.has_hung_up


async def test_a_broken_script_apologises_and_keeps_the_answers(prompts: PromptBook) -> None:
    kept = PromptBook({prompt: prompts.clip(prompt) for prompt in Prompt if prompt is not Prompt.REVISIT_SATISFIED})
    call = SimulatedCall([Press("2")])
    answers = await ask(call, kept)
    assert call.heard[-2:] == ["apology", "goodbye"]
    assert answers.solved is False
    assert call.is_hung_up_by_us


async def test_no_callback_lasts_longer_than_the_limit(prompts: PromptBook) -> None:
    call = SimulatedCall([Press("1"), StayOn("revisit_satisfied")])
    answers = await ask(call, prompts, policy=dataclasses.replace(POLICY, max_call_s=0.2))
    assert answers.solved is True
    assert call.is_hung_up_by_us


async def test_every_answer_is_handed_over_before_the_next_word(prompts: PromptBook) -> None:
    call = SimulatedCall([Press("1"), Press("4")])
    kept: list[tuple[bool | None, int | None, str]] = []

    async def keep(answers: CallbackAnswers) -> None:
        kept.append((answers.solved, answers.satisfaction, call.heard[-1]))

    await call.answer()
    await ask_satisfaction(call, prompts, "20260302-00417", None, None, POLICY, deaf(), keep)
    assert kept == [(True, None, "revisit_solved"), (True, 4, "revisit_satisfied")]


async def test_an_answer_that_cannot_be_kept_safe_is_still_returned(prompts: PromptBook) -> None:
    async def fail(answers: CallbackAnswers) -> None:
        raise OSError("disk full")

    call = SimulatedCall([Press("1"), Press("2")])
    await call.answer()
    answers = await ask_satisfaction(call, prompts, "20260302-00417", None, None, POLICY, deaf(), fail)
    assert (answers.solved, answers.satisfaction) == (True, 2)
    assert call.heard[-1] == "revisit_thanks"
