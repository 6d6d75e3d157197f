"""The only place where ports meet adapters. Each process builds its services here, once."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from app.clock_rules import load_clock_rules
from app.feed_nudges import FeedNudges, RedisNudges
from app.flow import Flow
from app.following import Following
from app.model_choice import ModelChoice
from app.model_follower import ModelFollower
from app.phone_tokens import PhoneTokens
from app.queue import JobQueue, TranscriptionQueue
from app.taking_in import TakingIn
from app.worker import WorkRules
from asr.adapters.audio_files import AudioFiles
from asr.adapters.audio_stream import AudioLimits
from asr.adapters.ffmpeg import Ffmpeg
from asr.adapters.model_files import model_identity
from asr.adapters.model_probe import probe_model
from asr.adapters.pause_cutter import PauseCutter
from asr.adapters.rule_files import RuleFiles
from asr.domain.audio.cutting import CutRules
from asr.domain.breaker import BreakerPolicy
from asr.ports import AudioConverter, Recogniser, RuleBook
from asr.review_service import ReviewService
from asr.service import AsrService
from callbacks.domain.calling_hours import CallingHours
from callbacks.domain.policy import CallbackPolicy
from callbacks.domain.retry import Ladder
from callbacks.service import CallbackService
from config.policy import Policy, load_policy
from config.settings import Settings, load_settings
from intake.adapters.http_fetcher import HttpFetcher
from intake.call_event_service import CallEventService
from intake.client_service import ClientService
from intake.cti_service import CtiService
from intake.domain.policy import CallEventPolicy, IntakePolicy
from intake.service import IntakeService
from ivr.adapters import wav_recorder
from ivr.adapters.asterisk import AsteriskConfig, AsteriskLine
from ivr.adapters.asterisk.away_folder import AwayFolder
from ivr.adapters.browser_line import BrowserLine, BrowserLineConfig
from ivr.adapters.embedded_sip.config import EmbeddedSipConfig
from ivr.adapters.embedded_sip.line import EmbeddedSipLine
from ivr.adapters.frame_clock import FrameClock
from ivr.adapters.live_speech import LiveSpeech
from ivr.away_service import AwayService
from ivr.domain.policy import CallFilingPolicy
from ivr.domain.question import Gates
from ivr.outside_call_service import OutsideCallService
from ivr.service import IvrService
from kit.clock import Clock, SystemClock
from kit.db import Database
from kit.storage import FileStore, LocalFileStore
from people.adapters.argon2_hasher import Argon2Hasher
from people.domain.policy import LoginPolicy
from people.service import PeopleService
from ticketing.department_service import DepartmentService
from ticketing.domain.policy import TicketPolicy
from ticketing.duty_service import DutyService
from ticketing.seat_call_service import SeatCallService
from ticketing.service import TicketService


@dataclass(frozen=True)
class Services:
    """Everything a process may need; cheap to build, connects to nothing until used."""

    settings: Settings
    policy: Policy
    clock: Clock
    db: Database
    files: FileStore
    people: PeopleService
    duty: DutyService
    departments: DepartmentService
    tickets: TicketService
    seat_calls: SeatCallService
    callbacks: CallbackService
    ivr: IvrService
    away: AwayService
    asr: AsrService
    intake: IntakeService
    intake_clients: ClientService
    call_events: CallEventService
    cti: CtiService
    rule_book: RuleBook
    reviews: ReviewService
    queue: TranscriptionQueue
    nudges: FeedNudges
    flow: Flow


def build_services(
    settings: Settings,
    clock: Clock | None = None,
    *,
    queue: TranscriptionQueue | None = None,
    nudges: FeedNudges | None = None,
    model: Callable[[], Recogniser] | None = None,
) -> Services:
    """Wire one process. Facts that it commits go through its own `Flow`. Tests bring their own parts."""
    policy = load_policy(settings.policy_file)
    clock = clock or SystemClock()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    db = Database(settings.effective_database_url)
    files, incoming = LocalFileStore(settings.data_dir / "files"), settings.data_dir / "incoming"
    queue = queue or _job_queue(settings, policy)
    nudges = nudges or RedisNudges(settings.effective_redis_url)
    ticket_policy = _ticket_policy(settings, policy)
    tickets = TicketService(db, clock, ticket_policy)
    duty = DutyService(db, clock, ticket_policy)
    callbacks = CallbackService(db, clock, _callback_policy(policy))
    ivr = _ivr_service(db, clock, files, settings, policy)
    rule_book = RuleFiles(settings.speech_rules_dir)
    audio = audio_converter(settings)
    hearing = model or functools.partial(recogniser, settings)
    asr = AsrService(db, clock, files, hearing, audio, rule_book, PauseCutter(_cut_rules(policy)))
    intake = IntakeService(db, clock, files, _fetcher(settings), audio, incoming, _intake_policy(policy))
    call_events = CallEventService(db, clock, _call_event_policy(policy))
    cti = CtiService(db, clock, _intake_policy(policy).lease)
    reviews = ReviewService(db, clock, rule_book, timedelta(minutes=policy.privacy.original_minutes))
    flow = Flow(
        db=db, ivr=ivr, asr=asr, reviews=reviews, tickets=tickets, duty=duty, callbacks=callbacks, intake=intake,
        following=Following(call_events, OutsideCallService(db)), cti=cti,
        taking_in=TakingIn(ivr, intake, files, audio, incoming), queue=queue, nudges=nudges,
    )  # fmt: skip
    db.bus.subscribe(flow.handle)
    return Services(
        settings=settings,
        policy=policy,
        clock=clock,
        db=db,
        files=files,
        people=PeopleService(db, clock, Argon2Hasher(), _login_policy(policy)),
        duty=duty,
        departments=DepartmentService(db, clock),
        tickets=tickets,
        seat_calls=SeatCallService(db, clock, ticket_policy),
        callbacks=callbacks,
        ivr=ivr,
        away=AwayService(ivr, AwayFolder(settings.effective_away_dir), clock, settings.telephony_id),
        asr=asr,
        intake=intake,
        intake_clients=ClientService(db, clock),
        call_events=call_events,
        cti=cti,
        rule_book=rule_book,
        reviews=reviews,
        queue=queue,
        nudges=nudges,
        flow=flow,
    )


@functools.cache
def process_services() -> Services:
    """The services of a worker process and of its forks."""
    return build_services(load_settings())


def preload_worker() -> None:
    """Bring model and rules into memory before the first fork; opens no connection and starts no thread."""
    services = process_services()
    services.rule_book.rules()
    recogniser(services.settings)


def work_rules(policy: Policy) -> WorkRules:
    breaker = policy.speech.breaker
    return WorkRules(
        promote_after=timedelta(seconds=policy.speech.promote_after_s),
        breaker=BreakerPolicy(breaker.failures, timedelta(seconds=breaker.rest_s)),
    )


def recogniser(settings: Settings) -> Recogniser:
    """What this process recognises with, loaded at the first call. Only processes that recognise load Vosk at all."""
    return model_follower(settings).recogniser()


def audio_converter(settings: Settings) -> AudioConverter:
    """Reads audio files; starts nothing until it is given one."""
    limits = AudioLimits(
        max_bytes=settings.audio_max_mb << 20,
        max_s=settings.audio_max_s,
        max_decoded_bytes=settings.audio_max_decoded_mb << 20,
    )
    return AudioFiles(limits, ffmpeg(settings))


def ffmpeg(settings: Settings) -> Ffmpeg:
    """The decoder of foreign formats."""
    return Ffmpeg(settings.ffmpeg, timeout_s=settings.audio_decode_timeout_s)


def model_follower(settings: Settings) -> ModelFollower:
    """The model of this process, one for each data folder, and its way to follow a switch."""
    key = (settings.data_dir.resolve(), settings.vosk_model)
    if key not in _followers:
        _followers[key] = ModelFollower(
            ModelChoice(settings), load=_load_model, probe=probe_model, identity_of=model_identity
        )
    return _followers[key]


_followers: dict[tuple[Path, Path], ModelFollower] = {}


def _load_model(folder: Path) -> Recogniser:
    from asr.adapters.vosk import VoskRecogniser

    return VoskRecogniser(folder)


def _cut_rules(policy: Policy) -> CutRules:
    parts = policy.speech.parts
    return CutRules(from_s=parts.from_s, part_min_s=parts.min_s, part_max_s=parts.max_s)


def _job_queue(settings: Settings, policy: Policy) -> JobQueue:
    speech = policy.speech
    return JobQueue(settings.effective_redis_url, short_up_to_s=speech.short_up_to_s, max_tries=speech.max_tries)


def _ivr_service(db: Database, clock: Clock, files: FileStore, settings: Settings, policy: Policy) -> IvrService:
    filing = CallFilingPolicy(message_min_s=policy.call.message_min_s)
    return IvrService(db, clock, files, wav_recorder, settings.data_dir / "spool", settings.telephony_id, filing)


def _ticket_policy(settings: Settings, policy: Policy) -> TicketPolicy:
    return TicketPolicy(
        timezone=policy.zone,
        offer_s=policy.assignment.ticket_accept_s,
        capacity=policy.assignment.capacity,
        presence_grace_s=policy.assignment.presence_grace_s,
        call_offer_s=policy.assignment.call_accept_s,
        redial_s=policy.assignment.redial_s,
        line_max=policy.assignment.line_max,
        wrap_up_s=policy.assignment.wrap_up_s,
        grab_points=policy.dispatch.grab_points,
        clocks=load_clock_rules(settings, policy.zone),
    )


def _callback_policy(policy: Policy) -> CallbackPolicy:
    return CallbackPolicy(
        hours=CallingHours(policy.zone, tuple(policy.callbacks.windows)),
        delay=timedelta(seconds=policy.callbacks.delay_s),
        ladder=Ladder.from_minutes(policy.callbacks.ladder.model_dump()),
        max_at_once=policy.callbacks.max_at_once,
        lease=timedelta(seconds=policy.callbacks.lease_s),
        dissatisfied_from=policy.callbacks.dissatisfied_from,
    )


def _fetcher(settings: Settings) -> HttpFetcher:
    return HttpFetcher(max_bytes=settings.audio_max_mb << 20)


def _intake_policy(policy: Policy) -> IntakePolicy:
    return IntakePolicy(policy.intake.uploads_per_minute, timedelta(seconds=policy.intake.fetch_for_s))


def _call_event_policy(policy: Policy) -> CallEventPolicy:
    events = policy.call_events
    return CallEventPolicy(
        per_minute=events.per_minute,
        not_older_than=timedelta(days=events.max_age_days),
        not_ahead_by=timedelta(seconds=events.ahead_s),
        silent_for=timedelta(seconds=events.silent_s),
    )


def _login_policy(policy: Policy) -> LoginPolicy:
    return LoginPolicy(
        max_failures=policy.login.max_failures,
        window=timedelta(seconds=policy.login.window_s),
        session_life=timedelta(hours=policy.login.session_hours),
    )


def voice_gates(services: Services) -> Gates:
    """How sure the recogniser must be of a spoken answer."""
    speech = services.policy.speech
    return Gates(accept_from=speech.voice_accept_from, confirm_from=speech.voice_confirm_from)


def live_speech(settings: Settings) -> LiveSpeech:
    """Live speech is understood by the listener process; a dead one costs callers nothing but the convenience."""
    return LiveSpeech(settings.effective_listener_url)


def telephone_line(services: Services) -> EmbeddedSipLine | AsteriskLine:
    """The telephone line of this process, as HOTLINE_LINE says."""
    if services.settings.line == "asterisk":
        return AsteriskLine(asterisk_config(services.settings))
    return sip_line(services)


def asterisk_config(settings: Settings) -> AsteriskConfig:
    """HOTLINE_TRUNK names a PJSIP endpoint here."""
    return AsteriskConfig(
        url=settings.ari_url,
        user=settings.ari_user,
        password=settings.ari_password,
        app=settings.ari_app,
        media_client=settings.media_client,
        media_host=settings.media_host,
        media_port=settings.media_port,
        max_calls=settings.max_calls,
        line_number=settings.line_number,
        trunk=settings.trunk,
    )


def sip_line(services: Services) -> EmbeddedSipLine:
    """SIP and audio in this process."""
    settings = services.settings
    return EmbeddedSipLine(
        EmbeddedSipConfig(
            host=settings.sip_host,
            port=settings.sip_port,
            advertised_host=settings.sip_advertised_host,
            allowed_peers=tuple(settings.sip_allowed_peers),
            rtp_port_min=settings.rtp_port_min,
            rtp_port_max=settings.rtp_port_max,
            max_calls=settings.max_calls,
            line_number=settings.line_number,
            trunk=settings.trunk,
            trunk_username=settings.trunk_username,
            trunk_password=settings.trunk_password,
            trunk_register=settings.trunk_register,
            dead_media_s=services.policy.call.dead_media_s,
        )
    )


def browser_line(services: Services, clock: FrameClock | None = None) -> BrowserLine:
    """Browsers as telephones: the citizens' page, and the seats' own phones. `clock`: of the line beside it."""
    settings = services.settings
    config = BrowserLineConfig(
        host=settings.browser_host,
        port=settings.browser_port,
        line_number=settings.line_number,
        max_citizens=settings.browser_calls,
        dead_media_s=services.policy.call.dead_media_s,
    )
    return BrowserLine(config, PhoneTokens(settings, services.clock).read, clock)
