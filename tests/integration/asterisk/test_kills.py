"""The real telephony process killed while one caller hears a prompt, one waits in the line, and one's agent writes.

On both lines: on Asterisk the first two are served again by the next process, on the embedded line their call is over.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.bootstrap import Services, build_services
from app.demo.baresip import Baresip, PhonePorts, baresip_phone, phone_ports
from app.feed_nudges import LocalNudges
from app.readiness import line_is_ready
from app.scheduler import Scheduler
from app.schema import METADATA
from callbacks.models import CallbackTask
from config.settings import Settings
from ivr.domain.call import CallOutcome
from ivr.models import Call
from kit.clock import SystemClock
from kit.net import free_port
from people.domain.role import Role
from tests.contracts.eventually import eventually
from tests.contracts.sounds import tone, write_wav
from tests.integration.asterisk.test_telephony_process import settings_on, telephony
from tests.journeys.conftest import FakeModel, FakeQueue
from tests.support.asterisk import running_asterisk
from tests.support.waiting import eventually as eventually_so
from ticketing.domain.duty_roster import PresenceState
from ticketing.domain.seat_call import SeatCallStatus, WrapUpCode
from ticketing.seat_call_models import SeatCall

WROTE, WAITED, LISTENED = "13900000001", "13900000002", "13900000003"
S = SeatCallStatus
_STARTS_WITHIN_S = 40
"""On a busy machine."""


@contextmanager
def _place(line: str, folder: Path) -> Iterator[tuple[Settings, int]]:
    """Settings, and where to call. An Asterisk of its own: what others left there would be taken in, too."""
    if line == "asterisk":
        with running_asterisk(folder / "asterisk") as asterisk:
            yield settings_on(asterisk, folder), asterisk.sip_port
        return
    settings = Settings.model_validate(
        {
            "data_dir": folder / "var", "database_url": "", "redis_url": "", "redis_port": free_port(),
            "listener_port": free_port(), "browser_port": free_port(), "sip_host": "127.0.0.1",
            "sip_port": free_port(), "rtp_port_min": 21000, "rtp_port_max": 24998, "trunk": "127.0.0.1:9",
        }
    )  # fmt: skip
    yield settings, settings.sip_port


def _serves(settings: Settings, log: Path) -> bool:
    """Ready, and by this very process: Asterisk keeps an application's name for a while after its process died."""
    is_connected = settings.line != "asterisk" or "line.ari.connected" in log.read_text(encoding="utf-8")
    return is_connected and line_is_ready(settings)


class Books:
    """What the hotline knows, and one agent with a desk phone."""

    def __init__(self, settings: Settings) -> None:
        settings.data_dir.mkdir()
        self.services: Services = build_services(
            settings, SystemClock(), queue=FakeQueue(), nudges=LocalNudges(), model=FakeModel
        )
        METADATA.create_all(self.services.db.engine)
        people, duty = self.services.people, self.services.duty
        self.ann = people.add_person("ann", "Ann", Role.AGENT, None)
        ben = people.add_person("ben", "Ben", Role.AGENT, None)
        desk = duty.add_desk("Intake", is_intake=True)
        seat = duty.add_seat(desk, "Seat 1")
        duty.add_shift(seat, self.services.clock.now(), None, a_person_id=self.ann, b_person_id=ben)

    def be_there(self) -> None:
        """Seen now: the processes may have taken longer to start than a silent console counts as present."""
        self.services.duty.set_presence(self.ann, PresenceState.AVAILABLE)

    def seat_calls(self) -> dict[str, SeatCallStatus]:
        """The last one of each caller, by the end of his number."""
        with self.services.db.reading() as session:
            rows = session.execute(select(SeatCall.caller, SeatCall.status).order_by(SeatCall.joined_at))
            return {caller.removeprefix("+86"): status for caller, status in rows}

    def outcomes(self) -> list[tuple[str, CallOutcome | None]]:
        with self.services.db.reading() as session:
            rows = session.execute(select(Call.caller, Call.outcome).where(Call.outcome.is_not(None)))
            return sorted((caller.removeprefix("+86"), outcome) for caller, outcome in rows)

    def arrived(self) -> int:
        with self.services.db.reading() as session:
            return session.scalar(select(func.count()).select_from(Call)) or 0

    def called_back(self) -> list[str]:
        with self.services.db.reading() as session:
            return sorted(phone.removeprefix("+86") for phone in session.scalars(select(CallbackTask.phone)))


@asynccontextmanager
async def phones(folder: Path) -> AsyncIterator["Telephones"]:
    async with AsyncExitStack() as stack:
        yield Telephones(folder, stack)


class Telephones:
    def __init__(self, folder: Path, stack: AsyncExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._silence = write_wav(folder / "silence.wav", tone(60, amplitude=0))

    async def of(self, number: str, ports: PhonePorts) -> Baresip:
        folder = self._folder / number[-4:]
        return await self._stack.enter_async_context(baresip_phone(folder, ports, number=number, silence=self._silence))

    async def dialled(self, number: str, address: str) -> Baresip:
        phone = await self.of(number, phone_ports())
        await phone.dial(address)
        await phone.wait_for("CALL_ESTABLISHED", timeout_s=8)
        await phone.hearing()
        return phone


async def _three_at_their_moments(
    books: Books, telephones: Telephones, address: str
) -> tuple[Baresip, Baresip, Baresip]:
    """The agent's phone, who waits, and who hears a prompt; the third has hung up, and his agent writes."""
    seat_ports = phone_ports()
    seat = await telephones.of("801", seat_ports)
    books.be_there()
    books.services.duty.set_phone(books.ann, f"sip:801@127.0.0.1:{seat_ports.sip}")
    wrote = await telephones.dialled(WROTE, address)
    await wrote.press("0")
    await seat.pick_up(8)
    await eventually(lambda: books.seat_calls() == {WROTE: S.TALKING})
    await wrote.hang_up()
    await eventually(lambda: books.seat_calls() == {WROTE: S.WRAP_UP})
    waited = await telephones.dialled(WAITED, address)
    await waited.press("0")
    await eventually(lambda: books.seat_calls() == {WROTE: S.WRAP_UP, WAITED: S.WAITING})
    listened = await telephones.dialled(LISTENED, address)
    return seat, waited, listened


@pytest.mark.parametrize("line", ["embedded", "asterisk"])
async def test_a_kill_in_the_prompt_the_line_and_the_wrap_up_loses_nobody(line: str, tmp_path: Path) -> None:
    with _place(line, tmp_path) as (settings, sip_port):
        await _three_survive_a_kill(line, settings, sip_port, tmp_path)


async def _three_survive_a_kill(line: str, settings: Settings, sip_port: int, tmp_path: Path) -> None:
    books = Books(settings)
    address = f"sip:12345@127.0.0.1:{sip_port}"
    async with phones(tmp_path) as telephones:
        with telephony(settings, tmp_path / "telephony.log") as process:
            eventually_so(lambda: _serves(settings, tmp_path / "telephony.log"), within_s=_STARTS_WITHIN_S)
            seat, waited, listened = await _three_at_their_moments(books, telephones, address)
            process.kill()
            process.wait()
        with telephony(settings, tmp_path / "telephony.log"):
            await eventually(lambda: books.seat_calls()[WAITED] is S.ABANDONED, within_s=_STARTS_WITHIN_S)
            mine = books.services.seat_calls.call_of(books.ann)
            assert mine is not None
            assert (mine.caller, mine.status) == (f"+86{WROTE}", S.WRAP_UP)
            books.services.seat_calls.wrap_up(mine.call_id, books.ann, WrapUpCode.TICKET)
            await asyncio.to_thread(Scheduler(books.services).tick)
            lost = [(WAITED, CallOutcome.MISSED), (LISTENED, CallOutcome.MISSED)]
            assert books.outcomes() == [(WROTE, CallOutcome.TALKED), *lost]
            if line == "asterisk":  # the same two people, still on their telephones
                await eventually(lambda: books.arrived() == 5, within_s=_STARTS_WITHIN_S)
                await waited.press("0")
                await listened.press("0")
                books.be_there()
                await seat.pick_up(15)
                await eventually(lambda: S.TALKING in books.seat_calls().values())
            for phone in (waited, listened):
                await phone.hang_up()
            if line == "asterisk":
                await eventually(lambda: len(books.outcomes()) == 5)
    await asyncio.to_thread(Scheduler(books.services).tick)
    assert sorted(set(books.called_back())) == [WAITED, LISTENED]
    books.services.db.dispose()
