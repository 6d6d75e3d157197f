"""The sound of a recording, for those who may see its ticket."""

from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse

from app.api.access import ServicesDep, ViewerDep
from app.api.byte_range import blocks, wanted_range
from app.api.problems import refusals
from app.api.schemas import PathId
from app.bootstrap import Services
from app.views.recordings import AudioFile, RecordingNotFound, audio_file
from app.views.viewer import Viewer
from ticketing.domain.errors import TicketNotFound
from ticketing.service import Actor

log = structlog.get_logger(__name__)

router = APIRouter(prefix="/recordings", tags=["recordings"])

_SOUND: dict[str, Any] = {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole recording", "content": _SOUND},
    206: {"description": "The wanted part", "content": _SOUND},
    **refusals(401, 404, 416),
}


@router.get("/{recording_id}/audio", response_class=StreamingResponse, responses=_RESPONSES)
def get_audio(
    recording_id: PathId,
    viewer: ViewerDep,
    services: ServicesDep,
    range: Annotated[str | None, Header()] = None,  # noqa: A002 - the header's name
    if_range: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """WAV, with byte ranges so that the player can jump. Every listening is written to the log."""
    audio = _audible(services, recording_id, viewer)
    etag = f'"{audio.sha256}"'
    part = wanted_range(range, audio.size_bytes) if if_range in (None, etag) else None
    start, end = part or (0, audio.size_bytes)
    stream = services.files.open(audio.file_key)
    log.info("web.recording.listened", recording_id=recording_id, person_id=viewer.person_id, start=start, end=end)
    headers = {"Accept-Ranges": "bytes", "ETag": etag, "Content-Length": str(end - start)}
    if part:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{audio.size_bytes}"
    return StreamingResponse(
        blocks(stream, start, end), status_code=206 if part else 200, headers=headers, media_type="audio/wav"
    )


def _audible(services: Services, recording_id: str, viewer: Viewer) -> AudioFile:
    """Whoever may see the ticket may listen; for everybody else there is no such recording."""
    with services.db.reading() as session:
        audio = audio_file(session, recording_id)
    if viewer.is_supervisor:
        return audio
    if audio.ticket_id is None:
        raise RecordingNotFound
    try:
        services.tickets.visible_ticket(audio.ticket_id, Actor(viewer.person_id))
    except TicketNotFound:
        raise RecordingNotFound from None
    return audio
