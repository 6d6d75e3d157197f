"""The telephony process: takes calls, and is the only one that dials.

Live calls are coroutines of one event loop; the database and the disk are met in threads only.
"""

import asyncio
import signal

import structlog

from app.bootstrap import Services, browser_line, build_services, live_speech, telephone_line, voice_gates
from app.danger_words import DangerWords
from app.live_words import RedisLiveWords
from app.outbound import OutboundCalls
from app.seat_exchange import LocalSeatExchange
from app.ticket_desk import TicketDeskForCalls
from app.views.seat_calls import ring_facts
from config.settings import Settings
from ivr.adapters.browser_line import BROWSER_PHONE
from ivr.adapters.dial_plan import DialPlan
from ivr.domain.policy import InboundPolicy, WaitingPolicy
from ivr.prompt_book import PromptBook
from ivr.scripts.found_talk import run_found_talk
from ivr.scripts.inbound import run_inbound
from ivr.scripts.inbound_line import InboundTools
from ivr.seat_ports import SeatTools

log = structlog.get_logger(__name__)


async def serve(services: Services, stopped: asyncio.Event) -> None:
    """Serve the line until `stopped`. Calls then end politely and are filed; talks that need no process go on."""
    prompts = PromptBook.load(services.settings.prompts_dir)
    line = telephone_line(services)
    browsers = browser_line(services, line.clock)
    dialler = DialPlan(line.dialler, {BROWSER_PHONE: browsers.dialler})
    listener = live_speech(services.settings)
    outbound = OutboundCalls(services, dialler, prompts, listener)
    exchange = _seat_exchange(services)
    browsers.dialler.facts_of = exchange.ring_facts
    seats = SeatTools(exchange, dialler, line.switchboard, _waiting_policy(services))
    hotline = InboundTools(
        service=services.ivr,
        prompts=prompts,
        desk=TicketDeskForCalls(services.tickets),
        clock=services.clock,
        policy=_inbound_policy(services),
        listener=listener,
        emergency_words=DangerWords(services.settings.speech_rules_dir),
        seats=seats,
    )
    line.on_call = browsers.on_call = lambda call: run_inbound(call, hotline)
    line.on_talk = lambda talk: run_found_talk(talk, hotline, seats)
    line.on_stock_taken = exchange.found
    await outbound.recover()
    await exchange.recover(await asyncio.to_thread(services.ivr.going_on))
    await line.start()
    await browsers.start()
    if not services.settings.trunk:
        log.warning("app.telephony.no_trunk", setting="HOTLINE_TRUNK", consequence="due callbacks go to people")
    log.info("app.telephony.started", line=services.settings.line, missing_prompts=len(prompts.missing()))
    dialling, seating = asyncio.create_task(outbound.run()), asyncio.create_task(exchange.run())
    try:
        await stopped.wait()
    finally:
        dialling.cancel()
        await asyncio.gather(dialling, return_exceptions=True)
        await outbound.stop()
        await browsers.stop()
        await line.stop()
        seating.cancel()
        await asyncio.gather(seating, return_exceptions=True)
        log.info("app.telephony.stopped")


def run_telephony(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. Calls left behind by a killed predecessor are filed by the scheduler."""
    asyncio.run(_run(build_services(settings)))


async def _run(services: Services) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await serve(services, stopped)


def _seat_exchange(services: Services) -> LocalSeatExchange:
    settings = services.settings
    words = RedisLiveWords(settings.effective_redis_url)

    def facts_of(call_id: str) -> dict[str, str]:
        with services.db.reading() as session:
            return ring_facts(session, call_id)

    calls, name = services.seat_calls, settings.telephony_id
    return LocalSeatExchange(calls, services.clock, name, services.nudges, words, facts_of)


def _waiting_policy(services: Services) -> WaitingPolicy:
    waiting = services.policy.call.waiting
    guests_max = services.policy.call.dialling.guests_max
    return WaitingPolicy(waiting.announce_every_s, waiting.limit_s, waiting.talk_max_s, guests_max)


def _inbound_policy(services: Services) -> InboundPolicy:
    policy = services.policy.call
    return InboundPolicy(
        menu_silence_s=policy.menu_silence_s,
        message_max_s=policy.message_max_s,
        max_call_s=policy.max_call_s,
        gates=voice_gates(services),
    )
