"""A hotline in one process: real services and databases; simulated telephones, recogniser and queue."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.bootstrap import Services, build_services
from app.danger_words import DangerWords
from app.feed_nudges import LocalNudges
from app.outbound import OutboundCalls
from app.queue import QueueUnavailable, TriesExhausted
from app.scheduler import Scheduler
from app.seat_exchange import LocalSeatExchange
from app.ticket_desk import TicketDeskForCalls
from app.views.overdue import messages_without_transcript
from asr.domain.errors import RecognitionFailed
from asr.domain.transcript import Recognised, Word
from callbacks.answer_sheet import AnswerSheets
from callbacks.domain.attempt import AttemptResult, Claim
from callbacks.domain.disposition import Disposition
from config.settings import ROOT, Settings
from ivr.adapters.simulated import Act, SimulatedCall, SimulatedDialler
from ivr.adapters.simulated_talk import Departure, SimulatedSwitchboard
from ivr.domain.policy import InboundPolicy, WaitingPolicy
from ivr.ports import DialFailure, DigitPress, Listener
from ivr.prompt_book import PromptBook
from ivr.scripts.inbound import run_inbound
from ivr.scripts.inbound_line import InboundTools
from ivr.seat_ports import SeatTools
from kit.clock import FixedClock
from kit.db import Database
from kit.events import EventBus
from kit.ids import new_id
from people.domain.role import Role
from tests.support.listeners import deaf
from ticketing.domain.duty_roster import PresenceState

CITIZEN = "13900000001"


class FakeModel:
    """Hears the same words in everything; or is broken."""

    sample_rate = 8000
    is_broken = False

    def recognise(self, pcm: bytes, sample_rate: int) -> Recognised:
        if self.is_broken:
            raise RecognitionFailed("broken")
        return Recognised((Word("路灯", 0, 400, 0.9), Word("坏了", 400, 800, 0.9)), "fake")


class FakeQueue:
    """Keeps what was enqueued until `work`; or is away."""

    def __init__(self) -> None:
        self.is_away = False
        self.waiting: list[tuple[str, int | None]] = []
        """Message, and the part of it."""
        self.broken: dict[str, str] = {}
        """Messages that broke every try, and what by."""

    def enqueue_transcription(self, message_id: str, audio_ms: int) -> None:
        self._enqueue(message_id, None)

    def enqueue_part(self, message_id: str, part_no: int, audio_ms: int) -> None:
        self._enqueue(message_id, part_no)

    def resting_workers(self) -> dict[str, datetime]:
        return {}

    def _enqueue(self, message_id: str, part_no: int | None) -> None:
        if self.is_away:
            raise QueueUnavailable("away")
        if message_id in self.broken:
            raise TriesExhausted(self.broken[message_id])
        if (message_id, part_no) not in self.waiting:
            self.waiting.append((message_id, part_no))


class NoWords:
    """Nobody looks at the words of a talk."""

    def assign(self, call_id: str, person_id: str) -> None: ...

    def forget(self, call_id: str) -> None: ...

    def tell(self, call_id: str, side: str, text: str, *, is_final: bool) -> None: ...


class Hotline:
    """The stage. `kill_after_commits()` makes every process die right after its commits from then on."""

    def __init__(self, services: Services, clock: FixedClock, queue: FakeQueue, model: FakeModel) -> None:
        self.services, self.clock, self.queue, self.model = services, clock, queue, model
        self.prompts = PromptBook.load(services.settings.prompts_dir)
        self.listener: Listener = deaf()
        self.scheduler = Scheduler(services)
        self.seats: SeatTools | None = None
        add = services.people.add_person
        self.a = add("ann", "Ann", Role.AGENT, None)
        self.b = add("ben", "Ben", Role.AGENT, None)
        self.boss = add("boss", "Boss", Role.SUPERVISOR, None)
        desk = services.duty.add_desk("Intake", is_intake=True)
        seat = services.duty.add_seat(desk, "Seat 1")
        services.duty.add_shift(seat, clock.now(), None, a_person_id=self.a, b_person_id=self.b)
        self.be_present()

    def be_present(self) -> None:
        for person in (self.a, self.b):
            self.services.duty.set_presence(person, PresenceState.AVAILABLE)

    def kill_after_commits(self) -> None:
        self.services.db.bus = EventBus()

    async def take_call(self, *acts: Act, caller: str = CITIZEN) -> SimulatedCall:
        call = SimulatedCall(acts, call_id=new_id(), caller=caller)
        await run_inbound(call, self.tools())
        return call

    def tools(self) -> InboundTools:
        policy = InboundPolicy(menu_silence_s=6, message_max_s=30, max_call_s=60, books_timeout_s=20)
        desk = TicketDeskForCalls(self.services.tickets)
        danger = DangerWords(self.services.settings.speech_rules_dir)
        return InboundTools(
            self.services.ivr, self.prompts, desk, self.clock, policy, self.listener, danger, self.seats
        )

    @asynccontextmanager
    async def people_answer(
        self, phones: Mapping[str, Sequence[Act] | DialFailure], *departures: Departure
    ) -> AsyncIterator[None]:
        """Inside, calls that want a person ring at these phones: `sip:ann`, `sip:ben`."""
        for person, phone in ((self.a, "sip:ann"), (self.b, "sip:ben")):
            self.services.duty.set_phone(person, phone)
        exchange = LocalSeatExchange(
            self.services.seat_calls, self.clock, "telephony-1", self.services.nudges, NoWords()
        )
        waiting = WaitingPolicy(announce_every_s=600, limit_s=600, talk_max_s=60)
        self.seats = SeatTools(exchange, SimulatedDialler(phones), SimulatedSwitchboard(*departures), waiting)
        await exchange.recover()
        running = asyncio.create_task(exchange.run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            self.seats = None

    def work(self) -> None:
        """The worker's turn: every job that waits, as app/jobs.py does it."""
        waiting, self.queue.waiting = self.queue.waiting, []
        for spoken_id, part_no in waiting:
            self.services.flow.take_in(spoken_id)
            spoken = self.services.ivr.spoken(spoken_id)
            if spoken is None:
                continue
            if part_no is not None:
                self.services.asr.transcribe_part(spoken.recording_id, spoken.file_key, part_no)
            elif spoken.has_speech:
                self.services.asr.transcribe(spoken.recording_id, spoken.file_key)

    def pass_time(self, seconds: float = 20) -> None:
        """Time goes by, the consoles stay open, and the scheduler looks around."""
        self.clock.advance(timedelta(seconds=seconds))
        for person in (self.a, self.b):
            self.services.duty.seen(person)
        self.scheduler.tick()

    async def dial_due(self, *acts: Act) -> SimulatedDialler:
        """The telephony process's turn: due callbacks are dialled, the citizen does as told."""
        dialler = SimulatedDialler({CITIZEN: acts})
        outbound = OutboundCalls(self.services, dialler, self.prompts, self.listener)
        await outbound.recover()
        await outbound.look()
        await asyncio.gather(*outbound.live_calls)
        return dialler

    def keep_answers(self, claim: Claim, *, solved: bool, satisfaction: int | None) -> None:
        """What the telephony process has on disk when it dies between the last answer and the books."""
        settings = self.services.settings
        result = AttemptResult(Disposition.ANSWERED, None, solved, satisfaction, [DigitPress("1", 900)])
        AnswerSheets(settings.data_dir / "answers" / settings.telephony_id).keep(claim.attempt_id, result)

    def unrecognised(self) -> list[str]:
        with self.services.db.reading() as session:
            return messages_without_transcript(session, self.clock.now() + timedelta(seconds=1))


LONG_MESSAGE_S = 20
"""In these journeys it is recognised in parts."""


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    """The shipped policy, but short recordings are long already."""
    shipped = (ROOT / "config" / "policy.toml").read_text(encoding="utf-8")
    speech, usual = shipped.split("[speech.parts]")
    for line in ("from_s = 90.0", "min_s = 30.0", "max_s = 60.0"):
        assert line in usual
        usual = usual.replace(line, line.replace("0.0", ".0"))  # a tenth
    changed = tmp_path / "policy.toml"
    changed.write_text(f"{speech}[speech.parts]{usual}", encoding="utf-8")
    return changed


@pytest.fixture
def hotline(
    database: Database, database_url: str, clock: FixedClock, tmp_path: Path, policy_file: Path
) -> Iterator[Hotline]:
    queue, model = FakeQueue(), FakeModel()
    settings = Settings(
        data_dir=tmp_path / "var", database_url=database_url, trunk="127.0.0.1", policy_file=policy_file
    )
    services = build_services(settings, clock, queue=queue, nudges=LocalNudges(), model=lambda: model)
    yield Hotline(services, clock, queue, model)
    services.db.dispose()
