"""A talk that outlived the process that began it: waited for, and filed as one call with its whole recording."""

import asyncio
from dataclasses import replace

import structlog

from ivr.domain.call import HangupBy
from ivr.domain.errors import RecordingFailed
from ivr.journal import CallJournal
from ivr.line_ports import FoundTalk
from ivr.service import IvrService
from kit.clock import Clock
from kit.log_context import log_context

log = structlog.get_logger(__name__)

_CAUSE = "outlived_process"


async def outlive(talk: FoundTalk, service: IvrService, clock: Clock) -> None:
    """The people talk all the while, and know nothing of this."""
    with log_context(call_id=talk.conversation_id):
        journal = await asyncio.to_thread(service.take_over, talk.conversation_id)
        if journal is None:
            log.warning("ivr.talk.without_journal")  # filed already, or it was never ours
            await talk.outlive()
            return
        try:
            await _wait_and_record(talk, journal)
            now = clock.now()
            record = replace(journal.record, talk_ended_at=now, ended_at=now, hangup_by=HangupBy.CALLER, cause=_CAUSE)
            await asyncio.to_thread(journal.note, record)
            await asyncio.to_thread(service.file_call, journal)
        except Exception:
            log.exception("ivr.call.filing_postponed")
        finally:
            journal.close()


async def _wait_and_record(talk: FoundTalk, journal: CallJournal) -> None:
    try:
        if journal.talk_folder is not None:
            await talk.conversation.start_recording(journal.talk_folder)
        await talk.outlive()
        await talk.conversation.stop_recording()
    except RecordingFailed:
        log.exception("ivr.talk.not_recorded")
        await talk.outlive()
