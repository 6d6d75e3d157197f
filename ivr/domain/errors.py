"""What can go wrong on the phone line, by name."""

from kit.errors import Conflict, HotlineError, NotFound


class CallerHungUp(Exception):
    """The other side is gone. Ends a script quietly; it is an outcome, not an error."""


class TalkGoesOn(CallerHungUp):
    """This process stops, and its people talk on inside the telephone system: the next process has them. A script
    that meets this tells nobody, files nothing, and lets go."""


class CallActionNotAllowed(Conflict):
    code = "call.action_not_allowed"


class RecordingFailed(HotlineError):
    """The recording could not be written (disk full, I/O error). What was written before stays."""

    code = "recording.failed"


class LegNotChanged(HotlineError):
    """Somebody in a talk could not be held, muted or brought back. He stands as before, as far as anybody knows."""

    code = "talk.leg_not_changed"


class PromptMissing(HotlineError):
    """A script asked for a prompt that has no sound."""

    code = "prompt.missing"


class CallNotFound(NotFound):
    code = "call.not_found"


class VoiceMessageNotFound(NotFound):
    code = "voice_message.not_found"
