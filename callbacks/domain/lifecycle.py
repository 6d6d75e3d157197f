"""The life of a callback task 回访任务: one table (status, action) → status."""

from enum import StrEnum

from callbacks.domain.errors import CallbackActionNotAllowed


class CallbackKind(StrEnum):
    SATISFACTION = "satisfaction"  # dialled by the system: solved? satisfied?
    MISSED_CALL = "missed_call"  # a person calls back
    REQUESTED = "requested"  # a person calls back


class CallbackStatus(StrEnum):
    PENDING = "pending"  # waits for its hour; the telephony process will claim it
    DIALLING = "dialling"  # claimed by exactly one attempt
    WITH_PERSON = "with_person"  # a person is to call (end of the ladder, missed or requested calls)
    DONE = "done"


class CallbackAction(StrEnum):
    CLAIM = "claim"
    RETRY = "retry"
    HAND_TO_PERSON = "hand_to_person"
    FINISH = "finish"


CALLBACK_LIFE: dict[tuple[CallbackStatus, CallbackAction], CallbackStatus] = {
    (CallbackStatus.PENDING, CallbackAction.CLAIM): CallbackStatus.DIALLING,
    (CallbackStatus.PENDING, CallbackAction.HAND_TO_PERSON): CallbackStatus.WITH_PERSON,
    (CallbackStatus.DIALLING, CallbackAction.RETRY): CallbackStatus.PENDING,
    (CallbackStatus.DIALLING, CallbackAction.HAND_TO_PERSON): CallbackStatus.WITH_PERSON,
    (CallbackStatus.DIALLING, CallbackAction.FINISH): CallbackStatus.DONE,
    (CallbackStatus.WITH_PERSON, CallbackAction.FINISH): CallbackStatus.DONE,
}


def next_status(status: CallbackStatus, action: CallbackAction) -> CallbackStatus:
    """Status after the action; raises CallbackActionNotAllowed where the table has no row."""
    try:
        return CALLBACK_LIFE[status, action]
    except KeyError:
        raise CallbackActionNotAllowed(
            f"a callback task that is {status} does not allow {action}", status=status, action=action
        ) from None
