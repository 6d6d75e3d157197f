"""Posts to other programs what waits for them in rows: at least once each, from threads of the scheduler process.

An address that failed gets a rest, so a slow or dead one delays the others by a try, and holds up nothing of the
hotline. What is posted, and to whom, is a mailbag's affair.
"""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, Protocol, TypeVar

import httpx
import structlog

from app.rests import Rests
from app.views.database_health import DATABASE_AWAY
from kit.clock import Clock
from kit.http_deadline import HttpDeadline

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 1.0
ANSWER_WITHIN_S = 5.0
_THREADS = 4
_LONGEST_REST = timedelta(minutes=1)


class Letter(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def url(self) -> str: ...


LetterT = TypeVar("LetterT", bound=Letter)


@dataclass(frozen=True, slots=True)
class Post:
    content: bytes
    headers: Mapping[str, str]


class Mailbag(Protocol[LetterT]):
    """Rows of one kind. `take_due` leases them, so what a killed courier held is due again."""

    @property
    def name(self) -> str: ...

    def take_due(self, resting: Sequence[str]) -> Sequence[LetterT]:
        """None for the addresses that rest."""
        ...

    def post_of(self, letter: LetterT) -> Post: ...

    def delivered(self, letter: LetterT, answer: str) -> None: ...

    def not_delivered(self, letter: LetterT, answer: str) -> None: ...

    def put_back(self, letter: LetterT) -> None:
        """It was not tried after all."""
        ...


class Courier(Generic[LetterT]):
    """`look` sends what is due once; `run` does so for ever."""

    def __init__(self, mailbag: Mailbag[LetterT], clock: Clock, *, answer_within_s: float = ANSWER_WITHIN_S) -> None:
        self.name = mailbag.name
        self._mailbag = mailbag
        self._rests = Rests(clock, _LONGEST_REST)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix=mailbag.name)
        self._answer_within_s = answer_within_s
        self._client = httpx.Client(
            timeout=answer_within_s, follow_redirects=False, trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),  # a deadline ends a connection of its own
        )  # fmt: skip

    def run(self, stopped: threading.Event) -> None:
        while not stopped.is_set():
            try:
                self.look()
            except DATABASE_AWAY:
                pass  # the scheduler says so
            except Exception:
                log.exception("app.courier.look_failed", mailbag=self.name)
            stopped.wait(_LOOK_EVERY_S)
        self._threads.shutdown(wait=False, cancel_futures=True)  # what was not sent is due again after its lease

    def look(self) -> None:
        due = self._mailbag.take_due(self._rests.resting())
        list(self._threads.map(self._deliver, due))

    def _deliver(self, letter: LetterT) -> None:
        if self._rests.is_resting(letter.url):
            self._mailbag.put_back(letter)  # its address failed in this very round
            return
        post = self._mailbag.post_of(letter)
        try:
            with (
                HttpDeadline(self._answer_within_s) as deadline,
                self._client.stream(
                    "POST", letter.url,
                    content=post.content, headers=dict(post.headers), extensions=deadline.extensions,
                ) as answer,
            ):  # fmt: skip
                status, is_success = answer.status_code, answer.is_success  # its body may have no end: nobody reads it
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._rests.failed(letter.url)
            self._mailbag.not_delivered(letter, type(error).__name__)
            return
        if is_success:
            self._rests.succeeded(letter.url)
            self._mailbag.delivered(letter, str(status))
            log.info("app.courier.delivered", mailbag=self.name, letter_id=letter.id)
        else:
            self._rests.failed(letter.url)
            self._mailbag.not_delivered(letter, str(status))
