"""RQ's entry points: ids in, one service call. A job may run twice; every step is idempotent."""

from app.bootstrap import process_services


def transcribe_message(message_id: str) -> None:
    """Recognise one voice message. Raises RecognitionFailed when it is worth another try (RQ retries)."""
    services = process_services()
    message = services.ivr.message(message_id)
    services.asr.transcribe(message.recording_id, message.file_key)
