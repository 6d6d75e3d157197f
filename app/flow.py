"""THE STORY: which fact leads to which next step. Read this first.

    a person is wanted → a line, a phone that rings, a talk → like a message, its ticket in that person's hands
    an event of another telephone system → its call in the call log → a missed one: the same callback task
                       → its recording → taken in like an upload
    a message uploaded → taken in like one from the telephone; its client is told how it stands
    a call of ours     → told to whoever listens (newCall, answer, hangup)
    a call ends        → voice message  → transcription job → ticket on a seat
                       → text corrected by a person → the ticket's text
                       → missed, or 'call me back' → a callback task that a person owns
    a ticket resolved  → callback task  → the telephony process dials → rating → closed or reopened

Every step is taken twice over: at once, when its fact is published, and again by the scheduler, which
finds by query what was not done (`app/scheduler.py`). So every step here is idempotent and takes ids.
"""

import structlog

from app.feed_nudges import FeedNudges
from app.following import Following
from app.queue import TranscriptionQueue, TriesExhausted
from app.taking_in import TakingIn
from app.views.cti_calls import cti_call
from app.views.upload_progress import stage_of, upload_progress
from asr.domain.events import RecordingDivided, TranscriptCorrected, TranscriptFailed, TranscriptReady
from asr.domain.transcript import TranscriptStatus
from asr.review_service import ReviewService
from asr.service import AsrService
from callbacks.domain.events import CallbackGivenUp, CallbackNeedsPerson, CallbackTaskChanged, RatingGiven
from callbacks.domain.lifecycle import CallbackKind
from callbacks.domain.rating import TicketVerdict
from callbacks.service import CallbackService
from intake.cti_service import CtiService
from intake.domain.cti import events_of
from intake.domain.events import CallEventsKept, UploadReceived
from intake.service import IntakeService
from ivr.domain.call import CallOutcome
from ivr.domain.events import (
    CallAnswered,
    CallArrived,
    CallbackRequested,
    CallEnded,
    CallFoundServed,
    CallMissed,
    EmergencyHeard,
    OutsideCallChanged,
    TalkRecorded,
    VoiceMessageLeft,
)
from ivr.models import MessageQuality
from ivr.service import IvrService, SpokenFacts, VoiceMessageFacts
from kit.db import Database
from kit.events import Event
from ticketing.domain.events import PresenceChanged, SeatCallChanged, SeatCallOrdered, TicketChanged, TicketResolved
from ticketing.domain.lifecycle import TicketStatus
from ticketing.duty_service import DutyService
from ticketing.models import TextSource
from ticketing.service import NewTicket, TicketService

log = structlog.get_logger(__name__)

_TEXT_SOURCES = {
    TranscriptStatus.READY: TextSource.TRANSCRIPT,
    TranscriptStatus.EMPTY: TextSource.EMPTY_TRANSCRIPT,
    TranscriptStatus.FAILED: TextSource.FAILED_TRANSCRIPT,
}
_TOPICS: dict[type[Event], str] = {
    TicketChanged: "ticket",
    CallbackTaskChanged: "callback",
    PresenceChanged: "presence",
    CallArrived: "call",
    CallAnswered: "call",
    CallEnded: "call",
    OutsideCallChanged: "call",
    EmergencyHeard: "call",
    SeatCallChanged: "seat_call",
    SeatCallOrdered: "seat_call",
}
"""Facts that change nothing further, but which others are told of."""


_SERVED_AFTER_ALL = "served_after_all"
_LENGTH_UNKNOWN_MS = 180_000
"""Of an upload that does not say: as long as the longest message of the telephone."""


class Flow:
    """Next steps, by fact (`handle`) and by name (for the scheduler)."""

    def __init__(
        self,
        *,
        db: Database,
        ivr: IvrService,
        asr: AsrService,
        reviews: ReviewService,
        tickets: TicketService,
        duty: DutyService,
        callbacks: CallbackService,
        intake: IntakeService,
        following: Following,
        cti: CtiService,
        taking_in: TakingIn,
        queue: TranscriptionQueue,
        nudges: FeedNudges,
    ) -> None:
        self._db = db
        self._ivr = ivr
        self._asr = asr
        self._reviews = reviews
        self._tickets = tickets
        self._duty = duty
        self._callbacks = callbacks
        self._intake = intake
        self._following = following
        self._cti = cti
        self._taking_in = taking_in
        self._queue = queue
        self._nudges = nudges

    def handle(self, fact: Event) -> None:  # noqa: C901 - one case per fact: that is the story
        """Take the step that follows from a committed fact, in the process where it happened."""
        match fact:
            case UploadReceived():
                self.begin_taking_in(fact.upload_id)
            case CallEventsKept():
                self.follow_call(fact.call_id)
            case VoiceMessageLeft():
                self.transcribe_or_open(fact.message_id)
            case RecordingDivided() | TalkRecorded():
                self.transcribe_recording(fact.recording_id)
            case CallMissed() | CallbackRequested():
                self.promise_call_back(fact.call_id)
            case CallFoundServed():
                self.withdraw_call_back(fact.call_id)
            case TranscriptReady() | TranscriptFailed():
                self.open_ticket_of_recording(fact.recording_id)
            case TranscriptCorrected():
                self.correct_ticket(fact.recording_id)
            case TicketResolved():
                self.ask_citizen(fact.ticket_id)
            case CallbackNeedsPerson():
                self.find_owner(fact.task_id)
            case RatingGiven():
                self.conclude(fact.rating_id)
            case CallbackGivenUp():
                self.close_unrated(fact.task_id)
            case _ if type(fact) in _TOPICS:
                self._tell(fact)
            case _:
                log.error("app.flow.unknown_fact", fact=type(fact).__name__)

    def _tell(self, fact: Event) -> None:
        self._nudges.publish(_TOPICS[type(fact)])
        if isinstance(fact, TicketChanged):
            self.tell_client(self._tickets.ticket(fact.ticket_id).voice_message_id)
        if isinstance(fact, CallArrived | CallAnswered | CallEnded):
            self.tell_of_call(fact.call_id)

    # ---- from another telephone system's events to its call in the log

    def follow_call(self, call_id: str) -> None:
        """Bring the call log up to what was said of this call."""
        self._following.follow(call_id)

    # ---- from our own calls to whoever listens

    def tell_of_call(self, call_id: str) -> None:
        """Plan to tell every listening program what has happened to a call of ours by now."""
        if not self._cti.is_anybody_listening():
            return
        with self._db.reading() as session:
            call = cti_call(session, call_id)
        if call is not None:
            self._cti.plan(call_id, call.started_at, events_of(call))

    # ---- from the call, or the upload, to the ticket

    def begin_taking_in(self, upload_id: str) -> None:
        """See to it that a worker takes it in. What broke the worker in every try is filed without its sound."""
        length_ms = self._intake.upload(upload_id).duration_ms
        try:
            self._queue.enqueue_transcription(upload_id, _LENGTH_UNKNOWN_MS if length_ms is None else length_ms)
        except TriesExhausted as error:
            self.give_up_upload(upload_id, error.reason)

    def give_up_upload(self, upload_id: str, reason: str) -> None:
        """Its sound cannot be had: the message is filed without, and somebody calls back."""
        self._follow_call_of(upload_id)
        self._taking_in.give_up(upload_id, reason)

    def take_in(self, upload_id: str) -> None:
        """An uploaded sound becomes a recording and a voice message; from there on it is like one of the telephone."""
        self._follow_call_of(upload_id)
        self._taking_in.take_in(upload_id)

    def _follow_call_of(self, upload_id: str) -> None:
        """Its call is in the log before its recording is."""
        call_id = self._intake.call_of(upload_id)
        if call_id is not None:
            self.follow_call(call_id)

    def transcribe_recording(self, recording_id: str) -> None:
        spoken = self._ivr.spoken_of_recording(recording_id)
        if spoken is not None:
            self._transcribe_or_open(spoken)

    def transcribe_or_open(self, spoken_id: str) -> None:
        """What has speech goes to the recogniser, what is long in parts; a message without becomes a ticket as it is.

        A recording that broke the recogniser in every try is given up.
        """
        spoken = self._ivr.spoken(spoken_id)
        if spoken is not None:
            self._transcribe_or_open(spoken)

    def _transcribe_or_open(self, spoken: SpokenFacts) -> None:
        if not spoken.has_speech:
            self.open_ticket(spoken.id)
            return
        try:
            parts = self._asr.open_parts(spoken.recording_id)
            for part in parts:
                self._queue.enqueue_part(spoken.id, part.part_no, part.stretch.length_ms)
            if not parts:
                self._queue.enqueue_transcription(spoken.id, spoken.duration_ms)
        except TriesExhausted as error:
            self._asr.give_up(spoken.recording_id, error.reason)

    def open_ticket_of_recording(self, recording_id: str) -> None:
        """The text of a talk stays with its call: only a message becomes a ticket."""
        spoken = self._ivr.spoken_of_recording(recording_id)
        if spoken is not None and spoken.is_message:
            self.open_ticket(spoken.id)

    def open_ticket(self, message_id: str) -> None:
        """One ticket per message, with the transcript's text or with the reason why there is none.

        A ticket that was opened without waiting for the text gets it now.
        """
        message = self._ivr.message(message_id)
        transcript = self._asr.transcript(message.recording_id)
        if message.quality is not MessageQuality.OK:
            self._open(message, "", TextSource.UNUSABLE_MESSAGE)
        elif transcript is not None:  # or its own fact will come here again
            self._open(message, transcript.masked_text, _TEXT_SOURCES[transcript.status])

    def open_untranscribed(self, message_id: str) -> None:
        """The recogniser is late: nobody waits for it any longer. Its text will reach the ticket when it comes."""
        self._open(self._ivr.message(message_id), "", TextSource.PENDING_TRANSCRIPT)

    def _open(self, message: VoiceMessageFacts, text: str, source: TextSource) -> None:
        self._tickets.open_ticket(
            NewTicket(
                voice_message_id=message.id,
                caller=message.caller,
                text=text,
                text_source=source,
                taken_by=message.person_id,
                reserved_for=message.call_id or message.id,
            )
        )

    def tell_client(self, upload_id: str | None) -> None:
        """Plan to tell the client of an uploaded message which stage it has reached; the telephone has no client."""
        if upload_id is None or not self._intake.wants_to_be_told(upload_id):
            return
        with self._db.reading() as session:
            stage, round_no = stage_of(upload_progress(session, upload_id))
        if stage:
            self._intake.plan_telling(upload_id, stage, round_no)

    def correct_ticket(self, recording_id: str) -> None:
        """What a person wrote down instead of the machine becomes the ticket's text, masked like everything there."""
        spoken = self._ivr.spoken_of_recording(recording_id)
        ticket_id = self._tickets.ticket_of_message(spoken.id) if spoken is not None else None
        if ticket_id is None:
            return  # not opened yet: it will be looked at again; or a talk, which has none
        for correction in self._reviews.review(recording_id).corrections:
            self._tickets.correct_text(ticket_id, correction.number, correction.masked_text, correction.person_id)

    # ---- from the missed or asking caller to a person

    def promise_call_back(self, call_id: str) -> None:
        """A missed caller, or one who asked for it, is called back by a person."""
        call = self._ivr.call(call_id)
        if call.outcome not in (CallOutcome.MISSED, CallOutcome.CALLBACK_REQUESTED):
            return  # more became known meanwhile
        requested = call.outcome is CallOutcome.CALLBACK_REQUESTED
        kind = CallbackKind.REQUESTED if requested else CallbackKind.MISSED_CALL
        self._callbacks.schedule_person_call(kind, call_id, call.caller)

    def withdraw_call_back(self, call_id: str) -> None:
        """A call that had looked missed was not: nobody is to call back for it."""
        if self._ivr.call(call_id).outcome is not CallOutcome.MISSED:
            self._callbacks.withdraw_missed(call_id, _SERVED_AFTER_ALL)

    def find_owner(self, task_id: str) -> None:
        """The person on duty calls back; with nobody on duty it stays in the supervisor queue.

        Asking for a rating stays there always: it is not for the seats that handle tickets.
        """
        if self._callbacks.task(task_id).kind is CallbackKind.SATISFACTION:
            return
        person_id = self._duty.person_on_duty()
        if person_id is not None:
            self._callbacks.set_owner(task_id, person_id, only_if_unowned=True)

    # ---- from the resolved ticket to the rating and back

    def ask_citizen(self, ticket_id: str) -> None:
        """Schedule the satisfaction call of this handling round; the ticket waits in `revisit`."""
        ticket = self._tickets.ticket(ticket_id)
        if ticket.status is not TicketStatus.RESOLVED:
            return  # a repeated step: the ticket has moved on
        self._callbacks.schedule_satisfaction(
            ticket_id=ticket.id,
            ticket_number=ticket.number,
            round=ticket.round,
            phone=ticket.caller,
            handler_person_id=ticket.resolved_by,
        )
        self._tickets.start_revisit(ticket.id, ticket.round)

    def conclude(self, rating_id: str) -> None:
        """The citizen's answer closes the ticket or opens it again."""
        rating = self._callbacks.rating(rating_id)
        if rating.verdict is TicketVerdict.CLOSE:
            self._tickets.close(rating.ticket_id, rating.round, "rated")
        else:
            self._tickets.reopen(rating.ticket_id, rating.round, rating.reason)

    def close_unrated(self, task_id: str) -> None:
        """Neither the system nor a person could reach the citizen: closed, and it says why."""
        task = self._callbacks.task(task_id)
        if task.ticket_id is not None and task.round is not None:
            self._tickets.close(task.ticket_id, task.round, "citizen_not_reached")
