"""The scheduler process: finds by query every next step that was not taken, and takes it again.

It holds no state: kill it at any moment and start it again. A step that fails is logged and does not
keep the others from their turn.
"""

import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import FrameType

import structlog

from app.bootstrap import Services
from app.cti_push import cti_push
from app.late_uploads import LateUploads
from app.referred_sounds import ReferredSounds
from app.views import overdue
from app.views.cti_calls import calls_untold
from app.views.database_health import DATABASE_AWAY, touch_database
from app.views.outside_calls import calls_behind, served_calls_with_task, silent_calls
from app.views.upload_progress import open_uploads, untold_uploads
from app.webhooks import webhooks
from kit.errors import HotlineError
from kit.log_context import log_context

log = structlog.get_logger(__name__)

TICK_S = 1.0
_SETTLED = timedelta(seconds=15)
_TICKS_UNTIL_SETTLED = 20
"""A step that was not taken for so long was dropped: its process died, or Redis was away."""


class Scheduler:
    """One `tick` looks at everything once."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._policy = services.policy
        self._flow = services.flow
        patience = timedelta(seconds=services.policy.speech.give_up_after_s)
        self._kept_waiting = partial(overdue.messages_kept_waiting, patience=patience)
        silent_for = timedelta(seconds=services.policy.call_events.silent_s)
        self._silent_calls = partial(silent_calls, silent_for=silent_for)
        self._is_database_away = False
        self._ticks_with_books = 0

    def run(self, stopped: threading.Event) -> None:
        log.info("app.scheduler.started")
        while not stopped.is_set():
            self.tick()
            stopped.wait(TICK_S)
        log.info("app.scheduler.stopped")

    def tick(self) -> None:
        """Clocks and offers first: a person is waiting for those. Without a database there is nothing to do."""
        if not self._database_answers():
            self._ticks_with_books = 0
            return
        self._ticks_with_books += 1
        s = self._services
        self._attempt("expire_offers", s.tickets.expire_offers)
        self._attempt("drain_queue", s.tickets.drain_queue)
        self._attempt("end_grabbing", s.tickets.end_grabbing)
        self._attempt("follow_clock_rules", s.tickets.clocks.follow_rules)
        self._attempt("tick_clocks", s.tickets.clocks.tick)
        self._attempt("file_left_behind", s.ivr.file_left_behind)
        self._attempt("take_in_away_calls", s.away.take_in)
        self._attempt("release_interrupted", lambda: s.callbacks.release_interrupted(None))
        if self._ticks_with_books > _TICKS_UNTIL_SETTLED:  # else a living process may not have been able to show itself
            self._attempt("settle_ghosts", lambda: s.seat_calls.settle_ghosts(but_not=s.ivr.going_on()))
        if not s.settings.trunk:
            self._attempt("hand_over_due", s.callbacks.hand_over_due)
        self._each("follow_call", calls_behind, self._flow.follow_call)
        self._each("settle_call", self._silent_calls, s.call_events.settle)
        self._each("take_in", open_uploads, self._flow.begin_taking_in)
        # intake works with the speech engine dead or drowned: after a while the ticket comes without text
        self._each("open_untranscribed", self._kept_waiting, self._flow.open_untranscribed)
        self._each("transcribe", overdue.messages_without_transcript, self._flow.transcribe_or_open)
        self._each("transcribe_talk", overdue.talks_without_transcript, self._flow.transcribe_or_open)
        self._each("open_ticket", overdue.messages_without_ticket, self._flow.open_ticket)
        self._each("attach_text", overdue.messages_with_late_transcript, self._flow.open_ticket)
        self._each("correct_ticket", overdue.corrections_not_on_ticket, self._flow.correct_ticket)
        self._each("promise_call_back", overdue.calls_without_callback, self._flow.promise_call_back)
        self._each("withdraw_call_back", served_calls_with_task, self._flow.withdraw_call_back)
        self._each("ask_citizen", overdue.resolved_tickets_without_callback, self._flow.ask_citizen)
        self._each("conclude", overdue.ratings_not_concluded, self._flow.conclude)
        self._each("close_unrated", overdue.given_up_tasks_not_concluded, self._flow.close_unrated)
        self._each("tell_client", untold_uploads, self._flow.tell_client)
        self._each("tell_of_call", calls_untold, self._flow.tell_of_call)
        self._each("find_owner", overdue.tasks_without_owner, self._flow.find_owner)

    def _database_answers(self) -> bool:
        """Says once that it is away, and once that it is back."""
        try:
            with self._services.db.reading() as session:
                touch_database(session)
        except DATABASE_AWAY as error:
            if not self._is_database_away:
                log.error("app.scheduler.database_away", reason=type(error).__name__)  # noqa: TRY400 - no trace needed
            self._is_database_away = True
            return False
        if self._is_database_away:
            log.info("app.scheduler.database_returned")
        self._is_database_away = False
        return True

    def _each(self, step: str, find: overdue.Finder, take: Callable[[str], None]) -> None:
        def find_and_take() -> None:
            with self._services.db.reading() as session:
                found = find(session, self._services.clock.now() - _SETTLED)
            for item_id in found:
                with log_context(step=step, item_id=item_id):
                    self._attempt(step, lambda item_id=item_id: take(item_id))  # type: ignore[misc]

        self._attempt(step, find_and_take)

    def _attempt(self, step: str, take: Callable[[], object]) -> None:
        try:
            take()
        except HotlineError as error:
            log.warning("app.scheduler.step_refused", step=step, code=error.code)
        except Exception:
            log.exception("app.scheduler.step_failed", step=step)


def run_scheduler(services: Services) -> None:
    """Run until SIGTERM or SIGINT."""
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    for beside in (webhooks(services), cti_push(services), ReferredSounds(services), LateUploads(services)):
        threading.Thread(target=beside.run, args=(stopped,), name=type(beside).__name__, daemon=True).start()
    Scheduler(services).run(stopped)
