"""One reader of the timeline per web process, and the sockets it tells, each only what concerns its person."""

import asyncio
import time

import structlog

from app.api.feed_messages import Message, hint, spoken_words, talk_so_far, ticket_event
from app.api.kept_words import KeptWords
from app.feed_nudges import FeedNudges
from app.live_words import SpokenText
from app.views.feed import OVERLAP, FeedRow, TaskInHands, callbacks_in_hands, events_after, newest_id
from app.views.seat_calls import CallInHands, seat_calls_in_hands
from app.views.viewer import Viewer
from kit.db import Database

log = structlog.get_logger(__name__)

_PAGE = 1000
_LONGEST_QUEUE = 1000
_SEAT_CALL_TOPICS = frozenset({"seat_call", "call"})
"""A call tells of words of danger in it."""


class Subscription:
    """What waits to be sent to one socket. `is_overrun`: it reads too slowly and must resume."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.is_overrun = False
        self._queue: asyncio.Queue[Message] = asyncio.Queue(_LONGEST_QUEUE)

    def put(self, message: Message) -> None:
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            self.is_overrun = True

    async def next(self) -> Message:
        return await self._queue.get()


class FeedHub:
    """Reads at every nudge. Rows younger than the overlap are read again and told once."""

    def __init__(self, db: Database, nudges: FeedNudges, words: KeptWords | None = None) -> None:
        self._db = db
        self._nudges = nudges
        self._subscriptions: set[Subscription] = set()
        self._floor: int | None = None
        """Everything up to here is settled: no smaller id can still appear."""
        self._seen: dict[int, float] = {}
        self._in_hands: dict[str, TaskInHands] = {}
        self._calls: dict[str, CallInHands] = {}
        self._words = words or KeptWords()

    @property
    def is_ready(self) -> bool:
        """Once it knows where the timeline stands; a socket that joined earlier could miss rows."""
        return self._floor is not None

    def join(self, viewer: Viewer) -> Subscription:
        subscription = Subscription(viewer)
        self._subscriptions.add(subscription)
        talk = self._words.so_far(viewer.person_id)
        if talk is not None and self._is_his(talk.call_id, viewer.person_id):
            subscription.put(talk_so_far(talk.call_id, talk.lines))
        return subscription

    def _is_his(self, call_id: str, person_id: str) -> bool:
        """He talks in it, or writes it up."""
        call = self._calls.get(call_id)
        return call is not None and person_id in call.people

    def leave(self, subscription: Subscription) -> None:
        self._subscriptions.discard(subscription)

    async def run(self) -> None:
        """Until cancelled. A round that fails is repeated by the next one: nothing moves on before it is read."""
        is_failing = False
        async for topics in self._nudges.listen():
            try:
                await self._round(topics)
                is_failing = False
            except Exception:
                if not is_failing:
                    log.exception("web.feed.round_failed")
                is_failing = True

    async def _round(self, topics: frozenset[str]) -> None:
        if self._floor is None:
            self._floor, self._in_hands = await asyncio.to_thread(self._read_start)
        rows, in_hands = await asyncio.to_thread(self._read_news)
        for row in rows:
            self._tell_row(row)
        self._settle()
        self._tell_tasks(in_hands)
        if "presence" in topics:
            self._tell(hint("presence.changed"), only_supervisors=False)
        if topics & _SEAT_CALL_TOPICS or not topics:
            await self._tell_seat_calls()
        if "call" in topics:
            self._tell(hint("call.changed"), only_supervisors=True)

    def _read_start(self) -> tuple[int, dict[str, TaskInHands]]:
        with self._db.reading() as session:
            return newest_id(session), callbacks_in_hands(session)

    def _read_news(self) -> tuple[list[FeedRow], dict[str, TaskInHands]]:
        assert self._floor is not None
        news: list[FeedRow] = []
        after = self._floor
        with self._db.reading() as session:
            while rows := events_after(session, after, _PAGE):
                after = rows[-1].id
                news += [row for row in rows if row.id not in self._seen]
            return news, callbacks_in_hands(session)

    def _tell_row(self, row: FeedRow) -> None:
        self._seen[row.id] = time.monotonic()
        for subscription in self._subscriptions:
            if row.is_for(subscription.viewer):
                subscription.put(ticket_event(row, subscription.viewer))

    def _settle(self) -> None:
        old = time.monotonic() - OVERLAP.total_seconds()
        settled = [row_id for row_id, seen_at in self._seen.items() if seen_at < old]
        if settled:
            floor = max(settled)
            self._floor = floor
            self._seen = {row_id: seen_at for row_id, seen_at in self._seen.items() if row_id > floor}

    def _tell_tasks(self, in_hands: dict[str, TaskInHands]) -> None:
        """Owners before and after, and supervisors, are told that a task changed."""
        before, self._in_hands = self._in_hands, in_hands
        for task_id in before.keys() | in_hands.keys():
            was, now = before.get(task_id), in_hands.get(task_id)
            if was == now:
                continue
            concerned = {task.owner_person_id for task in (was, now) if task}
            for subscription in self._subscriptions:
                if subscription.viewer.is_supervisor or subscription.viewer.person_id in concerned:
                    subscription.put(hint("callback.changed", task_id=task_id))

    async def _tell_seat_calls(self) -> None:
        """Who rings, talks or writes, before and after; supervisors all. Nobody else hears of a call."""
        before, self._calls = self._calls, await asyncio.to_thread(self._read_seat_calls)
        for call_id in before.keys() | self._calls.keys():
            was, now = before.get(call_id), self._calls.get(call_id)
            if was == now:
                continue
            concerned_before, concerned_now = (call.people if call else frozenset[str]() for call in (was, now))
            for person_id in concerned_before - concerned_now:
                self._words.forget(person_id, call_id)
            concerned = concerned_before | concerned_now
            for subscription in self._subscriptions:
                if subscription.viewer.is_supervisor or subscription.viewer.person_id in concerned:
                    subscription.put(hint("seat_call.changed", call_id=call_id))

    def _read_seat_calls(self) -> dict[str, CallInHands]:
        with self._db.reading() as session:
            return seat_calls_in_hands(session)

    def tell_words(self, spoken: SpokenText) -> None:
        """To the person who talks, and to nobody else; his page may be loaded anew while the call is his."""
        self._words.keep(spoken)
        for subscription in self._subscriptions:
            if subscription.viewer.person_id == spoken.person_id:
                subscription.put(spoken_words(spoken))

    def _tell(self, message: Message, *, only_supervisors: bool) -> None:
        for subscription in self._subscriptions:
            if subscription.viewer.is_supervisor or not only_supervisors:
                subscription.put(message)
