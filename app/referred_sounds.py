"""Fetches the sounds that messages and call events refer to, in threads of the scheduler: no worker waits for a host.

Each host has one thread at a time and its own rests, so one that is slow or dead holds up nobody else's messages, as
long as fewer than eight are slow at once. The messages of a host that stays dead are given up when their time is over,
however many come after them.
"""

import threading
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

import structlog

from app.bootstrap import Services
from app.rests import Rests
from app.views.database_health import DATABASE_AWAY
from app.views.upload_progress import referred_uploads
from intake.domain.errors import FetchFailed

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 1.0
_THREADS = 8
_LONGEST_REST = timedelta(minutes=5)


class ReferredSounds:
    """`look` gives every host that has something for us to a thread; `run` does so for ever."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._asked: dict[str, threading.Event] = {}
        self._caller_within = timedelta(seconds=services.policy.call_events.caller_within_s)
        self._rests = Rests(services.clock, _LONGEST_REST)
        self._tries: dict[str, int] = {}

    def run(self, stopped: threading.Event) -> None:
        while not stopped.wait(_LOOK_EVERY_S):
            try:
                self.look()
            except DATABASE_AWAY:
                continue  # the scheduler says so
            except Exception:
                log.exception("app.referred_sounds.look_failed")

    def look(self) -> None:
        with self._services.db.reading() as session:
            referred = referred_uploads(session, self._services.clock.now(), self._caller_within)
        by_host: dict[str, list[str]] = {}
        for upload_id, url in referred:
            by_host.setdefault(urlsplit(url).hostname or "", []).append(upload_id)
        self._tries = {upload_id: self._tries[upload_id] for upload_id, _ in referred if upload_id in self._tries}
        for host, upload_ids in by_host.items():
            is_asked = host in self._asked and not self._asked[host].is_set()
            if is_asked or self._rests.is_resting(host):
                continue
            if sum(not done.is_set() for done in self._asked.values()) >= _THREADS:
                return
            self._asked[host] = threading.Event()
            # No pool: its threads would hold up the end of the process until the slowest host has answered.
            threading.Thread(target=self._ask, args=(host, upload_ids), name=f"fetch-{host}", daemon=True).start()

    def wait(self, timeout_s: float) -> bool:
        """Whether every host that was asked has been dealt with within that time."""
        return all(done.wait(timeout_s) for done in list(self._asked.values()))

    def _ask(self, host: str, upload_ids: Sequence[str]) -> None:
        """Oldest first, but what failed before comes last. One failure ends the round: the host gets a rest."""
        try:
            for upload_id in sorted(upload_ids, key=lambda upload_id: self._tries.get(upload_id, 0)):
                if not self._fetch(host, upload_id):
                    self._rests.failed(host)
                    self._give_up_late(host, upload_ids)
                    return
        except DATABASE_AWAY:
            self._rests.failed(host)
        except Exception:
            log.exception("app.referred_sounds.fetch_failed", host=host)
            self._rests.failed(host)
        finally:
            self._asked[host].set()

    def _fetch(self, host: str, upload_id: str) -> bool:
        """False when its host should be left alone for a while."""
        # before the try: what breaks us in a way of its own comes last, too
        self._tries[upload_id] = self._tries.get(upload_id, 0) + 1
        try:
            self._services.intake.fetch(upload_id)
        except FetchFailed as failure:
            log.warning("app.referred_sounds.not_fetched", upload_id=upload_id, is_final=failure.is_final)
            if not failure.is_final:
                return False
            self._services.flow.give_up_upload(upload_id, failure.code)
        else:
            self._rests.succeeded(host)
        return True

    def _give_up_late(self, host: str, upload_ids: Sequence[str]) -> None:
        """Of a host that is dead: one try in each round would not reach the late ones while new ones come."""
        if not self._rests.is_longest(host):
            return
        for upload_id in upload_ids:
            if self._services.intake.is_past_waiting_for(self._services.intake.upload(upload_id)):
                log.warning("app.referred_sounds.not_fetched", upload_id=upload_id, is_final=True)
                self._services.flow.give_up_upload(upload_id, FetchFailed.code)
