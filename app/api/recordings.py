"""The sound of a recording, for those who may see its ticket: masked, unless the original was opened with a reason."""

from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse

from app.api.access import ServicesDep, SupervisorDep, ViewerDep
from app.api.byte_range import blocks, wanted_range
from app.api.listening import audible, hearing
from app.api.problems import refusals
from app.api.schemas import PathId
from app.views.transcripts import OriginalAccessView, original_accesses

log = structlog.get_logger(__name__)

router = APIRouter(prefix="/recordings", tags=["recordings"])

_SOUND: dict[str, Any] = {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole recording", "content": _SOUND},
    206: {"description": "The wanted part", "content": _SOUND},
    **refusals(401, 403, 404, 416),
}


@router.get("/{recording_id}/audio", response_class=StreamingResponse, responses=_RESPONSES)
def get_audio(
    recording_id: PathId,
    viewer: ViewerDep,
    services: ServicesDep,
    original: bool = False,
    range: Annotated[str | None, Header()] = None,  # noqa: A002 - the header's name
    if_range: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """WAV, with byte ranges so that the player can jump. Every listening is written to the log.

    What identifies a person is silenced. The original, and a recording of which it is not known what to
    silence (without a transcript), need an opened original: else 403 `original.reason_missing`.
    """
    audio = audible(services, recording_id, viewer)
    heard = hearing(services, audio, viewer, wants_original=original)
    etag = f'"{heard.etag}"'
    part = wanted_range(range, audio.size_bytes) if if_range in (None, etag) else None
    start, end = part or (0, audio.size_bytes)
    stream = services.files.open(audio.file_key)
    log.info(
        "web.recording.listened",
        recording_id=recording_id,
        person_id=viewer.person_id,
        is_original=heard.is_original,
        start=start,
        end=end,
    )
    headers = {"Accept-Ranges": "bytes", "ETag": etag, "Content-Length": str(end - start)}
    if part:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{audio.size_bytes}"
    sound = blocks(stream, start, end, heard.altered) if heard.altered else blocks(stream, start, end)
    return StreamingResponse(sound, status_code=206 if part else 200, headers=headers, media_type="audio/wav")


@router.get("/{recording_id}/original-access", responses=refusals(401, 403, 404))
def list_original_access(
    recording_id: PathId, viewer: SupervisorDep, services: ServicesDep
) -> list[OriginalAccessView]:
    """Who was shown the original, why and until when; newest first."""
    audible(services, recording_id, viewer)
    with services.db.reading() as session:
        return original_accesses(session, recording_id)
