"""What can go wrong between audio and text, by name."""

from kit.errors import HotlineError, Unavailable


class AudioUnreadable(HotlineError):
    """The file is not audio that can be decoded."""

    code = "audio.unreadable"


class ModelMissing(Unavailable):
    """No usable speech model in the configured folder."""

    code = "asr.model_missing"


class RecognitionFailed(HotlineError):
    """The recogniser gave up or crashed."""

    code = "asr.recognition_failed"
