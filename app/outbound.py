"""Calling back: claim a due task, dial once, ask, keep every answer before the next question.

The order is the guarantee. Claim (the right to dial) → mark as dialling → INVITE: a process that dies
before the mark has certainly not rung, one that dies after it may have; the books tell the two apart and
no attempt ever rings twice. Answers lie on an answer sheet from the moment they are given.
"""

import asyncio
from dataclasses import replace

import structlog

from app.bootstrap import Services, voice_gates
from app.views.database_health import DATABASE_AWAY
from callbacks.answer_sheet import AnswerSheets
from callbacks.domain.attempt import AttemptResult, Claim
from callbacks.domain.disposition import Disposition, of_dial_failure
from callbacks.domain.errors import AttemptReleased
from ivr.domain.call import CallDirection
from ivr.domain.call_record import CallRecord, CallStart
from ivr.domain.policy import RevisitPolicy
from ivr.journal import CallJournal
from ivr.ports import CallControl, DialFailed, Dialler, Listener
from ivr.prompt_book import PromptBook
from ivr.scripts.callback import CallbackAnswers, ask_satisfaction
from kit.errors import HotlineError
from kit.log_context import log_context
from kit.phone_number import dialled

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 1.0


class OutboundCalls:
    """The dialling half of the telephony process."""

    def __init__(self, services: Services, dialler: Dialler, prompts: PromptBook, listener: Listener) -> None:
        self._services = services
        self._dialler = dialler
        self._prompts = prompts
        self._listener = listener
        settings = services.settings
        # A folder of its own: to another process the sheet of a live conversation looks left behind.
        self._sheets = AnswerSheets(settings.data_dir / "answers" / settings.telephony_id)
        self._policy = _revisit_policy(services)
        self._live: dict[str, asyncio.Task[None]] = {}

    async def recover(self) -> None:
        """At start-up, before anything is claimed: what a killed predecessor of this name left."""
        name = self._services.settings.telephony_id
        for step in (self._hand_in_sheets, lambda: self._services.callbacks.release_interrupted(name)):
            try:
                await asyncio.to_thread(step)
            except Exception:
                log.exception("app.outbound.recovery_failed")  # tried again: by look(), and when the lease is over

    async def run(self) -> None:
        """Look for due tasks once a second, for ever."""
        is_away = False
        while True:
            try:
                await self.look()
                is_away = False
            except DATABASE_AWAY as error:
                if not is_away:
                    log.error("app.outbound.database_away", reason=type(error).__name__)  # noqa: TRY400 - no trace needed
                is_away = True
            except Exception:
                log.exception("app.outbound.look_failed")
            await asyncio.sleep(_LOOK_EVERY_S)

    @property
    def live_calls(self) -> list[asyncio.Task[None]]:
        return list(self._live.values())

    async def stop(self) -> None:
        """End the live calls; what was answered stays."""
        calls = self.live_calls
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    async def look(self) -> None:
        """Hand in what is left, then claim what is due and start calling."""
        try:
            await asyncio.to_thread(self._hand_in_sheets)
        except OSError:
            log.exception("app.outbound.sheets_unreadable")  # calling goes on
        if not self._services.settings.trunk:
            return
        room = self._services.policy.callbacks.max_at_once - len(self._live)
        name = self._services.settings.telephony_id
        for claim in await asyncio.to_thread(self._services.callbacks.claim_due, name, room):
            task = asyncio.create_task(self._call_back(claim))
            self._live[claim.attempt_id] = task
            task.add_done_callback(lambda _, attempt_id=claim.attempt_id: self._live.pop(attempt_id, None))  # type: ignore[misc]

    async def _call_back(self, claim: Claim) -> None:
        with log_context(call_id=claim.call_id, attempt_id=claim.attempt_id):
            try:
                await asyncio.to_thread(self._services.callbacks.mark_dialling, claim.attempt_id)
                result = await self._dial_and_ask(claim)
                await asyncio.to_thread(self._hand_in, claim.attempt_id, result)
            except AttemptReleased:
                log.warning("app.outbound.attempt_released")
            except Exception:
                log.exception("app.outbound.attempt_failed")  # its lease runs out: interrupted, then the ladder

    async def _dial_and_ask(self, claim: Claim) -> AttemptResult:
        journal = await asyncio.to_thread(self._open_journal, claim)
        try:
            try:
                call = await self._dialler.dial(
                    dialled(claim.phone),
                    call_id=claim.call_id,
                    ring_timeout_s=self._services.policy.callbacks.ring_timeout_s,
                )
            except DialFailed as failure:
                await self._note(journal, replace(journal.record, cause=failure.cause))
                return AttemptResult(of_dial_failure(failure.failure), failure.cause)
            await self._note(journal, replace(journal.record, answered_at=self._services.clock.now()))
            return await self._ask(claim, call, journal)
        finally:
            await asyncio.shield(asyncio.to_thread(self._file, journal))

    async def _ask(self, claim: Claim, call: CallControl, journal: CallJournal) -> AttemptResult:
        async def keep(answers: CallbackAnswers) -> None:
            await asyncio.to_thread(self._sheets.keep, claim.attempt_id, _result_of(answers, call.end_cause))

        answers = await ask_satisfaction(
            call,
            self._prompts,
            claim.ticket_number or "",
            claim.solved,
            claim.satisfaction,
            self._policy,
            self._listener,
            on_answer=keep,
        )
        presses = tuple((press.digit, press.at_ms) for press in answers.digits)
        await self._note(
            journal,
            replace(
                journal.record,
                digits=presses,
                voice_answers=answers.voice_answers,
                is_talked_through=answers.is_complete,
                cause=call.end_cause,
            ),
        )
        return _result_of(answers, call.end_cause)

    # ---- in threads

    def _open_journal(self, claim: Claim) -> CallJournal:
        start = CallStart(
            claim.call_id,
            CallDirection.OUTBOUND,
            line=self._services.settings.line_number,
            caller=claim.phone,
            started_at=self._services.clock.now(),
        )
        return self._services.ivr.open_journal(start)

    def _file(self, journal: CallJournal) -> None:
        try:
            journal.record = replace(journal.record, ended_at=self._services.clock.now())
            self._services.ivr.file_call(journal)
        except Exception:
            log.exception("app.outbound.filing_failed")  # the journal stays; the scheduler files it
        finally:
            journal.close()

    def _hand_in(self, attempt_id: str, result: AttemptResult) -> None:
        """Into the books; with the database away the sheet stays, and is handed in later."""
        try:
            self._sheets.keep(attempt_id, result)
        except OSError:
            log.exception("app.outbound.sheet_not_kept")  # a full disk; the books may still take it
        self._services.callbacks.finish_attempt(attempt_id, result)
        self._sheets.remove(attempt_id)

    def _hand_in_sheets(self) -> None:
        for attempt_id, result in self._sheets.left_behind(but_not=frozenset(self._live)):
            try:
                self._services.callbacks.finish_attempt(attempt_id, result)
            except HotlineError as error:
                log.error("app.outbound.sheet_refused", attempt_id=attempt_id, code=error.code)  # noqa: TRY400 - named
                self._sheets.set_aside(attempt_id)
            else:
                self._sheets.remove(attempt_id)

    @staticmethod
    async def _note(journal: CallJournal, record: CallRecord) -> None:
        try:
            await asyncio.to_thread(journal.note, record)
        except OSError:
            log.exception("ivr.journal.note_failed")  # it is in memory, and will be filed from there


def _result_of(answers: CallbackAnswers, cause: str | None) -> AttemptResult:
    """The callbacks package decides by the answers what the conversation was (ANSWERED, BROKEN_OFF, SILENT)."""
    return AttemptResult(
        Disposition.ANSWERED, cause, answers.solved, answers.satisfaction, answers.digits, answers.voice_answers
    )


def _revisit_policy(services: Services) -> RevisitPolicy:
    callbacks = services.policy.callbacks
    return RevisitPolicy(
        answer_silence_s=callbacks.answer_silence_s,
        max_call_s=services.policy.call.max_call_s,
        dissatisfied_from=callbacks.dissatisfied_from,
        gates=voice_gates(services),
    )
