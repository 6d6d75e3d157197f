"""The entrance for voice messages that do not come by telephone: mini-pages, apps, other PBXs.

The client chooses the `external_id`, so that it may send the same message again at any time.
"""

import hashlib
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from app.api.access import ServicesDep
from app.api.client_knock import KnockDep
from app.api.problems import refusals
from app.api.schemas import PathId, VoiceMessageReceipt
from app.api.upload_form import UPLOAD_BODY, ReadUpload, UploadGate
from app.bootstrap import Services
from app.views.upload_progress import UploadProgress, upload_progress
from intake.domain.client import ClientFacts
from intake.domain.upload import NewUpload
from intake.service import Receipt
from kit.ids import new_id

router = APIRouter(prefix="/voice-messages", tags=["voice messages"])

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
_BLOCK = 1 << 18


@router.post(
    "", status_code=202, openapi_extra=UPLOAD_BODY, responses=refusals(400, 401, 408, 409, 413, 415, 422, 429, 503)
)
async def leave_voice_message(request: Request, knock: KnockDep, services: ServicesDep) -> VoiceMessageReceipt:
    """Kept durably when this answers. The same `external_id` with the same content may come again: same answer."""
    gate: UploadGate = request.app.state.upload_gate
    async with gate.reading(request) as read:
        knock.check(read.body_sha256)
        receipt = await run_in_threadpool(_keep, services, knock.client, read)
    progress_url = request.app.url_path_for(voice_message_progress.__name__, message_id=receipt.upload_id)
    return VoiceMessageReceipt(
        id=receipt.upload_id, is_repetition=receipt.is_repetition, progress_url=str(progress_url)
    )


@router.get("/{message_id}", responses=refusals(401, 404))
def voice_message_progress(message_id: PathId, knock: KnockDep, services: ServicesDep) -> UploadProgress:
    """How the client's own message stands: its ticket's number and status, like a parcel."""
    knock.check(EMPTY_SHA256)
    with services.db.reading() as session:
        return upload_progress(session, message_id, knock.client.id)


def _keep(services: Services, client: ClientFacts, read: ReadUpload) -> Receipt:
    fields = read.fields
    new = NewUpload(fields.external_id, fields.caller, fields.line, fields.recorded_at)
    if read.url is not None:
        return services.intake.refer(client, new, read.url)
    assert read.sound is not None
    path = services.settings.data_dir / "incoming" / new_id()
    try:
        sha256 = _written(read.sound, path)
        return services.intake.receive(client, new, path, sha256)
    finally:
        path.unlink(missing_ok=True)


def _written(sound: UploadFile, path: Path) -> str:
    """The upload as a file of ours; returns its SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with path.open("wb") as stream:
        while block := sound.file.read(_BLOCK):
            digest.update(block)
            stream.write(block)
    return digest.hexdigest()
