"""Makes of an uploaded sound what one from the telephone is: a recording of ours and, if it wants a ticket, a message.

Every step may be repeated, also after a kill between two of them. A sound that cannot be had loses nothing: the
message is filed with a silent recording, and its ticket says that the number is to be called back.
"""

import wave
from pathlib import Path

import structlog

from asr.domain.errors import AudioUnreadable
from asr.ports import AudioConverter
from intake.domain.upload import OPEN, WITHHELD, UploadFacts
from intake.service import IntakeService
from ivr.service import IvrService, UploadedMessage
from kit.ids import new_id
from kit.storage import FileStore
from kit.storage.file_store import FileMissing

log = structlog.get_logger(__name__)

_SILENT_RATE = 8000


class TakingIn:
    def __init__(
        self, ivr: IvrService, intake: IntakeService, files: FileStore, audio: AudioConverter, scratch: Path
    ) -> None:
        self._ivr = ivr
        self._intake = intake
        self._files = files
        self._audio = audio
        self._scratch = scratch

    def take_in(self, upload_id: str) -> None:
        """Does nothing for what was taken in. Raises FileMissing while the stored sound may still come back."""
        if not self._intake.is_to_be_taken_in(upload_id):
            return
        self._scratch.mkdir(parents=True, exist_ok=True)
        wav = self._scratch / f"{new_id()}.wav"
        try:
            failure_code = self._file(self._intake.upload(upload_id), wav)
        finally:
            wav.unlink(missing_ok=True)
        self._intake.mark_taken_in(upload_id, failure_code)

    def give_up(self, upload_id: str, reason: str) -> None:
        """File it without its sound, fetched or not; does nothing for what was taken in."""
        upload = self._intake.upload(upload_id)
        if upload.status not in OPEN:
            return
        self._scratch.mkdir(parents=True, exist_ok=True)
        wav = self._scratch / f"{new_id()}.wav"
        try:
            self._file_silence(upload, wav, reason)
        finally:
            wav.unlink(missing_ok=True)
        self._intake.mark_taken_in(upload_id, reason)

    def _file(self, upload: UploadFacts, wav: Path) -> str | None:
        """Why its sound could not be had; None when it could."""
        try:
            assert upload.file_key is not None
            made = self._audio.to_wav(self._files.local_path(upload.file_key), wav)
        except AudioUnreadable as failure:
            return self._file_silence(upload, wav, failure.code)
        except FileMissing as failure:  # the store may come back: for a while
            if not self._intake.is_past_waiting_for(upload):
                raise
            return self._file_silence(upload, wav, failure.code)
        self._ivr.file_upload(
            UploadedMessage(
                upload.id, upload.caller or WITHHELD, upload.received_at, wav,
                made.sample_rate, made.channels, made.duration_ms, made.speech_ms,
                call_id=upload.call_id, opens_ticket=upload.opens_ticket, is_talk=upload.is_talk,
            )
        )  # fmt: skip
        return None

    def _file_silence(self, upload: UploadFacts, wav: Path, reason: str) -> str:
        """A talk that cannot be heard is not filed: nobody has to be called back for it."""
        log.warning("app.taking_in.without_sound", upload_id=upload.id, reason=reason)
        if not upload.opens_ticket:
            return reason
        with wave.open(str(wav), "wb") as stream:
            stream.setparams((1, 2, _SILENT_RATE, 0, "NONE", ""))
        self._ivr.file_upload(
            UploadedMessage(
                upload.id, upload.caller or WITHHELD, upload.received_at, wav, _SILENT_RATE, 1, 0, 0,
                is_readable=False, call_id=upload.call_id, is_talk=upload.is_talk,
            )
        )  # fmt: skip
        return reason
