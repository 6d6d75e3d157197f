"""A talk that outlived the process that began it: given back to the script, as if that process had never gone."""

import asyncio
from functools import partial

import structlog

from ivr.line_ports import FoundTalk
from ivr.scripts.inbound import meet, serve
from ivr.scripts.inbound_line import InboundLine, InboundTools
from ivr.scripts.seat_call import go_on_talking
from ivr.seat_ports import SeatTools
from kit.log_context import log_context

log = structlog.get_logger(__name__)


async def run_found_talk(found: FoundTalk, hotline: InboundTools, seats: SeatTools) -> None:
    """The people talk all the while, and know nothing of this."""
    call_id = found.conversation_id
    with log_context(call_id=call_id):
        journal = await asyncio.to_thread(hotline.service.take_over, call_id)
        if journal is None:
            log.warning("ivr.talk.without_journal")  # filed already, or it was never ours
            await found.outlive()
            return
        seats.exchange.went_on(call_id, journal.record.person_id)
        await serve(InboundLine(found.citizen, hotline, journal), partial(_talk_on, found=found, seats=seats))


async def _talk_on(line: InboundLine, found: FoundTalk, seats: SeatTools) -> None:
    await meet(line, await go_on_talking(line, seats, found))
