"""RQ's entry points: ids in, one service call. A job may run twice; every step is idempotent."""

from app.bootstrap import process_services
from ivr.models import MessageQuality


def transcribe_message(message_id: str) -> None:
    """Take it in if it was uploaded, and recognise it, or cut a long one.

    Raises RecognitionFailed or FileMissing when it is worth another try (RQ retries).
    """
    services = process_services()
    services.flow.take_in(message_id)
    message = services.ivr.message(message_id)
    if message.quality is MessageQuality.OK:
        services.asr.transcribe(message.recording_id, message.file_key)


def transcribe_part(message_id: str, part_no: int) -> None:
    """Recognise one part of a long message. Raises as `transcribe_message` does."""
    services = process_services()
    message = services.ivr.message(message_id)
    services.asr.transcribe_part(message.recording_id, message.file_key, part_no)
