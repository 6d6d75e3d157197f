"""What can go wrong between audio and text, by name."""

from kit.errors import Conflict, Forbidden, HotlineError, Invalid, NotFound, Unavailable


class AudioUnreadable(HotlineError):
    """The file is not audio that can be decoded. Trying again would not help."""

    code = "audio.unreadable"


class AudioEmpty(AudioUnreadable):
    """The file holds nothing, or a format without a single sample."""

    code = "audio.empty"


class AudioTooLarge(AudioUnreadable):
    """The file, or what comes out of it, has too many bytes."""

    code = "audio.too_large"


class AudioTooLong(AudioUnreadable):
    """The recording takes too much time to hear, or its decoding too much time to wait for."""

    code = "audio.too_long"


class AudioTooManyChannels(AudioUnreadable):
    """More channels than a mix of a few microphones has."""

    code = "audio.too_many_channels"


class DecoderMissing(Unavailable):
    """ffmpeg is not there or does not run; the same file may be readable later."""

    code = "audio.decoder_missing"


class ModelMissing(Unavailable):
    """No usable speech model in the configured folder."""

    code = "asr.model_missing"


class RecognitionFailed(HotlineError):
    """The recogniser gave up or crashed."""

    code = "asr.recognition_failed"


class RuleFileWrong(Invalid):
    """A file of config/speech that cannot be used, and the line to look at (0: the file as a whole)."""

    code = "rules.wrong"

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}:{line}: {reason}", file=file, line=line, reason=reason)
        self.file = file
        self.line = line
        self.reason = reason


RECOGNISER_KILLED = "asr.recogniser_killed"
"""Failure code of a recording on which the recogniser died, or did not come to an end, in all tries."""


class TranscriptMissing(NotFound):
    """Nothing was recognised for this recording, so there is nothing to correct or to decide."""

    code = "transcript.missing"


class OriginalReasonMissing(Forbidden):
    """What is masked is shown only to who has said why he needs it, and for a limited time."""

    code = "original.reason_missing"


class OriginalNoteMissing(Invalid):
    """`other` alone is no reason: it needs words."""

    code = "original.note_missing"


class CorrectionOutdated(Conflict):
    """Somebody else has corrected the text since it was read."""

    code = "correction.outdated"


class CorrectionMissing(Invalid):
    """A correction without words."""

    code = "correction.text_missing"


class SlotUnknown(NotFound):
    """The machine proposed nothing of this kind that could be confirmed."""

    code = "slot.unknown"
