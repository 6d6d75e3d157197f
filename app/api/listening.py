"""Who may hear a recording, and whether he hears the original or the masked sound. Decided on the server, always."""

import functools
import hashlib
from dataclasses import dataclass

from app.api.byte_range import Alteration
from app.api.ticket_answers import actor_of
from app.bootstrap import Services
from app.views.recordings import AudioFile, RecordingNotFound, audio_file
from app.views.viewer import Viewer
from asr.domain.errors import AudioUnreadable
from asr.domain.masking import can_be_masked
from asr.domain.privacy.silencing import silenced, silenced_spans, wav_layout
from ticketing.domain.errors import TicketNotFound
from ticketing.domain.lifecycle import TicketAction


@dataclass(frozen=True, slots=True)
class Hearing:
    """The sound for one listener: `altered` is None for the bytes as they are."""

    etag: str
    altered: Alteration | None
    is_original: bool


def audible(services: Services, recording_id: str, viewer: Viewer) -> AudioFile:
    """Whoever may see the ticket may listen; for everybody else there is no such recording."""
    with services.db.reading() as session:
        audio = audio_file(session, recording_id)
    if viewer.is_supervisor:
        return audio
    if audio.ticket_id is None:
        raise RecordingNotFound
    try:
        services.tickets.visible_ticket(audio.ticket_id, actor_of(viewer))
    except TicketNotFound:
        raise RecordingNotFound from None
    return audio


def require_original(services: Services, audio: AudioFile, viewer: Viewer) -> None:
    """The right, which may have gone with the ticket, and a reason not too long ago.

    Raises NotTheHolder, OriginalReasonMissing.
    """
    if audio.ticket_id is not None:
        services.tickets.check(audio.ticket_id, TicketAction.OPEN_ORIGINAL, actor_of(viewer))
    services.reviews.require_original(audio.recording_id, viewer.person_id)


def hearing(services: Services, audio: AudioFile, viewer: Viewer, *, wants_original: bool) -> Hearing:
    """Masked wherever it is known what to mask; what cannot be masked is an original.

    Raises what `require_original` raises.
    """
    transcript = services.asr.transcript(audio.recording_id)
    if wants_original or transcript is None or not can_be_masked(transcript.status):
        return _original(services, audio, viewer)
    if not transcript.redactions:
        return Hearing(audio.sha256, None, is_original=False)
    try:
        with services.files.open(audio.file_key) as stream:
            layout = wav_layout(stream, audio.size_bytes)
    except AudioUnreadable:
        return _original(services, audio, viewer)
    spans = silenced_spans(transcript.redactions, layout)
    etag = f"{audio.sha256}-{hashlib.sha256(repr(spans).encode()).hexdigest()[:16]}"
    altered = functools.partial(silenced, spans=spans, silence=layout.silence)
    return Hearing(etag, altered, is_original=False)


def _original(services: Services, audio: AudioFile, viewer: Viewer) -> Hearing:
    require_original(services, audio, viewer)
    return Hearing(audio.sha256, None, is_original=True)
