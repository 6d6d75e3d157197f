"""A whole inbound line on a stage: simulated callers, real journal, real service, a desk that does as told."""

import threading
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from ivr.adapters import wav_recorder
from ivr.adapters.simulated import SimulatedCall
from ivr.domain.policy import CallFilingPolicy, InboundPolicy
from ivr.domain.prompts import Prompt
from ivr.line_ports import FoundTalk
from ivr.models import Call, Recording, VoiceMessage
from ivr.ports import AudioFiles, Clip, Listener, TicketProgress
from ivr.prompt_book import PromptBook
from ivr.scripts.found_talk import run_found_talk
from ivr.scripts.inbound import run_inbound
from ivr.scripts.inbound_line import InboundTools
from ivr.seat_ports import SeatTools
from ivr.service import IvrService
from kit.clock import Clock
from kit.db import Database
from kit.events import Event
from kit.storage import FileStore, LocalFileStore
from tests.support.listeners import deaf

NUMBER = "20260302-00417"
POLICY = InboundPolicy(menu_silence_s=6, message_max_s=3, max_call_s=60, books_timeout_s=20)
FILING = CallFilingPolicy(message_min_s=1.0)
AUDIO: AudioFiles = wav_recorder


def words_of_danger(text: str) -> list[str]:
    """A lexicon of four words."""
    return [word for word in ("着火", "受伤", "打人", "漏气") if word in text]


class ScriptedDesk:
    """A TicketDesk: `tickets` and `number` as given; or it fails; or it hangs until `release` is set."""

    def __init__(self, tickets: Sequence[TicketProgress] = (), number: str = NUMBER) -> None:
        self.tickets, self.number = tickets, number
        self.is_away = False
        self.hangs_on: threading.Event | None = None
        self.asked_for: list[str] = []

    def reserve_number(self, call_id: str) -> str:
        self._come_to_work()
        return self.number

    def open_tickets_of(self, caller: str) -> Sequence[TicketProgress]:
        self._come_to_work()
        self.asked_for.append(caller)
        return self.tickets

    def _come_to_work(self) -> None:
        if self.hangs_on:
            self.hangs_on.wait(timeout=20)
        if self.is_away:
            raise ConnectionError("the database is away")


@dataclass(frozen=True)
class Books:
    """All rows that calls have left."""

    calls: list[Call]
    recordings: list[Recording]
    messages: list[VoiceMessage]

    @property
    def call(self) -> Call:
        (call,) = self.calls
        return call

    @property
    def message(self) -> VoiceMessage:
        (message,) = self.messages
        return message


class PhoneStage:
    def __init__(
        self, folder: Path, db: Database, clock: Clock, prompts: PromptBook, files: FileStore | None = None
    ) -> None:
        self.spool = folder / "spool"
        self.db = db
        self.facts: list[Event] = []
        db.bus.subscribe(self.facts.append)
        self.clock = clock
        self.prompts = prompts
        self.desk = ScriptedDesk()
        self.listener: Listener = deaf()
        self.seats: SeatTools | None = None
        self.files = files or LocalFileStore(folder / "files")
        self.service = IvrService(db, clock, self.files, AUDIO, self.spool, "telephony-test", FILING)

    def tools(self, policy: InboundPolicy = POLICY) -> InboundTools:
        return InboundTools(
            self.service, self.prompts, self.desk, self.clock, policy, self.listener, words_of_danger, self.seats
        )

    async def take(self, call: SimulatedCall, policy: InboundPolicy = POLICY) -> Books:
        """Let the script take the call; returns what is in the books afterwards."""
        await run_inbound(call, self.tools(policy))
        return self.books()

    async def take_up(self, found: FoundTalk) -> Books:
        """Let the script go on with a talk that outlived its process."""
        assert self.seats is not None
        await run_found_talk(found, self.tools(), self.seats)
        return self.books()

    def books(self) -> Books:
        with self.db.reading() as session:
            return Books(
                list(session.scalars(select(Call).order_by(Call.id))),
                list(session.scalars(select(Recording))),
                list(session.scalars(select(VoiceMessage))),
            )

    def spooled(self) -> list[str]:
        return sorted(path.name for path in self.spool.iterdir()) if self.spool.exists() else []


def silent_prompts(folder: Path) -> PromptBook:
    """Every prompt as 100 ms of silence."""
    clips = {}
    path = folder / "silence.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(1600))
    for prompt in Prompt:
        clips[prompt] = Clip(prompt.value, path)
    return PromptBook(clips)
