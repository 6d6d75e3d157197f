"""Opening the original of what was said: for a role and a reason, written down, for a limited time."""

from fastapi import APIRouter

from app.api.access import ServicesDep, SupervisorDep, ViewerDep
from app.api.listening import audible, require_original
from app.api.problems import refusals
from app.api.schemas import OpenOriginalBody, OriginalOpened, PathId
from app.api.ticket_answers import actor_of, said_in
from app.bootstrap import Services
from app.views.recordings import AudioFile
from app.views.transcripts import TranscriptView, transcript_of
from app.views.viewer import Viewer
from asr.domain.errors import OriginalNoteMissing, TranscriptMissing
from asr.domain.review import OriginalReason
from ticketing.domain.lifecycle import TicketAction

router = APIRouter(tags=["originals"])


@router.post("/tickets/{ticket_id}/original-access", responses=refusals(401, 403, 404, 409, 422))
def open_ticket_original(
    ticket_id: PathId, body: OpenOriginalBody, viewer: ViewerDep, services: ServicesDep
) -> OriginalOpened:
    """For the holder who accepted the ticket, and for supervisors."""
    return _open(services, viewer, said_in(services, viewer, ticket_id), body)


@router.get("/tickets/{ticket_id}/original", responses=refusals(401, 403, 404))
def get_ticket_original(ticket_id: PathId, viewer: ViewerDep, services: ServicesDep) -> TranscriptView:
    """What was said, unmasked; 403 `original.reason_missing` without an opened original."""
    return _unmasked(services, viewer, said_in(services, viewer, ticket_id))


@router.post("/recordings/{recording_id}/original-access", responses=refusals(401, 403, 404, 409, 422))
def open_recording_original(
    recording_id: PathId, body: OpenOriginalBody, viewer: SupervisorDep, services: ServicesDep
) -> OriginalOpened:
    """For supervisors, also where there is no ticket."""
    return _open(services, viewer, audible(services, recording_id, viewer), body)


@router.get("/recordings/{recording_id}/original", responses=refusals(401, 403, 404))
def get_recording_original(recording_id: PathId, viewer: SupervisorDep, services: ServicesDep) -> TranscriptView:
    return _unmasked(services, viewer, audible(services, recording_id, viewer))


def _open(services: Services, viewer: Viewer, audio: AudioFile, body: OpenOriginalBody) -> OriginalOpened:
    """The timeline first: nobody sees the original without its row."""
    if body.reason is OriginalReason.OTHER and not body.note:
        raise OriginalNoteMissing
    if audio.ticket_id is not None:
        services.tickets.record(
            audio.ticket_id,
            TicketAction.OPEN_ORIGINAL,
            actor_of(viewer),
            body.note,
            original_reason=body.reason.value,
        )
    until = services.reviews.open_original(audio.recording_id, viewer.person_id, body.reason, body.note)
    return OriginalOpened(original_until=until)


def _unmasked(services: Services, viewer: Viewer, audio: AudioFile) -> TranscriptView:
    require_original(services, audio, viewer)
    with services.db.reading() as session:
        found = transcript_of(session, [audio.recording_id], is_original=True)
    if found is None:
        raise TranscriptMissing
    return found
