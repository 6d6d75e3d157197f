"""One live inbound call with everything the script needs of it; database and disk stay off the call loop."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Self, TypeVar

import structlog

from ivr.domain.call import CallDirection, HangupBy
from ivr.domain.call_record import CallRecord, CallStart
from ivr.domain.menu import REPEAT_KEY, Menu, Wish
from ivr.domain.policy import InboundPolicy
from ivr.domain.prompts import Prompt
from ivr.journal import CallJournal
from ivr.ports import ANY_DIGIT, CallControl, Clip, Listener, TicketDesk
from ivr.prompt_book import PromptBook
from ivr.scripts.asking import WHAT_TO_SAY_FIRST, Asker, ReplyKind
from ivr.scripts.danger_watch import DangerEar, DangerWatch
from ivr.seat_ports import SeatTools
from ivr.service import IvrService
from kit.clock import Clock
from kit.phone_number import normalise

log = structlog.get_logger(__name__)
T = TypeVar("T")


def _books_threads() -> Executor:
    return ThreadPoolExecutor(max_workers=4, thread_name_prefix="ivr-books")


@dataclass(frozen=True, slots=True)
class InboundTools:
    """What every inbound call of this process shares."""

    service: IvrService
    prompts: PromptBook
    desk: TicketDesk
    clock: Clock
    policy: InboundPolicy
    listener: Listener
    emergency_words: Callable[[str], Sequence[str]]
    """Words of danger in a text."""
    seats: SeatTools | None = None
    """None: no person can be reached by telephone."""
    books: Executor = field(default_factory=_books_threads)
    """Threads for the database only: a database that hangs must not hold up the journal's threads."""


class InboundLine:
    """A live call, its journal, and small verbs for the script."""

    def __init__(self, call: CallControl, hotline: InboundTools, journal: CallJournal) -> None:
        self.call = call
        self.hotline = hotline
        self.journal = journal
        self.hangup_by = HangupBy.SYSTEM
        self.limit: asyncio.Timeout | None = None
        """How long the call may take; set by the script."""
        self._asker = Asker(call, hotline.prompts, hotline.listener, hotline.policy.gates)
        self._danger_watch: DangerWatch | None = None
        self._known = journal.record
        """What a process before this one has learnt of the call."""
        self._emergency_words = self._known.emergency_words
        self._live_row: asyncio.Future[None] | None = None

    @classmethod
    async def open(cls, call: CallControl, hotline: InboundTools) -> Self:
        """The call rings: begin its journal before anything else."""
        start = CallStart(call.call_id, CallDirection.INBOUND, call.line, normalise(call.caller), hotline.clock.now())
        line = cls(call, hotline, await asyncio.to_thread(hotline.service.open_journal, start))
        line._tell(lambda: hotline.service.call_arrived(line.record.start))
        return line

    @property
    def record(self) -> CallRecord:
        return self.journal.record

    async def answer(self) -> None:
        await self.call.answer()
        at, version = self.hotline.clock.now(), self.hotline.prompts.notice_version
        await self.note(replace(self.record, answered_at=at, notice_version=version))
        self._tell(lambda: self.hotline.service.call_answered(self.call.call_id, at))

    async def note(self, record: CallRecord) -> bool:
        """Put facts into the journal. False: the disk refused, they are in memory only."""
        record = replace(
            record,
            digits=(*self._known.digits, *((press.digit, press.at_ms) for press in self.call.digits)),
            voice_answers=(*self._known.voice_answers, *self._asker.voice_answers),
            emergency_words=self._emergency_words,
        )
        try:
            await asyncio.to_thread(self.journal.note, record)
        except OSError:
            log.exception("ivr.journal.note_failed")
            return False
        return True

    def unlimit(self, most_s: float) -> None:
        """A person is on the line: from now on it may take as long as that."""
        if self.limit is not None:
            self.limit.reschedule(asyncio.get_running_loop().time() + most_s)

    async def ask_books(self, question: Callable[[], T]) -> T | None:
        """An answer from the database; None when it fails or takes too long."""
        asked = asyncio.get_running_loop().run_in_executor(self.hotline.books, question)
        try:
            async with asyncio.timeout(self.hotline.policy.books_timeout_s):
                return await asked
        except Exception:
            log.exception("ivr.books.unavailable")
            return None

    async def say(self, *parts: Prompt | Clip, interrupt_on: str = ANY_DIGIT) -> str | None:
        """Play prompts and clips back to back; the digit that interrupted them."""
        prompts = self.hotline.prompts
        clips = [prompts.clip(part) if isinstance(part, Prompt) else part for part in parts]
        return await self.call.play(clips, interrupt_on=interrupt_on)

    async def choose(self, menu: Menu, *opening: Prompt) -> Wish | None:
        """Ask the menu's question. Silence, or too many unusable answers, mean what the menu says of silence."""
        wrong, before = 0, opening
        while wrong < self.hotline.policy.wrong_key_limit:
            reply = await self._asker.ask(menu, *before, silence_s=self.hotline.policy.menu_silence_s)
            if reply.kind is ReplyKind.ANSWER:
                return reply.value
            if reply.kind is ReplyKind.SILENCE:
                break
            wrong += reply.kind is not ReplyKind.REPEAT
            before = WHAT_TO_SAY_FIRST.get(reply.kind, ())
        return menu.on_silence

    def watch_for_danger(self) -> DangerWatch:
        """Give it the sound of the recording that begins now."""
        self._danger_watch = DangerWatch(self.hotline.listener.listen(None), self.danger_ear())
        return self._danger_watch

    def danger_ear(self) -> DangerEar:
        """Raises the alarm for what it is told; the caller's own words only."""
        return DangerEar(self.hotline.emergency_words, self._raise_alarm)

    async def _raise_alarm(self, words: tuple[str, ...]) -> None:
        words = self._emergency_words = tuple(dict.fromkeys((*self._known.emergency_words, *words)))
        await self.note(self.record)
        self._tell(lambda: self.hotline.service.emergency_heard(self.call.call_id, words))

    async def collect_digits(self, *prompts: Prompt, count: int) -> str:
        """Up to `count` digits, ended by `#` or silence; `*` begins anew with the prompt."""
        entered = ""
        key = await self.say(*prompts)
        while True:
            key = key or await self.call.read_digit(self.hotline.policy.menu_silence_s)
            if key == REPEAT_KEY:
                entered, key = "", await self.say(*prompts)
                continue
            if key is None or key == "#":
                return entered
            entered, key = entered + key, None
            if len(entered) == count:
                return entered

    def let_go(self) -> None:
        """The call goes on without this process, and the next one takes its journal over."""
        self.journal.close()

    async def file(self, end_cause: str | None) -> None:
        """The call is over: into the books with it, or leave it to the sweeper."""
        loop = asyncio.get_running_loop()
        try:
            ended_at = self.hotline.clock.now()
            if self._danger_watch is not None:
                await self._danger_watch.over()
            await self.note(replace(self.record, ended_at=ended_at, hangup_by=self.hangup_by, cause=end_cause))
            if self._live_row is not None:
                await asyncio.wait({self._live_row})
            await loop.run_in_executor(self.hotline.books, self.hotline.service.file_call, self.journal)
        except Exception:
            log.exception("ivr.call.filing_postponed")
        finally:  # whatever happened: a journal that stays locked is one that no sweeper can file
            self.journal.close()

    def _tell(self, news: Callable[[], None]) -> None:
        """Best effort, in order, without waiting for it."""
        self._live_row = asyncio.ensure_future(self._after(self._live_row, news))

    async def _after(self, earlier: "asyncio.Future[None] | None", news: Callable[[], None]) -> None:
        if earlier is not None:
            await earlier
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self.hotline.books, news)
        except Exception as error:  # noqa: BLE001 - best effort: filing writes the whole call, and complains
            log.warning("ivr.live_row.not_written", error=type(error).__name__)
