"""A hotline on a real line: callers and seats are baresips, the people side and the books are the real ones."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from app.demo.baresip import Baresip, PhonePorts, baresip_phone, phone_ports
from app.feed_nudges import FeedNudges
from app.live_words import LiveWords
from app.seat_exchange import LocalSeatExchange
from callbacks.models import CallbackTask
from ivr.adapters.asterisk import AsteriskConfig, AsteriskLine
from ivr.adapters.browser_line import BROWSER_PHONE
from ivr.adapters.dial_plan import DialPlan
from ivr.adapters.embedded_sip import EmbeddedSipConfig, EmbeddedSipLine
from ivr.domain.call import CallOutcome
from ivr.domain.policy import WaitingPolicy
from ivr.line_ports import TelephoneLine
from ivr.models import Call, Recording
from ivr.ports import CallControl
from ivr.scripts.inbound import run_inbound
from ivr.seat_ports import SeatTools
from kit.db import Database
from tests.contracts.eventually import eventually
from tests.contracts.sounds import tone, write_wav
from tests.contracts.talk_rigs import BaresipPerson
from tests.journeys.conftest import CITIZEN, Hotline, NoWords
from tests.support.browser_page import LineStage
from ticketing.domain.seat_call import SeatCallStatus
from ticketing.seat_call_models import SeatCall

CITIZEN_HZ, AGENT_HZ = 700.0, 1300.0
_RINGS_S = 8


@dataclass
class Somebody:
    """A telephone, and the person who hears and hums with it."""

    phone: Baresip
    person: BaresipPerson


@dataclass
class LivingLine:
    hotline: Hotline
    line: TelephoneLine
    sip_port: int
    folder: Path
    phones: AsyncExitStack
    scripts: set[str] = field(default_factory=set)
    """Calls whose script runs."""
    count: int = 0
    """Telephones so far."""

    async def citizen(self, number: str = CITIZEN) -> Somebody:
        """He has dialled and wants a person."""
        citizen = await self._phone(number, phone_ports())
        await citizen.phone.dial(f"sip:12345@127.0.0.1:{self.sip_port}")
        await citizen.phone.wait_for("CALL_ESTABLISHED", timeout_s=_RINGS_S)
        citizen.person.hears_from(await citizen.phone.hearing())
        await citizen.phone.press("0")
        return citizen

    async def seat(self, person_id: str) -> Somebody:
        """That person's desk phone; from now on it rings."""
        ports = phone_ports()
        seat = await self._phone("801", ports)
        self.hotline.services.duty.set_phone(person_id, f"sip:801@127.0.0.1:{ports.sip}")
        return seat

    async def talking(self) -> tuple[Somebody, Somebody]:
        """A citizen and Ann, who hear each other."""
        agent, citizen = await self.seat(self.hotline.a), await self.citizen()
        await agent.phone.pick_up(_RINGS_S)
        await self.until(SeatCallStatus.TALKING)
        await citizen.person.hum(CITIZEN_HZ)
        await agent.person.hum(AGENT_HZ)
        assert await agent.person.hears(CITIZEN_HZ)
        assert await citizen.person.hears(AGENT_HZ)
        await asyncio.sleep(1)  # of talk: enough to be worth a transcript
        return citizen, agent

    async def _phone(self, number: str, ports: PhonePorts) -> Somebody:
        self.count += 1
        folder = self.folder / f"p{self.count}"  # baresip cuts long paths
        await asyncio.to_thread(folder.mkdir)
        silence = write_wav(folder / "silence.wav", tone(60, amplitude=0))
        phone = await self.phones.enter_async_context(baresip_phone(folder, ports, number=number, silence=silence))
        return Somebody(phone, BaresipPerson(phone, folder))

    # --- what the books say ---

    def calls(self) -> list[Call]:
        with self.hotline.services.db.reading() as session:
            return list(session.scalars(select(Call)))

    def outcomes(self) -> list[CallOutcome | None]:
        return [call.outcome for call in self.calls()]

    def recordings(self) -> list[Recording]:
        with self.hotline.services.db.reading() as session:
            return list(session.scalars(select(Recording)))

    def tasks(self) -> list[CallbackTask]:
        with self.hotline.services.db.reading() as session:
            return list(session.scalars(select(CallbackTask)))

    def statuses(self) -> list[SeatCallStatus]:
        with self.hotline.services.db.reading() as session:
            return list(session.scalars(select(SeatCall.status)))

    async def until(self, *statuses: SeatCallStatus) -> None:
        """Of all calls that want a person."""
        await eventually(lambda: self.statuses() == list(statuses), within_s=15)

    async def until_waiting(self, caller: str) -> None:
        query = select(SeatCall.status).where(SeatCall.caller == caller)

        def does_he_wait() -> bool:
            with self.hotline.services.db.reading() as session:
                return session.scalar(query) is SeatCallStatus.WAITING

        await eventually(does_he_wait)

    async def until_over(self) -> None:
        """Every script has returned: each call is filed, or left to the sweeper."""
        await eventually(lambda: not self.scripts, within_s=15)


@asynccontextmanager
async def living(
    hotline: Hotline,
    line: TelephoneLine,
    folder: Path,
    *,
    sip_port: int = 0,
    nudges: FeedNudges | None = None,
    words: LiveWords | None = None,
    browsers: LineStage | None = None,
) -> AsyncIterator[LivingLine]:
    services = hotline.services
    exchange = LocalSeatExchange(
        services.seat_calls, hotline.clock, "telephony-1", nudges or services.nudges, words or NoWords()
    )
    waiting = WaitingPolicy(announce_every_s=600, limit_s=600, talk_max_s=60)
    dialler = DialPlan(line.dialler, {BROWSER_PHONE: browsers.line.dialler} if browsers else {})
    hotline.seats = SeatTools(exchange, dialler, line.switchboard, waiting)
    tools = hotline.tools()
    async with AsyncExitStack() as phones:
        house = LivingLine(hotline, line, sip_port, folder, phones)

        async def serve(call: CallControl) -> None:
            house.scripts.add(call.call_id)
            try:
                await run_inbound(call, tools)
            finally:
                house.scripts.discard(call.call_id)

        line.on_call = serve
        await line.start()
        running = asyncio.create_task(exchange.run())
        try:
            if isinstance(line, AsteriskLine):
                await asyncio.wait_for(line.connected.wait(), 8)
            if isinstance(line, EmbeddedSipLine):
                house.sip_port = line.port
            yield house
        finally:
            await line.stop()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def embedded_line() -> EmbeddedSipLine:
    return EmbeddedSipLine(
        EmbeddedSipConfig(
            host="127.0.0.1", port=0, rtp_port_min=21000, rtp_port_max=24998, line_number="12345", stop_within_s=2
        )
    )


def asterisk_line(config: AsteriskConfig) -> AsteriskLine:
    return AsteriskLine(config)


@contextmanager
def books_away(db: Database) -> Iterator[None]:
    """Inside, every question to the database fails as with a server that is gone."""

    def refuse(*_: object) -> None:
        raise OperationalError("planted", None, ConnectionError("the books are away"))

    event.listen(db.engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        with contextlib.suppress(Exception):
            event.remove(db.engine, "before_cursor_execute", refuse)
