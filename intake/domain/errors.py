"""What can go wrong at the entrance, by name."""

from kit.errors import Conflict, Forbidden, HotlineError, Invalid, NotFound


class ClientUnknown(Forbidden):
    """No token, a wrong or revoked one, or a signature that does not fit: they are not told apart."""

    code = "intake.client_unknown"


class SignatureStale(Forbidden):
    """Signed too long ago, or by a clock that is wrong: it may be a repetition by somebody else."""

    code = "intake.signature_stale"


class ClientNameTaken(Conflict):
    code = "intake.client_name_taken"


class WebhookWrong(Invalid):
    code = "intake.webhook_wrong"


class ExternalIdReused(Conflict):
    """The same external id came before with another content: two messages must not become one."""

    code = "intake.external_id_reused"


class TooManyUploads(HotlineError):
    """This client sent more within a minute than it may."""

    code = "intake.too_many_uploads"


class UploadEmpty(Invalid):
    code = "intake.audio_missing"


class ReferenceRefused(Invalid):
    """The address is not one of those that this client may refer to."""

    code = "intake.reference_refused"


class UploadNotFound(NotFound):
    code = "intake.message_not_found"


class FetchFailed(HotlineError):
    """The referred sound could not be fetched; `is_final`: trying again would not help."""

    code = "intake.fetch_failed"

    def __init__(self, message: str, *, is_final: bool) -> None:
        super().__init__(message)
        self.is_final = is_final


class EventIncomplete(Invalid):
    """`event_id` and what it `lacks` are in the details."""

    code = "intake.event_incomplete"


class EventOutOfTime(Invalid):
    """It happened too long ago, or in the future: a clock or a time zone is wrong somewhere."""

    code = "intake.event_out_of_time"


class EventIdReused(Conflict):
    """The same event id came before with another content: two events must not become one."""

    code = "intake.event_id_reused"


class CallOverfull(Conflict):
    """More events than one call can have: its id is used for several calls."""

    code = "intake.call_overfull"


class TooManyEvents(HotlineError):
    """This client said more within a minute than it may."""

    code = "intake.too_many_events"


class OutsideCallNotFound(NotFound):
    code = "intake.call_not_found"


class CtiTargetNameTaken(Conflict):
    code = "intake.cti_target_name_taken"


class CtiTargetUnknown(NotFound):
    code = "intake.cti_target_unknown"
