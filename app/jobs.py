"""RQ's entry points: ids in, one service call. A job may run twice; every step is idempotent."""

from app.bootstrap import process_services


def transcribe_message(spoken_id: str) -> None:
    """Take it in if it was uploaded, and recognise it, or cut a long one.

    Raises RecognitionFailed or FileMissing when it is worth another try (RQ retries).
    """
    services = process_services()
    services.flow.take_in(spoken_id)
    spoken = services.ivr.spoken(spoken_id)
    if spoken is not None and spoken.has_speech:
        services.asr.transcribe(spoken.recording_id, spoken.file_key)


def transcribe_part(spoken_id: str, part_no: int) -> None:
    """Recognise one part of a long recording. Raises as `transcribe_message` does."""
    services = process_services()
    spoken = services.ivr.spoken(spoken_id)
    if spoken is not None:
        services.asr.transcribe_part(spoken.recording_id, spoken.file_key, part_no)
