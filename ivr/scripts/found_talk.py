"""A talk that outlived the process that began it: waited for, and filed as one call with its whole recording."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import structlog

from ivr.domain.call import HangupBy
from ivr.domain.errors import RecordingFailed
from ivr.journal import CallJournal
from ivr.line_ports import FoundTalk
from ivr.seat_ports import SeatExchange, SeatOrderKind
from ivr.service import IvrService
from kit.clock import Clock
from kit.log_context import log_context

log = structlog.get_logger(__name__)

_CAUSE = "outlived_process"


async def outlive(talk: FoundTalk, service: IvrService, clock: Clock, exchange: SeatExchange) -> None:
    """The people talk all the while, and know nothing of this. Of orders only hanging up is obeyed."""
    with log_context(call_id=talk.conversation_id):
        journal = await asyncio.to_thread(service.take_over, talk.conversation_id)
        if journal is None:
            log.warning("ivr.talk.without_journal")  # filed already, or it was never ours
        try:
            await _until_over(talk, journal, exchange)
            if journal is not None:
                await _file(journal, service, clock)
        except Exception:
            log.exception("ivr.call.filing_postponed")
        finally:
            if journal is not None:
                journal.close()


async def _until_over(talk: FoundTalk, journal: CallJournal | None, exchange: SeatExchange) -> None:
    exchange.went_on(talk.conversation_id)
    obeying = asyncio.create_task(_obey(talk, exchange))
    try:
        folder = journal.talk_folder if journal is not None else None
        if folder is not None:
            with _unrecorded_is_no_end():
                await talk.conversation.start_recording(folder)
        await talk.outlive()
        with _unrecorded_is_no_end():
            await talk.conversation.stop_recording()
    finally:
        obeying.cancel()
        await asyncio.shield(exchange.ended(talk.conversation_id))


@contextmanager
def _unrecorded_is_no_end() -> Iterator[None]:
    try:
        yield
    except RecordingFailed:
        log.exception("ivr.talk.not_recorded")


async def _obey(talk: FoundTalk, exchange: SeatExchange) -> None:
    while True:
        order = await exchange.next_order(talk.conversation_id)
        log.info("ivr.talk.order", order=order.kind.value)
        if order.kind is SeatOrderKind.HANG_UP:
            await talk.hang_up()


async def _file(journal: CallJournal, service: IvrService, clock: Clock) -> None:
    now = clock.now()
    record = replace(journal.record, talk_ended_at=now, ended_at=now, hangup_by=HangupBy.CALLER, cause=_CAUSE)
    await asyncio.to_thread(journal.note, record)
    await asyncio.to_thread(service.file_call, journal)
