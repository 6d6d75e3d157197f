"""Asking a caller: he presses a key or says it. Keys always count; a dead recogniser changes nothing for them."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic, TypeVar

from ivr.domain.hearing import Heard
from ivr.domain.menu import REPEAT_KEY
from ivr.domain.prompts import Prompt
from ivr.domain.question import Gates, Question, Understood, VoiceAnswer, VoiceVerdict, confidence_of, understood
from ivr.domain.revisit import CONFIRMED
from ivr.ports import CallControl, Listener
from ivr.prompt_book import PromptBook

T = TypeVar("T")


class ReplyKind(StrEnum):
    ANSWER = "answer"
    REPEAT = "repeat"
    WRONG_KEY = "wrong_key"
    UNCLEAR = "unclear"  # something was said, and it is not certain what
    SILENCE = "silence"


WHAT_TO_SAY_FIRST = {ReplyKind.WRONG_KEY: (Prompt.WRONG_KEY,), ReplyKind.UNCLEAR: (Prompt.NOT_UNDERSTOOD,)}
"""Before the question is asked again."""


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    kind: ReplyKind
    value: T | None = None
    """Set exactly when it is an answer."""


class Asker:
    """Puts questions to one caller; keeps every spoken answer as it was heard."""

    def __init__(self, call: CallControl, prompts: PromptBook, listener: Listener, gates: Gates) -> None:
        self.voice_answers: list[VoiceAnswer] = []
        self._call = call
        self._prompts = prompts
        self._listener = listener
        self._gates = gates

    async def ask(self, question: Question[T], *before: Prompt, silence_s: float) -> Reply[T]:
        """Ask once. Speech counts from the end of the prompt (its echo would be heard), keys at any time."""
        said = await self._hear(question, *before, question.prompt, silence_s=silence_s)
        match said:
            case None:
                return Reply(ReplyKind.SILENCE)
            case str():
                return _keyed(question, said)
            case Heard():
                return await self._spoken(question, said, silence_s)

    async def _hear(self, question: Question[T], *prompts: Prompt, silence_s: float) -> str | Heard | None:
        key = await self._call.play(self._prompts.clips(*prompts))
        if key is not None:
            return key
        listening = self._listener.listen(tuple(question.phrases))
        try:
            return await self._call.read_answer(listening, silence_s)
        finally:
            listening.close()

    async def _spoken(self, question: Question[T], heard: Heard, silence_s: float) -> Reply[T]:
        meant = understood(question, heard, self._gates)
        if meant is None:
            self._keep(question, heard, None, VoiceVerdict.UNCLEAR)
            return Reply(ReplyKind.UNCLEAR)
        if meant.is_certain:
            self._keep(question, heard, meant, VoiceVerdict.ACCEPTED)
            return Reply(ReplyKind.ANSWER, meant.value)
        self._keep(question, heard, meant, VoiceVerdict.UNCONFIRMED)
        return await self._ask_back(question, meant, silence_s)

    async def _ask_back(self, question: Question[T], meant: Understood[T], silence_s: float) -> Reply[T]:
        """Only a clear yes makes it count. A key of the question itself answers the question."""
        before = (Prompt.VOICE_YOU_SAID, question.names[meant.value])
        said = await self._hear(CONFIRMED, *before, CONFIRMED.prompt, silence_s=silence_s)
        if isinstance(said, str):
            if said not in CONFIRMED.keys and said in question.keys:
                return _keyed(question, said)
            is_confirmed = CONFIRMED.keys.get(said)
        else:
            reply = understood(CONFIRMED, said, self._gates) if said else None
            is_confirmed = reply is not None and reply.is_certain and reply.value
        if not is_confirmed:
            return Reply(ReplyKind.UNCLEAR)
        self.voice_answers[-1] = replace(self.voice_answers[-1], verdict=VoiceVerdict.CONFIRMED)
        return Reply(ReplyKind.ANSWER, meant.value)

    def _keep(self, question: Question[T], heard: Heard, meant: Understood[T] | None, verdict: VoiceVerdict) -> None:
        first, last = heard.words[0], heard.words[-1]
        phrase = meant.phrase if meant else ""
        answer = VoiceAnswer(question.prompt.value, phrase, confidence_of(heard), first.start_ms, last.end_ms, verdict)
        self.voice_answers.append(answer)


def _keyed(question: Question[T], key: str) -> Reply[T]:
    if key in question.keys:
        return Reply(ReplyKind.ANSWER, question.keys[key])
    return Reply(ReplyKind.REPEAT if key == REPEAT_KEY else ReplyKind.WRONG_KEY)
