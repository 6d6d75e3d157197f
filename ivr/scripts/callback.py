"""The outbound call after a ticket was resolved: who we are, solved?, satisfied?, thanks."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import structlog

from ivr.domain.errors import CallerHungUp
from ivr.domain.policy import RevisitPolicy
from ivr.domain.prompts import Prompt, digits_of
from ivr.domain.question import Question, VoiceAnswer
from ivr.domain.revisit import SATISFIED, SOLVED
from ivr.ports import CallControl, DigitPress, Listener
from ivr.prompt_book import PromptBook
from ivr.scripts.asking import WHAT_TO_SAY_FIRST, Asker, ReplyKind
from kit.log_context import log_context

log = structlog.get_logger(__name__)
T = TypeVar("T")

_LAST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class CallbackAnswers:
    """What the citizen answered, with what was known before the call; None: no answer."""

    solved: bool | None
    satisfaction: int | None
    """1 very satisfied … 5 very dissatisfied."""
    digits: tuple[DigitPress, ...] = ()
    voice_answers: tuple[VoiceAnswer, ...] = ()
    has_hung_up: bool = False
    """The citizen (or the network) ended the call, not we."""

    @property
    def is_complete(self) -> bool:
        return self.solved is not None and self.satisfaction is not None


async def ask_satisfaction(
    call: CallControl,
    prompts: PromptBook,
    ticket_number: str,
    known_solved: bool | None,
    known_satisfaction: int | None,
    policy: RevisitPolicy,
    listener: Listener,
    on_answer: Callable[[CallbackAnswers], Awaitable[None]] | None = None,
) -> CallbackAnswers:
    """Talk through an answered call and end it. Never raises: whatever was answered is returned.

    `on_answer` is awaited with all answers so far before the next word is said: a place to keep them safe.
    When it raises, the call goes on.
    """

    asker = Asker(call, prompts, listener, policy.gates)

    def with_raw(answers: CallbackAnswers) -> CallbackAnswers:
        return replace(answers, digits=tuple(call.digits), voice_answers=tuple(asker.voice_answers))

    async def keep(answers: CallbackAnswers) -> None:
        if on_answer is None:
            return
        try:
            await on_answer(with_raw(answers))
        except Exception:
            log.exception("ivr.revisit.answer_not_kept")

    answers = CallbackAnswers(known_solved, known_satisfaction)
    has_hung_up = False
    with log_context(call_id=call.call_id):
        try:
            async with asyncio.timeout(policy.max_call_s):
                await _announce(call, prompts, ticket_number)
                if answers.solved is None:
                    solved = await _ask(asker, SOLVED, policy)
                    answers = replace(answers, solved=solved)
                    await keep(answers)
                    # Not to be interrupted: a second press of the same key must not answer the next question.
                    if solved is not None:
                        await call.play(prompts.clips(Prompt.REVISIT_NOTED), interrupt_on="")
                if answers.solved is not None and answers.satisfaction is None:
                    level = await _ask(asker, SATISFIED, policy)
                    answers = replace(answers, satisfaction=level)
                    await keep(answers)
                await call.play(prompts.clips(*_farewell(answers, policy)), interrupt_on="")
        except CallerHungUp:
            has_hung_up = True
        except Exception:
            log.exception("ivr.revisit.broken_off")
            await _apologise(call, prompts)
        finally:
            await call.hang_up()
    return replace(with_raw(answers), has_hung_up=has_hung_up)


async def _announce(call: CallControl, prompts: PromptBook, ticket_number: str) -> None:
    """Who calls and about which ticket, in one sentence. Keys pressed before a question answer nothing."""
    last_digits = prompts.spell(digits_of(ticket_number)[-_LAST_DIGITS:])
    opening, ticket = prompts.clips(Prompt.REVISIT_OPENING, Prompt.REVISIT_TICKET)
    await call.play([opening, *last_digits, ticket], interrupt_on="")


async def _ask(asker: Asker, question: Question[T], policy: RevisitPolicy) -> T | None:
    """One question. `*` repeats it, a wrong or unclear answer is explained, silence is asked once more; then None."""
    wrong, silences = 0, 0
    before: Sequence[Prompt] = ()
    while wrong <= policy.wrong_key_limit and silences <= 1:
        reply = await asker.ask(question, *before, silence_s=policy.answer_silence_s)
        match reply.kind:
            case ReplyKind.ANSWER:
                return reply.value
            case ReplyKind.SILENCE:
                silences += 1
            case ReplyKind.WRONG_KEY | ReplyKind.UNCLEAR:
                wrong += 1
        before = WHAT_TO_SAY_FIRST.get(reply.kind, ())
    return None


def _farewell(answers: CallbackAnswers, policy: RevisitPolicy) -> list[Prompt]:
    if answers.solved is False or (answers.satisfaction or 0) >= policy.dissatisfied_from:
        return [Prompt.REVISIT_AGAIN]
    return [Prompt.REVISIT_THANKS if answers.is_complete else Prompt.REVISIT_NO_ANSWER]


async def _apologise(call: CallControl, prompts: PromptBook) -> None:
    try:
        await call.play(prompts.clips(Prompt.APOLOGY, Prompt.GOODBYE))
    except CallerHungUp:
        return
    except Exception:
        log.exception("ivr.revisit.apology_failed")
