"""The inbound call, read from top to bottom: greeting, menu, then message, callback, progress or a person.

Hanging up at any point leaves a record that somebody owns; no path ends in silence.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import structlog

from ivr.domain.call_record import RecordingFacts, can_be_called_back, who_hung_up
from ivr.domain.errors import CallerHungUp, RecordingFailed, TalkGoesOn
from ivr.domain.menu import MAIN_MENU, REPEAT_KEY, Wish
from ivr.domain.prompts import Prompt, digits_of, spoken_status
from ivr.ports import CallControl, Recorded, RecordEnd, TicketProgress
from ivr.scripts.inbound_line import InboundLine, InboundTools
from ivr.scripts.seat_call import reach_a_person
from kit.log_context import log_context

log = structlog.get_logger(__name__)

_LAST_DIGITS = 4
_MENU_KEY = "#"


async def run_inbound(call: CallControl, hotline: InboundTools) -> None:
    """One inbound call from its first ring into the books."""
    with log_context(call_id=call.call_id):
        await serve(await InboundLine.open(call, hotline), talk)


async def serve(line: InboundLine, conversation: Callable[[InboundLine], Awaitable[None]]) -> None:
    """From the first word, or from where a predecessor of this process left off, into the books."""
    call, goes_on = line.call, False
    try:
        await _talk_or_apologise(line, conversation)
        await line.say(Prompt.GOODBYE)
    except TalkGoesOn:
        goes_on = True
    except CallerHungUp:
        line.hangup_by = who_hung_up(call.end_cause)
    except Exception:
        log.exception("ivr.script.broken_off")
    finally:
        if goes_on:
            line.let_go()
        else:
            try:
                await call.hang_up()
            finally:
                await line.file(call.end_cause)


async def _talk_or_apologise(line: InboundLine, conversation: Callable[[InboundLine], Awaitable[None]]) -> None:
    limit = asyncio.timeout(line.hotline.policy.max_call_s)
    try:
        async with limit:
            line.limit = limit
            await conversation(line)
    except CallerHungUp:
        raise
    except Exception:
        if limit.expired():
            await line.say(Prompt.TIME_UP)
            return
        log.exception("ivr.script.failed")
        await _apologise(line)


async def talk(line: InboundLine) -> None:
    """From the answer on. Raises CallerHungUp."""
    await line.answer()
    opening: tuple[Prompt, ...] = (Prompt.GREETING,)
    while True:
        wish = await line.choose(MAIN_MENU, *opening)
        await line.note(replace(line.record, wish=wish))
        if wish is Wish.PROGRESS:
            if await _tell_progress(line):
                return
            opening = ()
            continue
        if wish is Wish.AGENT:
            wish = await reach_a_person(line)
        break
    await meet(line, wish)


async def meet(line: InboundLine, wish: Wish | None) -> None:
    """What he wants last. Wish.AGENT: he has talked with a person already."""
    if wish is Wish.AGENT:
        return
    if wish is Wish.MESSAGE:
        await _take_message(line)
    elif wish is Wish.CALLBACK:
        await _promise_callback(line)
    elif can_be_called_back(line.record.start.caller):
        await line.say(Prompt.WILL_CALL_BACK)
    else:
        await _take_message(line, Prompt.NUMBER_WITHHELD)


async def _take_message(line: InboundLine, *opening: Prompt) -> None:
    await line.note(replace(line.record, wish=Wish.MESSAGE))
    await line.say(*opening, Prompt.MESSAGE_PROMPT)
    try:
        recorded = await _record_after_beep(line)
    except RecordingFailed:
        log.exception("ivr.recording.failed")
        await line.note(replace(line.record, is_recording_failed=True))
        await line.say(Prompt.RECORDING_FAILED, _promise(line))
        return
    if recorded.ended_by is RecordEnd.HANGUP:
        raise CallerHungUp
    full = (Prompt.MESSAGE_FULL,) if recorded.ended_by is RecordEnd.LIMIT else ()
    await line.say(*full, Prompt.MESSAGE_RECEIVED, interrupt_on="")
    await _read_ticket_number(line)


def _promise(line: InboundLine) -> Prompt:
    """What can be said to somebody who could not leave a message: nobody calls back a withheld number."""
    return Prompt.WILL_CALL_BACK if can_be_called_back(line.record.start.caller) else Prompt.CALL_AGAIN_LATER


async def _record_after_beep(line: InboundLine) -> Recorded:
    """Returns once the sound and the fact of it are durable; raises RecordingFailed otherwise."""
    path = line.journal.message_path
    clock, policy = line.hotline.clock, line.hotline.policy
    # Noted before the beep: afterwards every millisecond belongs to the caller.
    is_noted = await line.note(replace(line.record, recording_started_at=clock.now()))
    if path is None or not is_noted:
        raise RecordingFailed("the disk refuses the journal")
    await line.say(Prompt.BEEP, interrupt_on="")
    watch = line.watch_for_danger()
    try:
        recorded = await line.call.record(path, max_s=policy.message_max_s, on_sound=watch.hear)
    finally:
        watch.finish()
    facts = RecordingFacts(recorded.duration_ms, recorded.speech_ms, recorded.sha256)
    is_noted = await line.note(replace(line.record, recording=facts, recording_ended_at=clock.now()))
    if not is_noted:
        raise RecordingFailed("the disk refuses the journal")
    return recorded


async def _read_ticket_number(line: InboundLine) -> None:
    call_id = line.call.call_id
    number = await line.ask_books(lambda: line.hotline.desk.reserve_number(call_id))
    if number is None:
        await line.say(Prompt.NUMBER_LATER)
        return
    await line.note(replace(line.record, ticket_number=number))
    key: str | None = REPEAT_KEY
    while key == REPEAT_KEY:
        digits = line.hotline.prompts.spell(number)
        key = await line.say(Prompt.TICKET_NUMBER_IS, *digits, Prompt.REPEAT_NUMBER, interrupt_on=REPEAT_KEY)
        key = key or await line.call.read_digit(line.hotline.policy.number_repeat_s)


async def _promise_callback(line: InboundLine) -> None:
    caller = line.record.start.caller
    if not can_be_called_back(caller):
        await _take_message(line, Prompt.NUMBER_WITHHELD)
        return
    await line.note(replace(line.record, wish=Wish.CALLBACK))
    await line.say(Prompt.CALLBACK_PROMISED, *line.hotline.prompts.spell(caller))


async def _tell_progress(line: InboundLine) -> bool:
    """Say how the caller's ticket stands; False: back to the menu."""
    caller = line.record.start.caller
    tickets = await line.ask_books(lambda: line.hotline.desk.open_tickets_of(caller))
    if not tickets:
        await line.say(Prompt.PROGRESS_UNAVAILABLE if tickets is None else Prompt.PROGRESS_NONE)
        return False
    opening: list[Prompt] = []
    ticket = tickets[0] if len(tickets) == 1 else await _pick_by_last_digits(line, tickets)
    if ticket is None:
        opening, ticket = [Prompt.PROGRESS_NEWEST], tickets[0]
    status = spoken_status(ticket.status)
    key: str | None = REPEAT_KEY
    while key == REPEAT_KEY:
        digits = line.hotline.prompts.spell(ticket.number)
        key = await line.say(*opening, Prompt.PROGRESS_TICKET, *digits, interrupt_on=REPEAT_KEY)
        if key is None:
            await line.note(replace(line.record, is_progress_told=True))
            key = await line.say(status, Prompt.PROGRESS_AFTER, interrupt_on=REPEAT_KEY + _MENU_KEY)
            key = key or await line.call.read_digit(line.hotline.policy.menu_silence_s)
        opening = []
    return key != _MENU_KEY


async def _pick_by_last_digits(line: InboundLine, tickets: Sequence[TicketProgress]) -> TicketProgress | None:
    """The one ticket whose number ends with what the caller keys in; None after silence or too many wrong ones."""
    question = [Prompt.PROGRESS_SEVERAL]
    for _ in range(line.hotline.policy.wrong_key_limit):
        entered = await line.collect_digits(*question, count=_LAST_DIGITS)
        if not entered:
            return None
        meant = [ticket for ticket in tickets if digits_of(ticket.number).endswith(entered)]
        if len(meant) == 1:
            return meant[0]
        question = [Prompt.PROGRESS_WRONG, Prompt.PROGRESS_SEVERAL]
    return None


async def _apologise(line: InboundLine) -> None:
    """The script broke. The caller is told, and may still leave a message, unless one is kept already."""
    async with asyncio.timeout(line.hotline.policy.max_call_s):
        if line.record.has_message:
            await line.say(Prompt.APOLOGY, Prompt.MESSAGE_RECEIVED)
        elif line.record.recording_started_at is not None:
            await line.say(Prompt.APOLOGY, _promise(line))
        else:
            await _take_message(line, Prompt.APOLOGY)
